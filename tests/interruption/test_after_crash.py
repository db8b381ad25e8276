"""Every step says what to do about it after a crash; what nobody can look up is asked, never guessed."""

from __future__ import annotations

from pathlib import Path

import pytest

from phases.stage_06.workflow import STAGE_06
from phases.step import AfterCrash, Question, Step, StepContext, Work, step
from state.errors import BadAnswer, Waiting
from state.event_types import Answered
from tests.worlds.run_world import RunWorld


def test_a_step_without_after_crash_does_not_load() -> None:
    with pytest.raises(TypeError, match="after_crash"):

        @step("1.1", "Choose a colour")  # type: ignore[call-arg]
        def choose_colour(ctx: StepContext) -> Work:
            """Choose."""
            return Work()


def test_a_step_with_an_unknown_after_crash_does_not_load() -> None:
    with pytest.raises(ValueError, match="hope"):

        @step("1.1", "Choose a colour", after_crash="hope")  # type: ignore[arg-type]
        def choose_colour(ctx: StepContext) -> Work:
            """Choose."""
            return Work()


def test_every_step_of_stage_06_says_it() -> None:
    assert {type(each.after_crash) for each in STAGE_06.steps} == {AfterCrash}


class PaintingWorld(RunWorld):
    """Task 2.1 paints: it cannot be looked up whether that was done. The first time, the power goes."""

    painted = 0
    dies = True

    def steps(self) -> tuple[Step, ...]:
        @step("2.1", "Paint the walls", after_crash=AfterCrash.ASK_A_PERSON)
        def paint(ctx: StepContext) -> Work:
            """Paint."""
            self.painted += 1
            if self.dies:
                raise KeyboardInterrupt("the power went")
            return Work()

        return (*super().steps(), paint)


@pytest.fixture
def world(tmp_path: Path) -> PaintingWorld:
    world = PaintingWorld(tmp_path)
    with world.start() as engine, pytest.raises(KeyboardInterrupt):
        engine.drive()
    assert world.painted == 1
    world.dies = False
    return world


def test_what_cannot_be_looked_up_is_not_repeated_before_a_person_says_so(world: PaintingWorld) -> None:
    world.person.absent = True
    with world.reopen() as engine, pytest.raises(Waiting, match="nothing can tell how far it came") as asked:
        engine.drive()
    assert "each with its answer: repeat-t2-1-1: repeat" in asked.value.next_command
    assert world.painted == 1


def test_another_word_does_not_repeat_it(world: PaintingWorld) -> None:
    world.person.answers["repeat-t2-1-1"] = "perhaps"
    with world.reopen() as engine, pytest.raises(BadAnswer):
        engine.drive()
    assert world.painted == 1


def test_with_a_persons_word_it_is_repeated_and_the_word_is_kept(world: PaintingWorld) -> None:
    world.person.answers["repeat-t2-1-1"] = "repeat"
    with world.reopen() as engine:
        engine.drive()
        assert engine.complete
        said = [event.question for event in engine.journal.events if isinstance(event, Answered)]
    assert said == ["colour", "repeat-t2-1-1"]
    assert world.painted == 2


def test_enter_alone_repeats_nothing(world: PaintingWorld) -> None:
    asked: list[Question] = []

    def ask(question: Question, suggestion: str | None) -> tuple[str, str] | None:
        asked.append(question)
        return "repeat", "prompt"

    world.person.ask = ask  # type: ignore[method-assign]
    with world.reopen() as engine:
        engine.drive()
    assert [question.suggest for question in asked] == [False]


def test_without_a_crash_nobody_is_asked(tmp_path: Path) -> None:
    world = PaintingWorld(tmp_path)
    world.dies = False
    with world.start() as engine:
        engine.drive()
    assert [name for name, _ in world.person.asked] == ["colour"]
