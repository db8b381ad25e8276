"""When is a section done at all? The conditions of sections, and the sections that belong to the way back.

Rules:
- A condition is a line that begins with If and ends in a colon, or a heading that begins with If, says "if needed",
  "only if" or "if necessary", or is about a failure ("On failure", "When something goes wrong"). Directly under a
  heading the line is about the whole section with what is deeper; elsewhere it is a case: about the boxes up to the
  next label or heading.
- Rollback, back-out, troubleshooting and emergency in a heading, with no condition at it or above it, are the way
  back: no step of it is a state. "Test the rollback" and "Rollback preparation" are steps forward, and so is a section
  without commands most of whose boxes say that something is ready ("Rollback tested in staging").
- A heading that names the way back beside something else ("Declare success or roll back") is its own condition.
- The document's title is neither. A document that has nothing but a way back, or is called by it ("Rollback plan"),
  goes forward by it.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from itertools import pairwise
from typing import NamedTuple

from state.cheap_classes import dataclass
from workflow.runbook.lines import BLANK, BULLET, FENCE, PROSE, QUOTE, Lines
from workflow.runbook.outline import Document, Section

_NUMBER = (
    r"(?i)^[^\w(]*(?:(?:phase|stage|step|part|task)\s+)?"
    r"(?:\d{1,6}[a-z]?(?:\.\d{1,6}[a-z]?)*\b|[A-Z]\b(?=[.:)]))?[\s.:)–—-]*"
)
_HEADING_CONDITION = r"(?i)^(?:only\s+)?if\b|\bif needed\b|\bonly if\b|\bif necessary\b"
_ON_FAILURE = (
    r"(?i)^(?:on|upon|in (?:the )?(?:case|event) of)\s+(?:\w+\s+){0,3}(?:failures?|errors?|problems?|trouble)\W*$"
    r"|^when\b.*\b(?:fails?|failed|wrong|errors?|breaks?|broken)\b|^what if\b"
)
_OF_FAILURE = ("fail", "wrong", "error", "problem", "trouble", "break", "broken", "what if")
_LONGEST = 300  # signs of a heading that are looked at
_BACK = r"(?:roll(?:ing|ed|s)?[ -]?backs?|back(?:ing|ed|s)?[ -]?outs?|trouble-?shooting|emergency|emergencies)"
_NO_EMERGENCY = (  # "Emergency deployment" is work in a hurry
    r"(?!(?<=emergency)\s+(?!(?:procedures?|protocols?|plans?|steps?|responses?|contacts?|actions?|stops?|shut-?downs?|"
    rf"recovery|restores?|switch|runbooks?|checklists?|access|abort|exit|measures?|handling|instructions|{_BACK})\b)\w)"
)
_WAY_BACK = rf"(?i)\b{_BACK}\b(?!-\w){_NO_EMERGENCY}"
_FORWARD = (
    r"(?i)\b(?:prepar\w*|rehears\w*|practi[cs]e|test|tests|testing|verify|document|define|write|create|implement|build|"
    rf"add|design|review|plan(?= (?:the|a|for)\b)|user story|feature|support)\b.*\b{_BACK}\b"
    rf"|\b{_BACK}\s+(?:(?:and|&) \w+ )?(?:prep\w*|readiness|rehears\w*|drills?|tests?\b|testing|support|feature|"
    r"requirements?\b)"
    rf"|^[^\w]*(?:task|work package|story|epic|WP)\s*[\w.-]*\d\b.*\b{_BACK}\s+(?:\w+ )?(?:guides?|docs?|"
    r"documentation|pages?|trees?)\b"
)
_BETWEEN_PARTS = r"(?i)[,;/&+]|\b(?:and|or)\b"
_PART_OF_BACK = (
    rf"(?i)\b{_BACK}\b|\b(?:recover|restor|revert|undo|abort|contingenc|fall-?back|incident|escalat|disaster|fail|"
    r"support|contact|procedure|plan|strateg|trigger|step|criteria|error|debug|FAQ)\w*"
)
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
    """

    conditions: list[str]
    way_back: list[bool]
    cases: list[Case]
    said_at: list[int]

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
        if not self.cases:
            return None
        at = bisect_right(self.cases, row, key=_row) - 1
        return self.cases[at] if at >= 0 and row < self.cases[at].end else None

    def cases_in(self, first: int, end: int) -> list[Case]:
        """The cases that begin on the lines with index `first` up to `end`."""
        return self.cases[bisect_left(self.cases, first, key=_row) : bisect_left(self.cases, end, key=_row)]


def natures(document: Document) -> Natures:
    """Conditions and way back of every section; nothing of either in documents read by grammar 1."""
    total = len(document.sections)
    found = Natures([""] * total, [False] * total, [], [-1] * total)
    if not document.lines.grammar.sections_around:
        return found
    title = title_section(document)
    may_have_ifs = document.lines.may_have_ifs
    for number, section in enumerate(document.sections):
        leading = _leading_line(document, section) if may_have_ifs else -1
        above = section.above
        inherited = ("", False) if above == title else (found.conditions[above], found.way_back[above])
        name = section.heading.text if section.heading and number != title else ""
        line_condition = _line_condition(document.lines, leading)
        condition, found.way_back[number] = _nature(name, line_condition, *inherited)
        found.conditions[number] = condition
        if condition:
            is_own = condition in (name, line_condition)
            found.said_at[number] = section.first if is_own else found.said_at[above]
        if may_have_ifs:
            found.cases += _cases(document.lines, section, leading)
    if _is_way_back_itself(document, found, title):
        found.way_back = [False] * total
    elif any(found.way_back):
        _go_forward_where_ready(document, found)
    return found


