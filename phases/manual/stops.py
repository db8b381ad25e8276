"""What must a person confirm before a command is offered? Each line above it by which the runbook says to stop.

Rules:
- "STOP. Do not go on until ..." above a command holds that command: it is offered once somebody typed that it may be.
  Nothing suggests the answer, `--yes` gives it in a rehearsal only, an agent never does.
- Where such words are a box of the task, a yes to that box, or that it does not apply, is the confirmation.
- A command that nobody wants to be run, or that was begun already, is held by nothing.
"""

from __future__ import annotations

from collections.abc import Sequence

from phases.step import Check, Question, StepContext
from state.model import PlannedTask, Stop
from state.task_boxes import boxes_of

CONFIRMED = "confirmed"


def stop_name(task: PlannedTask, stop: Stop) -> str:
    """How an answers file names the question that lets the work go on behind this line."""
    return f"{task.asked_as}-stop-{task.stops.index(stop) + 1}"


def stop_question(task: PlannedTask, stop: Stop) -> Question:
    """Whether the work may go on behind the line that says to stop."""
    return Question(
        stop_name(task, stop),
        f"Line {stop.line} of the runbook says: {stop.text} (type {CONFIRMED} to go on; Ctrl-C pauses)",
        problem_with=lambda said: None if said == CONFIRMED else f"expected {CONFIRMED}",
        suggest=False,
        persons=True,
    )


def stops_before(task: PlannedTask, number: int, ctx: StepContext) -> Sequence[Stop]:
    """The lines above the task's command with this number, from 1, that nobody has confirmed."""
    line = task.commands[number - 1].line
    boxes = {box.item.box.line: box.id for box in boxes_of(task)}
    return [
        stop
        for stop in task.stops
        if stop.line < line and not (stop.line in boxes and ctx.is_settled(boxes[stop.line]))
    ]


def stop_checks(task: PlannedTask, ctx: StepContext) -> list[Check]:
    """What was confirmed in this attempt, each a person's word; a stop that is a box has its box for that."""
    found = []
    for stop in task.stops:
        if who := ctx.given_by(stop_name(task, stop)):
            where, seen = f"line {stop.line}", f"{CONFIRMED}, says {who}"
            found.append(Check(f"stop: {stop.text}", "a person lets it go on", seen, "attested", where))
    return found


def is_to_confirm(task: PlannedTask, stop: Stop, numbers: Sequence[int]) -> bool:
    """Whether the line stands above one of the task's commands with these numbers."""
    return any(stop.line < task.commands[number - 1].line for number in numbers)
