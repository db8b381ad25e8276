"""Which headings of a phase workflow are phases, and how does each end? Name, exit criteria, gate.

Rules:
- Phase, Stage, Step or Part with a number, then `:`, `-`, a dash or nothing: "Phase 2 Progress Tracking" is none.
- Durations and emoji behind the name are not the name.
- Exit criteria are plain bullets: assertions, never flipped. Boxes within a phase are its items.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from state.model import PlannedTask
from workflow.runbook.boxes import plain
from workflow.runbook.details import Details, is_gate, read_details
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
_DURATION = (
    r"(?i)[(\[][^()\[\]]{0,60}\b(?:hours?|days?|weeks?|months?|min(?:ute)?s?|hrs?|done|complete|\d+ ?[hdw%])"
    r"[^()\[\]]{0,60}[)\]]$"
)
_ENDS_A_NAME = ")]\"'`?!.%"
_EXIT_CRITERIA = r"(?i)[*_\W]*(?:exit|completion) criteria\b"


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


def _without_signs(title: str) -> str:
    """A name without the emoji and dashes behind it."""
    end = len(title)
    while end and not (title[end - 1].isalnum() or title[end - 1] in _ENDS_A_NAME):
        end -= 1
    return title[:end]


def phase_sections(document: Document) -> list[tuple[Section, PhaseName]]:
    """The headings that are the document's phases: those of the outermost level that has several of them."""
    named = [
        (section, section.heading.level, name)
        for section in document.sections
        if section.heading is not None and (name := phase_name(section.heading.text)) is not None
    ]
    if not named:
        return []
    levels = sorted({level for _section, level, _name in named})
    counts = {level: sum(1 for each in named if each[1] == level) for level in levels}
    level = next((each for each in levels if counts[each] > 1), levels[0])
    return [(section, name) for section, at, name in named if at == level]


def read_phases(document: Document, report: Report) -> tuple[PlannedTask, ...]:
    """The phases, in the order of the file; other headings of their level are left out with the reason."""
    chosen = phase_sections(document)
    firsts = {section.first for section, _name in chosen}
    level = chosen[0][0].heading.level if chosen and chosen[0][0].heading else 0
    ends = 0
    tasks = Tasks()
    for section in document.sections:
        if section.heading is None:
            continue
        if section.first in firsts:
            ends = section.end
        elif section.first >= ends and section.heading.level <= level and len(section.path) > 1:
            report.leave_out("no-phase", section.first + 1, f"{section.heading.text!r} has no number: not a phase")
        elif section.first < ends and phase_name(section.heading.text):
            report.leave_out("inner-phase", section.first + 1, f"{section.heading.text!r} stands inside of a phase")
    inside: set[int] = set()
    seen: dict[str, int] = {}
    for section, name in chosen:
        boxes = document.boxes_in(section.first, section.end)
        inside.update(box.row for box in boxes)
        if name.id.lower() in seen:
            report.warn("repeated-id", section.first + 1, f"{name.id} stands on line {seen[name.id.lower()]} already")
        seen.setdefault(name.id.lower(), section.first + 1)
        _add(document, section, name, tasks, report)
    for box in document.boxes:
        if box.row not in inside:
            report.leave_out("section-item", box.row + 1, f"a box outside of the phases is no task: {box.rest}")
    return tasks.made()


def _add(document: Document, section: Section, name: PhaseName, tasks: Tasks, report: Report) -> None:
    lines = document.lines
    last = last_text_line(lines, section.first, section.end)
    boxes = document.boxes_in(section.first, section.end)
    items = read_items(lines, boxes, section.first + 1, section.end, section.path, report)
    details = read_details(lines, section.first + 1, last, title_open=False)
    tasks.add(
        id=name.id,
        title=name.title or name.id,
        kind="phase",
        heading=section.path[:-1],
        text=text_of(lines, section.first, last, boxes),
        first=section.first,
        last=last,
        details=details,
        items=tuple(items),
        exit_criteria=_exit_criteria(document, section, details),
    )


def _exit_criteria(document: Document, section: Section, details: Details) -> tuple[str, ...]:
    """The bullets under the heading or the label "Exit Criteria", up to the next heading, label or gate."""
    lines = document.lines
    under: set[int] = set()
    on = False
    for index in range(section.first + 1, section.end):
        kind = lines.kinds[index]
        if kind in (HEADING, PROSE) and lines.indents[index] == 0:
            on = re.match(_EXIT_CRITERIA, lines.text[index]) is not None
        elif kind == BULLET and on:
            under.add(index + 1)
    return tuple(
        bullet
        for bullet, number in zip(details.bullets, details.bullet_lines, strict=True)
        if number in under and not is_gate(bullet)
    )
