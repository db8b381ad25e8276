"""How does a page, or a diff, fit the width of a terminal? Its lines, wrapped; nothing is cut or left out.

Rules:
- Markdown is not rendered: a comment, a tag or the target of a link would be hidden. Only tables of ours get another
  form: aligned where they fit, else a block for each row, a line for each cell (of two columns, a line for each row).
- What goes on in the next line is indented, and stays in its quote: no width makes a foreign text begin a line of ours.
rich is imported on first use.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from unicodedata import category

from workflow.doors.columns import columns

NARROWEST = 8  # columns that are left to a text, however deep it is indented
CONTINUED = "\N{DOWNWARDS ARROW WITH TIP RIGHTWARDS} "  # begins what goes on of a diff's line: no line of git's does

_PREFIX = re.compile(r"((?:> ?)*)( *(?:[-*] |\d{1,4}\. )?)")
_RULE = re.compile(r"\|(?: --- \|)+")
_CLOSING = frozenset("`.,;:!?'\"\u3001\u3002\uff0c\uff0e\uff1a\uff1b\uff01\uff1f")  # with those of East Asian scripts
_BORDER = re.compile(r"(?<!\\)\|")


def page_lines(page: str, width: int) -> Iterator[str]:
    """The page in lines of at most `width` columns."""
    lines = page.rstrip("\n").split("\n")
    at = 0
    while at < len(lines):
        rows = _table(lines[at:])
        if rows:
            quoted = _quote_of(lines[at])
            for line in _table_lines(
                rows, width - len(quoted), after_blank=not lines[at - 1].removeprefix(quoted).strip()
            ):
                yield from _wrapped(quoted + line, width)
            at += len(rows) + 1
        else:
            yield from _wrapped(lines[at], width)
            at += 1


def diff_lines(line: str, width: int) -> Iterator[str]:
    """One line of a diff in lines of at most `width` columns, with every CR shown."""
    from state.printable import printable_line

    first, *more = _folded(printable_line(line), width, width - len(CONTINUED))
    yield first
    yield from (CONTINUED + each for each in more)


def _wrapped(line: str, width: int) -> Iterator[str]:
    match = _PREFIX.match(line)
    assert match is not None  # it takes an empty text
    quote, indent = match.groups()
    if len(quote) + len(indent) > max(width - NARROWEST, 0):
        quote, indent = quote[:2], ""
    begin = quote + indent
    goes_on = quote + " " * (len(indent) + 2)
    first, *more = _folded(line[len(begin) :], width - len(begin), width - len(goes_on))
    yield begin + first
    yield from (goes_on + each for each in more)


def _folded(text: str, width: int, further: int) -> list[str]:
    """The text in pieces: the first of `width` columns, the others of `further`; at blanks, else within words."""
    pieces: list[str] = []
    text, start, room = text.expandtabs(4), 0, max(width, NARROWEST)
    while (end := _fits(text, start, room)) < len(text):
        blank = text.rfind(" ", start + 1, end + 1)
        if blank > 0 and text[start:blank].strip():
            end = blank
        else:
            end = _within(text, start, end)
        pieces.append(text[start:end])
        start = end + (text[end] == " ")
        room = max(further, NARROWEST)
    return [*pieces, text[start:]]


def _within(text: str, start: int, end: int) -> int:
    """Where a text without a blank is broken: before `end`, where what closes it, a backtick say, would stand alone."""
    at = end
    while at > start + 1 and text[at] != " " and (text[at] in _CLOSING or category(text[at]) in {"Pe", "Pf"}):
        at -= 1
    if at == end:
        return end
    path = text.rfind("/", start + 1, at) + 1
    return path if path > start + (at - start) // 2 else at


def _fits(text: str, start: int, room: int) -> int:
    """Where the text that begins at `start` fills `room` columns; at least one character further."""
    if text[start : start + room + 1].isascii():
        return min(start + room, len(text))
    used = 0
    for at in range(start, min(len(text), start + 2 * room)):
        used += columns(text[at])
        if used > room:
            return max(at, start + 1)
    return min(len(text), start + 2 * room)


def _quote_of(line: str) -> str:
    match = _PREFIX.match(line)
    return match.group(1) if match else ""


def _table(lines: Sequence[str]) -> list[list[str]]:
    """The header and the rows of the table that the lines begin with; none where it is no whole table."""
    quoted = _quote_of(lines[0])
    if len(lines) < 2 or not _RULE.fullmatch(lines[1].removeprefix(quoted)) or not lines[1].startswith(quoted):
        return []
    rows = [_cells(lines[0].removeprefix(quoted))]
    for line in lines[2:]:
        if not line.startswith(f"{quoted}|"):
            break
        rows.append(_cells(line.removeprefix(quoted)))
    return rows if all(row and len(row) == len(rows[0]) for row in rows) else []


def _cells(line: str) -> list[str]:
    before, *cells, after = _BORDER.split(line) if line.count("|") > 1 else ("-", "")
    return [] if before or after else [cell.strip().replace("\\|", "|").replace("<br>", "; ") for cell in cells]


def _table_lines(rows: Sequence[Sequence[str]], width: int, *, after_blank: bool) -> Iterator[str]:
    widths = [max(map(columns, column)) for column in zip(*rows, strict=True)]
    header, *body = rows
    if sum(widths) + 3 * len(widths) + 1 <= width:
        return _aligned((header, ["-" * each for each in widths], *body), widths)
    if len(header) == 2:
        return (f"- {name}: {cell}".rstrip() for name, cell in body)
    return _row_blocks(header, body, after_blank=after_blank)


def _aligned(rows: Sequence[Sequence[str]], widths: Sequence[int]) -> Iterator[str]:
    """A line for each row, its cells as wide as their column."""
    for row in rows:
        padded = (cell + " " * (room - columns(cell)) for cell, room in zip(row, widths, strict=True))
        yield f"| {' | '.join(padded)} |"


def _row_blocks(header: Sequence[str], body: Sequence[Sequence[str]], *, after_blank: bool) -> Iterator[str]:
    """A block for each row, with a blank line in front, and in it a line for each cell."""
    for number, row in enumerate(body):
        if number or not after_blank:
            yield ""
        for at, (name, cell) in enumerate(zip(header, row, strict=True)):
            yield f"{'  ' if at else '- '}{name}: {cell}".rstrip()
