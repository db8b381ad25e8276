"""What does a person leave out by leaving a task out? Its text, and how much in it stays open. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from state.counted import counted
from state.model import PlannedTask
from state.task_boxes import boxes_of
from state.task_fields import fields_of
from workflow.views.as_written import as_written


def leaves_out(task: PlannedTask) -> str:
    """`2 boxes stay open, 1 field (Closed by), and 1 command is not run.`; "" where there is nothing of it."""
    boxes, fields = boxes_of(task), fields_of(task)
    labels = ", ".join(each.label for each in fields)
    open_ = [counted(len(boxes), "box", "boxes")] if boxes else []
    open_ += [f"{counted(len(fields), 'field')} ({labels})"] if fields else []
    verb = "stays" if len(boxes) + len(fields) == 1 else "stay"
    told = [f"{' and '.join(open_)} {verb} open"] if open_ else []
    are = "is" if len(task.commands) == 1 else "are"
    told += [f"{counted(len(task.commands), 'command')} {are} not run"] if task.commands else []
    return f"{'; '.join(told)}." if told else ""


def text_left_out(tasks: Sequence[PlannedTask]) -> str:
    """The text of these tasks, as the runbook has it, each with how much of it stays open."""
    return "\n\n".join("\n\n".join(filter(None, (as_written(task).strip("\n"), leaves_out(task)))) for task in tasks)
