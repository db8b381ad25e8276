"""What do the lines below a task say? Bullets, requirements, properties, commit message, commands, gate.

Rules:
- Read where they stand in the text; a wrapped line belongs to the bullet or title above it.
- A commit message is the last quoted run of the `**COMMIT**` bullet; the first such bullet counts. Code in it is no
  command.
- A sentence that begins with a gate's words, or its label, is no wrap of the line above it. A gate's words count before
  a label ("Gate: ...", "Approval: ...", "Sign-off: ..."), which holds the task's end and nothing before it.
- A heading inside that says to stop, or is a gate's label, is such a line where no line below it is one; a label's gate
  is what stands below it, boxes and fields apart.
- Labels of requirements are read in several languages; a label that is followed by numbers alone is one, too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import field

from state.cheap_classes import dataclass
from state.late_pattern import late
from state.model import Command, Stop
from workflow.runbook.gate_words import (
    begins_with_gate,
    begins_with_stop,
    behind_label,
    gate_heading,
    holds_work,
    is_for_the_end,
    is_gate,
    says_nothing,
    says_stop,
)
from workflow.runbook.heading_text import heading_name
from workflow.runbook.lines import BULLET, FENCE, HEADING, PROSE, QUOTE, Lines

_BULLET = late(r"(?:(?:[-*+]|\d{1,9}[.)])(?:[ \t]++|$))+(?:\[[^\[\]]\](?:\\?\*)?(?=[ \t]|$))?")
_BOX = late(r"(?:[-*+]|\d{1,9}[.)])[ \t]+\[.?\]")
_MORE_SIGNS = "-+0123456789[ \t"  # behind a bullet: another one, or a box
_LABELS = frozenset(
    {
        "requirement",
        "requirements",
        "req",
        "reqs",
        "requisito",
        "requisitos",
        "requisiti",
        "exigence",
        "exigences",
        "anforderung",
        "anforderungen",
        "vereisten",
        "wymagania",
        "требования",
        "yêu cầu",
        "要件",
        "需求",
        "要求",
        "요구사항",
    }
)
_LONGEST_LABEL = 31  # of one that nobody listed
_VALIDATES = r"(?i)[_*]{0,3}validates[_*]{0,3}\s*[:：]\s*(.+)"
_PROPERTY = r"(?i)[_*]{0,3}(property\s+\d+.*)"
_COMMIT = late(r"(?:\*\*|__)?commit(?:\*\*|__)?\s*[:：]", re.IGNORECASE)
CRITERIA_LABEL = r"(?i)[*_\W]*(?:exit|completion) criteria\b[*_ \t]*(?:[:：]|$)"
CRITERIA_UNREAD = "exit criteria that nobody is asked about: they stand where none are read"
_QUOTED = r"\"([^\"]{1,999})\"|“([^”]{1,999})”"
_QUOTED_OTHERWISE = r"(?<!\w)'(.{1,999}?)'(?!\w)|`([^`]{1,999})`"
_BETWEEN = late(r"[,;、，；]")
_PREFIX = late(r"(?:requirements?|reqs?)\s+(?=\S)", re.IGNORECASE)


@dataclass(slots=True)
class Details:
    """The lines below a task, sorted out; the attributes are those of a PlannedTask.

    Attributes:
        wrap: the rest of the title, from the lines that follow it at once.
        stops: the words that hold what stands below them; those about who does it, or about the task's end, are none.
        labelled: the gates by a label, or by a heading that is one; the first is the task's gate where no words are.
        commits: lines (from 1) of the COMMIT bullets.
    """

    wrap: str = ""
    bullets: list[str] = field(default_factory=list)
    bullet_lines: list[int] = field(default_factory=list)
    commands: list[Command] = field(default_factory=list)
    requirements: tuple[str, ...] = ()
    validates: tuple[str, ...] = ()
    properties: tuple[str, ...] = ()
    commits: tuple[int, ...] = ()
    commit_message: str | None = None
    gate: str = ""
    gate_line: int = 0
    stops: list[Stop] = field(default_factory=list)
    labelled: list[Stop] = field(default_factory=list)

    def hold(self, text: str, line: int) -> None:
        """Take these words, which are a gate's, for the task's gate, and for one that holds what stands below them."""
        self.gate, self.gate_line = text, line
        if not is_for_the_end(text):
            self.stops.append(Stop(text, line))

    def labels_of_criteria(self) -> list[int]:
        """The lines (from 1) of its bullets that are a label of exit criteria, with or without something behind it."""
        found = zip(self.bullets, self.bullet_lines, strict=True)
        return [number for text, number in found if re.match(CRITERIA_LABEL, text)]

    def stops_above_commands(self) -> tuple[Stop, ...]:
        """The words that hold one of the commands, in order."""
        last = max((command.line for command in self.commands), default=0)
        return tuple(each for each in self.stops if each.line < last)


def read_details(lines: Lines, first: int, last: int, *, title_open: bool) -> Details:
    """The lines with index `first` to `last`; `title_open` says that the line before them is a title that may wrap."""
    details = Details()
    bullets, numbers = details.bullets, details.bullet_lines
    kinds, texts = lines.kinds, lines.text
    headings: list[Stop] = []  # those that say to stop
    labels: list[Stop] = []  # those that are a gate's label
    wraps: dict[int, list[str]] = {}  # by the bullet they belong to; -1 is the title
    open_ = on_title = title_open
    index = first
    while index <= last:
        kind = kinds[index]
        if kind == BULLET:
            bullets.append(_behind_bullet(texts[index].strip()))
            numbers.append(index + 1)
            open_, on_title = True, False
        elif kind == PROSE:
            text = texts[index].strip()
            if not open_ or _is_no_wrap(lines, text):
                bullets.append(text)
                numbers.append(index + 1)
                open_, on_title = True, False
            else:
                wraps.setdefault(-1 if on_title else len(bullets) - 1, []).append(text)
        elif kind == FENCE:
            from workflow.runbook.commands import fence_commands  # here, as below: many runbooks show none

            details.commands += fence_commands(lines, index, bullets[-1] if bullets else "")
            open_, index = False, lines.fence_ends[index]
        elif kind == QUOTE:
            bullets.append(texts[index].strip().lstrip("> \t"))
            numbers.append(index + 1)
            open_ = False
        elif kind == HEADING and lines.grammar.stops_above:
            _take_heading(texts[index].strip("# \t"), index + 1, headings, labels)
            open_ = False
        else:
            open_ = False
        index += 1
    _add_wraps(details, wraps)
    _read_bullets(lines, details)
    for stop in headings:
        _hold_by_heading(lines, stop, details)
    if lines.grammar.gates_by_label:
        details.labelled = _labelled_gates(lines, details, labels)
        if details.labelled and not details.gate:
            details.gate, details.gate_line = details.labelled[0]
    return details


def _take_heading(text: str, line: int, stops: list[Stop], labels: list[Stop]) -> None:
    """Put a heading to those that say to stop, or to the gates' labels."""
    if holds_work(words := text.strip("* \t")):
        stops.append(Stop(words, line))
    elif gate_heading(name := heading_name(text)):
        labels.append(Stop(name, line))


