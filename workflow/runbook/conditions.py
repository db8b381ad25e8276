"""When is a section done at all? The conditions of sections, and the sections that belong to the way back.

Rules:
- A condition is a line that begins with If and ends in a colon, or a heading that begins with If or says "if needed",
  "only if" or "if necessary". Directly under a heading the line is about the whole section with what is deeper;
  elsewhere it is a case: about the boxes up to the next label or heading.
- Rollback, back-out, troubleshooting and emergency in a heading, with no condition at it or above it, are the way
  back: no step of it is a state. "Test the rollback" and "Rollback preparation" are steps forward.
- The document's title is neither. A document that has nothing but a way back goes forward by it.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from typing import NamedTuple

from workflow.runbook.lines import BLANK, BULLET, FENCE, PROSE, QUOTE, Lines
from workflow.runbook.outline import Document, Section

_NUMBER = (
    r"(?i)^[^\w(]*(?:(?:phase|stage|step|part|task)\s+)?"
    r"(?:\d{1,6}[a-z]?(?:\.\d{1,6}[a-z]?)*\b|[A-Z]\b(?=[.:)]))?[\s.:)–—-]*"
)
_HEADING_CONDITION = r"(?i)^(?:only\s+)?if\b|\bif needed\b|\bonly if\b|\bif necessary\b"
_LONGEST = 300  # signs of a heading that are looked at
_BACK = r"(?:roll(?:ing|ed|s)?[ -]?backs?|back(?:ing|ed|s)?[ -]?outs?|trouble-?shooting|emergency|emergencies)"
_WAY_BACK = rf"(?i)\b{_BACK}\b"
_FORWARD = (
    r"(?i)\b(?:prepar\w*|rehears\w*|practi[cs]e|test|tests|testing|verify|document|define|write|create|implement|build|"
    rf"add|design|review|plan(?= (?:the|a|for)\b)|user story|feature|support)\b.*\b{_BACK}\b"
    rf"|\b{_BACK}\s+(?:and \w+ )?(?:prep\w*|readiness|rehears\w*|drills?|tests?\b|testing|support|feature)"
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


def _row(case: Case) -> int:
    return case.row


@dataclass(slots=True)
class Natures:
    """What the sections of a document are; the lists run parallel to its sections.

    Attributes:
        conditions: in which case a section is done, or "".
        way_back: whether it belongs to the way back.
        cases: in the order of the file.
    """

    conditions: list[str]
    way_back: list[bool]
    cases: list[Case]

    @property
    def any_condition(self) -> bool:
        """Whether anything in the document is done in some case only."""
        return bool(self.cases) or any(self.conditions)

    def condition_at(self, section: int, row: int) -> str:
        """In which case the line with this index, in this section, is done at all."""
        case = self.case_at(row)
        return case.condition if case else self.conditions[section]

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
    found = Natures([""] * total, [False] * total, [])
    if not document.lines.grammar.sections_around:
        return found
    title = title_section(document)
    may_have_ifs = document.lines.may_have_ifs
    for number, section in enumerate(document.sections):
        above = section.chain[-2] if len(section.chain) > 1 else 0
        inherited = "" if above == title else found.conditions[above]
        name = section.heading.text if section.heading else ""
        own = name if number != title and name and is_conditional(name) else ""
        line = _leading_line(document, section) if may_have_ifs else -1
        if not own and line >= 0:
            own = _line_condition(document.lines, line)
        found.conditions[number] = own or inherited
        back = number != title and is_way_back(name) and not found.conditions[number]
        found.way_back[number] = back or (above != title and found.way_back[above])
        if found.way_back[number]:
            found.conditions[number] = ""
        if may_have_ifs:
            found.cases += _cases(document.lines, section, line)
    if _nothing_else(document, found):
        found.way_back = [False] * total
    return found


def title_section(document: Document) -> int:
    """The number of the section that the document's title opens; -1 where none stands before all boxes."""
    first = document.sections[1].heading if len(document.sections) > 1 else None
    late = first is not None and bool(document.boxes) and document.boxes[0].row < first.row
    return 1 if first is not None and first.level == 1 and not late else -1


def is_conditional(heading: str) -> bool:
    """Whether a heading says in which case its section is done."""
    heading = heading[:_LONGEST]
    return "if" in heading.lower() and re.search(_HEADING_CONDITION, bare_name(heading)) is not None


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
    text = lines.text[index].strip("*_> \t")
    return text.rstrip(":：*_ \t") if text.startswith("If ") and text.endswith((":", "：")) else ""


def _leading_line(document: Document, section: Section) -> int:
    """Index of the first line under a heading, when it is a condition of the whole section; -1 when it is none.

    It is only a case when another label divides the boxes: "If you use Docker:" ... "Otherwise:".
    """
    lines = document.lines
    index = section.first + (section.heading is not None)
    while index < section.own_end and lines.kinds[index] == BLANK:
        index += 1
    if index < section.own_end and lines.kinds[index] in (PROSE, QUOTE) and _line_condition(lines, index):
        labels = (at for at in range(index + 1, section.own_end) if lines.kinds[at] == PROSE and lines.indents[at] == 0)
        label = next((at for at in labels if _is_label(lines.text[at].strip())), section.own_end)
        return -1 if document.orders_in(label, section.own_end) else index
    return -1


def _is_label(text: str) -> bool:
    return text.startswith("**") or text.endswith((":", "："))


def _cases(lines: Lines, section: Section, leading: int) -> list[Case]:
    """The cases inside of a section's own lines; `leading` is the condition that is about all of it."""
    cases: list[Case] = []
    begin, condition = -1, ""
    for index in range(section.first + (section.heading is not None), section.own_end):
        if lines.kinds[index] != PROSE or lines.indents[index] > 0 or index == leading:
            continue
        text = lines.text[index].strip()
        said = _line_condition(lines, index)
        if said or _is_label(text):  # a label ends the case before it
            if begin >= 0:
                cases.append(Case(begin, index, condition))
            begin, condition = (index, said) if said else (-1, "")
    if begin >= 0:
        cases.append(Case(begin, section.own_end, condition))
    return [case for case in cases if any(lines.kinds[at] in (BULLET, FENCE) for at in range(case.row, case.end))]


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
