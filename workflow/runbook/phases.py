"""Which headings of a phase workflow are phases, and how does each end? Name, exit criteria, gate.

Rules:
- Phase, Stage, Step or Part with a number, then `:`, `-`, a dash or nothing: "Phase 2 Progress Tracking" is none.
- Durations and emoji behind the name are not the name.
- Exit criteria are plain bullets: assertions, never flipped. Boxes within a phase are its items.
- From grammar 2 on: what is done in some case only, and the way back inside of a phase, are not the phase's; a document
  without boxes and without such headings has its numbered ones as phases (`## 1. Title`).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial

from state.cheap_classes import NamedTuple
from state.model import PlannedTask
from workflow.runbook.around import Entry, without_commands_of
from workflow.runbook.boxes import BoxLine, plain
from workflow.runbook.case_words import only_in_a_case
from workflow.runbook.conditions import Natures
from workflow.runbook.details import CRITERIA_UNREAD, Details, read_details, take_commands_of_title
from workflow.runbook.gate_words import is_gate
from workflow.runbook.items import read_items
from workflow.runbook.lines import BULLET, HEADING, PROSE
from workflow.runbook.outline import Document, Section, last_text_line, text_of
from workflow.runbook.report import Report
from workflow.runbook.sections import Tasks

_PHASE = (
    r"(?i)[^\w]*(?P<word>Phase|Stage|Step|Part)\s+"
    r"(?P<number>\d{1,6}(?:\.\d{1,6}){0,5}[a-z]?(?:\s?[-–]\s?\d{1,6}(?:\.\d{1,6}){0,5})?|[A-Z]|[IVX]{1,8})"
    r"(?![\w.])(?:\s*\([^()]{0,60}\))?\s*(?:(?:[:：—–]|-(?=\s))\s*(?P<name>.*)|[^\w]*)$"
)
_DOTTED = (
    r"(?i)^([^\w]*(?:Phase|Stage|Step|Part)\s+(?:\d{1,6}(?:\.\d{1,6}){0,5}[a-z]?|(?-i:[A-Z]|[IVX]{1,8})))[.)](?=\s)"
)
_DURATION = (
    r"(?i)[(\[][^()\[\]]{0,60}\b(?:hours?|days?|weeks?|months?|min(?:ute)?s?|hrs?|done|complete|\d+ ?[hdw%])"
    r"[^()\[\]]{0,60}[)\]]$"
)
_NUMBERED = r"[^\w]*(?P<number>\d{1,3}(?:\.\d{1,3}){0,3})(?:[.):]+|\s*[-–—])?\s+(?P<name>\S.*)$"
_ENDS_A_NAME = ")]\"'`?!.%"
_EXIT_CRITERIA = r"(?i)[*_\W]*(?:exit|completion) criteria\b"
_ON_A_LINE = _EXIT_CRITERIA + r"[*_ \t]*[:：][*_ \t]*(?P<said>[^\s*_].*)$"


class PhaseName(NamedTuple):
    """`Phase 2: Rollout (3 days)` gives the id "Phase 2" and the title "Rollout"."""

    id: str
    title: str


def phase_name(heading: str) -> PhaseName | None:
    """What a heading calls its phase, or None when it names no phase."""
    match = re.match(_PHASE, heading.replace("**", "").strip())
    if match is None or (match["number"].isalpha() and not match["number"].isupper()):
        return None
    title = _without_signs(match["name"] or "")
    if title.endswith((")", "]")):
        title = _without_signs(re.sub(_DURATION, "", title))
    return PhaseName(f"{match['word']} {match['number']}", plain(title))


def _dotted_phase_name(heading: str) -> PhaseName | None:
    """As `phase_name`, for a number with a full stop or a bracket behind it, too: `Step 1. Copy`."""
    return phase_name(re.sub(_DOTTED, r"\1:", heading.replace("**", "")))


def _without_signs(title: str) -> str:
    """A name without the emoji and dashes behind it."""
    end = len(title)
    while end and not (title[end - 1].isalnum() or title[end - 1] in _ENDS_A_NAME):
        end -= 1
    return title[:end]


def numbered_name(heading: str) -> PhaseName | None:
    """What a heading with a number in front calls its phase: `2) Copy` gives "2" and "Copy"; None without one."""
    match = re.match(_NUMBERED, heading)
    return PhaseName(match["number"], plain(_without_signs(match["name"]))) if match else None


def phase_sections(document: Document) -> list[tuple[Section, PhaseName]]:
    """The headings that are the document's phases: those of the outermost level that has several of them."""
    named = _named(document, _dotted_phase_name if document.lines.grammar.dotted_phases else phase_name)
    if not named and not document.boxes and document.lines.grammar.numbered_headings:
        named = _named(document, numbered_name)
        if len(named) < 2:
            return []
    return _outermost(named) if named else []


