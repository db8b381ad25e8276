"""A runbook of which something is done already: what does a new run take over?

Rules:
- Nothing is taken over unseen: a person says so at the terminal, in the answers file or by `--adopt`, and the run's
  first approver is shown the list.
- A task counts as done when all of its boxes are ticked, its items' and the parents' that it closes among them.
- What a step of phasegate's own would have found out cannot be taken over: later steps need it.
"""

from __future__ import annotations

from collections.abc import Mapping
from shlex import quote

from phases.step import Question, Workflow
from state.counted import counted
from state.errors import BadInput
from state.model import Plan, PlannedTask
from workflow.ports import Person

ADOPT = "adopt"
QUEUED = "-~"  # states of a box that somebody has begun or lined up


def adopted_tasks(plan: Plan, workflow: Workflow, answers: Mapping[str, str], person: Person) -> list[str]:
    """Keys of the tasks that the run takes over as done, in order; empty for a runbook that is not begun.

    `answers` are those given beforehand, by question.

    Raises BadInput when the person says no, or nobody says anything; for tasks that cannot be taken over; and when
    nothing is left to do.
    """
    runbook = quote(plan.runbook)
    done = [task for task in plan.tasks if _is_done(task)]
    begun = [task for task in plan.tasks if task not in done and _is_begun(task)]
    if not done and not begun:
        return []
    bound = [task for task in (*done, *begun) if workflow.step_for(task) is not None]
    if bound:
        raise BadInput(
            f"{plan.runbook} is half done: {', '.join(task.label for task in bound)} are begun or ticked; phasegate "
            "does these itself, and this run has no record of them",
            next_command=f"git -P log --oneline -- {runbook}   # untick them, or run a fresh copy of the runbook",
        )
    for task in begun:
        if _say(_begun_question(plan, task), answers, person) == "done":
            raise BadInput(
                f"{plan.runbook}:{task.line}: {task.label} is done, says the answer, and its boxes are not all ticked",
                next_command=f"$EDITOR {runbook} && git commit -m 'Tick what is done' -- {runbook}",
            )
    if len(done) == len(plan.tasks):
        raise BadInput(f"{plan.runbook} is done: every task is ticked", next_command=f"phasegate plan {runbook}")
    if done and _say(_question(plan, done), answers, person) != ADOPT:
        raise BadInput(
            f"{plan.runbook} is half done, and what is ticked was not taken over; nothing was started",
            next_command=f"phasegate plan {runbook}   # shows what is ticked; untick it, or run again with --adopt",
        )
    return [task.key for task in done]


def _is_done(task: PlannedTask) -> bool:
    boxes = list(task.boxes())
    return bool(boxes) and all(box.done for box in boxes)


def _is_begun(task: PlannedTask) -> bool:
    return any(box.done or box.state in QUEUED for box in task.boxes())


def _question(plan: Plan, done: list[PlannedTask]) -> Question:
    listed = "\n".join(f"  {plan.runbook}:{task.line}: {task.id} {task.title}" for task in done)
    return Question(
        ADOPT,
        f"{counted(len(done), 'task')} of {plan.runbook} {'is' if len(done) == 1 else 'are'} done already:\n{listed}\n"
        "Take them over as done?",
        choices=(ADOPT, "refuse"),
        suggest=False,
    )


def _begun_question(plan: Plan, task: PlannedTask) -> Question:
    marks = "".join(f"[{box.state}]" for box in task.boxes())
    return Question(
        f"begun-{task.key.replace('_', '-')}",
        f"{plan.runbook}:{task.line}: {task.label} is begun ({marks}). Is it done, or is it to be done in this run?",
        choices=("to-do", "done"),
        suggest=False,
    )


def _say(question: Question, answers: Mapping[str, str], person: Person) -> str:
    """The answer. Raises BadInput when nobody gives one, or one that is none of the choices."""
    given = answers.get(question.name)
    if given is None:
        answered = person.ask(question, None)
        if answered is None:
            asked, _, listed = question.text.partition("\n")
            raise BadInput(
                asked,
                body=listed,
                next_command=f"echo '{question.name}: {question.choices[0]}' >> answers.yaml   # or: "
                f"{', '.join(question.choices[1:])}; then run again with --answers answers.yaml"
                + (", or with --adopt" if question.name == ADOPT else ""),
            )
        given = answered[0]
    if given not in question.choices:
        raise BadInput(
            f"{question.name}: expected {' or '.join(question.choices)}, seen {given!r}",
            next_command=f"echo '{question.name}: {question.choices[0]}' >> answers.yaml   # take the other out",
        )
    return given
