"""What do the sections around tasks and phases become? States, in the order of the file; those of the way back none.

Rules (grammar 2; the three shapes treat them alike):
- A section with boxes is a state of kind section. Criteria ("Success Criteria", "Definition of Done") and checklists
  behind the first task or phase are validations; criteria before it are the last validations of the plan.
- A section whose deeper sections have boxes, too, is a state for each of them.
- Boxes of a legend or an example are left out with a warning; those of the way back are left out, and listed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Literal

from state.cheap_classes import NamedTuple
from state.model import Command, TaskKind
from workflow.runbook.boxes import BoxLine, Label, plain, read_label
from workflow.runbook.case_words import is_about_a_case, only_in_a_case
from workflow.runbook.conditions import Case, Natures, title_section
from workflow.runbook.details import Details, read_details, take_commands_of_title
from workflow.runbook.excerpt import quoted
from workflow.runbook.items import read_items
from workflow.runbook.outline import Document, Section, last_text_line, text_of
from workflow.runbook.report import Report
from workflow.runbook.sections import Tasks

Role = Literal["", "criteria", "checklist", "remark", "legend"]

_ROLES: tuple[tuple[Role, str], ...] = (
    (
        "criteria",
        r"(?i)\b(?:success|acceptance|exit|completion|validation) criteria\b|\bdefinition of done\b|\bsign[- ]?off\b|"
        r"\b(?:output|validation|verification|completion|acceptance|final)\b.*\bchecklist\b|"
        r"^(?:final |output )?(?:validation|verification)$",
    ),
    ("checklist", r"(?i)checklist|\bquality gates?\b|\bno[- ]?go\b"),
    ("legend", r"(?i)^(?:legend|examples?|references?|how to use.*)$"),
    ("remark", r"(?i)^(?:notes?|prerequisites|open questions)$"),
)

_LONGEST = 300  # signs of a heading that are looked at
_GUIDE = r"(?i)\btrouble-?shooting\b"  # such a section goes back nowhere: listed only with what could be done


class Entry(NamedTuple):
    """A state to be: where it stands (the index of its line, or more for one that comes last), and what adds it."""

    row: int
    add: Callable[[Tasks], None]


class _Part(NamedTuple):
    """Boxes that become one state: of a section's own lines, or of one case in it."""

    section: Section
    case: Case | None
    boxes: list[BoxLine]
    condition: str

    @property
    def number(self) -> int:
        """The section's number; 0 is the one before the first heading."""
        return self.section.chain[-1] if self.section.chain else 0

    @property
    def row(self) -> int:
        """Index of its first line."""
        return self.case.row if self.case else self.section.first


def roles(document: Document) -> list[Role]:
    """What each section is by its name, or by the outermost one above it that has such a name; not by the title's."""
    found: list[Role] = []
    title = title_section(document)
    for number, section in enumerate(document.sections):
        above = section.chain[-2] if len(section.chain) > 1 else -1
        inherited: Role = found[above] if above >= 0 and above != title else ""
        own = "" if inherited or number == title or section.heading is None else _role(section.heading.text)
        found.append(inherited or own)
    return found


def _role(name: str) -> Role:
    if is_about_a_case(name):
        return ""
    name = name[:_LONGEST].strip(" :*")
    return next((role for role, pattern in _ROLES if re.search(pattern, name)), "")


def sections_around(
    document: Document, found: Natures, orders: Iterable[int], first: int, report: Report, *, closing: bool
) -> Iterator[Entry]:
    """The states of the sections in which these boxes stand.

    Args:
        orders: numbers of the boxes, in the order of the file.
        first: index of the line of the first task or phase.
        closing: whether criteria are validations; in a checklist everything is a section.
    """
    parts = _parts(document, found, orders)
    named = roles(document) if parts else []
    for part in parts:
        role, row = named[part.number], part.row
        if role == "legend":
            _leave_out(part, report)
            continue
        kind: TaskKind = "section"
        if closing and role in ("criteria", "checklist") and row > first:
            kind = "validation"
        elif closing and role == "criteria":
            kind, row = "validation", row + len(document.lines)
        yield Entry(row, partial(_add_part, document, found, part, kind, report))


def _leave_out(part: _Part, report: Report) -> None:
    """The boxes of a legend or an example."""
    for box in part.boxes:
        message = f"a box under {part.section.path[-1]!r} is no task: {quoted(box.rest)}"
        report.leave_out("section-item", box.row + 1, message)
        report.warn("section-item", box.row + 1, message)


def _parts(document: Document, found: Natures, orders: Iterable[int]) -> list[_Part]:
    parts: dict[tuple[int, int], _Part] = {}
    for order in orders:
        box, number = document.boxes[order], document.section_of[order]
        case = found.case_at(box.row)
        key = (number, case.row if case else -1)
        if key not in parts:
            condition = case.condition if case else found.conditions[number]
            parts[key] = _Part(document.sections[number], case, [], condition)
        parts[key].boxes.append(box)
    return list(parts.values())