def _outermost(named: list[tuple[Section, int, PhaseName]]) -> list[tuple[Section, PhaseName]]:
    """Those of the outermost level that has several, or else of the outermost."""
    counts = Counter(level for _section, level, _name in named)
    level = min((each for each, count in counts.items() if count > 1), default=min(counts))
    return [(section, name) for section, at, name in named if at == level]


def _named(document: Document, name_of: Callable[[str], PhaseName | None]) -> list[tuple[Section, int, PhaseName]]:
    """Sections whose heading has such a name, each with its level."""
    return [
        (section, section.heading.level, name)
        for section in document.sections
        if section.heading is not None and (name := name_of(section.heading.text)) is not None
    ]


def read_phases(document: Document, report: Report) -> tuple[PlannedTask, ...]:
    """The phases, in the order of the file; other headings of their level are left out with the reason."""
    chosen = phase_sections(document)
    _leave_out_headings(document, chosen, report)
    report_repeated(chosen, report)
    tasks = Tasks()
    inside: set[int] = set()
    for section, name in chosen:
        inside.update(box.row for box in document.boxes_in(section.first, section.end))
        _add(document, section, name, report, tasks)
    for box in document.boxes:
        if box.row not in inside:
            report.leave_out("section-item", box.row + 1, f"a box outside of the phases is no task: {box.rest}")
    return tasks.made()


def level_of(chosen: list[tuple[Section, PhaseName]]) -> int:
    """The level of the phases' headings; 0 where there are none."""
    heading = chosen[0][0].heading if chosen else None
    return heading.level if heading else 0


def report_repeated(chosen: list[tuple[Section, PhaseName]], report: Report) -> None:
    """Warn of phases that are called the same."""
    seen: dict[str, int] = {}
    for section, name in chosen:
        first = seen.setdefault(name.id.lower(), section.first + 1)
        if first != section.first + 1:
            report.warn("repeated-id", section.first + 1, f"{name.id} stands on line {first} already")


def _leave_out_headings(document: Document, chosen: list[tuple[Section, PhaseName]], report: Report) -> None:
    firsts = {section.first for section, _name in chosen}
    level, ends = level_of(chosen), 0
    for section in document.sections:
        if section.heading is None:
            continue
        if section.first in firsts:
            ends = section.end
        elif section.first >= ends and section.heading.level <= level and len(section.path) > 1:
            report.leave_out("no-phase", section.first + 1, f"{section.heading.text!r} has no number: not a phase")
        elif section.first < ends and phase_name(section.heading.text):
            report.leave_out("inner-phase", section.first + 1, f"{section.heading.text!r} stands inside of a phase")


def phase_entries(document: Document, found: Natures, chosen: list[tuple[Section, PhaseName]]) -> Iterator[PhaseEntry]:
    """The phases as states to be, in the order of the file; `chosen` without those of the way back."""
    for section, name in chosen:
        number = section.chain[-1]
        condition = found.conditions[number]
        aside = [
            (each.first, each.own_end)
            for each, nature in _inside(document, found, section)
            if nature != (condition, False)
        ]
        aside += [(case.row, case.end) for case in found.cases_in(section.first, section.end)]
        aside += [(back.row, back.end) for back in found.backs if section.first <= back.row < section.end]
        apart = {order for first, end in aside for order in document.orders_in(first, end)}
        orders = [order for order in document.orders_in(section.first, section.end) if order not in apart]
        yield PhaseEntry(section, name, orders, aside, condition, found.optional[number])