def take_commands_of_title(lines: Lines, details: Details, title: str, row: int) -> None:
    """Put the commands of a title, or a heading, on the line with index `row` before those below it."""
    if lines.grammar.commands_of_titles and "`" in title:
        from workflow.runbook.commands import inline_commands

        details.commands[:0] = inline_commands(title, row + 1, lines.grammar)


def _hold_by_heading(lines: Lines, stop: Stop, details: Details) -> None:
    """Take a heading that says to stop as such a line, where none of the lines below it says so."""
    end = _end_of_heading(lines, stop.line)
    if any(stop.line < each.line <= end for each in details.stops):
        return
    details.stops = sorted([*details.stops, stop], key=lambda each: each.line)
    if not details.gate:
        details.gate, details.gate_line = stop


def _add_wraps(details: Details, wraps: dict[int, list[str]]) -> None:
    if not wraps:
        return
    details.wrap = " ".join(wraps.pop(-1, ()))
    for which, texts in wraps.items():
        details.bullets[which] = " ".join([details.bullets[which], *texts])


def _behind_bullet(text: str) -> str:
    """The text behind a line's bullets and box."""
    if text[1:2] == " " and text[2:3] not in _MORE_SIGNS:
        return text[2:]  # by far the commonest form
    match = _BULLET.match(text)
    return text[match.end() :].lstrip() if match else text


def _is_no_wrap(lines: Lines, text: str) -> bool:
    if begins_anew(text) or (lines.may_have_gates and begins_with_gate(text)):
        return True
    return lines.grammar.gates_by_label and (behind_label(text) is not None or begins_with_stop(text))


def _read_bullets(lines: Lines, details: Details) -> None:
    """What the bullets say: labels, commands, a gate."""
    may_have_gates, by_label = lines.may_have_gates, lines.grammar.gates_by_label
    for bullet, number in zip(details.bullets, details.bullet_lines, strict=True):
        if ":" in bullet or "：" in bullet:
            _read_labelled(details, bullet, number)
        if "`" in bullet and number not in details.commits:
            from workflow.runbook.commands import inline_commands

            details.commands += inline_commands(bullet, number, lines.grammar)
        if (may_have_gates and is_gate(bullet)) or (by_label and says_stop(bullet)):
            details.hold(bullet.replace("**", "").strip("*_ " if by_label else "_ "), number)
    if len(details.commands) > 1:
        details.commands.sort(key=lambda command: command.line)


