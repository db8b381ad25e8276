"""Which runs of underscores in a task's text are fields to fill in, and what does each ask for?

Rules:
- Three or more underscores are a field: not a thematic break, not in a fence, a code span or a comment, not beside a
  letter (emphasis, a name), a slash or an escape.
- What it asks for stands before it: the words before the colon, or in a table the header of its column, else the cell
  before it.
- Fields are counted from 1 in the order of the file. A place is given by line and by the how manieth run of three or
  more underscores on it: that is the same in the text and in the file's bytes, whatever its line ends are.
"""

from __future__ import annotations

import re

from state.cheap_classes import NamedTuple
from state.late_pattern import late
from state.model import PlannedTask
from state.printable import printable_line

BLANK = late(r"_{3,}")
MOST = 200  # characters of a value
_HIDDEN = late(r"(`+)(?!`).*?(?<!`)\1(?!`)|<!--.*?-->")
_FENCE = late(r"[ \t>]*(?:(?:[-*+]|\d{1,9}[.)])[ \t]+)*(`{3,}(?=[^`]*$)|~{3,})")
_LEAD = late(r"[ \t>]*(?:(?:[-*+]|\d{1,9}[.)]|#{1,6})[ \t]+)*(?:\[.?\]\*?[ \t]+)?")
_BREAK = late(r"[ \t_]*")
_FREE_BEFORE = late(r"(?:^|[\s|:(\[\"'*>=$€£#])$")
_FREE_AFTER = late(r"$|[\s|)\]\"'*<,;%]|\.(?:\s|$)")
_DELIMITER = late(r"[ \t>]*\|?[ \t]*:?-+:?[ \t]*(?:\|[ \t]*:?-+:?[ \t]*)*\|?[ \t]*")
_CELL_END = late(r"(?<!\\)\|")
_ANY_VALUE = frozenset(("", "value", "answer", "entry", "result", "details"))  # headers that name nothing
_STARTS_SOMETHING = late(r"[^\w(\"']|\d+[.)](?:\s|$)")


class TaskField(NamedTuple):
    """A field to fill in.

    Attributes:
        number: among the task's fields, from 1.
        line: in the runbook, from 1.
        place: among the runs of three or more underscores on that line, from 0.
        label: what it asks for, in a line.
        in_table: whether a `|` in its value would end a cell.
        leads: whether it is the first thing on its line, where a value could begin a list, a box or a heading.
    """

    number: int
    line: int
    place: int
    label: str
    in_table: bool
    leads: bool

    def problem_with(self, value: str) -> str | None:
        """Why this value cannot stand there; None for one that can. An empty one leaves the field open."""
        if not value:
            return None
        if printable_line(value) != value or "\t" in value or value != value.strip():
            return "expected one line of printable signs, without blanks around it"
        if len(value) > MOST:
            return f"expected at most {MOST} characters, seen {len(value)}"
        if _means_more(value):
            return "expected a value without ___, backticks, <!-- and a backslash at its end: they would mean more here"
        if self.leads and _STARTS_SOMETHING.match(value):
            return "expected a letter or a digit first: it stands at the beginning of its line"
        return None

    def written(self, value: str) -> bytes:
        """The value as it stands in the runbook."""
        return (re.sub(r"(?<!\\)\|", r"\\|", value) if self.in_table else value).encode()


def _means_more(value: str) -> bool:
    """Whether Markdown, or this reader, would take a part of it for something else than text."""
    is_blank = BLANK.search(value) is not None or not value.strip("_")
    return is_blank or "<!--" in value or "`" in value or value.endswith("\\")


def field_question(task: PlannedTask, number: int) -> str:
    """The name by which an answers file fills it in."""
    return f"{task.asked_as}-field-{number}"


def fields_of(task: PlannedTask) -> tuple[TaskField, ...]:
    """The task's fields, numbered, those above and below it last; none of a rollback's states, in no runbook."""
    if task.kind == "rollback":
        return ()
    text = task.text.split("\n")
    text = text[max(0, len(text) - (task.end_line - task.line + 1)) :]  # a condition stands before the task's own lines
    above = task.above.split("\n") if task.above else []
    below = task.below.split("\n") if task.below else []
    found = [
        *fields_in(text, task.line),
        *fields_in(above, task.line - len(above)),
        *fields_in(below, task.end_line + 1),
    ]
    return tuple(each._replace(number=number) for number, each in enumerate(found, 1))


