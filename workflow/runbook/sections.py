"""How does a section of boxes become one state? A checklist's section, or the validation that closes a task list."""

from __future__ import annotations

from state.model import Box, Item, Parent, PlannedTask, TaskKind
from workflow.runbook.boxes import BoxLine, Label, plain, read_label
from workflow.runbook.case_words import only_in_a_case
from workflow.runbook.details import Details, read_details
from workflow.runbook.items import read_items
from workflow.runbook.keys import Keys
from workflow.runbook.lines import FENCE, PROSE
from workflow.runbook.outline import Document, Section, last_text_line, text_of
from workflow.runbook.report import Report


class Tasks:
    """The plan's tasks as they are read, in the order of the file: each gets its ordinal and its key."""

    def __init__(self) -> None:
        self._keys = Keys()
        self._made: list[PlannedTask] = []

    def add(
        self,
        *,
        id: str,
        title: str,
        kind: TaskKind,
        heading: tuple[str, ...],
        text: str,
        first: int,
        last: int,
        details: Details,
        optional: bool = False,
        box: Box | None = None,
        items: tuple[Item, ...] = (),
        parents: tuple[Parent, ...] = (),
        exit_criteria: tuple[str, ...] = (),
        condition: str = "",
        inside: tuple[str, ...] = (),
    ) -> None:
        """One more task; `first` and `last` are the indices of its lines. One with a condition is optional."""
        ordinal = len(self._made) + 1
        if condition:
            text, optional = f"Only in this case: {condition}\n\n{text}", True
        self._made.append(
            PlannedTask(
                self._keys.make(id, title, ordinal),
                id,
                title,
                kind,
                ordinal,
                heading,
                text,
                first + 1,
                last + 1,
                box,
                items,
                parents,
                optional,
                details.requirements,
                details.validates,
                details.properties,
                details.commit_message,
                exit_criteria,
                tuple(details.commands),
                details.gate,
                details.gate_line,
                tuple(details.bullets),
                condition,
                inside=inside,
                stops=details.stops_above_commands(),
            )
        )

    def made(self) -> tuple[PlannedTask, ...]:
        """All that were added."""
        return tuple(self._made)


def add_section(
    document: Document,
    section: Section,
    boxes: list[BoxLine],
    end: int,
    kind: TaskKind,
    tasks: Tasks,
    report: Report,
    *,
    condition: str = "",
) -> None:
    """The state of the lines from the section's heading up to `end`; none when no box of it may be ticked.

    `condition` says when it is done at all; it is optional then.
    """
    lines = document.lines
    items = read_items(lines, boxes, section.first + (section.heading is not None), end, section.path, report)
    if not items:
        return
    last = last_text_line(lines, section.first, end)
    name = section.heading.text if section.heading else "Checklist"
    grammar = lines.grammar
    label = read_label(name, grammar)
    if kind != "section":
        label = Label("", plain(name), label.optional)
    if condition:
        report.note(
            "conditional-section",
            section.first + 1,
            only_in_a_case(label.title, condition, alone=lines.grammar.cases_alone),
        )
    tasks.add(
        id=label.id,
        title=label.title,
        kind=kind,
        heading=section.path[:-1],
        text=text_of(lines, section.first, last, boxes),
        first=section.first,
        last=last,
        details=read_details(lines, section.first + (section.heading is not None), last, title_open=False),
        optional=label.optional or bool(condition),
        items=tuple(items),
    )


def read_checklist(document: Document, report: Report) -> tuple[PlannedTask, ...]:
    """One state for each section with boxes of its own."""
    by_section: dict[int, list[BoxLine]] = {}
    for box, number in zip(document.boxes, document.section_of, strict=True):
        by_section.setdefault(number, []).append(box)
    for number, section in enumerate(document.sections):
        if section.heading and number not in by_section and _has_fence(document, section):
            report.leave_out(
                "no-item", section.first + 1, f"{section.heading.text!r} has commands but no box: no state"
            )
    tasks = Tasks()
    for number, boxes in by_section.items():
        section = document.sections[number]
        condition = _condition(document, section)
        add_section(document, section, boxes, section.own_end, "section", tasks, report, condition=condition)
    return tasks.made()


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
