"""An answer can be changed until its task is approved: the attempt ends, and the next one asks again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from phases.step import Question, StepContext
from state.errors import BadInput, Waiting
from state.event_types import Answered, AttemptFailed, Event, Rejected
from tests.worlds.journals import journal_bytes
from tests.worlds.run_world import RunWorld
from workflow.engine.engine import Settings
from workflow.engine.unused_answers import tell_of_unused
from workflow.ports import Doors, Pause

pytestmark = pytest.mark.slow

SIZE = Question("size", "Which size?")
BOB = "Bob <bob@example.com>"


class Shed(RunWorld):
    """1.1 asks for the colour, then for a size, which nobody knows at first."""

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        self.who = ""
        self.during = lambda ctx: ctx.ask(SIZE)

    def doors(self) -> Doors:
        found = super().doors()
        return replace(found, by={**found.by, "git": self.who}) if self.who else found

    def events(self, kind: type[Event]) -> list[Event]:
        from state.find_runs import run_directory
        from state.read_journal import read

        return [
            each for each in read(run_directory(self.root, self.run_id) / "journal.jsonl") if isinstance(each, kind)
        ]

    def answers(self) -> list[tuple[int, str, str, str]]:
        return [(e.attempt, e.question, e.answer, e.by.git) for e in self.events(Answered) if isinstance(e, Answered)]


@pytest.fixture
def shed(tmp_path: Path) -> Shed:
    """Waits for its approval, with a green colour and the size 7."""
    world = Shed(tmp_path)
    world.person.answers |= {"size": "7"}
    world.person.verdicts = [Pause()]
    with world.start() as engine, pytest.raises(Waiting):
        engine.drive()
    world.person.asked.clear()
    return world


def test_an_answer_of_what_waits_for_approval_is_changed(shed: Shed) -> None:
    shed.person.answers["colour"] = "red"
    shed.person.verdicts = [Pause()]
    with shed.reopen() as engine:
        engine.ask_again(["colour"])
        with pytest.raises(Waiting):
            engine.drive()
        assert engine.run.current_task is not None
        assert engine.run.current_task.answers == {"colour": "red", "size": "7"}
    assert shed.person.asked == [("colour", "green")]
    assert [each.reason for each in shed.events(Rejected) if isinstance(each, Rejected)] == ["asked again: colour"]


def test_what_somebody_else_answered_is_asked_again_too(shed: Shed) -> None:
    shed.who = BOB
    shed.person.verdicts = [Pause()]
    with shed.reopen() as engine:
        engine.ask_again(["colour"])
        with pytest.raises(Waiting):
            engine.drive()
    assert [name for name, _suggestion in shed.person.asked] == ["colour", "size"]
    assert [by for attempt, _name, _answer, by in shed.answers() if attempt == 2] == [BOB, BOB]


def test_an_attempt_under_way_ends_as_failed(tmp_path: Path) -> None:
    world = Shed(tmp_path)
    with world.start() as engine:
        world.during = _nobody
        with pytest.raises(Waiting):
            engine.drive()
    world.person.answers |= {"colour": "red", "size": "8"}
    world.during = lambda ctx: ctx.ask(SIZE)
    with world.reopen() as engine:
        engine.ask_again(["colour"])
        engine.drive()
    assert [e.reason for e in world.events(AttemptFailed) if isinstance(e, AttemptFailed)] == ["asked again: colour"]
    assert [each[:3] for each in world.answers()] == [(1, "colour", "green"), (2, "colour", "red"), (2, "size", "8")]


def _nobody(_ctx: StepContext) -> None:
    raise Waiting("nobody answers", next_command="phasegate resume")


def test_another_answer_of_a_file_is_told_of_while_a_gate_waits(shed: Shed) -> None:
    given = Settings({"colour": "red", "size": "7"})
    shed.person.verdicts = [Pause()]
    with shed.reopen(given) as engine:
        tell_of_unused(engine.open_run)
        assert [each for each in shed.person.lines if "not used" in each] == [
            "colour was answered 'green', so 'red' of the answers file is not used; it is asked again by: phasegate "
            f"resume {shed.run_id} --ask-again colour --answers answers.yaml"
        ]
        engine.ask_again(["colour"])
        tell_of_unused(engine.open_run)
    assert sum("is not used" in each for each in shed.person.lines) == 1


def refused(world: Shed, name: str) -> str:
    journal = world.root / ".phasegate" / world.run_id / "journal.jsonl"
    before = journal_bytes(journal)
    with world.reopen() as engine, pytest.raises(BadInput) as error:
        engine.ask_again([name])
    assert journal_bytes(journal) == before
    return error.value.message


def test_a_name_that_was_not_answered_is_refused_with_the_nearest(shed: Shed) -> None:
    assert refused(shed, "color").endswith("did you mean colour?")
    assert "no question of that name was answered" in refused(shed, "region")


def test_what_is_approved_or_committed_stays(shed: Shed) -> None:
    with shed.reopen() as engine:
        assert engine.run.current_task is not None
        request = engine.run.current_task.request
        assert request is not None
        engine.approve(request.digest, "command", by=engine.doors.me)
    assert "which is approved: what was approved stays as it is" in refused(shed, "colour")
    shed.person.verdicts = [Pause()]
    with shed.reopen() as engine, pytest.raises(Waiting):
        engine.drive()
    assert "which is done" in refused(shed, "colour")


def test_an_effect_in_doubt_is_cleared_up_first(tmp_path: Path) -> None:
    world = Shed(tmp_path)
    world.during = _dies_in_an_effect
    with world.start() as engine, pytest.raises(KeyboardInterrupt):
        engine.drive()
    assert "what came of it is not known" in refused(world, "colour")


def _dies_in_an_effect(ctx: StepContext) -> None:
    def act() -> Mapping[str, object]:
        raise KeyboardInterrupt

    ctx.effect("cut", {}, act, lambda: None)


def test_an_answers_file_that_says_another_thing_is_told_how_to_change_it(tmp_path: Path) -> None:
    world = Shed(tmp_path)
    world.during = _nobody
    with world.start() as engine, pytest.raises(Waiting):
        engine.drive()
    with world.reopen(Settings({"colour": "red"})) as engine, pytest.raises(Waiting):
        engine.drive()
    assert any("--ask-again colour" in line for line in world.person.lines)
    world.during = lambda _ctx: None
    with world.reopen(Settings({"colour": "red"})) as engine:
        engine.ask_again(["colour"])
        engine.drive()
    assert (world.root / "artifacts/shed/colour.md").read_text() == "red\n"
