"""What is on each line of a runbook? Lines with their byte offset, indentation and kind; fences, comments, headings.

Rules:
- Split on LF only; a CR stays with its line, and is reported where Markdown would begin another (`lone_returns.py`).
  Offsets are bytes. One pass, linear.
- A fence is a run of at least three backticks or tildes, at any indentation; it is closed by a run of the same
  character that is at least as long. Without one it reaches to the end of the file.
- Front matter counts at the very beginning only, and only when it is closed.
- A step in a block quote or beside a wide blank is rewritten to its plain form first, sign for sign (`plain_lines.py`).
- Bytes that are not UTF-8 are shown as `\\xff` and reported; they stay as they are in the file.
"""

from __future__ import annotations

import re
from dataclasses import field
from itertools import accumulate

from state.cheap_classes import NamedTuple, dataclass
from state.late_pattern import late
from workflow.runbook.case_words import may_have_conditions
from workflow.runbook.comments import Comments, without_comments
from workflow.runbook.excerpt import BOM
from workflow.runbook.grammar import Grammar
from workflow.runbook.heading_text import heading_name
from workflow.runbook.lone_returns import report_lone_returns
from workflow.runbook.plain_lines import HAS_WIDE, PlainLine, columns, quoted_steps, with_plain_blanks, without_quote
from workflow.runbook.report import Report

_GATE_WORDS = ("permission", "proceed", "approval", "[human]")

# What a line is. Code, comment and front matter are never looked into for tasks.
BLANK, PROSE, BULLET, HEADING, TABLE, QUOTE, FENCE, CODE, COMMENT, FRONT = range(10)
HIDDEN = frozenset({FENCE, CODE, COMMENT, FRONT})

_FENCE = late(r"(?:(?:[-*+]|\d{1,9}[.)])[ \t]+)*(?:(`{3,})([^`]*)|(~{3,})(.*))$")
_BULLET = late(r"[-*+](?:[ \t]|$)|\d{1,9}[.)](?:[ \t]|$)")
_UNDERLINE = r" {0,3}(?:={2,}|-{2,})[ \t]*$"
_BEFORE_UNDERLINED = frozenset({BLANK, HEADING, CODE, FENCE, COMMENT, FRONT, TABLE})  # a paragraph begins behind these


class Heading(NamedTuple):
    """A heading outside of fences and comments: `row` counts lines from 0, `level` is 1 to 6."""

    row: int
    level: int
    text: str


@dataclass(slots=True)
class Lines:
    """A runbook's lines; all lists run in parallel and count from 0.

    Attributes:
        text: decoded, without LF and CR, without the BOM; steps in quotes and beside wide blanks in their plain form.
        written: the same as it stands in the file, sign for sign as long.
        data: the runbook's bytes.
        starts: byte offset of each line, and of the end.
        kinds: one of the constants above.
        indents: columns before the first character, tabs to multiples of four; -1 for a blank line.
        headings: those that structure the document.
        fences: info word by the index of the opening line.
        fence_ends: index of the last line of the fence, by the index of its opening line.
        cut: line from which everything was swallowed by an unclosed fence or comment, or None; `cut_by` names it.
        levels: of headings that are underlined, by their index.
        may_have_gates: whether any of the words of a gate occurs; looked up once, since most runbooks have none.
        may_have_wide, may_have_inputs, may_have_ifs: likewise for wide blanks, HTML boxes, lines that begin with If.
    """

    text: list[str]
    written: list[str]
    data: bytes
    starts: list[int]
    grammar: Grammar
    kinds: list[int] = field(default_factory=list)
    indents: list[int] = field(default_factory=list)
    headings: list[Heading] = field(default_factory=list)
    fences: dict[int, str] = field(default_factory=dict)
    fence_ends: dict[int, int] = field(default_factory=dict)
    cut: int | None = None
    cut_by: str = ""
    levels: dict[int, int] = field(default_factory=dict)
    may_have_gates: bool = False
    may_have_wide: bool = False
    may_have_inputs: bool = False
    may_have_ifs: bool = False

    def __len__(self) -> int:
        return len(self.text)

    def raw(self, index: int) -> bytes:
        """The line's bytes, without LF."""
        return self.data[self.starts[index] : self.starts[index + 1] - 1]

    def bytes_before(self, index: int, column: int) -> int:
        """How many bytes of a line stand before its sign `column`, from 0; a byte order mark is not counted."""
        before = self.written[index][:column]
        return column if before.isascii() else len(before.encode())


