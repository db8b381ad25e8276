"""What do the lines below a task say? Bullets, requirements, properties, commit message, commands, gate.

Rules:
- Read where they stand in the text; a wrapped line belongs to the bullet or title above it.
- A commit message is the last quoted run of the `**COMMIT**` bullet; the first such bullet counts. Code in it is no
  command.
- A sentence that begins with a gate's words, or its label, is no wrap of the line above it. A gate's words count before
  a label ("Gate: ...", "Approval: ...", "Sign-off: ..."), which holds the task's end and nothing before it.
- A heading inside that says to stop is such a line where no line below it is one.
- Labels of requirements are read in several languages; a label that is followed by numbers alone is one, too.
"""

from __future__ import annotations

import re
from dataclasses import field

from state.cheap_classes import dataclass
from state.model import Command, Stop
from workflow.runbook.commands import fence_commands, inline_commands
from workflow.runbook.lines import BULLET, FENCE, HEADING, PROSE, QUOTE, Lines, may_be_gate

_BULLET = re.compile(r"(?:(?:[-*+]|\d{1,9}[.)])(?:[ \t]++|$))+(?:\[[^\[\]]\](?:\\?\*)?(?=[ \t]|$))?")
_BOX = re.compile(r"(?:[-*+]|\d{1,9}[.)])[ \t]+\[.?\]")
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
_COMMIT = re.compile(r"(?:\*\*|__)?commit(?:\*\*|__)?\s*[:：]", re.IGNORECASE)
_QUOTED = r"\"([^\"]{1,999})\"|“([^”]{1,999})”"
_QUOTED_OTHERWISE = r"(?<!\w)'(.{1,999}?)'(?!\w)|`([^`]{1,999})`"
_GATE = (
    r"(?i)request (?:\w+ )?permission to|do not proceed (?:until|to|without)|"
    r"wait for (?:\w+ ){0,3}approval|\[human\]|(?-i:^\W*STOP\b)"
)
_GOES_ON = r"(?i)do not (?:continue|go on|move on) (?:until|to|without)"
_LABEL = (
    r"(?i)[*_]*(?:(?:exit |quality |phase |stage |manual |approval )?gates?|approvals?(?: required| needed)?|"
    r"sign[- ]?offs?)[*_ ]*[:：][*_ \t]*(?P<said>.*)$"
)
_NO_WORDS = r"(?i)[\W_]*$|(?:none|n/?a|not (?:needed|required))\b|.*(?:_{3,}|\[.?\])"  # fields and boxes are their own
_NO_STOP = (
    r"(?i)\[human\]|request (?:\w+ )?permission to (?:complete|proceed to (?:the )?(?:next|phase|stage|step|part)\b)"
)
_BETWEEN = re.compile(r"[,;、，；]")
_PREFIX = re.compile(r"(?:requirements?|reqs?)\s+(?=\S)", re.IGNORECASE)


@dataclass(slots=True)
class Details:
    """The lines below a task, sorted out; the attributes are those of a PlannedTask.

    Attributes:
        wrap: the rest of the title, from the lines that follow it at once.
        stops: the words that hold what stands below them; those about who does it, or about the task's end, are none.
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

    def hold(self, text: str, line: int) -> None:
        """Take these words, which are a gate's, for the task's gate, and for one that holds what stands below them."""
        self.gate, self.gate_line = text, line
        if not re.search(_NO_STOP, text):
            self.stops.append(Stop(text, line))

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
            details.commands += fence_commands(lines, index, bullets[-1] if bullets else "")
            open_, index = False, lines.fence_ends[index]
        elif kind == QUOTE:
            bullets.append(texts[index].strip().lstrip("> \t"))
            numbers.append(index + 1)
            open_ = False
        elif kind == HEADING and lines.grammar.stops_above and holds_work(text := texts[index].strip("#* \t")):
            headings.append(Stop(text, index + 1))
            open_ = False
        else:
            open_ = False
        index += 1
    _add_wraps(details, wraps)
    _read_bullets(lines, details)
    for stop in headings:
        _hold_by_heading(lines, stop, details)
    return details


def take_commands_of_title(lines: Lines, details: Details, title: str, row: int) -> None:
    """Put the commands of a title, or a heading, on the line with index `row` before those below it."""
    if lines.grammar.commands_of_titles and "`" in title:
        details.commands[:0] = inline_commands(title, row + 1, lines.grammar)


def _hold_by_heading(lines: Lines, stop: Stop, details: Details) -> None:
    """Take a heading that says to stop as such a line, where none of the lines below it says so."""
    end = next((row for row in range(stop.line, len(lines)) if lines.kinds[row] == HEADING), len(lines))
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
    if begins_anew(text) or (lines.may_have_gates and _begins_with_gate(text)):
        return True
    return lines.grammar.gates_by_label and (_labelled(text) is not None or re.match(_GOES_ON, text) is not None)


def _read_bullets(lines: Lines, details: Details) -> None:
    """What the bullets say: labels, commands, a gate."""
    may_have_gates, by_label = lines.may_have_gates, lines.grammar.gates_by_label
    for bullet, number in zip(details.bullets, details.bullet_lines, strict=True):
        if ":" in bullet or "：" in bullet:
            _read_labelled(details, bullet, number)
        if "`" in bullet and number not in details.commits:
            details.commands += inline_commands(bullet, number, lines.grammar)
        if (may_have_gates and is_gate(bullet)) or (by_label and _says_go_on(bullet)):
            details.hold(bullet.replace("**", "").strip("_ "), number)
    if by_label and not details.gate:
        _take_labelled_gate(lines, details)
    if len(details.commands) > 1:
        details.commands.sort(key=lambda command: command.line)


def _labelled(text: str) -> str | None:
    """What stands behind the label of a gate, "" where that is the lines below; None for a line without one."""
    if ":" not in text and "：" not in text:
        return None
    match = re.match(_LABEL, text)
    if match is None:
        return None
    said = match["said"].strip(" *_")
    return said if not said or re.match(_NO_WORDS, said) is None else None


def _take_labelled_gate(lines: Lines, details: Details) -> None:
    """The first gate by its label: what stands behind it, else the bullets below it that are no boxes."""
    rows = list(zip(details.bullets, details.bullet_lines, strict=True))
    for at, (bullet, number) in enumerate(rows):
        said = _labelled(bullet)
        if said is None:
            continue
        below = []
        for text, line in rows[at + 1 :] if not said else ():
            raw = lines.text[line - 1].strip()
            if lines.kinds[line - 1] != BULLET or re.match(_NO_WORDS, raw[1:]) or _BOX.match(raw):
                break
            below.append(text)
        if said or below:
            words = said or "; ".join(below)
            details.gate, details.gate_line = words.replace("**", ""), number
            return


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


def is_gate(text: str) -> bool:
    """Whether these words hold the work until a person says so."""
    return may_be_gate(text) and re.search(_GATE, text) is not None


def _says_go_on(text: str) -> bool:
    return re.match(_GOES_ON, text.lstrip("*_ ")) is not None


def may_hold_work(text: str) -> bool:
    """Whether a line could say to stop: a quick look before it is read."""
    return may_be_gate(text) or "do not " in text.lower()


def holds_work(text: str) -> bool:
    """Whether these words hold what stands below them until a person says so."""
    return (is_gate(text) or _says_go_on(text)) and re.search(_NO_STOP, text) is None


def _begins_with_gate(text: str) -> bool:
    """Whether a line is a sentence of its own, with a gate's words in front: `**Request permission to proceed**`."""
    words = text.lstrip("*_ ")
    return not words[:1].islower() and is_gate(words) and re.match(_GATE, words) is not None


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
