"""Which states does a document have? Its tasks or phases, and the sections around them, in the order of the file.

Grammar 2; grammar 1 has a reader for each shape (`task_list.py`, `phases.py`, `sections.py`).
"""

from __future__ import annotations

import re
from bisect import bisect_right

from state.model import PlannedTask, Shape
from workflow.runbook.around import Entry, roles, sections_around, way_back
from workflow.runbook.case_words import is_about_a_case
from workflow.runbook.conditions import Natures
from workflow.runbook.details import read_details
from workflow.runbook.excerpt import quoted
from workflow.runbook.items import tasks_under_no_go
from workflow.runbook.lines import BULLET, FENCE
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

_STEP = r"[ \t]*\d{1,3}[.)][ \t]"
_COMMAND = r"`[^`\s]+\s[^`]+`"


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
    _report_steps(document, found, report)
    entries = task_entries(document, found, apart, report)
    first = entries[0].row if entries else len(document.lines)
    return entries + list(sections_around(document, found, sorted(grouped), first, report, closing=True))


def _report_steps(document: Document, found: Natures, report: Report) -> None:
    """List the sections with steps or commands that are of no state, since the states here are boxes."""
    named = roles(document)
    for number, section in enumerate(document.sections):
        if not section.heading:
            continue
        name = section.heading.text
        is_elsewhere = found.way_back[number] or named[number] or is_about_a_case(name)
        said = "" if is_elsewhere else _steps_without_a_box(document, section, name)
        if said := said or _steps_beside_cases(document, found, number):
            report.leave_out("no-item", section.first + 1, f"{name!r} has {said}")


def _steps_without_a_box(document: Document, section: Section, name: str) -> str:
    """What a section without boxes has of numbered steps; "" for one that has none, or nothing to do in them."""
    if document.orders_in(section.first, section.end):
        return ""
    steps = _numbered_steps(document, section)
    is_told = steps and (numbered_name(name) or any(re.search(_COMMAND, text) for text in steps))
    return f"numbered steps but no box: no state: {'; '.join(steps)}" if is_told else ""


def _steps_beside_cases(document: Document, found: Natures, number: int) -> str:
    """What a section whose boxes are for some case only has beside them; "" where all of it is for some case."""
    section = document.sections[number]
    boxes = document.boxes_in(section.first, section.own_end) if found.cases else ()
    if not boxes or any(found.case_at(box.row) is None for box in boxes):
        return ""
    rows = range(section.first, section.own_end)
    own = [row for row in rows if found.case_at(row) is None and not found.goes_back(number, row)]
    if any(document.lines.kinds[row] == BULLET and re.match(_STEP, document.lines.text[row]) for row in own):
        return "numbered steps of its own and boxes for some case only: no state"
    if any(document.lines.kinds[row] == FENCE for row in own):
        return "commands of its own and boxes for some case only: no state"
    return ""


def _numbered_steps(document: Document, section: Section) -> list[str]:
    """The lines of a section that begin with a number."""
    kinds = document.lines.kinds[section.first : section.own_end]
    rows = zip(kinds, document.lines.text[section.first : section.own_end], strict=True)
    return [quoted(text) for kind, text in rows if kind == BULLET and re.match(_STEP, text)]


def _commands_of(document: Document, section: Section) -> str:
    """The commands of a section's fences, as they are told behind what it is called; "" where it has none to run."""
    found = read_details(document.lines, section.first + 1, section.own_end - 1, title_open=False).commands
    return "".join(f"{'; ' if place else ': '}{quoted(each.first)}" for place, each in enumerate(found))


def _has_commands(document: Document, section: Section, name: str) -> bool:
    """Whether a section's fences have anything in them; where notes are to be put, something that can be run."""
    if name.strip().lower() == "notes":  # `phasegate note --in-document` puts them below the fence
        return _commands_of(document, section) != ""
    lines = document.lines
    fences = [row for row in lines.fences if section.first <= row < section.own_end]
    return any("".join(lines.text[row + 1 : lines.fence_ends[row]]).strip() for row in fences)


def _checklist(document: Document, found: Natures, back: set[int], report: Report) -> list[Entry]:
    _report_steps(document, found, report)
    with_boxes, listed = set(document.section_of), {each.line for each in report.not_tasks}
    for number, section in enumerate(document.sections):
        if section.heading is None or number in with_boxes or found.way_back[number] or section.first + 1 in listed:
            continue
        name = section.heading.text
        if _has_commands(document, section, name):
            said = f"{name!r} has commands but no box: no state{_commands_of(document, section)}"
            report.leave_out("no-item", section.first + 1, said)
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
