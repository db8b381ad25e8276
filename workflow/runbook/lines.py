"""What is on each line of a runbook? Lines with their byte offset, indentation and kind; fences, comments, headings.

Rules:
- Split on LF only; a CR stays with its line. Offsets are bytes. One pass, linear.
- A fence is a run of at least three backticks or tildes, at any indentation; it is closed by a run of the same
  character that is at least as long. Without one it reaches to the end of the file.
- Front matter counts at the very beginning only, and only when it is closed.
- Bytes that are not UTF-8 are shown as `\\xff` and reported; they stay as they are in the file.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from dataclasses import dataclass, field
from itertools import accumulate
from typing import NamedTuple

from workflow.runbook.excerpt import BOM
from workflow.runbook.report import Report

_GATE_WORDS = ("permission", "proceed", "approval", "[human]")

# What a line is. Code, comment and front matter are never looked into for tasks.
BLANK, PROSE, BULLET, HEADING, TABLE, QUOTE, FENCE, CODE, COMMENT, FRONT = range(10)
HIDDEN = frozenset({FENCE, CODE, COMMENT, FRONT})

_FENCE = re.compile(r"(?:(?:[-*+]|\d{1,9}[.)])[ \t]+)*(?:(`{3,})([^`]*)|(~{3,})(.*))$")
_BULLET = re.compile(r"[-*+](?:[ \t]|$)|\d{1,9}[.)](?:[ \t]|$)")
CODE_SPAN = re.compile(r"(?<!`)(`++)([^`]+)\1(?!`)")


class Heading(NamedTuple):
    """A heading outside of fences and comments: `row` counts lines from 0, `level` is 1 to 6."""

    row: int
    level: int
    text: str


@dataclass(slots=True)
class Lines:
    """A runbook's lines; all lists run in parallel and count from 0.

    Attributes:
        text: decoded, without LF and CR, without the BOM.
        data: the runbook's bytes.
        starts: byte offset of each line, and of the end.
        kinds: one of the constants above.
        indents: columns before the first character, tabs to multiples of four; -1 for a blank line.
        headings: those that structure the document.
        fences: info word by the index of the opening line.
        fence_ends: index of the last line of the fence, by the index of its opening line.
        cut: line from which everything was swallowed by an unclosed fence or comment, or None; `cut_by` names it.
        may_have_gates: whether any of the words of a gate occurs; looked up once, since most runbooks have none.
    """

    text: list[str]
    data: bytes
    starts: list[int]
    kinds: list[int] = field(default_factory=list)
    indents: list[int] = field(default_factory=list)
    headings: list[Heading] = field(default_factory=list)
    fences: dict[int, str] = field(default_factory=dict)
    fence_ends: dict[int, int] = field(default_factory=dict)
    cut: int | None = None
    cut_by: str = ""
    may_have_gates: bool = False

    def __len__(self) -> int:
        return len(self.text)

    def raw(self, index: int) -> bytes:
        """The line's bytes, without LF."""
        return self.data[self.starts[index] : self.starts[index + 1] - 1]


def scan(data: bytes, report: Report) -> Lines:
    """The lines of a runbook. Reports bytes that are not UTF-8; leaves an unclosed fence to the caller (`cut`)."""
    ends = accumulate(map(len, data.split(b"\n")), initial=0)
    starts = [end + number for number, end in enumerate(ends)]  # each line before has an LF
    bom = data.startswith(BOM)
    decoded = _decode(data[len(BOM) :] if bom else data, report)
    text = decoded.split("\n")
    if "\r" in decoded:
        text = [line[:-1] if line.endswith("\r") else line for line in text]
    if not text[-1] and len(text) > 1:
        del text[-1]
    lines = Lines(text=text, data=data, starts=starts)
    lines.may_have_gates = may_be_gate(decoded)
    _classify(lines)
    return lines


def _decode(data: bytes, report: Report) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        column = error.start - data.rfind(b"\n", 0, error.start)
        report.warn(
            "not-utf8", line, f"byte 0x{data[error.start]:02x} is not UTF-8; it is kept as it is", column=column
        )
        return data.decode("utf-8", "backslashreplace")


def may_be_gate(text: str) -> bool:
    """Whether any of the words that every gate has occurs: a quick look before the patterns are tried."""
    lower = text.lower()
    return "STOP" in text or any(word in lower for word in _GATE_WORDS)


