"""A runbook of which something is done already: what does a new run take over?

Rules:
- Nothing is taken over unseen: a person says so at the terminal, in the answers file or by `--adopt`, and the run's
  first approver is shown the list.
- A task counts as done when all of its boxes are ticked, its items' and the parents' that it closes among them.
- What a step of phasegate's own would have found out cannot be taken over: later steps need it.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from phases.step import Question, Workflow
from state.counted import counted
from state.errors import BadInput, Problem
from state.model import Plan, PlannedTask
from state.path_word import path_word
from state.printable import as_name
from state.task_name import number_and_title
from workflow.ports import Person, Settings
from workflow.runs.next_copy import copy_commands

ADOPT = "adopt"
BEGUN = "begun"  # of all tasks that are begun, at once; `begun-<task>` of one
TO_DO, STOP = "to-do", "stop"
QUEUED = "-~"  # states of a box that somebody has begun or lined up


def require_open_tasks(workspace: Path, plan: Plan) -> None:
    """Raise BadInput, with the commands for a copy, where every task is ticked already."""
    if len(done_tasks(plan)) == len(plan.tasks):
        raise BadInput(
            f"{as_name(plan.runbook)} is done: every task is ticked",
            next_command=copy_commands(workspace, plan.runbook),
        )


def adopted_tasks(plan: Plan, workflow: Workflow, settings: Settings, person: Person) -> list[str]:
    """Keys of the tasks that the run takes over as done, in order; empty for a runbook that is not begun.

    `settings` have the answers that were given beforehand.

    Raises BadInput when the person says no, or nobody says anything, and for tasks that cannot be taken over.
    """
    done, begun = done_tasks(plan), list(filter(is_begun, plan.tasks))
    if not (done or begun):
        return []
    _require_by_hand(plan, workflow, [*done, *begun])
    if begun:
        _require_to_do(plan, begun, done, settings, person)
    if done:
        _require_adopted(plan, _say(adopt_question(plan, done), settings, person))
    return [task.key for task in done]


def _require_by_hand(plan: Plan, workflow: Workflow, tasks: Sequence[PlannedTask]) -> None:
    """Raise BadInput when phasegate does one of these tasks itself."""
    bound = [task.label for task in tasks if workflow.step_for(task) is not None]
    if bound:
        where = "" if plan.runbook == workflow.runbook else f" --runbook {path_word(plan.runbook)}"
        raise BadInput(
            f"{as_name(plan.runbook)} is half done: {', '.join(bound)} are begun or ticked; phasegate "
            "does these itself, and this run has no record of them",
            next_command=f"phasegate run {workflow.name}{where} --again"
            f"   # takes them back\n      git -P log --oneline -- {path_word(plan.runbook)}   # who ticked them",
        )


def _require_adopted(plan: Plan, answer: str) -> None:
    if answer != ADOPT:
        raise BadInput(
            f"{as_name(plan.runbook)} is half done, and what is ticked was not taken over; nothing was started",
            next_command=f"phasegate plan {path_word(plan.runbook)}"
            "   # shows what is ticked; untick it, or run again with --adopt",
        )


def _require_to_do(
    plan: Plan, begun: Sequence[PlannedTask], done: Sequence[PlannedTask], settings: Settings, person: Person
) -> None:
    """Raise BadInput, with all of them, where tasks that are only begun are not to be done in this run.

    What has no answer is asked about by one question; `done` are those about which is asked behind it.
    """
    answers = settings.answers
    said = {task: answers.get(f"begun-{task.asked_as}", answers.get(BEGUN)) for task in begun}
    if left := [task for task in begun if said[task] is None]:
        question = begun_question(plan, left)
        answered = person.ask(question, None)
        if answered is None:
            raise _unsaid(plan, question, done, settings)
        said.update(dict.fromkeys(left, answered[0]))
    stopped = [task for task in begun if said[task] != TO_DO]
    if not stopped:
        return
    runbook = path_word(plan.runbook)
    raise BadInput(
        f"{as_name(plan.runbook)} is half done, and nothing was started: what is begun is done in a run ({TO_DO}), or "
        "it is done already, and then its boxes are ticked; they are not all ticked in",
        problems=[
            Problem(f"{as_name(plan.runbook)}:{task.line}", f"{task.label} ({_marks(task)}), answered {said[task]!r}")
            for task in stopped
        ],
        next_command=f"$EDITOR {runbook} && git commit -m 'Tick what is done' -- {runbook}",
    )


def _unsaid(plan: Plan, question: Question, done: Sequence[PlannedTask], settings: Settings) -> BadInput:
    """That nobody says what becomes of what is begun; and of what is done, where that has no answer either."""
    asked, _, listed = question.text.partition("\n")
    named = [f"{question.name}: {TO_DO}"]
    if done and ADOPT not in settings.answers:
        listed = "\n".join(filter(None, (listed, adopt_question(plan, list(done)).text)))
        named.append(f"{ADOPT}: {ADOPT}")
    file = path_word(settings.file_to_add_to)
    lines = "; ".join(f"echo '{each}' >> {file}" for each in named)
    return BadInput(
        asked, body=listed, next_command=f"{lines}   # then run again with --answers {file}; or tick what is done"
    )


def done_tasks(plan: Plan) -> list[PlannedTask]:
    """The tasks that are ticked, and what a box says beside its sub-tasks where all of these are ticked."""
    return [task for task in plan.tasks if is_done(task) or _is_of_done_ones(plan, task)]


def _is_of_done_ones(plan: Plan, task: PlannedTask) -> bool:
    """Whether it has no box, and the tasks below the box that it belongs to are done."""
    if task.kind != "task" or any(task.boxes()):
        return False
    below = [each for each in plan.tasks if each.inside[: len(task.inside)] == task.inside and any(each.boxes())]
    return bool(below) and all(map(is_done, below))


def is_done(task: PlannedTask) -> bool:
    """Whether all of its boxes are ticked, and it has some."""
    boxes = list(task.boxes())
    return bool(boxes) and all(box.done for box in boxes)


def is_begun(task: PlannedTask) -> bool:
    """Whether it is begun, and not done."""
    return any(box.done or box.state in QUEUED for box in task.boxes()) and not is_done(task)


def adopt_question(plan: Plan, done: list[PlannedTask]) -> Question:
    """Whether these tasks, which are ticked, are taken over."""
    listed = "\n".join(
        f"  {as_name(plan.runbook)}:{task.line}: {number_and_title(task.id, task.title)}" for task in done
    )
    return Question(
        ADOPT,
        f"{counted(len(done), 'task')} of {as_name(plan.runbook)} {'is' if len(done) == 1 else 'are'} "
        f"done already:\n{listed}\n"
        "Take them over as done?",
        choices=(ADOPT, "refuse"),
        suggest=False,
    )


def begun_question(plan: Plan, begun: Sequence[PlannedTask]) -> Question:
    """Whether tasks of which a part is ticked are done in this run: of one by its name, of several at once."""
    lines = [f"{as_name(plan.runbook)}:{task.line}: {task.label} is begun ({_marks(task)})" for task in begun]
    what = "what is left of it" if len(begun) == 1 else "what is left of them"
    asked = f"Is {what} to be done in this run? Or stop, and tick first what is done already."
    text = (
        f"{lines[0]}. {asked}"
        if len(begun) == 1
        else "\n".join([f"{counted(len(begun), 'task is', 'tasks are')} begun:", *lines, asked])
    )
    name = f"begun-{begun[0].asked_as}" if len(begun) == 1 else BEGUN
    return Question(name, text, choices=(TO_DO, STOP), suggest=False)


def _marks(task: PlannedTask) -> str:
    return "".join(f"[{box.state}]" for box in task.boxes())


def _say(question: Question, settings: Settings, person: Person) -> str:
    """The answer. Raises BadInput when nobody gives one, or one that is none of the choices."""
    given, file = settings.answers.get(question.name), path_word(settings.file_to_add_to)
    if given is None:
        answered = person.ask(question, None)
        if answered is None:
            asked, _, listed = question.text.partition("\n")
            raise BadInput(
                asked,
                body=listed,
                next_command=f"echo '{question.name}: {question.choices[0]}' >> {file}   # or: "
                f"{', '.join(question.choices[1:])}; then run again with --answers {file}"
                ", or with --adopt",
            )
        given = answered[0]
    if given not in question.choices:
        raise BadInput(
            f"{question.name}: expected {' or '.join(question.choices)}, seen {given!r}",
            next_command=f"echo '{question.name}: {question.choices[0]}' >> {file}   # take the other out",
        )
    return given