def scan(data: bytes, report: Report, grammar: Grammar) -> Lines:
    """The lines of a runbook. Reports bytes that are not UTF-8; leaves an unclosed fence to the caller (`cut`)."""
    ends = accumulate(map(len, data.split(b"\n")), initial=0)
    starts = [end + number for number, end in enumerate(ends)]  # each line before has an LF
    bom = data.startswith(BOM)
    decoded = _decode(data[len(BOM) :] if bom else data, report)
    text = _split(decoded)
    if grammar.lone_returns and "\r" in decoded:
        report_lone_returns(text, report)
    lines = Lines(text=text, written=text, data=data, starts=starts, grammar=grammar)
    lines.may_have_gates = may_be_gate(decoded)
    lines.may_have_wide = grammar.wide_blanks and not decoded.isascii() and HAS_WIDE.search(decoded) is not None
    lines.may_have_ifs = may_have_conditions(decoded)
    lines.may_have_inputs = grammar.all_odd_boxes and "<input" in decoded.lower()
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


def _split(decoded: str) -> list[str]:
    """The lines without their ends; nothing behind the last LF is no line, but of an empty file."""
    text = decoded.split("\n")
    if "\r" in decoded:
        text = [line.removesuffix("\r") for line in text]
    if not text[-1] and len(text) > 1:
        del text[-1]
    return text


def may_be_gate(text: str) -> bool:
    """Whether any of the words that every gate has occurs: a quick look before the patterns are tried."""
    lower = text.lower()
    return "STOP" in text or any(word in lower for word in _GATE_WORDS)


def _classify(lines: Lines) -> None:
    kinds, indents, text = lines.kinds, lines.indents, lines.text
    index = _front_matter(lines)
    comments, plain = Comments(text), _PlainForms(lines)
    total = len(text)
    list_indent = -1  # of the innermost bullet above; a heading deeper than that belongs to the list's text
    while index < total:
        stripped = text[index].lstrip(" \t")
        if stripped and (stripped[0] == ">" or lines.may_have_wide) and plain.take(index):
            stripped = text[index].lstrip(" \t")
        if not stripped or stripped.isspace():
            kinds.append(BLANK)
            indents.append(-1)
            index += 1
            continue
        indent = len(text[index]) - len(stripped)
        if "\t" in text[index][:indent]:
            indent = columns(text[index][:indent])
        if plain.indents:
            indent = plain.indents.get(index, indent)
        indents.append(indent)
        first = stripped[0]
        if ("```" in stripped or "~~~" in stripped) and (fence := _FENCE.match(stripped)):
            index = _fence(lines, index, fence)
            continue
        if first == "<" and stripped.startswith("<!--"):
            index = _comment(lines, index, comments.end(index, stripped))
            continue
        kind = BULLET if first == "-" and stripped[1:2] == " " else _kind(first, stripped)
        if kind == BULLET:
            list_indent = indent
        elif kind in (HEADING, PROSE) and (taken := _heading_lines(lines, plain, index, kind, stripped, list_indent)):
            list_indent = -1
            if taken > 1:
                index += taken
                continue
        elif indent == 0:
            list_indent = -1
        kinds.append(kind)
        index += 1
        if "<!--" in stripped:
            index = _hide(lines, index, comments.end(index - 1, stripped), COMMENT)


def _heading_lines(lines: Lines, plain: _PlainForms, index: int, kind: int, stripped: str, list_indent: int) -> int:
    """Take the heading on this line, if it structures the document; of how many lines it is, 0 for none.

    One in the text of a list's item or in a quote does not. The kinds of an underlined one are given here.
    """
    indent = lines.indents[index]
    if index in plain.quoted:
        return 0
    if kind == HEADING and (indent == 0 or (indent <= 3 and not 0 <= list_indent < indent)):
        lines.headings.append(Heading(index, *_heading(lines, stripped)))
        return 1
    if kind == PROSE and _is_underlined(lines, index, indent, list_indent):
        _take_underlined(lines, index, stripped)
        return 2
    return 0