def _is_way_back_itself(document: Document, found: Natures, title: int) -> bool:
    """Whether the document is about the way back and nothing else: then this is its way forward."""
    return _nothing_else(document, found) or (title > 0 and _is_called_way_back(document.title))


def _nature(name: str, line_condition: str, inherited: str, inside_way_back: bool) -> tuple[str, bool]:
    """Condition and way back of one section, by its heading, the line under it, and the section above."""
    own = name if name and is_conditional(name) else line_condition
    condition = own or inherited
    back = inside_way_back or (not condition and is_way_back(name))
    if back and not inside_way_back and names_more(name):
        return name, False
    return ("" if back else condition), back


def _is_called_way_back(title: str) -> bool:
    return is_way_back(title) and not names_more(title)


def names_more(heading: str) -> bool:
    """Whether a heading of the way back names something else beside it: "Rollback, roll-forward and kill switches"."""
    before, _, behind = _around_way_back(bare_name(heading[:_LONGEST]))
    own, *others = re.split(_BETWEEN_PARTS, behind)
    if any(_is_other(part) for part in re.split(_BETWEEN_PARTS, before)[:-1]):
        return True
    return not _is_other(own) and any(_is_other(part) for part in others)  # not "Rollback of the API and the queue"


def _around_way_back(name: str) -> tuple[str, str, str]:
    match = re.search(_WAY_BACK, name)
    return (name[: match.start()], match[0], name[match.end() :]) if match else ("", "", name)


def _is_other(part: str) -> bool:
    """Whether a part of a heading has words, and none of them is about the way back."""
    return re.search(r"\w", part) is not None and re.search(_PART_OF_BACK, part) is None


def _go_forward_where_ready(document: Document, found: Natures) -> None:
    """Take the sections that only say that the way back is ready out of it, each with what is deeper."""
    for number, section in enumerate(document.sections):
        if not found.way_back[number] or found.way_back[section.above]:
            continue
        boxes = document.boxes_in(section.first, section.end)
        ready = sum(re.search(_IS_READY, box.rest) is not None for box in boxes)
        if 2 * ready > len(boxes) and FENCE not in document.lines.kinds[section.first : section.end]:
            for inner in range(number, bisect_left(document.sections, section.end, key=_first)):
                found.way_back[inner] = False


def title_section(document: Document) -> int:
    """The number of the section that the document's title opens; -1 where none stands before all boxes."""
    if document.title_level != 1:
        return -1
    late = bool(document.boxes) and document.boxes[0].row < document.sections[1].first
    return -1 if late else 1


def is_conditional(heading: str) -> bool:
    """Whether a heading says in which case its section is done."""
    heading = heading[:_LONGEST]
    lower = heading.lower()
    if "if" in lower and re.search(_HEADING_CONDITION, bare_name(heading)):
        return True
    if not any(word in lower for word in _OF_FAILURE):
        return False  # nearly all: nothing is compiled for them
    return re.search(_ON_FAILURE, bare_name(heading)) is not None and re.search(_WAY_BACK, heading) is None


def is_way_back(heading: str) -> bool:
    """Whether a heading is about going back, not about getting ready for it."""
    heading = heading[:_LONGEST]
    lower = heading.lower()
    if not ("back" in lower or "out" in lower or "trouble" in lower or "emergenc" in lower):
        return False  # nearly all: nothing is compiled for them
    return re.search(_WAY_BACK, heading) is not None and re.search(_FORWARD, heading) is None


def is_about_a_case(heading: str) -> bool:
    """Whether a heading is about some case, or about going back: "Roll back (only if no-go)" is no list of criteria."""
    return is_conditional(heading) or is_way_back(heading)


def bare_name(heading: str) -> str:
    """A heading without its number, and without Phase, Step and the like before it."""
    return re.sub(_NUMBER, "", heading, count=1)


def _line_condition(lines: Lines, index: int) -> str:
    """The condition that the line with this index is, "" where it is none, and for no line (-1)."""
    if index < 0:
        return ""
    text = lines.text[index].strip("*_> \t")
    return text.rstrip(":：*_ \t") if text.startswith("If ") and text.endswith((":", "：")) else ""


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
        and ((condition := _line_condition(lines, index)) or _is_label(lines, index))
    ]
    spans = pairwise([*labels, (section.own_end, "")])
    cases = [Case(begin, end, condition) for (begin, condition), (end, _) in spans if condition]
    return [case for case in cases if not {BULLET, FENCE}.isdisjoint(lines.kinds[case.row : case.end])]


def _nothing_else(document: Document, found: Natures) -> bool:
    """Whether all boxes, or all numbered headings of a document without boxes, belong to the way back."""
    if document.boxes:
        return all(found.way_back[number] for number in document.section_of)
    numbered = [
        number
        for number, section in enumerate(document.sections)
        if section.heading is not None and bare_name(section.heading.text) != section.heading.text
    ]
    return numbered != [] and all(found.way_back[number] for number in numbered)
