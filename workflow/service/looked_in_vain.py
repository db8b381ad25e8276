"""Which box does `done` say yes to although its own command failed, was left or edited, or is not run? That is refused.

Rules:
- What failed, or was not run, is no matter for the word of whoever did the work: an approver attests or waives it.
- Told before anything is recorded, as far as it can be told then; `BoxAnswers.checks` tells the rest.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from phases.manual.early_ends import before_its_end
from phases.manual.script_questions import question_name
from state.json_values import Fields
from state.model import PlannedTask
from state.task_boxes import boxes_of, own_commands
from state.task_state import TaskState, TaskStatus
from workflow.engine.looked_at_boxes import yes_refused
from workflow.views.box_view import BoxWord

NOT_RUN = "not run"
GOES_ON = ("again", "edit", "fill")  # answers to a failed command that have it run once more


def refuse_looked_in_vain(
    run_id: str,
    task: PlannedTask,
    state: TaskState,
    words: Sequence[BoxWord],
    answers: Mapping[str, str],
    once_more: str,
) -> None:
    """Raise BadAnswer for the first yes to such a box.

    `answers`: what this `done` says of the task's commands, its answers file before its options. `once_more`: that
    order as it was typed.
    """
    yes = {word.number for word in words if word.verdict == "attested"}
    for box in boxes_of(task):
        for number in own_commands(task, box) if box.number in yes else ():
            if why := _in_vain(task, number, state, answers):
                seen = f"command {number}: {task.commands[number - 1].first}: {why}"
                with_it = f"{once_more.rstrip()} --run {number}" if why.startswith(NOT_RUN) else ""
                raise yes_refused(run_id, box, f"--box {box.number}=yes", seen, with_it)


def is_to_run(task: PlannedTask, number: int, state: TaskState, answers: Mapping[str, str]) -> bool:
    """Whether this command, which this attempt has not begun, is said to be run: before, or by this `done`."""
    name = question_name(task, number)
    begun = state.status == TaskStatus.WORKING
    before = state.answers.get(name) if begun else None
    open_ = before is None or state.was_left_unnamed(name)
    return (answers.get(name, "skip") if open_ else before) != "skip"


def _in_vain(task: PlannedTask, number: int, state: TaskState, answers: Mapping[str, str]) -> str:
    """Why this command is known not to pass in this attempt; "" where it passed, or is to be run."""
    name = question_name(task, number)
    runs = _runs(state, number)
    if not runs:
        return "" if is_to_run(task, number, state, answers) else f"{NOT_RUN} (--run {number} runs it)"
    intent, result = runs[-1]
    if result is not None and (early := before_its_end(result)):
        return f"exit 0 {early}"
    if result is not None and result.get("exit_code") == 0:
        return "exit 0, edited" if intent.get("edited") else ""
    asked = f"{name}-failed-{len(runs)}"
    said = state.answers.get(asked) or answers.get(asked)
    if said in GOES_ON:
        return ""
    if said == "skip":
        return "left as it is"
    return "it was interrupted" if result is None else f"exit {result.get('exit_code')}"


def _runs(state: TaskState, number: int) -> list[tuple[Fields, Fields | None]]:
    """Each run of this command in this attempt, as intended and as it ended; a new attempt has run nothing."""
    if state.status != TaskStatus.WORKING:
        return []
    effects = [f"command-{number}", *(f"command-{number}-run-{run}" for run in range(2, len(state.effects) + 2))]
    return [state.effects[each] for each in effects if each in state.effects]
