"""Is a thing confirmed by its own name only?"""

from __future__ import annotations

from pathlib import Path

import pytest

from phases.stage_06.stack.typed_confirmation import confirm_by_name, question_name
from phases.step import Question
from state.errors import BadInput, StepFailed, Waiting
from tests.worlds.step_world import StepWorld


def test_things_that_look_alike_have_questions_of_their_own() -> None:
    names = ["Users", "users", "us_ers", "Orders"]
    questions = [question_name("confirm-replace", name, names) for name in names]
    assert questions[3] == "confirm-replace-orders"
    assert len(set(questions)) == 4


def test_nobody_confirms_by_default(tmp_path: Path) -> None:
    with pytest.raises(Waiting):
        confirm_by_name(StepWorld(tmp_path).ctx(), "remove-orphan-users", "Users", "It goes.")


@pytest.mark.parametrize("answer", ["users", "Users ", "yes", ""])
def test_another_word_is_refused(tmp_path: Path, answer: str) -> None:
    world = StepWorld(tmp_path, answers={"remove-orphan-users": answer})
    with pytest.raises(BadInput, match="expected exactly Users"):
        confirm_by_name(world.ctx(), "remove-orphan-users", "Users", "It goes.")


def test_a_recorded_answer_for_something_else_confirms_nothing(tmp_path: Path) -> None:
    world = StepWorld(tmp_path, answers={"remove-orphan-users": "Orders"})
    world.ctx().ask(Question("remove-orphan-users", "Which table goes?"))  # from the journal it is not asked again
    with pytest.raises(StepFailed, match="`answer`: expected exactly Users, seen 'Orders'"):
        confirm_by_name(world.ctx(), "remove-orphan-users", "Users", "It goes.")
