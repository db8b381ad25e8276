"""How are a runbook's fields filled in without touching anything else? One layer over the ticks, taken off as laid.

Rules:
- A place is a line and a column of the runbook as it was read, where all fields are still underscores: boxes keep their
  places there, and ticks change no length. Values are laid over it last, and taken off before anything is compared.
- Columns are bytes from the line's first one, so they hold whichever line ends git has given the file.
- A line that is not what was filled in there is left alone: somebody changed it, and whoever compares reports that.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence

from state.cheap_classes import NamedTuple
from state.errors import BadInput, Problem
from state.model import Box
from state.task_fields import BLANK, TaskField

_BYTES = BLANK.pattern.encode()


class Fill(NamedTuple):
    """A value in the place of underscores: `line` from 1, `column` in bytes from 0, both in the runbook as read."""

    line: int
    column: int
    blank: bytes
    value: bytes


def fills_in(data: bytes, chosen: Iterable[tuple[TaskField, str]]) -> list[Fill]:
    """The places of these fields in the runbook `data`, which has none filled in, and their values.

    Raises BadInput where there are no underscores at a field's place: the file is not the one that was read.
    """
    lines, fills = data.split(b"\n"), []
    for field, value in chosen:
        line = lines[field.line - 1] if field.line <= len(lines) else b""
        blanks = list(re.finditer(_BYTES, line))
        if field.place >= len(blanks):
            raise BadInput(
                "fields were not filled in",
                problems=[Problem(f"line {field.line}", f"expected underscores for {field.label}, seen none")],
                next_command="git -P diff   # see what was changed",
            )
        blank = blanks[field.place]
        fills.append(Fill(field.line, blank.start(), blank[0], field.written(value)))
    return fills


def filled(data: bytes, fills: Sequence[Fill]) -> bytes:
    """The runbook with these values in the place of their underscores, where those are there."""
    return _by_line(data, fills, _fill_line)


def unfilled(data: bytes, fills: Sequence[Fill]) -> bytes:
    """The runbook with underscores in the place of these values, on each line that has all of its own."""
    return _by_line(data, fills, _empty_line)


def column_in(fills: Sequence[Fill], original: bytes, box: Box) -> int:
    """The column [bytes] of a box on its line, once these values are laid over `original`."""
    column = box.offset - (original.rfind(b"\n", 0, box.offset) + 1)
    before = (fill for fill in fills if fill.line == box.line and fill.column < column)
    return column + sum(len(fill.value) - len(fill.blank) for fill in before)


def _by_line(data: bytes, fills: Sequence[Fill], change: Callable[[bytes, Sequence[Fill]], bytes]) -> bytes:
    if not fills:
        return data
    lines = data.split(b"\n")
    for number, own in _lines_of(fills).items():
        if number <= len(lines):
            lines[number - 1] = change(lines[number - 1], own)
    return b"\n".join(lines)


def _lines_of(fills: Iterable[Fill]) -> Mapping[int, Sequence[Fill]]:
    found: dict[int, list[Fill]] = {}
    for fill in sorted(fills):
        found.setdefault(fill.line, []).append(fill)
    return found


def _fill_line(line: bytes, fills: Sequence[Fill]) -> bytes:
    for fill in reversed(fills):
        end = fill.column + len(fill.blank)
        if line[fill.column : end] == fill.blank:
            line = line[: fill.column] + fill.value + line[end:]
    return line


def _empty_line(line: bytes, fills: Sequence[Fill]) -> bytes:
    whole = line
    for fill in fills:  # those before it are underscores again, so its column is the one of the runbook as read
        end = fill.column + len(fill.value)
        if line[fill.column : end] != fill.value:
            return whole
        line = line[: fill.column] + fill.blank + line[end:]
    return line