def _classify(lines: Lines) -> None:
    kinds, indents, text = lines.kinds, lines.indents, lines.text
    index = _front_matter(lines)
    comments = _Comments(text)
    total = len(text)
    list_indent = -1  # of the innermost bullet above; a heading deeper than that belongs to the list's text
    while index < total:
        line = text[index]
        stripped = line.lstrip(" \t")
        if not stripped or stripped.isspace():
            kinds.append(BLANK)
            indents.append(-1)
            index += 1
            continue
        indent = len(line) - len(stripped)
        if "\t" in line[:indent]:
            indent = len(line[:indent].expandtabs(4))
        indents.append(indent)
        first = stripped[0]
        if ("```" in stripped or "~~~" in stripped) and (fence := _FENCE.match(stripped)):
            index = _fence(lines, index, fence)
            continue
        if first == "<" and stripped.startswith("<!--"):
            kinds.append(COMMENT)
            end = comments.end(index, stripped)
            if end >= total:
                lines.cut, lines.cut_by = index, "comment"
            index = _hide(lines, index + 1, end, COMMENT)
            continue
        kind = BULLET if first == "-" and stripped[1:2] == " " else _kind(first, stripped)
        if kind == BULLET:
            list_indent = indent
        elif kind == HEADING and (indent == 0 or (indent <= 3 and not 0 <= list_indent < indent)):
            lines.headings.append(_heading(index, stripped))
            list_indent = -1
        elif indent == 0:
            list_indent = -1
        kinds.append(kind)
        index += 1
        if "<!--" in stripped:
            index = _hide(lines, index, comments.end(index - 1, stripped), COMMENT)


def _kind(first: str, stripped: str) -> int:
    if first in "-*+0123456789":
        return BULLET if _BULLET.match(stripped) else PROSE
    if first == "#":
        after = stripped.lstrip("#")
        return HEADING if len(stripped) - len(after) <= 6 and after[:1] in ("", " ", "\t") else PROSE
    if first == "|":
        return TABLE
    return QUOTE if first == ">" else PROSE


def _heading(index: int, stripped: str) -> Heading:
    after = stripped.lstrip("#")
    title = without_comments(after)
    unclosed = title.rstrip("#")
    if not unclosed or unclosed[-1] in " \t":  # `## Title ##`
        title = unclosed.rstrip()
    return Heading(index, len(stripped) - len(after), title)


def without_comments(text: str) -> str:
    """A line's text without the comments that begin and end in it."""
    if "<!--" not in text:
        return text.strip()
    kept = []
    at = 0
    while (start := text.find("<!--", at)) >= 0 and (end := text.find("-->", start)) >= 0:
        kept.append(text[at:start])
        at = end + len("-->")
    return "".join([*kept, text[at:]]).strip()


def _front_matter(lines: Lines) -> int:
    """Hide YAML front matter; the index of the line after it."""
    if lines.text[0].rstrip() != "---":
        return 0
    for index in range(1, len(lines.text)):
        if lines.text[index].rstrip() in ("---", "..."):
            return _hide(lines, 0, index, FRONT)
    return 0


def _hide(lines: Lines, first: int, last: int, kind: int) -> int:
    """Give lines `first` to `last` this kind; the index of the line after them."""
    last = min(last, len(lines.text) - 1)
    for index in range(first, last + 1):
        lines.kinds.append(kind)
        lines.indents.append(0 if lines.text[index].strip() else -1)
    return last + 1


def _fence(lines: Lines, index: int, opening: re.Match[str]) -> int:
    """Take a fence whole; the index of the line after it."""
    run = opening[1] or opening[3]
    lines.kinds.append(FENCE)
    lines.fences[index] = ((opening[2] or opening[4] or "").strip().split() or [""])[0]
    mark, length, total, text = run[0], len(run), len(lines.text), lines.text
    end = index + 1
    while end < total:
        line = text[end]
        if mark in line:
            bare = line.strip()
            if len(bare) >= length and not bare.strip(mark):
                break
        end += 1
    lines.fence_ends[index] = min(end, total - 1)
    if end >= total:
        lines.cut, lines.cut_by = index, "fence"
    return _hide(lines, index + 1, end, CODE)


class _Comments:
    """Finds where comments end, looking at each line once however many comments begin."""

    def __init__(self, text: list[str]) -> None:
        self._text = text
        self._closings: list[int] | None = None
        self._blanks: list[int] | None = None

    def end(self, index: int, stripped: str) -> int:
        """Index of the last line of the comments that begin on this line (the line itself when they end on it).

        At the beginning of a line a comment reaches to its closing mark, or to the end of the file. Inside a line
        it must be closed before the next blank line, or it is plain text.
        """
        if stripped.startswith("<!--"):
            if "-->" in stripped[4:]:
                return index
            closing = self._next(index + 1)
            return len(self._text) if closing is None else closing
        bare = CODE_SPAN.sub("", stripped)
        opening = bare.rfind("<!--")
        if opening < 0 or "-->" in bare[opening:]:
            return index
        closing = self._next(index + 1)
        if self._blanks is None:
            self._blanks = [number for number, line in enumerate(self._text) if not line.strip()]
        where = bisect_left(self._blanks, index)
        blank = self._blanks[where] if where < len(self._blanks) else len(self._text)
        return closing if closing is not None and closing < blank else index

    def _next(self, index: int) -> int | None:
        if self._closings is None:
            self._closings = [number for number, line in enumerate(self._text) if "-->" in line]
        where = bisect_left(self._closings, index)
        return self._closings[where] if where < len(self._closings) else None
