"""What does a task's commit say first? Light: `plan` needs no more of a commit."""

from __future__ import annotations

from state.commit_template import fill
from state.errors import BadInput
from state.model import Plan, PlannedTask
from state.printable import printable_line
from workflow.runs.workflow_catalog import slug_of_plan

_CONTROLS = dict.fromkeys([*range(32), 127], " ")


def commit_message(plan: Plan, task: PlannedTask, template: str = "", *, skipped: bool = False) -> str:
    """The subject of the task's commit: the runbook's own words, else the template's, else `<name> task <id>: <title>`.

    A template (`commit` in phasegate.yaml) has `{name}`, `{id}`, `{title}`; a task without an id gives its key. One
    that was skipped says so.

    It neither begins nor ends with a blank, and has no control characters: git would keep another one than was meant.
    Other characters that are not seen as themselves become escapes (`state/printable.py`).

    Raises BadInput for a template that `fill` does not take.
    """
    name = slug_of_plan(plan)
    if task.commit_message:
        message = task.commit_message
    elif template:
        try:
            message = fill(template, {"name": name, "id": task.id or task.key, "title": task.title})
        except ValueError as error:
            raise BadInput(
                f"the template of commit messages {template[:200]!r} is refused: {error}",
                next_command="$EDITOR phasegate.yaml   # docs/approvals.md has every setting",
            ) from error
    else:
        message = f"{name} task {task.id}: {task.title}" if task.id else f"{name}: {task.title}"
    message = message.translate(_CONTROLS)
    if plan.grammar > 1:  # runs of 0.1 keep the message that their journal names
        message = printable_line(message)
    message = message.strip()
    return f"{message} (skipped)" if skipped else message
