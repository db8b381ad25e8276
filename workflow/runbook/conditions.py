"""When is a section done at all? The conditions of sections, and the sections that belong to the way back.

Rules:
- A condition is a line that begins with If and ends in a colon, a heading that says in which case (`case_words.py`), or
  a label in bold that does. Directly under a heading the line is about the whole section with what is deeper; elsewhere
  it is a case: about the boxes up to the next label or heading.
- A heading about going back, with no condition at it or above it, is the way back: no step of it is a state. A section
  without commands most of whose boxes say that something is ready ("Rollback tested in staging") goes forward.
- So is what stands below a label about going back, bold or ending in a colon, on its own line, up to the next such
  label, a rule or a heading; and the rest of a line that begins with one, with what is indented below it.
- A heading that names the way back beside something else ("Declare success or roll back") is its own condition.
- The document's title is neither. A document that has nothing but a way back, or is called by it ("Rollback plan"),
  goes forward by it.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator
from itertools import pairwise

from state.cheap_classes import NamedTuple, dataclass
from state.model import Command
from workflow.runbook.case_words import (
    bare_name,
    begins_with_way_back,
    is_conditional,
    is_optional,
    is_way_back,
    line_condition,
    may_be_way_back,
    names_more,
)
from workflow.runbook.lines import BLANK, BULLET, FENCE, HIDDEN, PROSE, QUOTE, Lines
from workflow.runbook.outline import Document, Section

_BOX = r"[ \t]*(?:[-*+]|\d+[.)])[ \t]+\[.?\]"
_IS_READY = (
    r"(?i)\b(?:documented|defined|prepared|tested|identified|established|rehearsed|planned|ready|reviewed|agreed|"
    r"scripted|assigned|trained|configured|designed|written|in place|implemented)\b"
)


class Case(NamedTuple):
    """Lines inside of a section that are about one case only.

    Attributes:
        row: index of the line that says so.
        end: index after its last line.
        condition: its words, without the colon.
    """

    row: int
    end: int
    condition: str


def _first(section: Section) -> int:
    return section.first


def _row(case: Case) -> int:
    return case.row


@dataclass(slots=True)
class Natures:
    """What the sections of a document are; the lists run parallel to its sections.

    Attributes:
        conditions: in which case a section is done, or "".
        said_at: index of the line of the heading at which, or below which, that stands; -1 where there is no condition.
        way_back: whether it belongs to the way back.
        cases: in the order of the file.
        backs: likewise, lines of forward sections that are about going back; `condition` is what they are called.
        optional: whether its heading, or one above it, says that it is optional.
    """

    conditions: list[str]
    way_back: list[bool]
    cases: list[Case]
    said_at: list[int]
    backs: list[Case]
    optional: list[bool]

    def condition_at(self, section: int, row: int) -> str:
        """In which case the line with this index, in this section, is done at all."""
        case = self.case_at(row) if self.cases else None
        return case.condition if case else self.conditions[section]

    def condition_row(self, section: int, row: int) -> int:
        """Index of the line by which the condition of the line with this index, in this section, is known; or -1."""
        case = self.case_at(row)
        return case.row if case else self.said_at[section]

    def case_at(self, row: int) -> Case | None:
        """The case that the line with this index is about."""
        return _at(self.cases, row) if self.cases else None

    def cases_in(self, first: int, end: int) -> list[Case]:
        """The cases that begin on the lines with index `first` up to `end`."""
        return self.cases[bisect_left(self.cases, first, key=_row) : bisect_left(self.cases, end, key=_row)]

    def goes_back(self, section: int, row: int) -> bool:
        """Whether the line with this index, in this section, is on the way back."""
        return self.way_back[section] or _at(self.backs, row) is not None

    def forward(self, commands: list[Command]) -> list[Command]:
        """Those of a task's commands that are not on the way back."""
        return [each for each in commands if _at(self.backs, each.line - 1) is None] if self.backs else commands


def _at(cases: list[Case], row: int) -> Case | None:
    """The one that has the line with this index."""
    at = bisect_right(cases, row, key=_row) - 1
    return cases[at] if at >= 0 and row < cases[at].end else None


