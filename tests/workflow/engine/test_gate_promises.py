"""The gate keeps its promises whoever drives the engine: no command line stands between these tests and a gate."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from state.errors import BadInput, Waiting
from state.event_types import Approved, Voided
from state.evidence import By
from tests.worlds.run_world import RunWorld
from workflow.engine.engine import Engine
from workflow.ports import HandIn, Pause, Settings

COLOUR = "artifacts/shed/colour.md"


def waiting(tmp_path: Path) -> RunWorld:
    """A run whose first task waits for approval."""
    world = RunWorld(tmp_path)
    world.person.verdicts = [Pause()]
    with world.start() as engine, pytest.raises(Waiting):
        engine.drive()
    return world


def digest_shown(engine: Engine) -> str:
    assert engine.run.current_task is not None and engine.run.current_task.request is not None
    return engine.run.current_task.request.digest


def approvals(engine: Engine) -> list[Approved]:
    return [event for event in engine.journal.events if isinstance(event, Approved)]


def test_a_reopened_run_takes_no_approval_of_bytes_that_changed_after_they_were_shown(tmp_path: Path) -> None:
    world = waiting(tmp_path)
    (world.root / COLOUR).write_text("pink\n")
    with world.reopen(work=False) as engine:
        with pytest.raises(BadInput, match=r"evidence changed after it was shown; review it again: .*colour.md was"):
            engine.approve(digest_shown(engine), "command", by=engine.doors.me)
        assert approvals(engine) == []
        (voided,) = [event for event in engine.journal.events if isinstance(event, Voided)]
        assert COLOUR in voided.changed[0]


def test_an_approval_of_what_is_as_it_was_shown_is_taken(tmp_path: Path) -> None:
    world = waiting(tmp_path)
    with world.reopen(work=False) as engine:
        engine.approve(digest_shown(engine), "command", by=engine.doors.me)
        assert len(approvals(engine)) == 1


BOB = By("Bob <bob@example.com>", "bob", "there")


def test_who_acts_is_an_argument_down_to_the_event_and_not_this_process(tmp_path: Path) -> None:
    world = waiting(tmp_path)
    with world.reopen(work=False) as engine:
        engine.note("looks good", by=BOB)
        engine.reject("too pale", by=BOB)
    with world.reopen() as engine, pytest.raises(Waiting):
        world.person.verdicts = [Pause()]
        engine.drive()
    with world.reopen(work=False) as engine:
        engine.approve(digest_shown(engine), "command", by=BOB)
        engine.abort("enough", by=BOB)
        assert engine.run.task("t1_1").approved_by == BOB.git
        said = {event.type: event.fields["by"] for event in engine.journal.events if event.person == BOB.git}
        assert said == dict.fromkeys(("noted", "rejected", "approved", "aborted"), BOB.to_json())


def test_whose_work_was_handed_in_is_its_operator_and_does_not_approve_it(tmp_path: Path) -> None:
    world = RunWorld(tmp_path)
    with world.start() as engine:
        engine.drive(until=lambda task: task.id == "1.2")
        engine.hand_in(HandIn((), "done"), {}, by=BOB)
        state = engine.run.task("t2_1")
        assert state.handed_in is not None and state.worked is not None
        assert (state.handed_in.by, state.worked.by) == (BOB, BOB)
        with pytest.raises(BadInput, match=r"Bob <bob@example\.com> ran this task"):
            engine.approve(digest_shown(engine), "command", by=BOB)
        engine.approve(digest_shown(engine), "command", by=engine.doors.me)


def test_a_person_is_not_the_policy_and_the_policy_is_not_a_person(tmp_path: Path) -> None:
    world = waiting(tmp_path)
    with world.reopen(work=False) as engine:
        for via, by in (("policy", BOB), ("command", replace(BOB, git="policy"))):
            with pytest.raises(BadInput, match=r"task 1\.1 was not approved"):
                engine.approve(digest_shown(engine), via, by=by)
        assert approvals(engine) == []


def test_settings_that_say_yes_open_no_gate_outside_of_the_sandbox(tmp_path: Path) -> None:
    world = RunWorld(tmp_path)
    world.sandbox = False
    with world.start(Settings(yes=True)) as engine:
        with pytest.raises(BadInput, match="a gate outside of the sandbox is opened by people only"):
            engine.drive()
        assert approvals(engine) == []
    assert world.subjects() == []


def test_settings_that_say_yes_open_the_gates_of_a_sandbox(tmp_path: Path) -> None:
    world = RunWorld(tmp_path)
    with world.start(Settings(yes=True)) as engine:
        engine.drive(lambda task: task.id == "1.1")
        assert [event.approval.via for event in approvals(engine)] == ["--yes"]


def test_what_is_said_after_the_approval_is_not_in_what_was_approved(tmp_path: Path) -> None:
    """It stands in the next task's entry of the working log; the last task takes no more."""
    world = waiting(tmp_path)
    with world.reopen(work=False) as engine:
        engine.note("before", by=BOB)
        engine.approve(digest_shown(engine), "command", by=BOB)
        engine.note("behind", by=BOB)
    with world.reopen() as engine:
        engine.drive(until=lambda task: task.id == "1.2")
    log = (world.root / "artifacts/shed/working_log.md").read_text()
    assert log.index("before") < log.index("## 1.2 ") < log.index("behind")
    world.person.verdicts = [Pause()]
    with world.reopen() as engine, pytest.raises(Waiting):
        engine.drive()
    with world.reopen(work=False) as engine:
        engine.approve(digest_shown(engine), "command", by=BOB)
        with pytest.raises(BadInput, match="takes no more notes"):
            engine.note("behind the last one", by=BOB)
