"""How does a section of boxes become one state? A checklist's section, or the validation that closes a task list."""

from __future__ import annotations

from dataclasses import dataclass, field

from state.model import Box, Command, Item, Parent, PlannedTask, TaskKind
from workflow.runbook.boxes import BoxLine, plain, read_label
from workflow.runbook.details import Details, read_details
from workflow.runbook.items import read_items
from workflow.runbook.keys import Keys
from workflow.runbook.lines import FENCE, PROSE
from workflow.runbook.outline import Document, Section, last_text_line, text_of
from workflow.runbook.report import Report


@dataclass(slots=True)
class Draft:
    """A task before it has its place: what all shapes fill in, and `planned` makes final."""

    id: str
    title: str
    kind: TaskKind
    heading: tuple[str, ...]
    text: str
    first: int
    last: int
    details: Details
    optional: bool = False
    box: Box | None = None
    items: list[Item] = field(default_factory=list)
    parents: list[Parent] = field(default_factory=list)
    exit_criteria: tuple[str, ...] = ()
    commands: tuple[Command, ...] = ()


def planned(drafts: list[Draft]) -> tuple[PlannedTask, ...]:
    """The drafts as the plan's tasks, in the order given, with ordinals and keys."""
    keys = Keys()
    return tuple(
        PlannedTask(
            keys.make(draft.id, draft.title, ordinal), draft.id, draft.title, draft.kind, ordinal, draft.heading,
            draft.text, draft.first + 1, draft.last + 1, draft.box, tuple(draft.items), tuple(draft.parents),
            draft.optional, tuple(draft.details.requirements), tuple(draft.details.validates),
            tuple(draft.details.properties), draft.details.commit_message, draft.exit_criteria,
            draft.commands or tuple(draft.details.commands), draft.details.gate, draft.details.gate_line,
            tuple(draft.details.bullets),
        )
        for ordinal, draft in enumerate(drafts, start=1)
    )  # fmt: skip


def draft_section(
    document: Document, section: Section, boxes: list[BoxLine], end: int, kind: TaskKind, report: Report
) -> Draft | None:
    """The state of the lines from the section's heading up to `end`; None when no box of it may be ticked."""
    lines = document.lines
    items = read_items(lines, boxes, end, section.path, report)
    if not items:
        return None
    last = last_text_line(lines, section.first, end)
    name = section.heading.text if section.heading else "Checklist"
    label = read_label(name)
    details = read_details(lines, section.first + (section.heading is not None), last, title_open=False)
    return Draft(
        id=label.id if kind == "section" else "", title=label.title if kind == "section" else plain(name), kind=kind,
        heading=section.path[:-1], text=text_of(lines, section.first, last, boxes), first=section.first, last=last,
        details=details, optional=label.optional, items=items,
    )  # fmt: skip


def read_checklist(document: Document, report: Report) -> list[Draft]:
    """One state for each section with boxes of its own."""
    by_section: dict[int, list[BoxLine]] = {}
    for box, number in zip(document.boxes, document.section_of, strict=True):
        by_section.setdefault(number, []).append(box)
    for number, section in enumerate(document.sections):
        if section.heading and number not in by_section and _has_fence(document, section):
            report.leave_out(
                "no-item", section.first + 1, f"{section.heading.text!r} has commands but no box: no state"
            )
    drafts = []
    for number, boxes in by_section.items():
        section = document.sections[number]
        draft = draft_section(document, section, boxes, section.own_end, "section", report)
        if draft is None:
            continue
        condition = _condition(document, section)
        if condition:
            draft.optional = True
            report.note("conditional-section", section.first + 1, f"{draft.title}: done only in this case: {condition}")
        drafts.append(draft)
    return drafts


def _has_fence(document: Document, section: Section) -> bool:
    return FENCE in document.lines.kinds[section.first : section.own_end]


def _condition(document: Document, section: Section) -> str:
    """The words "If ..." that stand directly under one of the headings above: such a section is not always done."""
    lines = document.lines
    for number in section.chain:
        above = document.sections[number]
        for index in range(above.first + 1, min(above.own_end, above.first + 4)):
            if lines.kinds[index] == PROSE:
                text = lines.text[index].strip()
                if text.startswith("If "):
                    return text.rstrip(":")
            if lines.indents[index] >= 0:
                break
    return ""