def natures(document: Document) -> Natures:
    """Conditions and way back of every section; nothing of either in documents read by grammar 1."""
    total = len(document.sections)
    found = Natures([""] * total, [False] * total, [], [-1] * total, [], [False] * total)
    if not document.lines.grammar.sections_around:
        return found
    title = title_section(document)
    may_have_ifs = document.lines.may_have_ifs
    for number, section in enumerate(document.sections):
        leading = _leading_line(document, section) if may_have_ifs else -1
        above = section.above
        inherited = ("", False) if above == title else (found.conditions[above], found.way_back[above])
        name = section.heading.text if section.heading and number != title else ""
        said = _line_condition(document.lines, leading)
        condition, found.way_back[number] = _nature(name, said, *inherited)
        found.conditions[number] = condition
        if condition:
            is_own = condition in (name, said)
            found.said_at[number] = section.first if is_own else found.said_at[above]
        found.cases += _cases(document.lines, section, leading)
        found.optional[number] = is_optional(name) or (above != title and found.optional[above])
        if not found.way_back[number]:
            found.backs += _backs(document.lines, section, found)
    if _is_way_back_itself(document, found, title):
        found.way_back, found.backs = [False] * total, []
        return found
    _go_forward_where_ready(document, found)
    found.backs = [back for back in found.backs if not _is_ready(document, back.row, back.end)]
    return found


def _is_way_back_itself(document: Document, found: Natures, title: int) -> bool:
    """Whether the document is about the way back and nothing else: then this is its way forward."""
    return _nothing_else(document, found) or (title > 0 and _is_called_way_back(document.title))


def _nature(name: str, said: str, inherited: str, inside_way_back: bool) -> tuple[str, bool]:
    """Condition and way back of one section, by its heading, the line under it, and the section above."""
    own = name if name and is_conditional(name) else said
    condition = own or inherited
    back = inside_way_back or (not condition and is_way_back(name))
    if back and not inside_way_back and names_more(name):
        return name, False
    return ("" if back else condition), back


def _is_called_way_back(title: str) -> bool:
    return is_way_back(title) and not names_more(title)


def _go_forward_where_ready(document: Document, found: Natures) -> None:
    """Take the sections that only say that the way back is ready out of it, each with what is deeper."""
    for number, section in enumerate(document.sections):
        if not found.way_back[number] or found.way_back[section.above]:
            continue
        if _is_ready(document, section.first, section.end):
            for inner in range(number, bisect_left(document.sections, section.end, key=_first)):
                found.way_back[inner] = False


def _is_ready(document: Document, first: int, end: int) -> bool:
    """Whether most boxes on these lines say that something is ready, and no commands stand there."""
    boxes = document.boxes_in(first, end)
    ready = sum(re.search(_IS_READY, box.rest) is not None for box in boxes)
    return 2 * ready > len(boxes) and FENCE not in document.lines.kinds[first:end]


def title_section(document: Document) -> int:
    """The number of the section that the document's title opens; -1 where none stands before all boxes."""
    if document.title_level != 1:
        return -1
    late = bool(document.boxes) and document.boxes[0].row < document.sections[1].first
    return -1 if late else 1


def _line_condition(lines: Lines, index: int) -> str:
    """The condition that the line with this index is, "" where it is none, and for no line (-1)."""
    return line_condition(lines.text[index]) if index >= 0 else ""


def _leading_line(document: Document, section: Section) -> int:
    """Index of the first line under a heading, when it is a condition of the whole section; -1 when it is none.

    It is only a case when another label divides the boxes: "If you use Docker:" ... "Otherwise:".
    """
    lines, end = document.lines, section.own_end
    index = next((at for at in _below_heading(section) if lines.kinds[at] != BLANK), end)
    if index == end or lines.kinds[index] not in (PROSE, QUOTE) or not _line_condition(lines, index):
        return -1
    label = next((at for at in range(index + 1, end) if _is_flush_prose(lines, at) and _is_label(lines, at)), end)
    return -1 if document.orders_in(label, end) else index


def _below_heading(section: Section) -> range:
    """Indices of a section's own lines."""
    return range(section.first + (section.heading is not None), section.own_end)


def _is_flush_prose(lines: Lines, index: int) -> bool:
    return lines.kinds[index] == PROSE and lines.indents[index] <= 0


def _is_label(lines: Lines, index: int) -> bool:
    text = lines.text[index].strip()
    return text.startswith("**") or text.endswith((":", "："))


