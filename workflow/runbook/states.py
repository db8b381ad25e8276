"""Which states does a document have? Its tasks or phases, and the sections around them, in the order of the file.

Grammar 2; grammar 1 has a reader for each shape (`task_list.py`, `phases.py`, `sections.py`).
"""

from __future__ import annotations

from bisect import bisect_right

from state.model import PlannedTask, Shape
from workflow.runbook.around import Entry, sections_around, way_back
from workflow.runbook.conditions import Natures
from workflow.runbook.items import tasks_under_no_go
from workflow.runbook.lines import FENCE
from workflow.runbook.outline import Document, Section
from workflow.runbook.phases import (
    PhaseName,
    level_of,
    numbered_name,
    phase_entries,
    phase_name,
    phase_sections,
    report_repeated,
)
from workflow.runbook.report import Report
from workflow.runbook.sections import Tasks
from workflow.runbook.task_list import criteria_groups, task_entries


def read_states(document: Document, found: Natures, shape: Shape, report: Report) -> tuple[PlannedTask, ...]:
    """The states of a document read in this shape."""
    back = way_back(document, found, report, all_headings=shape == "phases")
    if shape == "phases":
        entries = _phases(document, found, back, report)
    elif shape == "tasks":
        entries = _tasks(document, found, back, report)
    else:
        entries = _checklist(document, found, back, report)
    tasks = Tasks()
    for entry in sorted(entries, key=lambda each: each.row):
        entry.add(tasks)
    return tuple(_with_condition_line(document, found, task) for task in tasks.made())


def _with_condition_line(document: Document, found: Natures, task: PlannedTask) -> PlannedTask:
    if not task.condition:
        return task
    row = task.line - 1
    section = bisect_right(document.sections, row, key=lambda each: each.first) - 1
    return task._replace(condition_line=found.condition_row(section, row) + 1)


def _tasks(document: Document, found: Natures, back: set[int], report: Report) -> list[Entry]:
    grouped = {order for orders in criteria_groups(document).values() for order in orders} - back
    rest = (order for order in range(len(document.boxes)) if order not in grouped and order not in back)
    apart = grouped | back | tasks_under_no_go(document, rest, report)
    entries = task_entries(document, found, apart, report)
    first = entries[0].row if entries else len(document.lines)
    return entries + list(sections_around(document, found, sorted(grouped), first, report, closing=True))


def _checklist(document: Document, found: Natures, back: set[int], report: Report) -> list[Entry]:
    with_boxes = set(document.section_of)
    for number, section in enumerate(document.sections):
        if section.heading is None or number in with_boxes or found.way_back[number]:
            continue
        name = section.heading.text
        if FENCE in document.lines.kinds[section.first : section.own_end]:
            report.leave_out("no-item", section.first + 1, f"{name!r} has commands but no box: no state")
        elif numbered_name(name) and not document.orders_in(section.first, section.end):
            report.leave_out("no-item", section.first + 1, f"{name!r} has a number but no box: no state")
    rest = [order for order in range(len(document.boxes)) if order not in back]
    return list(sections_around(document, found, rest, 0, report, closing=False))


def _phases(document: Document, found: Natures, back: set[int], report: Report) -> list[Entry]:
    chosen = [(section, name) for section, name in phase_sections(document) if not found.way_back[section.chain[-1]]]
    if not chosen:
        return []
    report_repeated(chosen, report)
    phases = list(phase_entries(document, found, chosen))
    _report_other_headings(document, found, chosen, report)
    taken = {order for phase in phases for order in phase.orders} | back
    rest = [order for order in range(len(document.boxes)) if order not in taken]
    entries = [phase.entry(document, report) for phase in phases]
    first = phases[0].section.first
    return entries + list(sections_around(document, found, rest, first, report, closing=True))


def _report_other_headings(
    document: Document, found: Natures, chosen: list[tuple[Section, PhaseName]], report: Report
) -> None:
    """Headings of the phases' level without a box, and numbered ones inside of a phase: neither is a state."""
    firsts = {section.first for section, _name in chosen}
    level, ends = level_of(chosen), 0
    for number, section in enumerate(document.sections):
        if section.heading is None or found.way_back[number]:
            continue
        if section.first in firsts:
            ends = section.end
        elif section.first < ends:
            if phase_name(section.heading.text):
                report.leave_out("inner-phase", section.first + 1, f"{section.heading.text!r} stands inside of a phase")
        elif section.heading.level <= level and _is_empty(document, section):
            report.leave_out("no-phase", section.first + 1, f"{section.heading.text!r} has no number: not a phase")


def _is_empty(document: Document, section: Section) -> bool:
    """Whether it is below another heading, and no box is below its own."""
    return len(section.path) > 1 and not document.orders_in(section.first, section.end)