def fields_in(text: list[str], first: int) -> list[TaskField]:
    """The fields in these lines, the first of which stands there in the runbook, from 1."""
    if not any("___" in line for line in text):
        return []
    seen = _without_hidden(text)
    found: list[TaskField] = []
    for row, line in enumerate(seen):
        if "___" not in line or _BREAK.fullmatch(line, _lead(line)):
            continue
        for place, blank in enumerate(BLANK.finditer(line)):
            if not _is_free(line, blank):
                continue
            label = printable_line(_label(text, seen, row, blank.start())) or f"line {first + row}"
            leads = blank.start() == _lead(line)
            found.append(TaskField(len(found) + 1, first + row, place, label, "|" in line, leads))
    return found


def _without_hidden(text: list[str]) -> list[str]:
    """The lines with blanks for what is code or comment, as long as they were; underscores there stay countable."""
    lines, fence, comment = [], "", False
    for line in text:
        opening = _FENCE.match(line)
        if fence:
            bare = line.strip(" \t>")
            if bare.startswith(fence) and not bare.strip(fence[0]):
                fence = ""
            lines.append(_hidden(line))
        elif comment:
            end = line.find("-->")
            comment = end < 0
            lines.append(_hidden(line) if comment else _hidden(line[: end + 3]) + line[end + 3 :])
        elif opening:
            fence = opening[1]
            lines.append(_hidden(line))
        else:
            line = _HIDDEN.sub(lambda match: _hidden(match[0]), line)
            begin = line.find("<!--")
            comment = begin >= 0
            lines.append(line[:begin] + _hidden(line[begin:]) if comment else line)
    return lines


def _hidden(text: str) -> str:
    """As long, with nothing but the underscores, which stand beside a letter now: they count, and are no field."""
    return "".join("_" if sign == "_" else "x" for sign in text)


def _lead(line: str) -> int:
    """Where the words of a line begin: behind quote signs, bullets, a heading's signs and a box."""
    match = _LEAD.match(line)
    return match.end() if match else 0


def _is_free(line: str, blank: re.Match[str]) -> bool:
    before, after = line[: blank.start()], line[blank.end() :]
    return _FREE_BEFORE.search(before) is not None and _FREE_AFTER.match(after) is not None


def _label(written: list[str], seen: list[str], row: int, start: int) -> str:
    """What the underscores at this place of a line ask for; "" where no word says so."""
    if "|" in seen[row]:
        return _cell_label(written, seen, row, start)
    line = seen[row]
    ends = (blank.end() for blank in BLANK.finditer(line, 0, start) if _is_free(line, blank))
    before = max(ends, default=_lead(line))
    blank = BLANK.match(line, start)
    assert blank is not None
    return _words(written[row][before:start]) or _words(written[row][blank.end() :].split("_", 1)[0])


def _cell_label(written: list[str], seen: list[str], row: int, start: int) -> str:
    cells = _cells(written, seen, row)
    column = max(at for at, (begin, _text) in enumerate(cells) if begin <= start)
    begin, _text = cells[column]
    if own := _words(written[row][begin:start].split("_")[-1]):
        return own
    named = [words for _begin, text in cells[:column] if "___" not in text and (words := _words(text))]
    header = _header(written, seen, row, column)
    if header.lower() in _ANY_VALUE:
        return named[-1] if named else header
    return f"{named[0]}: {header}" if named else header


def _header(written: list[str], seen: list[str], row: int, column: int) -> str:
    """What stands at the head of a column of the table in which a row is; "" where it has no head."""
    top = row
    while top > 0 and "|" in seen[top - 1]:
        top -= 1
    if row < top + 2 or not _DELIMITER.fullmatch(seen[top + 1]):
        return ""
    cells = _cells(written, seen, top)
    return _words(cells[column][1]) if column < len(cells) else ""


def _cells(written: list[str], seen: list[str], row: int) -> list[tuple[int, str]]:
    """Where each cell of a row begins, and its text; with or without a `|` at its beginning."""
    line, begin = seen[row], _lead(seen[row])
    begin += line.startswith("|", begin)
    cells = []
    for end in (*(match.start() for match in _CELL_END.finditer(line, begin)), len(line)):
        cells.append((begin, written[row][begin:end]))
        begin = end + 1
    return cells


def _words(text: str) -> str:
    """The text without the signs around it that only lead to a field."""
    return " ".join(text.split()).strip(" .,;*_:：|>–—=([\"'").strip()
