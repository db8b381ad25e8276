"""What does a task's commit say first? Light: `plan` needs no more of a commit."""

from __future__ import annotations

from state.model import Plan, PlannedTask

_CONTROLS = dict.fromkeys([*range(32), 127], " ")


def commit_message(plan: Plan, task: PlannedTask, template: str = "", *, skipped: bool = False) -> str:
    """The subject of the task's commit: the runbook's own words, else the template's, else `<name> task <id>: <title>`.

    It neither begins nor ends with a blank, and has no control characters: git would keep another one than was meant.
    A template (`commit` in phasegate.yaml) has `{name}`, `{id}`, `{title}`; a task without an id gives its key. One
    that was skipped says so.
    """
    if task.commit_message:
        message = task.commit_message
    elif template:
        message = template.format(name=plan.name, id=task.id or task.key, title=task.title)
    else:
        message = f"{plan.name} task {task.id}: {task.title}" if task.id else f"{plan.name}: {task.title}"
    message = message.translate(_CONTROLS).strip()
    return f"{message} (skipped)" if skipped else message