def _add_part(document: Document, found: Natures, part: _Part, kind: TaskKind, report: Report, tasks: Tasks) -> None:
    """The state of these boxes; none when no box of it may be ticked."""
    lines, section, boxes = document.lines, part.section, part.boxes
    first, end = (part.case.row, part.case.end) if part.case else (section.first, _end(document, section))
    headed = part.case is not None or section.heading is not None
    items = read_items(lines, boxes, first + headed, end, section.path, report)
    if not items:
        return
    last = last_text_line(lines, first, end)
    label = _label(document, part, kind)
    if part.condition:
        report.note(
            "conditional-section",
            first + 1,
            only_in_a_case(label.title, part.condition, alone=lines.grammar.cases_alone),
        )
    details = read_details(lines, first + headed, last, title_open=False)
    if headed:
        take_commands_of_title(lines, details, lines.text[first], first)
    details.commands = found.forward(details.commands)
    if part.case is None:
        without_commands_of(details, [(case.row, case.end) for case in found.cases_in(first, end)])
    tasks.add(
        id=label.id,
        title=label.title,
        kind=kind,
        heading=section.path if part.case else section.path[:-1],
        text=text_of(lines, first, last, document.boxes_in(first, last + 1)),
        first=first,
        last=last,
        details=details,
        optional=label.optional or found.optional[part.number],
        items=tuple(items),
        condition=part.condition,
    )


def _end(document: Document, section: Section) -> int:
    """Index after a section's last line: with what is deeper, where no box stands there."""
    if section.heading is None or document.orders_in(section.own_end, section.end):
        return section.own_end
    return section.end


def _label(document: Document, part: _Part, kind: TaskKind) -> Label:
    """What a section is called; "## T-24h" and "## 3." are words, not ids without any."""
    if part.case:
        return Label("", plain(part.case.condition), optional=True)
    name = part.section.heading.text if part.section.heading else "Checklist"
    if not name.strip("*_` "):
        name = "Untitled section"
    label = read_label(name, document.lines.grammar)
    if kind != "section" or label.title == label.id:
        return Label("", plain(name), label.optional)
    return label


def without_commands_of(details: Details, spans: Iterable[tuple[int, int]]) -> None:
    """Take the commands away that stand on these lines (indices, the second one not among them)."""
    apart = {index + 1 for first, end in spans for index in range(first, end)}
    if apart:
        details.commands = [command for command in details.commands if command.line not in apart]


def way_back(document: Document, found: Natures, report: Report, *, all_headings: bool) -> set[int]:
    """The numbers of the boxes that belong to the way back; they are listed, its headings, and its commands.

    `all_headings` lists a guide without boxes and commands, too: where headings are states.
    """
    for number, section in enumerate(document.sections):
        if not found.way_back[number] or found.way_back[section.above]:
            continue
        commands = _commands_beside_boxes(document, section)
        says_more = commands or document.orders_in(section.first, section.end)
        if all_headings or says_more or not re.search(_GUIDE, section.path[-1]):
            message = f"{section.path[-1]!r} belongs to the way back: none of its steps is a state"
            report.leave_out("way-back", section.first + 1, message)
        for command in commands:
            message = f"a command of the way back ({section.path[-1]}): {quoted(command.first)}"
            report.leave_out("way-back", command.line, message)
    orders = set()
    for order, number in enumerate(document.section_of):
        if found.way_back[number]:
            _leave_out_step(document.boxes[order], document.sections[number].path[-1], report)
            orders.add(order)
    for back in found.backs:
        orders.update(_leave_out_label(document, back, report))
    return orders


def _leave_out_step(box: BoxLine, name: str, report: Report) -> None:
    report.leave_out("way-back", box.row + 1, f"a step of the way back ({name}): {quoted(box.rest)}")


def _leave_out_label(document: Document, back: Case, report: Report) -> range:
    """List what stands below a label about going back; the numbers of its boxes."""
    orders = document.orders_in(back.row, back.end)
    name = quoted(re.split("[:：]", back.condition)[0].strip("*_ "))
    listed = {document.boxes[order].row + 1 for order in orders}
    details = read_details(document.lines, back.row, back.end - 1, title_open=False)
    commands = [command for command in details.commands if command.line not in listed]
    if orders or commands:
        if back.row + 1 not in {command.line for command in commands}:
            report.leave_out("way-back", back.row + 1, f"{name} belongs to the way back: none of its steps is a state")
        for command in commands:
            message = f"a command of the way back ({name}): {quoted(command.first)}"
            report.leave_out("way-back", command.line, message)
    for order in orders:
        _leave_out_step(document.boxes[order], name, report)
    return orders


def _commands_beside_boxes(document: Document, section: Section) -> list[Command]:
    """The commands of a section but for those on the lines of its boxes, which are listed by themselves."""
    listed = {box.row + 1 for box in document.boxes_in(section.first, section.end)}
    details = read_details(document.lines, section.first + 1, section.end - 1, title_open=False)
    return [command for command in details.commands if command.line not in listed]
