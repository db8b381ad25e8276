"""What is asked before the next command, the exit criteria, and at last? The boxes and fields that stand above it.

At a terminal a task by hand is gone through as its runbook has it, so that the boxes of a part come with its commands.

Rules:
- A box waits for what looks at it: for its own commands, and for a declared check until those were made.
- Nobody is asked while something has failed, nor in a rehearsal; what `phasegate done` or an answers file says of a box
  comes first, as anywhere.
- Only the order is decided here: each answer is recorded as it is given, and what is left is asked for at the end.
- A field behind a no is asked for once that was changed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import groupby

from phases.checks.answered import answering, named_by, names_of_item
from phases.checks.exit_criteria import question_names
from phases.manual.hand_work import command_id
from phases.step import Check, any_failed
from state.model import PlannedTask
from state.task_boxes import TaskBox, own_commands
from state.task_fields import TaskField, field_question, fields_of
from workflow.engine.box_answers import BoxAnswers
from workflow.engine.field_answers import ask_field
from workflow.engine.open_run import OpenRun
from workflow.engine.step_context import EngineContext

Place = TaskBox | TaskField


class InOrder:
    """The order of one run's questions about work by hand."""

    def __init__(self, run: OpenRun, boxes: BoxAnswers) -> None:
        self._run = run
        self._boxes = boxes

    def before_commands(
        self, task: PlannedTask, ctx: EngineContext
    ) -> Callable[[int | None, Sequence[Check]], None] | None:
        """What `run_commands` calls before each command; None where nobody is asked."""
        if not self._asks(task):
            return None
        looked_at = self._boxes.declared_of(task)

        def ask(line: int | None, checks: Sequence[Check]) -> None:
            boxes = self._boxes.open_ones(task, checks)
            known = [each for each in boxes if each.number not in looked_at and _is_settled(task, each, checks)]
            self._ask_above(task, ctx, checks, known, line)

        return ask

    def before_criteria(self, task: PlannedTask, ctx: EngineContext) -> Callable[[Sequence[Check]], None] | None:
        """What `check_work` calls before the exit criteria; None where nobody is asked, or there are none."""
        if not self._asks(task) or not task.exit_criteria:
            return None

        def ask(checks: Sequence[Check]) -> None:
            if self._asks(task):
                self._ask_above(task, ctx, checks, self._boxes.open_ones(task, checks), _line_of_criteria(task))

        return ask

    def all_left(self, task: PlannedTask, ctx: EngineContext, checks: Sequence[Check]) -> None:
        """Ask for the boxes and fields that are left once everything was looked at; nothing where nobody is asked."""
        if self._asks(task):
            self._ask_above(task, ctx, checks, self._boxes.open_ones(task, checks), None)

    def _asks(self, task: PlannedTask) -> bool:
        run = self._run
        somebody = run.doors.person.at_terminal and not run.rehearses and not run.state.is_of_0_1
        return somebody and not self._boxes.given[0] and bool(task.items or fields_of(task))

    def _ask_above(
        self,
        task: PlannedTask,
        ctx: EngineContext,
        checks: Sequence[Check],
        boxes: Sequence[TaskBox],
        line: int | None,
    ) -> None:
        """Ask for these boxes, and for fields, that stand above this line; None: for all."""
        if any_failed(checks):
            return
        places: list[Place] = [*_not_said_as_criteria(task, ctx, boxes), *self._open_fields(task, ctx)]
        above = sorted((each for each in places if line is None or _line_of(each) < line), key=_line_of)
        for are_boxes, group in groupby(above, key=lambda each: isinstance(each, TaskBox)):
            if are_boxes:
                self._boxes.ask_for(task, checks, {each.number for each in group})
                continue
            for each in group:
                assert isinstance(each, TaskField)
                if self._boxes.is_denied(task):  # nobody fills in what is not done
                    return
                ask_field(self._run, task, ctx, each)

    def _open_fields(self, task: PlannedTask, ctx: EngineContext) -> list[TaskField]:
        """The fields that nobody signs off, and that have no answer."""
        signed = self._boxes.signed_off(task)
        fields = [each for each in fields_of(task) if each.line not in signed]
        return [each for each in fields if ctx.given_by(field_question(task, each.number)) == ""]


def _not_said_as_criteria(task: PlannedTask, ctx: EngineContext, boxes: Sequence[TaskBox]) -> list[TaskBox]:
    """These boxes but for those that an exit criterion, which has an answer, is written as."""
    said = {each for text in _said_criteria(task, ctx) for each in named_by(text)}
    return [box for box in boxes if said.isdisjoint(names_of_item(box.number, box.item))]


def _said_criteria(task: PlannedTask, ctx: EngineContext) -> list[str]:
    """The exit criteria that have an answer."""
    named = zip(question_names(task, task.exit_criteria), task.exit_criteria, strict=True)
    return [text for name, text in named if name in ctx.answers() or ctx.given(name) is not None]


def _line_of(place: Place) -> int:
    """Where it stands in the runbook."""
    return place.item.box.line if isinstance(place, TaskBox) else place.line


def _is_settled(task: PlannedTask, box: TaskBox, checks: Sequence[Check]) -> bool:
    """Whether each command that stands in the box is among what was looked at."""
    return all(answering([command_id(number)], checks) for number in own_commands(task, box))


def _line_of_criteria(task: PlannedTask) -> int | None:
    """Where the first exit criterion stands in the runbook; None where its words are not found as they are."""
    lines = task.text.split("\n")
    first = task.end_line - len(lines) + 1
    found = (first + row for row, line in enumerate(lines) if task.exit_criteria[0] in line)
    return next(found, None)
