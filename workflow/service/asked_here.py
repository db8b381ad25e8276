"""What does the task at hand ask whoever does it? For a program that looks before it works; nothing is written.

Told are the questions that are sure to come: the test command of a checkpoint, lines at which the runbook says to stop,
what commands and fields are filled in with. What depends on how a command or a check ends is asked when it has ended.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from phases.manual.blanks import blank_question, blanks, nameless, question_name
from phases.manual.hand_work import TESTS
from phases.manual.stops import is_to_confirm, stop_question
from phases.step import Question
from state.errors import PhasegateError
from state.model import PlannedTask
from state.run_state import RunState
from state.task_boxes import boxes_of
from state.task_fields import fields_of
from state.task_state import TO_BEGIN, TaskStatus
from workflow.engine.agents import NO_AGENTS
from workflow.engine.field_answers import question_of
from workflow.service.plan import policies_here


@dataclass(frozen=True, slots=True)
class Asked:
    """A question that has no answer.

    Attributes:
        whose: why no agent answers it; "" where one may.
        of_a_command: whether its answer is filled in in a command, which is not asked for where none is run.
    """

    name: str
    text: str
    choices: Sequence[str]
    whose: str
    of_a_command: bool


def asked_here(workspace: Path, run: RunState, task: PlannedTask) -> list[Asked]:
    """Those without an answer, in the order in which they come; none of work that was handed in."""
    state = run.task(task.key)
    if state.status not in (TaskStatus.WORKING, *TO_BEGIN) or state.handed_in is not None or run.is_of_0_1:
        return []
    known = state.answers if state.status is TaskStatus.WORKING else {}
    found: dict[str, Asked] = {}
    for each in _asked(workspace, run, task):
        if each.name not in known:
            of_a_command = each.name.startswith(question_name(""))
            whose = NO_AGENTS if each.persons else ""
            found.setdefault(each.name, Asked(each.name, each.text, each.choices, whose, of_a_command))
    return list(found.values())


def _asked(workspace: Path, run: RunState, task: PlannedTask) -> Iterator[Question]:
    if task.kind == "checkpoint" and TESTS.name not in run.answers and not _tests_are_set(workspace):
        yield TESTS
    numbers = [number for number, command in enumerate(task.commands, 1) if not nameless(command)]
    boxes = {box.item.box.line for box in boxes_of(task)}
    held = (stop for stop in task.stops if stop.line not in boxes and is_to_confirm(task, stop, numbers))
    yield from (stop_question(task, stop) for stop in held)
    for number in numbers:
        command = task.commands[number - 1]
        filled_in = (each for each in blanks(command).items() if each[0] not in run.answers)
        yield from (blank_question(task, command, name, written) for name, written in filled_in)
    yield from (question_of(task, field) for field in fields_of(task))


def _tests_are_set(workspace: Path) -> bool:
    try:
        return bool(policies_here(workspace).tests)
    except PhasegateError:
        return False  # whatever goes on says what is wrong with it
