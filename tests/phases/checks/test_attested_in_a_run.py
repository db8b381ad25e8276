"""A person's word in a real run: who said it and how is kept, it is asked once an attempt, and never under `Enter`."""

from __future__ import annotations

from pathlib import Path

import pytest

from phases.checks.answered import criterion_id
from phases.checks.exit_criteria import look_at_exit
from phases.step import Check, StepContext
from tests.worlds.run_world import RunWorld
from workflow.ports import Reject

EMPTY = "t1-1-the-shed-is-empty"


@pytest.fixture
def world(tmp_path: Path) -> RunWorld:
    made = RunWorld(tmp_path)
    made.person.answers[EMPTY] = "yes"
    return made


def test_a_word_is_kept_with_who_gave_it_and_is_not_asked_again_after_a_crash(world: RunWorld) -> None:
    said: list[Check] = []

    def attest(ctx: StepContext) -> None:
        said.extend(look_at_exit(ctx.task, None, ctx, criteria=["The shed is empty"]).checks)
        if len(said) == 1:
            raise KeyboardInterrupt

    world.during = attest
    with world.start() as engine, pytest.raises(KeyboardInterrupt):
        engine.drive()
    with world.reopen() as engine:
        engine.drive()
    first, again = said
    word = "yes, says Ada <ada@example.com> (prompt)"
    answers = (criterion_id("The shed is empty"),)
    assert first == again == Check("The shed is empty", "attested by a person", word, "attested", answers=answers)
    assert [name for name, _ in world.person.asked].count(EMPTY) == 1


def test_after_a_reject_the_word_is_asked_for_anew(world: RunWorld) -> None:
    world.person.verdicts = [Reject("look again")]
    before: list[str] = []

    def attest(ctx: StepContext) -> None:
        before.append(ctx.given_by(EMPTY))
        look_at_exit(ctx.task, None, ctx, criteria=["The shed is empty"])

    world.during = attest
    with world.start() as engine:
        engine.drive()
    assert [name for name, _ in world.person.asked].count(EMPTY) == 2
    assert before == ["", ""]
