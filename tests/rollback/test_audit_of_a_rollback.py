"""A run that was rolled back is audited like any other: nothing is found in an honest one, and tampering is."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from state.errors import Waiting
from tests.worlds.forger import Events, Forger
from tests.worlds.forgeries import (
    Tamper,
    dropping,
    edited_and_committed,
    in_last,
    journal_line,
    of,
    rewriting,
    trailer,
    without_third,
)
from tests.worlds.taking_back import TakingBack
from workflow.audit.html_report import html_page
from workflow.ports import Approve, Pause

PLAN = "artifacts/shed/rollback-plan.md"
JOURNAL = ".phasegate/RUN/journal.jsonl"
END = "\nPhasegate-End: rolled-back"


@pytest.fixture(scope="session")
def rolled_back_run(tmp_path_factory: pytest.TempPathFactory) -> TakingBack:
    world = TakingBack(tmp_path_factory.mktemp("rolled-back"))
    world.person.verdicts = [Approve("prompt"), Pause()]
    with world.start() as engine, suppress(Waiting):
        engine.drive()
    with world.start_rollback() as engine:
        engine.drive()
    return world


@pytest.fixture
def run(rolled_back_run: TakingBack, tmp_path: Path) -> Forger:
    """1.1, R1 and R2 are committed; the run is rolled back."""
    return Forger.of_copy(rolled_back_run, tmp_path / "repo")


def first_step(**changes: Any) -> Tamper:
    """The first step of the way back is said to have been another, all along."""

    def change(event: dict[str, Any]) -> dict[str, Any]:
        if event["type"] != "rollback-started":
            return event
        first, *rest = event["tasks"]
        return {**event, "tasks": [{**first, **changes}, *rest]}

    return rewriting(change)


def without(type_: str, task: str | None = None) -> Callable[[dict[str, object]], dict[str, object] | None]:
    """The events of this type (and task) are gone."""
    return lambda event: None if event["type"] == type_ and task in (None, event.get("task")) else event


def end_moved(run: Forger) -> None:
    *before, plan, last = run.made()
    messages = [made.message for made in before]
    messages += [plan.message.replace("\nApproved-by", f"{END}\nApproved-by"), last.message.replace(END, "")]
    run.remake(list(zip([made.tree for made in run.made()], messages, strict=True)))


def end_claimed_again(run: Forger) -> None:
    run.commit(f"more\n\nPhasegate-Run: {run.run_id}{END}\n")


def in_another_order(run: Forger) -> None:
    def swap(events: Events) -> Events:
        (begun,) = [event for event in events if event["type"] == "rollback-started"]
        begun["tasks"].reverse()
        return events

    run.rewrite(swap)


FOUND: list[tuple[str, Tamper, str]] = [
    ("a task before it is removed", dropping(0), "commit-missing"),
    ("the plan's commit is removed", dropping(1), "commit-missing"),
    ("the last step is no end any more", trailer(END, ""), "message-changed"),
    ("the last step is another end", trailer("rolled-back", "aborted"), "trailer-forged"),
    ("the end is another step", end_moved, "sequence-differs"),
    ("the end is claimed again", end_claimed_again, "commit-duplicate"),
    ("an approver is replaced", trailer("Approved-by: Ada <ada@", "Approved-by: Eve <eve@"), "trailer-forged"),
    ("a file is smuggled in", in_last("secret.txt", b"x"), "extra-file"),
    ("the plan is edited later", edited_and_committed(PLAN, b"it leaks", b"rain"), "artifact-changed-later"),
    ("what was to be done is changed", first_step(text="Do nothing."), "digest-mismatch"),
    ("another message was intended", first_step(message="shed: nothing"), "intent-differs"),
    ("the steps are reordered", in_another_order, "task-skipped"),
    ("the reason is changed", edited_and_committed(JOURNAL, b'"it leaks"', b'"rain"'), "journal-damaged"),
    ("the rollback never began", rewriting(without("rollback-started")), "journal-impossible"),
    ("the way back has no step", rewriting(of("rollback-started", tasks=[])), "journal-impossible"),
    ("a step has no text", first_step(text=None), "journal-damaged"),
    ("a step is one of the plan's", first_step(key="t1_1"), "journal-impossible"),
    ("a step's answers are replaced", rewriting(of("answered", "rollback_1", answer="no")), "digest-mismatch"),
    ("an approval is dropped", rewriting(without("approved", "rollback_2")), "journal-impossible"),
    ("a line of the journal is removed", journal_line(without_third, commit=True), "journal-rewritten"),
]


@pytest.mark.parametrize(("tamper", "code"), [case[1:] for case in FOUND], ids=[case[0] for case in FOUND])
def test_in_a_rolled_back_run_it_is_found_that(run: Forger, tamper: Tamper, code: str) -> None:
    tamper(run)
    assert code in run.codes()


def test_an_honest_one_is_sound_in_a_bare_clone_too(run: Forger, tmp_path: Path) -> None:
    run.rewrite(lambda events: events)
    assert run.codes() == []
    run.git("clone", "-q", "--bare", str(run.root), str(tmp_path / "bare.git"))
    assert Forger(tmp_path / "bare.git", run.run_id).audit().to_json() == run.audit().to_json()


def test_it_is_told_line_by_line_and_drawn(run: Forger) -> None:
    found = run.audit()
    assert [(task.key, task.status, task.back) for task in found.tasks] == [
        ("t1_1", "done", False),
        ("t1_2", "stopped", False),
        ("t2_1", "pending", False),
        ("rollback_1", "done", True),
        ("rollback_2", "done", True),
    ]
    page = html_page([found])
    drawn = page[page.index("<h2>States") :]
    states = [part.split("<")[0] for part in drawn.split('text-anchor="middle">')[1:]]
    assert states == [
        "ready",
        "1.1 Choose a colour",
        "1.2 Order the paint",
        "rolling back",
        "R1 Plan the rollback",
        "R2 Return the paint",
        "rolled back",
        "2.1 Paint the walls",
        "complete",
    ]
    taken = [part.split('"')[0] for part in drawn.split('class="state ')[1:]]
    assert taken == ["taken", "taken", "here", "taken", "taken", "taken", "here", "ahead", "ahead"]


def test_what_people_attested_about_the_rollback_cannot_be_proved(run: Forger) -> None:
    (limit,) = [limit for limit in run.audit().unprovable if limit.code == "attested"]
    assert (limit.task, limit.message.count(",")) == ("rollback_1", 5)


def test_an_end_that_is_claimed_by_a_run_that_goes_on_is_found(tmp_path: Path) -> None:
    world = TakingBack(tmp_path)
    world.person.verdicts = [Approve("prompt"), Pause()]
    with world.start() as engine, suppress(Waiting):
        engine.drive()
    forger = Forger(world.root, world.run_id)
    end_claimed_again(forger)
    assert "trailer-forged" in forger.codes()


@pytest.mark.slow
def test_between_the_beginning_of_a_rollback_and_its_first_step_nothing_is_found(tmp_path: Path) -> None:
    """The stopped task's ticks still stand in the working tree."""
    world = TakingBack(tmp_path)
    with world.start() as engine, suppress(KeyboardInterrupt):
        engine.drive(lambda task: task.id == "1.1")
        append = engine.journal.append

        def dying(type_: str, *arguments: Any, **fields: Any) -> Any:
            if type_ == "commit-intended":
                raise KeyboardInterrupt
            return append(type_, *arguments, **fields)

        engine.journal.append = dying  # type: ignore[method-assign]
        engine.drive()
    with world.start_rollback():
        pass
    assert (world.boxes(), world.audit().state, world.findings()) == ("xxx  ", "rolling_back", [])
    with world.reopen() as engine:
        world.person.verdicts = [Pause()]
        with suppress(Waiting):
            engine.drive()
    assert world.boxes() == " x   "
    Forger(world.root, world.run_id).replace("tasks.md", b"[ ] 1.2", b"[x] 1.2")
    assert world.findings() != []