def _labelled_gates(lines: Lines, details: Details, headings: list[Stop]) -> list[Stop]:
    """The gates by a label, in order: a line's, or that of one of these headings."""
    rows = list(zip(details.bullets, details.bullet_lines, strict=True))
    found = []
    for at, (bullet, number) in enumerate(rows):
        said = behind_label(bullet)
        if said is None:
            continue
        words = said or "; ".join(_bullets_below(lines, rows[at + 1 :]))
        if words:
            found.append(Stop(words.replace("**", ""), number))
    for heading in headings:
        end = _end_of_heading(lines, heading.line)
        inside = [stop for stop in (*found, *details.stops) if heading.line < stop.line <= end]
        if not inside and (words := _said_by_heading(lines, rows, heading, end)):
            found.append(Stop(words.replace("**", ""), heading.line))
    return sorted(found, key=lambda each: each.line)


def _bullets_below(lines: Lines, rows: list[tuple[str, int]]) -> Iterator[str]:
    """The bullets at the beginning of these rows, up to the first box, field or other line."""
    for text, line in rows:
        raw = lines.text[line - 1].strip()
        if lines.kinds[line - 1] != BULLET or says_nothing(raw[1:]) or _BOX.match(raw):
            return
        yield text


def _said_by_heading(lines: Lines, rows: list[tuple[str, int]], heading: Stop, end: int) -> str:
    """What stands behind a gate's heading, and below it up to the line `end`, but for boxes and fields; or ""."""
    gate = gate_heading(heading.text)
    if gate is None:
        return ""
    below = [
        text
        for text, line in rows
        if heading.line < line <= end and not says_nothing(text) and not _BOX.match(lines.text[line - 1].strip())
    ]
    return "; ".join([gate.said] * bool(gate.said) + below)


def _end_of_heading(lines: Lines, line: int) -> int:
    """The last line, from 1, before the heading behind the one on this line."""
    return next((row for row in range(line, len(lines)) if lines.kinds[row] == HEADING), len(lines))


def is_requirement(text: str) -> bool:
    """Whether a line names requirements."""
    return _behind_label(text) != ""


def _behind_label(text: str) -> str:
    """What a line says behind its label of requirements; "" when it has none."""
    label, colon, rest = text.partition(":")
    if not colon or "：" in label:
        label, colon, rest = text.partition("：")
    label = label.strip("_* \t")
    if label.lower() in _LABELS:
        return rest.lstrip("_* \t")
    if text.endswith("_") and label[:1].isalpha() and len(label) <= _LONGEST_LABEL:
        numbers = rest[:-1].strip()
        return numbers if not numbers.strip("0123456789 .,;、，-") else ""
    return ""


def is_remark(bullet: str) -> bool:
    """Whether a detail says what a task is for, or how its commit is called, and nothing that is to be done."""
    bare = re.match(_VALIDATES, bullet) or re.match(_PROPERTY, bullet) or _COMMIT.match(bullet)
    return bare is not None or is_requirement(bullet)


def begins_anew(text: str) -> bool:
    """Whether a line without a bullet is a detail of its own, not a wrap: a bold label, or the requirements."""
    return (":" in text or "：" in text) and (text.startswith("**") or is_requirement(text))


def _read_labelled(details: Details, bullet: str, number: int) -> None:
    """A bullet with a colon in it: a commit, what it validates, a property, or requirements."""
    first = bullet.lstrip("_*")[:1].lower()
    if first == "c" and _COMMIT.match(bullet):
        details.commits += (number,)
        if len(details.commits) == 1:
            details.commit_message = quoted(bullet)
    elif first == "v" and (match := re.match(_VALIDATES, bullet)):
        details.validates += entries(match[1])
    elif first == "p" and (match := re.match(_PROPERTY, bullet)):
        details.properties += (match[1].partition("**")[0].strip(" _*"),)
    elif behind := _behind_label(bullet):
        details.requirements += entries(behind)


def quoted(text: str) -> str | None:
    """The last quoted run, or None: double quotes count before single ones and code."""
    pieces = text.split('"')
    if len(pieces) == 3 and pieces[1] and "“" not in text:
        return pieces[1].strip()  # nearly all have one run
    runs = re.findall(_QUOTED, text) or re.findall(_QUOTED_OTHERWISE, text)
    return (runs[-1][0] or runs[-1][1]).strip() if runs else None


def entries(text: str) -> tuple[str, ...]:
    """`1.1, 2.3-2.6_` gives its two entries; a closing sign may be missing; ranges and free text stay as written."""
    inner = text.strip().rstrip("_* .")
    if inner[:1] in "rR":
        inner = _PREFIX.sub("", inner, count=1)
    return tuple([entry for each in _BETWEEN.split(inner) if (entry := each.strip(" _*"))])
