"""Which headings stand above a line, and how far do a section and a box's own lines reach?

Rules:
- A heading ends the list before it. A section's own lines end at the next heading of any level, the section itself
  at the next one that is not deeper.
- Lines belong to a box by indentation, across blank lines (grammar 1: up to five of them); a plain line that follows
  without a blank one is a wrap, even when it is not indented. In a task list so does a fence with nothing but blank
  lines between.
"""

from __future__ import annotations

from bisect import bisect_left

from state.cheap_classes import NamedTuple, dataclass
from workflow.runbook.boxes import BoxLine
from workflow.runbook.details import begins_anew, is_requirement
from workflow.runbook.lines import BLANK, BULLET, COMMENT, FENCE, PROSE, Heading, Lines

MAX_BLANK_LINES = 5  # of grammar 1


@dataclass(slots=True)
class Section:
    """A heading with what is below it.

    Attributes:
        heading: None for the lines before the first heading.
        path: titles of the headings above and of this one, outermost first.
        chain: indices of the sections above and of this one, outermost first.
        first: index of its first line (the heading's).
        own_end: index after its last line before the next heading.
        end: index after its last line, deeper sections included.
    """

    heading: Heading | None
    path: tuple[str, ...]
    chain: tuple[int, ...]
    first: int
    own_end: int
    end: int

    @property
    def above(self) -> int:
        """The number of the section that it is in; 0 for an outermost one."""
        return self.chain[-2] if len(self.chain) > 1 else 0


class Document(NamedTuple):
    """A scanned runbook: lines, live boxes in order, sections in order, and the index of each box's section."""

    lines: Lines
    boxes: list[BoxLine]
    sections: list[Section]
    section_of: list[int]

    @property
    def title(self) -> str:
        """The first heading's text, or ""."""
        return self.sections[1].path[-1] if len(self.sections) > 1 else ""

    @property
    def title_level(self) -> int:
        """The level of the first heading; 0 where there is none."""
        heading = self.sections[1].heading if len(self.sections) > 1 else None
        return heading.level if heading else 0

    def orders_in(self, first: int, end: int) -> range:
        """Numbers of the boxes on the lines with index `first` up to `end`."""
        lower = bisect_left(self.boxes, first, key=_line)
        return range(lower, bisect_left(self.boxes, end, lo=lower, key=_line))

    def boxes_in(self, first: int, end: int) -> list[BoxLine]:
        """Boxes on the lines with index `first` up to `end`."""
        orders = self.orders_in(first, end)
        return self.boxes[orders.start : orders.stop]


def _line(box: BoxLine) -> int:
    return box.row


def outline(lines: Lines, boxes: list[BoxLine]) -> Document:
    """Sections and which box stands in which."""
    total = len(lines)
    sections = [Section(None, (), (), 0, total, total)]
    open_: list[int] = []
    for heading in lines.headings:
        sections[-1].own_end = heading.row
        while open_ and sections[open_[-1]].heading.level >= heading.level:  # type: ignore[union-attr]
            sections[open_.pop()].end = heading.row
        above = sections[open_[-1]] if open_ else sections[0]
        number = len(sections)
        sections.append(
            Section(heading, (*above.path, heading.text), (*above.chain, number), heading.row, total, total)
        )
        open_.append(number)
    section_of, current = [], 0
    for box in boxes:
        while current + 1 < len(sections) and sections[current + 1].first < box.row:
            current += 1
        section_of.append(current)
    return Document(lines, boxes, sections, section_of)


def last_line_of_task(lines: Lines, box: BoxLine, limit: int) -> int:
    """As `last_own_line`, for a box of a task list: a fence directly below it is its own, across blank lines, too."""
    return last_own_line(lines, box, limit, fence_behind_blanks=lines.grammar.fences_behind_blanks)


def last_own_line(
    lines: Lines, box: BoxLine, limit: int, *, with_fence: bool = True, fence_behind_blanks: bool = False
) -> int:
    """Index of the last line that belongs to a box; `limit` is the index of the next box or heading.

    `with_fence` takes a fence that is not indented but follows without a blank line, `fence_behind_blanks` any that
    only blank lines part from the lines of the box.
    """
    kinds, indents, last = lines.kinds, lines.indents, box.row
    blanks, paragraph = 0, True
    most_blanks = limit if lines.grammar.details_across_blanks else MAX_BLANK_LINES
    index = last + 1
    while index < limit:
        kind = kinds[index]
        if kind == BLANK:
            blanks += 1
            paragraph = False
            if blanks > most_blanks:
                break
        elif indents[index] > box.indent or _goes_on(
            lines, index, kind, paragraph, fence=fence_behind_blanks or (with_fence and blanks == 0)
        ):
            if kind == FENCE:
                index = lines.fence_ends[index]
            last, blanks = index, 0
            paragraph = kind in (PROSE, BULLET)
        elif kind != COMMENT:
            break
        index += 1
    return last


def _goes_on(lines: Lines, index: int, kind: int, paragraph: bool, *, fence: bool) -> bool:
    if kind == FENCE:
        return fence
    if kind != PROSE or not paragraph:
        return False
    text = lines.text[index].strip()
    return not begins_anew(text) or is_requirement(text)


def text_of(lines: Lines, first: int, last: int, boxes: list[BoxLine]) -> str:
    """The lines with index `first` to `last` as written, with the state of these boxes replaced by a space."""
    text = lines.written[first : last + 1]
    for box in boxes:
        line = lines.written[box.row]
        text[box.row - first] = f"{line[: box.column]} {line[box.column + 1 :]}"
    return "\n".join(text)


def last_text_line(lines: Lines, first: int, end: int) -> int:
    """Index of the last line before `end` that is not blank, at least `first`."""
    last = end - 1
    while last > first and lines.kinds[last] == BLANK:
        last -= 1
    return last
