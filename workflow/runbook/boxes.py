"""Which lines carry a checkbox, and what is written after it? State, place, optional sign, id and title.

Rules:
- A box stands behind one or more bullets and is followed by a space, `*`, `\\*` or the end of the line.
- Known states: space, x, X, - and ~. Any other single character is unknown: kept, reported, never flipped; but for a
  letter that marks tasks elsewhere in the document (`- [ ] T2 [P] Copy`): such a line explains it and has no box.
- What only looks like a box (`[]`, `[x ]`, a table cell, an emoji) is reported by `odd_boxes.py`, never flipped.
"""

from __future__ import annotations

import hashlib
import re
from functools import cache

from state.cheap_classes import NamedTuple
from state.late_pattern import late
from state.model import BOX_STATES, Box
from workflow.runbook.case_words import is_optional
from workflow.runbook.comments import without_comments
from workflow.runbook.excerpt import BOM, quoted
from workflow.runbook.grammar import Grammar
from workflow.runbook.lines import BULLET, CODE, COMMENT, FENCE, FRONT, HIDDEN, Lines
from workflow.runbook.plain_lines import HAS_WIDE
from workflow.runbook.report import Report

_HIDING = {FENCE: "fence", CODE: "fence", COMMENT: "comment", FRONT: "front matter"}
_BULLETS = r"[ \t]*+(?:(?:[-*+]|\d{1,9}[.)])[ \t]++)+"
_MAY_BE_ODD = late(r"[\[\\&]|[^\x00-\x7f]|(?:[-*+]|\d[.)])[ \t]+[:(]")  # no other line is looked at closely
_BOX = late(_BULLETS + r"\[([^\[\]])\](\\?\*)?(?=[ \t]|$)")
_WORDS = "Task|TASK|Step|STEP"
_MORE_WORDS = _WORDS + "|[Ss]ub-?[Tt]ask|SUBTASK|[Ss]ub-?[Ss]tep"
_WORDS_WITH_SIGN = (
    "Story|STORY|Action|ACTION|Item|ITEM|Milestone|MILESTONE|Activity|Epic|EPIC"  # with a sign behind the id
)
_ID = (
    r"{words}"
    r"(?P<id>"
    r"\d{1,9}[A-Za-z]?(?:\.\d{1,9}[A-Za-z]?){1,9}"  # 1.1  7.3.5a  2A.1
    r"|T\d{1,9}(?:\.\d{1,9}){0,9}[a-z]?"  # T001  T0.1
    r"|[A-Z]{1,3}\d{1,9}(?:\.\d{1,9}){1,9}[a-z]?"  # P1.2
    r"|[A-Z]{1,6}-\d{1,9}(?:\.\d{1,9}){0,9}[a-z]?"  # AC-1
    r"|\d{1,9}[A-Za-z]?(?P<bare>)"  # 1.  2A:
    r")"
    r"(?P<star>\\?\*(?!\*))?"
    r"(?P<sep>\*\*[.):]*|[.):]+\*\*|[.):]+(?=\s|$)|\s+[-–—](?=\s)|(?=\s|$))(?:\s+[-–—](?=\s))?"
)
_STANDARD = r"(?i)(?:UTF|SHA|ISO|AES|RSA|RFC|CVE|TLS|HTTP|IPV|GPT|MD)-\d"  # no ids: UTF-8
_BOLD = late(r"\*\*([^*]+)\*\*")
_REMARK = r"\([^()]*\)"
_OPTIONAL_1 = r"(?i)[(\[]optional[)\]]"


class Label(NamedTuple):
    """What the text behind a box says: `id` without separator, `title` without bold marks and trailing colon."""

    id: str
    title: str
    optional: bool


class BoxLine(NamedTuple):
    """A checkbox and its line.

    Attributes:
        row: the line, from 0.
        indent: columns before the first bullet.
        column: index of the state character in the line's text.
        box: what the plan keeps.
        optional: `]*` or `]\\*`.
        rest: the text behind the box.
        label: what that text says.
    """

    row: int
    indent: int
    column: int
    box: Box
    optional: bool
    rest: str
    label: Label


def find_boxes(lines: Lines, report: Report) -> list[BoxLine]:
    """Every live box in the order of the file; the others are reported."""
    boxes = []
    kinds = lines.kinds
    may_have_inputs = lines.may_have_inputs
    for index, text in enumerate(lines.text):
        kind = kinds[index]
        if kind == BULLET and "[" in text and (match := _BOX.match(text)):
            if _is_mark(lines, match[1]):
                said = quoted(text)
                report.leave_out("task-mark", index + 1, f"[{match[1]}] is a mark of tasks here, no box: {said}")
            else:
                boxes.append(_box_line(lines, index, match, report))
        elif kind in HIDDEN:
            _report_hidden(lines, index, kind, text, report)
        elif may_have_inputs or _MAY_BE_ODD.search(text):
            _report_other(lines, index, report)
    return boxes