def _cases(lines: Lines, section: Section, leading: int) -> list[Case]:
    """The cases inside of a section's own lines; `leading` is the condition that is about all of it."""
    labels = [  # each ends the case before it; one with a condition begins a case
        (index, condition)
        for index in _below_heading(section)
        if index != leading
        and _is_flush_prose(lines, index)
        and ((condition := _line_condition(lines, index) or _bold_condition(lines, index)) or _is_label(lines, index))
    ]
    spans = pairwise([*labels, (section.own_end, "")])
    cases = [Case(begin, end, condition) for (begin, condition), (end, _) in spans if condition]
    return [case for case in cases if not {BULLET, FENCE}.isdisjoint(lines.kinds[case.row : case.end])]


def _bold_condition(lines: Lines, index: int) -> str:
    """What a label in bold says, on a line of its own, where that is a condition: `**Only if it is slow**`."""
    name = _bold_name(lines.text[index])
    return name if name and is_conditional(name) else ""


def _bold_name(text: str) -> str:
    """What a line says that is in bold from end to end, as a heading would be; "" for others."""
    match = re.match(r"[ \t]*(\*\*|__)(?=\S)((?:(?!\1).){1,300})\1[ \t]*[:：]?[ \t]*$", text)
    return match[2].rstrip(":： ") if match else ""


def _backs(lines: Lines, section: Section, found: Natures) -> Iterator[Case]:
    """The lines among a section's own that are about going back."""
    row, rows = 0, _below_heading(section)
    for index in rows:
        if index < row or lines.kinds[index] not in (PROSE, BULLET) or not may_be_way_back(lines.text[index]):
            continue
        row = _end_of_back(lines, index, rows.stop)
        if row > index and found.case_at(index) is None:
            yield Case(index, row, lines.text[index].strip("*_: \t-+"))


def _end_of_back(lines: Lines, index: int, end: int) -> int:
    """Index after the lines that the label on this one is about; `index` itself where it is none about going back."""
    text = lines.text[index]
    if lines.kinds[index] == PROSE and lines.indents[index] <= 0:
        name = _bold_name(text)
        if name and is_way_back(name) and not is_conditional(name) and not names_more(name):
            return _with_steps(lines, index, _until(lines, index, end, _ends_bold))
        if begins_with_way_back(text) and text.rstrip("*_ \t").endswith((":", "：")):
            return _with_steps(lines, index, _until(lines, index, end, _ends_plain))
    if begins_with_way_back(text.strip().lstrip("-+* ")) and not re.match(_BOX, text):
        return _until(lines, index, end, lambda _lines, at: lines.indents[at] <= lines.indents[index])
    return index


def _until(lines: Lines, index: int, end: int, ends: Callable[[Lines, int], bool]) -> int:
    """Index of the first line behind this one, up to `end`, that is not hidden or blank and ends what began here."""
    rows = (at for at in range(index + 1, end) if lines.kinds[at] not in HIDDEN and lines.kinds[at] != BLANK)
    return next((at for at in rows if ends(lines, at)), end)


def _with_steps(lines: Lines, index: int, end: int) -> int:
    """`end`, where a list or a fence is on the way there; else `index`."""
    return end if not {BULLET, FENCE}.isdisjoint(lines.kinds[index + 1 : end]) else index


def _ends_bold(lines: Lines, index: int) -> bool:
    return _is_flush_prose(lines, index) and (_bold_name(lines.text[index]) != "" or _is_rule(lines, index))


def _ends_plain(lines: Lines, index: int) -> bool:
    return _is_flush_prose(lines, index) and (_is_label(lines, index) or _is_rule(lines, index))


def _is_rule(lines: Lines, index: int) -> bool:
    return re.match(r"[ ]{0,3}([-*_])(?:[ \t]*\1){2,}[ \t]*$", lines.text[index]) is not None


def _nothing_else(document: Document, found: Natures) -> bool:
    """Whether all boxes, or all numbered headings of a document without boxes, belong to the way back."""
    if document.boxes:
        rows = zip(document.section_of, document.boxes, strict=True)
        return all(found.goes_back(number, box.row) for number, box in rows)
    numbered = [
        number
        for number, section in enumerate(document.sections)
        if section.heading is not None and bare_name(section.heading.text) != section.heading.text
    ]
    return numbered != [] and all(found.way_back[number] for number in numbered)
