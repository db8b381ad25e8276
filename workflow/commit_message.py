"""What does a task's commit say first? Light: `plan` needs no more of a commit."""

from __future__ import annotations

from state.model import Plan, PlannedTask


def commit_message(plan: Plan, task: PlannedTask) -> str:
    """The subject of the task's commit: the runbook's own words, else `<name> task <id>: <title>`."""
    if task.commit_message:
        return task.commit_message
    return f"{plan.name} task {task.id}: {task.title}" if task.id else f"{plan.name}: {task.title}"