class PhaseEntry(NamedTuple):
    """A phase as a state to be.

    Attributes:
        orders: numbers of the boxes that are its items.
        aside: spans of lines inside of it (indices, the second not among them) that are for some case only, or on the
            way back.
        condition: in which case the phase is done at all, or "".
        optional: whether its heading, or one above it, says that it is optional.
    """

    section: Section
    name: PhaseName
    orders: list[int]
    aside: list[tuple[int, int]]
    condition: str
    optional: bool

    def entry(self, document: Document, report: Report) -> Entry:
        boxes = [document.boxes[order] for order in self.orders]
        add = partial(
            _add,
            document,
            self.section,
            self.name,
            report,
            boxes=boxes,
            aside=self.aside,
            condition=self.condition,
            optional=self.optional,
        )
        return Entry(self.section.first, add)


def _inside(document: Document, found: Natures, section: Section) -> Iterator[tuple[Section, tuple[str, bool]]]:
    """The sections inside of a phase, each with its condition and whether it belongs to the way back."""
    for number in range(section.chain[-1] + 1, len(document.sections)):
        each = document.sections[number]
        if each.first >= section.end:
            return
        yield each, (found.conditions[number], found.way_back[number])


def _add(
    document: Document,
    section: Section,
    name: PhaseName,
    report: Report,
    tasks: Tasks,
    *,
    boxes: list[BoxLine] | None = None,
    aside: list[tuple[int, int]] | None = None,
    condition: str = "",
    optional: bool = False,
) -> None:
    lines = document.lines
    last = last_text_line(lines, section.first, section.end)
    inside = document.boxes_in(section.first, section.end)
    boxes = inside if boxes is None else boxes
    items = read_items(lines, boxes, section.first + 1, section.end, section.path, report)
    details = read_details(lines, section.first + 1, last, title_open=False)
    take_commands_of_title(lines, details, lines.text[section.first], section.first)
    without_commands_of(details, aside or ())
    if lines.grammar.criteria_on_a_line:
        for number in details.labels_of_criteria():
            if lines.kinds[number - 1] == BULLET or lines.indents[number - 1] > 0:
                why = "in a phase they stand below, or behind, a label at the margin"
                report.note("criteria-not-read", number, f"{CRITERIA_UNREAD}; {why}")
    if condition:
        report.note(
            "conditional-section",
            section.first + 1,
            only_in_a_case(name.id, condition, alone=lines.grammar.cases_alone),
        )
    tasks.add(
        id=name.id,
        title=name.title or name.id,
        kind="phase",
        heading=section.path[:-1],
        text=text_of(lines, section.first, last, inside),
        first=section.first,
        last=last,
        details=details,
        items=tuple(items),
        exit_criteria=_exit_criteria(document, section, details),
        condition=condition,
        optional=optional,
    )


def _exit_criteria(document: Document, section: Section, details: Details) -> tuple[str, ...]:
    """The bullets under the heading or the label "Exit Criteria", up to the next heading, label or gate."""
    lines = document.lines
    under: set[int] = set()
    on_a_line: set[int] = set()
    on = False
    for index in range(section.first + 1, section.end):
        kind = lines.kinds[index]
        if kind in (HEADING, PROSE) and lines.indents[index] == 0:
            on = re.match(_EXIT_CRITERIA, lines.text[index]) is not None
            if on and kind == PROSE and lines.grammar.criteria_on_a_line:
                on_a_line.add(index + 1)
        elif kind == BULLET and on:
            under.add(index + 1)
    found: list[str] = []
    for bullet, number in zip(details.bullets, details.bullet_lines, strict=True):
        if number in under and not is_gate(bullet):
            found.append(bullet)
        elif number in on_a_line:
            found += _on_the_labels_line(bullet)
    return tuple(found)


def _on_the_labels_line(text: str) -> list[str]:
    """The criteria behind a label, `Exit criteria: built; the board has seen it.`; a semicolon ends one."""
    match = re.match(_ON_A_LINE, text)
    return [said for each in match["said"].split(";") if (said := each.strip())] if match else []