def _report_other(lines: Lines, index: int, report: Report) -> None:
    """Report a line that is no box and looks like one."""
    from workflow.runbook.odd_boxes import report_malformed_or_status, report_odd_box  # here: many runbooks have none

    (report_odd_box if lines.grammar.all_odd_boxes else report_malformed_or_status)(lines, index, report)


def _is_mark(lines: Lines, state: str) -> bool:
    """Whether this sign is no state: elsewhere it stands behind a box, as in `- [ ] T2 [P] Copy`."""
    if state in BOX_STATES or not state.isalpha() or not lines.grammar.task_marks:
        return False
    mark = rf"[ \t]\[{state}\](?=[ \t]|$)"
    return any((match := _BOX.match(text)) and re.search(mark, text[match.end() :]) for text in lines.text)


def _report_hidden(lines: Lines, index: int, kind: int, text: str, report: Report) -> None:
    if "[" in text and _BOX.match(text):
        said = quoted(text, whole=lines.grammar.all_odd_boxes)
        report.leave_out("hidden-box", index + 1, f"box in a {_HIDING[kind]}: {said}")


def _box_line(lines: Lines, index: int, match: re.Match[str], report: Report) -> BoxLine:
    column = match.start(1)
    state = match[1]
    raw = lines.raw(index)
    # what stands before the state is ASCII, but for wide blanks
    before = column if lines.written is lines.text else lines.bytes_before(index, column)
    at = before + len(BOM) if index == 0 and raw.startswith(BOM) else before
    offset = lines.starts[index] + at
    width = 1
    if state not in BOX_STATES:
        width = len(state.encode())
        blank = "; write a plain blank in it" if state.isspace() and lines.grammar.wide_blanks else ""
        report.warn(
            "unknown-state",
            index + 1,
            f"box state {state!r} is none of ' ', x, X, -, ~; it is never flipped{blank}",
            column=before + 1,
        )
    if lines.may_have_wide and (wide := HAS_WIDE.search(lines.written[index], 0, match.end() + 1)) and wide[0] != state:
        report.note(
            "wide-blank",
            index + 1,
            f"U+{ord(wide[0]):04X} beside the box is read as a blank",
            column=lines.bytes_before(index, wide.start()) + 1,
        )
    digest = hashlib.sha256(raw[:at] + b" " + raw[at + width :]).hexdigest()
    rest = match.string[match.end() :].strip()
    optional = match[2] is not None
    box = Box(index + 1, offset, state, digest)
    return BoxLine(
        index, lines.indents[index], column, box, optional, rest, read_label(rest, lines.grammar, optional=optional)
    )


def read_label(rest: str, grammar: Grammar, *, optional: bool = False) -> Label:
    """Id and title of the text behind a box or in a heading: `**Task 1.1:** Title` gives `1.1` and `Title`."""
    rest = without_comments(rest)
    bold = rest.startswith("**")
    match = _id_pattern(grammar.words_before_ids).match(rest, 2 if bold else 0)
    label, title = "", rest
    if match is not None and _is_id(match):
        label, title = match["id"], _behind_id(match, bold=bold)
        optional = optional or match["star"] is not None
    optional = optional or (is_optional(title) if grammar.optional_words else _says_optional_1(title))
    title = plain(title)
    if grammar.words_before_ids and _is_no_title(title):
        title = plain(rest) or label  # "Task 2 (AC: 2)", or an id alone: a commit has to be called something
    return Label(label, title, optional)


def _behind_id(match: re.Match[str], *, bold: bool) -> str:
    """The text behind an id, without the bold marks that the id stands in."""
    behind = match.string[match.end() :]
    if bold and "**" not in match["sep"]:
        return behind.lstrip(" \t*").replace("**", "", 1)  # the end of `**1.1 Title** more`
    return behind.lstrip(" \t")


def _says_optional_1(title: str) -> bool:
    return ("(" in title or "[" in title) and re.search(_OPTIONAL_1, title) is not None


def _is_no_title(title: str) -> bool:
    return not title or (title[0] == "(" and re.fullmatch(_REMARK, title) is not None)


@cache
def _id_pattern(more_words: bool) -> re.Pattern[str]:
    words = rf"(?:(?P<word>{_WORDS})\s+#?)?(?P<weak>(?!))?"
    if more_words:
        words = rf"(?:(?:(?P<word>{_MORE_WORDS})|(?P<weak>{_WORDS_WITH_SIGN}))\s+#?)?"
    return re.compile(_ID.replace("{words}", words))


def _is_id(match: re.Match[str]) -> bool:
    """A bare number needs a separator, or Task or Step before it: "20 unit tests passing" is a title."""
    if match["weak"] and match["sep"].strip("* \t") == "":
        return False  # "Item 3 is broken"
    if match["bare"] is not None:
        return match["word"] is not None or match["sep"].strip("* \t") != ""
    return "-" not in match["id"] or not re.match(_STANDARD, match["id"])


def plain(text: str) -> str:
    """A title without bold marks and without a colon at its end."""
    if "**" in text:
        text = _BOLD.sub(r"\1", text)
    return text.strip().rstrip(":：").rstrip()