class _PlainForms:
    """Rewrites lines that only look different.

    Attributes:
        quoted: indices of the lines in block quotes that have steps.
        indents: of the lines that were rewritten, in columns, by their index.
    """

    def __init__(self, lines: Lines) -> None:
        self.quoted: set[int] = set()
        self._lines = lines
        self.indents: dict[int, int] = {}
        self._words_until = 0  # the end of a block quote without steps, which is looked at once

    def take(self, index: int) -> bool:
        """Rewrite this line, and a block quote to its end; False when it is plain."""
        text = self._lines.text
        if index in self.indents:
            return False
        if not text[index].lstrip(" \t").startswith(">"):
            return self._rewrite(index, with_plain_blanks(text[index])) if not text[index].isascii() else False
        if index < self._words_until or not self._lines.grammar.quoted_boxes:
            return False
        begin, end = quoted_steps(text, index)
        self._words_until = begin
        for each in range(begin, end):
            self._rewrite(each, without_quote(text[each]))
        self.quoted.update(range(begin, end))
        return index >= begin < end

    def _rewrite(self, index: int, plain: PlainLine) -> bool:
        if self._lines.written is self._lines.text:
            self._lines.written = list(self._lines.text)
        self._lines.text[index], self.indents[index] = plain
        return True


def _comment(lines: Lines, index: int, end: int) -> int:
    """Take a comment whole; the index of the line after it."""
    lines.kinds.append(COMMENT)
    if end >= len(lines.text):
        lines.cut, lines.cut_by = index, "comment"
    return _hide(lines, index + 1, end, COMMENT)


def _is_underlined(lines: Lines, index: int, indent: int, list_indent: int) -> bool:
    """Whether this line is a paragraph of its own with `===` or `---` below it."""
    text = lines.text
    if (
        index + 1 >= len(text)
        or not lines.grammar.underlined_headings
        or text[index + 1].lstrip()[:1] not in ("=", "-")
    ):
        return False
    begins = not lines.kinds or lines.kinds[-1] in _BEFORE_UNDERLINED
    in_list = indent > 3 or 0 <= list_indent < indent
    return begins and not in_list and re.match(_UNDERLINE, text[index + 1]) is not None


def _take_underlined(lines: Lines, index: int, stripped: str) -> None:
    """Take an underlined heading: this line and the next one."""
    level = 1 if lines.text[index + 1].lstrip().startswith("=") else 2
    lines.headings.append(Heading(index, level, _name(lines, without_comments(stripped))))
    lines.levels[index] = level
    lines.kinds += (HEADING, BLANK)
    lines.indents.append(-1)


def _kind(first: str, stripped: str) -> int:
    if first in "-*+0123456789":
        return BULLET if _BULLET.match(stripped) else PROSE
    if first == "#":
        after = stripped.lstrip("#")
        return HEADING if len(stripped) - len(after) <= 6 and after[:1] in ("", " ", "\t") else PROSE
    if first == "|":
        return TABLE
    return QUOTE if first == ">" else PROSE


def _heading(lines: Lines, stripped: str) -> tuple[int, str]:
    """Level and name."""
    after = stripped.lstrip("#")
    title = without_comments(after)
    unclosed = title.rstrip("#")
    if not unclosed or unclosed[-1] in " \t":  # `## Title ##`
        title = unclosed.rstrip()
    return len(stripped) - len(after), _name(lines, title)


def _name(lines: Lines, title: str) -> str:
    return heading_name(title) if lines.grammar.bare_headings else title


def _front_matter(lines: Lines) -> int:
    """Hide front matter, YAML or TOML; the index of the line after it."""
    opening = lines.text[0].rstrip()
    if opening != "---" and not (opening == "+++" and lines.grammar.toml_front_matter):
        return 0
    closing = ("---", "...") if opening == "---" else ("+++",)
    for index in range(1, len(lines.text)):
        if lines.text[index].rstrip() in closing:
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
