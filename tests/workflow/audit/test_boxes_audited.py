"""A box answered by nobody, or otherwise than its evidence says, or ticked without a counting answer, is found."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from state.task_events import ItemVerdict
from tests.worlds.forger import Events, Forger
from tests.worlds.run_world import RunWorld
from workflow.audit.workspace_audit import audit_workspace
from workflow.views.box_view import BoxWord

CUT = b"""# Cut over

## T-24h
- [ ] Freeze announced
- [ ] Tests pass (`test -e tasks.md`)
- [ ] Stacks
  - [ ] A
  - [ ] B

## T-0
- [ ] Switched
"""


def say(number: int, verdict: ItemVerdict = "attested") -> BoxWord:
    return BoxWord(number, verdict, "so" if verdict == "not-applicable" else "")


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> RunWorld:
    """Box 4 of the first task does not apply; 2 is answered by its command; 3 follows."""
    world = RunWorld(tmp_path_factory.mktemp("cut"), runbook=CUT)
    world.person.answers = {"t-24h-command-1": "run"}
    world.person.box_words = [say(1), say(4, "not-applicable"), say(5), say(1)]
    with world.start() as engine:
        engine.drive()
    return world


@pytest.fixture
def forger(finished: RunWorld, tmp_path: Path) -> Forger:
    return Forger.of_copy(finished, tmp_path / "copy")


def words(events: Events) -> Events:
    return [event for event in events if event["type"] == "answered" and "item" in event and event["task"] == "t_24h"]


def checks(events: Events) -> dict[str, dict[str, Any]]:
    worked = next(event for event in events if event["type"] == "worked")
    return {check["answers"]: check for check in worked["checks"] if "answers" in check}


def without_word(events: Events) -> Events:
    lost = words(events)[0]
    return [event for event in events if event is not lost]


def another_verdict(events: Events) -> Events:
    words(events)[0].update(verdict="not-applicable", why="so")
    return events


def anothers_word(events: Events) -> Events:
    words(events)[0]["by"]["git"] = "Bob <bob@example.com>"
    return events


def no_check(events: Events) -> Events:
    worked = next(event for event in events if event["type"] == "worked")
    worked["checks"] = [check for check in worked["checks"] if check.get("answers") != "box 1"]
    return events


def attested_by_nobody(events: Events) -> Events:
    checks(events)["box 1"].pop("by")
    return events


def passed_by_nothing(events: Events) -> Events:
    checks(events)["box 2"].pop("from")
    return events


def command_that_did_not_pass(events: Events) -> Events:
    worked = next(event for event in events if event["type"] == "worked")
    worked["checks"][0]["verdict"] = "not-checked"
    return events


def command_that_is_a_word(events: Events) -> Events:
    worked = next(event for event in events if event["type"] == "worked")
    worked["checks"][0]["verdict"] = "attested"
    return events


def attested_without_a_word(events: Events) -> Events:
    checks(events)["box 2"]["verdict"] = "attested"
    return events


def left_open(events: Events) -> Events:
    checks(events)["box 2"]["verdict"] = "not-checked"
    return events


def waived_by_the_operator(events: Events) -> Events:
    next(event for event in events if event["type"] == "worked")["policy"]["operator_may_approve"] = False
    words(events)[0].update(verdict="waived", why="so")
    checks(events)["box 1"].update(verdict="waived", why="so")
    return events


FORGED: dict[str, tuple[Callable[[Events], Events], str]] = {
    "the word is gone": (without_word, "box 1 (Freeze announced): attested by Ada"),
    "another verdict was given": (another_verdict, "box 1 (Freeze announced): attested by Ada"),
    "another person gave it": (anothers_word, "box 1 (Freeze announced): attested by Ada"),
    "no verdict was approved": (no_check, "box 1 (Freeze announced) has no verdict"),
    "nobody attested it": (attested_by_nobody, "box 1 (Freeze announced): attested by nobody"),
    "it passed by nothing": (passed_by_nothing, "pass rests on nothing"),
    "its command did not pass": (command_that_did_not_pass, "pass rests on command 1"),
    "it passed by a word alone": (command_that_is_a_word, "for which nothing but a person's word stands"),
    "it is attested by a check": (attested_without_a_word, "for which no person's word stands"),
    "it was left open": (left_open, "box 2 was left open"),
    "its operator waived it": (waived_by_the_operator, "box 1 was waived by Ada"),
}


def test_a_run_whose_boxes_were_answered_is_sound(forger: Forger) -> None:
    assert forger.codes() == []


@pytest.mark.parametrize("how", FORGED)
def test_a_forged_answer_is_found(forger: Forger, how: str) -> None:
    forge, says = FORGED[how]
    forger.rewrite(forge)
    found = [finding.message for finding in forger.audit().findings if finding.code == "box-unanswered"]
    assert [message for message in found if says in message], found


@pytest.mark.parametrize(
    ("old", "new", "code"), [(b"[ ] A", b"[x] A", "mark-without-commit"), (b"[x] B", b"[ ] B", "mark-missing")]
)
def test_a_tick_that_no_counting_answer_stands_for_is_found(forger: Forger, old: bytes, new: bytes, code: str) -> None:
    first, last = forger.made()
    held = forger.git("show", f"{first.sha}:tasks.md").encode()
    assert old in held
    tree = forger.tree_with(first.tree, {"tasks.md": held.replace(old, new)})
    forger.remake([(tree, first.message), (last.tree, last.message)])
    assert code in forger.codes()


def test_what_a_person_attested_in_more_than_one_task_is_told_once(tmp_path: Path) -> None:
    world = RunWorld(tmp_path, runbook=b"# Ship\n\n## Before\n- [ ] Told\n- [ ] Frozen\n\n## After\n- [ ] Told\n")
    world.person.box_words = [say(1), say(2), say(1)]
    with world.start() as engine:
        engine.drive()
    (found,) = audit_workspace(world.root, world.run_id)
    limits = [(limit.message, limit.task) for limit in found.unprovable if limit.code == "attested"]
    assert limits == [
        ("a person attested, and nothing looked at: box 1: Told (in 2 tasks)", ""),
        ("a person attested, and nothing looked at: box 2: Frozen", "before"),
    ]
