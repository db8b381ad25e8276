"""What did `done` bring that nothing has asked for yet, where it is refused or pauses? It is recorded, so none is lost.

Rules:
- Kept is what answers a question of the task: its fields, what fills in its commands, exit criteria, lines that say to
  stop, and words on boxes. Whether a command runs is kept by who was asked to run it.
- An answer that its question would not take, one that holds a secret, and one that no agent may give are not kept:
  they are refused when they are asked for.
- A word on a box that a command or check looks at is kept as an answer: it becomes the word on the box once that has
  passed, said by whoever said it.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

from phases.checks.exit_criteria import criterion_question, question_names
from phases.manual.blanks import blank_question, blanks, nameless
from phases.manual.box_words import read_word
from phases.manual.stops import stop_question
from phases.step import Question
from state.model import PlannedTask
from state.task_boxes import box_question, boxes_of
from state.task_fields import fields_of
from workflow.engine.agents import is_persons
from workflow.engine.field_answers import question_of
from workflow.engine.masked_words import secret_in
from workflow.engine.open_run import OpenRun
from workflow.engine.step_answers import problem_with_new


def answers_to_keep(run: OpenRun, task: PlannedTask) -> Iterator[tuple[str, str]]:
    """Those of the answers that this process brought, by the question's name, that this attempt has not recorded."""
    state, given = run.state.task(task.key), run.settings.answers
    unseen = not run.doors.person.at_terminal
    for question in _questions(task):
        answer = given.get(question.name)
        if answer is None or question.name in state.answers or is_persons(run, task, question):
            continue
        if problem_with_new(question, answer, unseen=unseen):
            continue
        if not secret_in(question.name, answer, run.doors.mask, choices=question.choices):
            yield question.name, answer
    for box in boxes_of(task):
        name = box_question(task, box.number)
        if name in given and name not in state.answers and box.id not in state.words and _is_word(given[name]):
            yield name, given[name]


def _questions(task: PlannedTask) -> Iterator[Question]:
    commands = [command for command in task.commands if not nameless(command)]
    filled = (
        blank_question(task, command, name, written)
        for command in commands
        for name, written in blanks(command).items()
    )
    criteria = (
        criterion_question(name, text)
        for name, text in zip(question_names(task, task.exit_criteria), task.exit_criteria, strict=True)
    )
    return chain(
        (question_of(task, field) for field in fields_of(task)),
        filled,
        criteria,
        (stop_question(task, stop) for stop in task.stops),
    )


def _is_word(text: str) -> bool:
    try:
        read_word(text)
    except ValueError:
        return False
    return True
