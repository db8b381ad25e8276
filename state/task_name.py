"""What is a task called in a line of its own? Its number and its title, each once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # what people read is called so long before a plan is there
    from state.model import PlannedTask


def number_and_title(number: str, title: str) -> str:
    """`1.1 Build it`; the title alone where there is no number, or where it begins with it (`T-24h (optional)`)."""
    is_word = not number[:1].isdigit()  # "2" and "2 pods are up" are two things
    if title == number or (is_word and title.startswith(f"{number} ")):
        return title
    return f"{number} {title}".strip()


def name_among(tasks: Sequence[PlannedTask], task: PlannedTask) -> str:
    """Number and title of this one of them; with its line where another is called the same."""
    return _apart(tasks, task, number_and_title(task.id, task.title))


def label_among(tasks: Sequence[PlannedTask], task: PlannedTask) -> str:
    """The label of this one of them, likewise."""
    return _apart(tasks, task, task.label)


def _apart(tasks: Sequence[PlannedTask], task: PlannedTask, name: str) -> str:
    alike = [each for each in tasks if (each.id, each.title) == (task.id, task.title)]
    return f"{name} (line {task.line})" if len(alike) > 1 else name
