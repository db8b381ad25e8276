"""Which boxes of a task are answered each by itself, under which number, and which of them follow from others?

Rules:
- A task's items are counted from 1, in the order of the file: by that number `status`, refusals and `done --box` name
  them. The task's own box and those of its parents follow from the items.
- An item with boxes below it follows from those, and nobody is asked about it. What stands below what is told by
  indentation; a heading cuts through.
- Ids are of one task (`box 3`): events and evidence name the task beside them.
"""

from __future__ import annotations

from collections.abc import Sequence

from state.cheap_classes import NamedTuple
from state.late_pattern import late
from state.model import Item, PlannedTask

_HEADING = late(r"#{1,6}[ \t]")
LEFT_OPEN = "left to whoever approves"  # the answer of who did the work to a box that was looked at in vain
_FENCE = ("```", "~~~")
_TAB = 4  # columns


class TaskBox(NamedTuple):
    """A box that is answered by itself, or that follows from those below it.

    Attributes:
        number: among the task's items, from 1.
        below: the numbers of the boxes directly below it; it follows from them.
    """

    number: int
    item: Item
    below: tuple[int, ...]

    @property
    def id(self) -> str:
        """The item's id, in events and evidence of its task."""
        return box_id(self.number)

    @property
    def text(self) -> str:
        return self.item.text


def box_id(number: int) -> str:
    """The id of a task's item with this number."""
    return f"box {number}"


def box_question(task: PlannedTask, number: int) -> str:
    """The name by which an answers file answers it."""
    return f"{task.asked_as}-box-{number}"


def boxes_of(task: PlannedTask) -> tuple[TaskBox, ...]:
    """The task's items, numbered."""
    below: list[list[int]] = [[] for _item in task.items]
    open_: list[tuple[int, int]] = []  # indentation and place of the items that others may stand below
    lines, first = task.text.split("\n"), 0
    start = task.end_line - len(lines) + 1  # of the text's first line; a condition stands before the task's own lines
    for place, item in enumerate(task.items):
        row = item.box.line - start
        if _has_heading(lines[first:row]):
            open_.clear()
        first = row + 1
        indent = _indentation(lines[row]) if 0 <= row < len(lines) else 0
        while open_ and open_[-1][0] >= indent:
            open_.pop()
        if open_:
            below[open_[-1][1]].append(place + 1)
        open_.append((indent, place))
    return tuple(
        TaskBox(place + 1, item, tuple(numbers))
        for place, (item, numbers) in enumerate(zip(task.items, below, strict=True))
    )


def own_commands(task: PlannedTask, box: TaskBox) -> list[int]:
    """The numbers, from 1, of the task's commands that stand in this box."""
    own = {(command.line, command.text) for command in box.item.commands}
    return [number for number, each in enumerate(task.commands, 1) if (each.line, each.text) in own]


def _has_heading(lines: Sequence[str]) -> bool:
    """Whether a heading stands in these lines, which begin outside of a fence."""
    fenced = False
    for line in lines:
        bare = line.lstrip(" \t>")
        if bare.startswith(_FENCE):
            fenced = not fenced
        elif not fenced and _HEADING.match(bare):
            return True
    return False


def _indentation(line: str) -> int:
    """Columns before its first sign, those of a quote among them."""
    column = 0
    for sign in line:
        if sign == "\t":
            column += _TAB - column % _TAB
        elif sign in " >":
            column += 1
        else:
            break
    return column
