"""How do the lines of a difference stand beside each other? What was on the left, what is now on the right. Pure.

Rules:
- A block keeps the order of git's lines: read one below the other it is the unified difference.
- Which side a line stands on is said with the line; what both versions have is on both.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Literal

Kind = Literal["added", "removed", "same", "place", "remark"]
Side = Literal["old", "new", "both"]

_KINDS: dict[str, Kind] = {"+": "added", "-": "removed", "@": "place", "\\": "remark"}
_SIDES: dict[Kind, Side] = {"added": "new", "removed": "old", "same": "both", "place": "both"}


@dataclass(frozen=True, slots=True)
class DiffLine:
    """A line of a difference, without its sign.

    Attributes:
        kind: `added`, `removed`, `same`, `place` (where it is) or `remark` (git's, about the line before).
        side: the version that has it: `old`, `new` or `both`.
    """

    kind: Kind
    sign: str
    text: str
    side: Side


@dataclass(frozen=True, slots=True)
class DiffBlock:
    """Lines that stand together: a change, with what was and what is, or what is the same on both sides."""

    is_change: bool
    lines: Sequence[DiffLine]


def diff_lines(lines: Sequence[str]) -> list[DiffLine]:
    """Lines of a unified difference, each with its sign and its side."""
    return list(_lines(lines))


def _lines(lines: Sequence[str]) -> Iterator[DiffLine]:
    side: Side = "both"
    for line in lines:
        kind = _KINDS.get(line[:1], "same")
        side = _SIDES.get(kind, side)  # a remark stands where the line before it does
        sign, text = ("", line) if kind == "place" else (line[:1], line[1:])
        yield DiffLine(kind, sign, text, side)


def diff_blocks(lines: Sequence[DiffLine]) -> list[DiffBlock]:
    """The lines in blocks, each of which is all change, or all the same."""
    return [DiffBlock(change, tuple(each)) for change, each in groupby(lines, lambda line: line.side != "both")]


def is_one_sided(lines: Sequence[DiffLine]) -> bool:
    """Whether there is nothing to put beside it: the file is new, or gone, as a whole."""
    sides = {line.side for line in lines if line.kind != "place"}
    return sides in ({"old"}, {"new"})
