"""A field filled in with another value, by nobody's answer, or emptied again later is found."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.worlds.forger import Events, Forger
from tests.worlds.run_world import RunWorld

pytestmark = pytest.mark.slow

RUNBOOK = b"""# Release

- [ ] 1. Deploy, version ____ [x]
  - Deployed by: ____
- [ ] 2. Ring: ____ then
- [ ] 3. Close
"""


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> RunWorld:
    world = RunWorld(tmp_path_factory.mktemp("release"), runbook=RUNBOOK)
    world.person.answers = {"t1-field-1": "1.4.2-rc.1", "t2-field-1": ""}
    with world.start() as engine:
        engine.drive()
    return world


@pytest.fixture
def forger(finished: RunWorld, tmp_path: Path) -> Forger:
    return Forger.of_copy(finished, tmp_path / "copy")


def test_a_run_whose_fields_were_answered_is_sound(forger: Forger) -> None:
    assert b"version 1.4.2-rc.1 [x]" in (forger.root / "tasks.md").read_bytes()
    assert forger.codes() == []


def entries(events: Events) -> list[dict[str, Any]]:
    worked = next(event for event in events if event["type"] == "worked")
    fields: list[dict[str, Any]] = worked["data"]["fields"]
    return fields


def answers(events: Events) -> list[dict[str, Any]]:
    return [event for event in events if event["type"] == "answered" and event["task"] == "t1"]


def another_value(events: Events) -> Events:
    entries(events)[0]["value"] = "1.4.3"
    return events


def no_answer(events: Events) -> Events:
    return [event for event in events if event is not answers(events)[0]]


def another_answer(events: Events) -> Events:
    answers(events)[0]["answer"] = "1.4.3"
    return events


def no_entry(events: Events) -> Events:
    del entries(events)[0]
    return events


def no_entries(events: Events) -> Events:
    entries(events).clear()
    return events


def no_value(events: Events) -> Events:
    entries(events)[0].update(value="a ____ b")
    answers(events)[0].update(answer="a ____ b")
    return events


FORGED: dict[str, tuple[Callable[[Events], Events], str]] = {
    "another value": (another_value, "field 1 (1. Deploy, version) was filled in with '1.4.3', and t1-field-1 was"),
    "no answer": (no_answer, "and nobody answered t1-field-1"),
    "another answer": (another_answer, "t1-field-1 was answered '1.4.3'"),
    "no entry": (no_entry, "the evidence has fields [2], the task has [1, 2]"),
    "no entries": (no_entries, "the evidence has fields [], the task has [1, 2]"),
    "no value that a field takes": (no_value, "expected a value without ___"),
}


@pytest.mark.parametrize("how", FORGED)
def test_a_forged_record_of_a_field_is_found(forger: Forger, how: str) -> None:
    forge, says = FORGED[how]
    forger.rewrite(forge)
    found = [finding.message for finding in forger.audit().findings if finding.code == "field-unanswered"]
    assert [message for message in found if says in message], found


def test_a_value_forged_throughout_is_not_the_runbooks(forger: Forger) -> None:
    """Answer and evidence agree, and the commit has another value."""
    forger.rewrite(lambda events: another_answer(another_value(events)))
    assert "field-unanswered" not in forger.codes()
    found = [finding.message for finding in forger.audit().findings if finding.code == "runbook-edited"]
    assert any("1.4.3" in message and "1.4.2-rc.1" in message for message in found), found


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        (b"1.4.2-rc.1", b"1.4.3", "runbook-edited"),
        (b"1.4.2-rc.1", b"____", "runbook-edited"),
        (b"by: Ada", b"by: Bob", "runbook-edited"),
        (b"by: Ada", b"by: ____", "runbook-edited"),
        (b"Ring: ____", b"Ring: all", "runbook-edited"),
        (b"1.4.2-rc.1 [x]", b"1.4.2-rc.1 [ ]", "runbook-edited"),
        (b"[x] 1.", b"[ ] 1.", "mark-missing"),
        (b"[ ] 2.", b"[x] 2.", "mark-without-commit"),
        (b"# Release\n", b"# Release\n\n", "runbook-edited"),
    ],
)
def test_a_commit_that_holds_anything_else_is_found(forger: Forger, old: bytes, new: bytes, code: str) -> None:
    first, *later = forger.made()
    held = forger.git("show", f"{first.sha}:tasks.md").encode()
    assert old in held
    tree = forger.tree_with(first.tree, {"tasks.md": held.replace(old, new)})
    forger.remake([(tree, first.message), *((each.tree, each.message) for each in later)])
    assert code in forger.codes()


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        (b"1.4.2-rc.1", b"____", "runbook-edited"),
        (b"by: Ada", b"by: Bob", "runbook-edited"),
        (b"Ring: ____", b"Ring: all", "runbook-edited"),
        (b"[x] 1.", b"[ ] 1.", "mark-without-commit"),
    ],
)
@pytest.mark.parametrize("committed", [False, True])
def test_what_is_changed_after_the_run_is_found(
    forger: Forger, old: bytes, new: bytes, code: str, committed: bool
) -> None:
    forger.replace("tasks.md", old, new)
    if committed:
        forger.commit("Tidy up", "tasks.md")
    assert forger.codes() == [code]
