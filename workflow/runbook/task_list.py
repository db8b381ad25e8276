"""Which boxes of a task list are states, and which flip with them? Leaves are states, containers flip with a child.

Rules:
- Boxes under headings such as "Success Criteria", "Output Validation Checklist" or "Notes", none of which has an id,
  are no tasks: after a task they become one state of kind validation, before it they are left out.
- Boxes without ids below a checkpoint are its items.
- What a box with others below it says itself, and which box goes with which, is told elsewhere (`containers.py`,
  `task_tree.py`).
"""

from __future__ import annotations

import re
from collections import deque
from functools import partial

from state.late_pattern import late
from state.model import Item, PlannedTask
from workflow.runbook.around import Entry
from workflow.runbook.boxes import BoxLine, Label, read_label
from workflow.runbook.case_words import is_about_a_case
from workflow.runbook.checkpoints import is_checkpoint
from workflow.runbook.conditions import Natures
from workflow.runbook.containers import inside_of, put_before, reach_of, speaks, words_of_their_own
from workflow.runbook.details import CRITERIA_UNREAD, Details, read_details, take_commands_of_title
from workflow.runbook.gate_words import is_gate
from workflow.runbook.items import read_items
from workflow.runbook.outline import Document, Section, last_line_of_task, text_of
from workflow.runbook.report import Report
from workflow.runbook.sections import Tasks, add_section
from workflow.runbook.task_tree import Node, give_parents, limit_of, read_tree

_VALIDATION = late(
    r"checklist|\b(?:success|acceptance|exit|completion|validation) criteria\b|\bdefinition of done\b|\bsign[- ]?off\b|"
    r"\bquality gates?\b|\bno[- ]?go\b|^(?:final |output )?(?:validation|verification)$",
    re.IGNORECASE,
)
_WORD = late(r"[\w-]+(?:\.[\w-]+)*")
_REMARKS = late(r"^(?:notes?|legend|examples?|references?|how to use.*|prerequisites|open questions)$", re.IGNORECASE)


def read_task_list(document: Document, report: Report) -> tuple[PlannedTask, ...]:
    """The states of a task list, in the order of the file."""
    groups = criteria_groups(document)
    grouped = {order for orders in groups.values() for order in orders}
    leaves = _leaves(document, read_tree(document, grouped, None, report))
    first = leaves[0][0].line.row if leaves else len(document.lines)
    closing = _closing_sections(document, groups, first, report)
    tasks = Tasks()
    for node, below in leaves:
        while closing and closing[0][0].first < node.line.row:
            _add_validation(document, closing.popleft(), tasks, report)
        _add(document, node, below, report, tasks)
    for each in closing:
        _add_validation(document, each, tasks, report)
    return tasks.made()


def task_entries(document: Document, found: Natures, apart: set[int], report: Report) -> list[Entry]:
    """The states of a task list as states to be; `apart` are the numbers of the boxes that are none of its tasks."""
    entries: list[Entry] = []
    for node, below in _leaves(document, read_tree(document, apart, found, report)):
        entries += words_of_their_own(document, node, limit_of(document, (below or [node])[-1].order))
        entries.append(Entry(node.line.row, partial(_add, document, node, below, report, found=found)))
    return entries


def criteria_groups(document: Document) -> dict[int, list[int]]:
    """Boxes (by number) that are criteria or remarks, by the outermost section that says so.

    A group with an id in it is none: its boxes are tasks under an unlucky heading. The document's title does not count.
    """
    named = _criteria_sections(document)
    outermost = [next((above for above in section.chain if above in named), None) for section in document.sections]
    groups: dict[int, list[int]] = {}
    for order, number in enumerate(document.section_of):
        group = outermost[number]
        if group is not None:
            groups.setdefault(group, []).append(order)
    return {
        number: orders
        for number, orders in groups.items()
        if not any(document.boxes[order].label.id for order in orders)
    }


def _criteria_sections(document: Document) -> set[int]:
    """The sections (by number) whose headings say that their boxes are criteria or remarks."""
    apart = document.lines.grammar.sections_around
    first = 1 + (document.title_level == 1)
    names = ((number, document.sections[number].path[-1]) for number in range(first, len(document.sections)))
    return {
        number
        for number, name in names
        if (_VALIDATION.search(name) or _REMARKS.match(name.strip(" :*"))) and not (apart and is_about_a_case(name))
    }


def _leaves(document: Document, nodes: list[Node]) -> list[tuple[Node, list[Node]]]:
    """The boxes that are states, each with the boxes that are its items, and their parents given to them."""
    skipped: set[int] = set()
    leaves = []
    speaking: tuple[Node, ...] = ()
    for node in nodes:
        if node.order in skipped:
            continue
        below: list[Node] = []
        if node.children and is_checkpoint(node.label.title, document.lines.grammar) and (below := _items_below(node)):
            skipped.update(each.order for each in below)
            node.children = []
        if node.children:
            speaking = (*speaking, node) if speaking or speaks(document, node) else ()
        else:
            node.leading, speaking = speaking, ()
            leaves.append((node, below))
    give_parents([node for node in nodes if node.order not in skipped])
    return leaves


def _items_below(node: Node) -> list[Node]:
    """All boxes below, or none when one of them has an id and is a task."""
    below: list[Node] = []
    waiting = list(node.children)
    while waiting:
        each = waiting.pop()
        if each.label.id:
            return []
        below.append(each)
        waiting += each.children
    return sorted(below, key=lambda each: each.order)


def _add(
    document: Document, node: Node, below: list[Node], report: Report, tasks: Tasks, *, found: Natures | None = None
) -> None:
    lines, box = document.lines, node.line
    limit = limit_of(document, node.order)
    reach = reach_of(document, node)
    last = last_line_of_task(lines, reach, limit)
    boxes = [*(each.line for each in node.leading), box]
    first = boxes[0].row
    items: list[Item] = []
    if below:
        end = limit_of(document, below[-1].order)
        items = read_items(lines, [each.line for each in below], box.row + 1, end, (), report)
        boxes += [each.line for each in below]
        last = last_line_of_task(lines, below[-1].line._replace(indent=min(reach.indent, below[-1].line.indent)), end)
    details = read_details(lines, box.row + 1, last, title_open=True)
    label = node.label
    if details.wrap:
        label = read_label(f"{box.rest} {details.wrap}", lines.grammar, optional=box.optional)
    if lines.may_have_gates and not details.gate and is_gate(label.title):
        details.hold(label.title, box.row + 1)
    take_commands_of_title(lines, details, f"{box.rest} {details.wrap}", box.row)
    _check_commit(node, label, details, report)
    for each in reversed(node.leading):
        put_before(document, each, details)
    if lines.grammar.criteria_on_a_line:
        for number in details.labels_of_criteria():
            report.note(
                "criteria-not-read", number, f"{CRITERIA_UNREAD}; in a task list write each as a box below the task"
            )
    if found:
        details.commands = found.forward(details.commands)
    tasks.add(
        id=label.id,
        title=label.title or "Untitled task" * lines.grammar.words_before_ids,
        kind="checkpoint" if is_checkpoint(label.title, lines.grammar) else "task",
        heading=document.sections[node.section].path,
        text=text_of(lines, first, last, boxes),
        first=first,
        last=last,
        details=details,
        optional=label.optional or node.label.optional,
        box=box.box,
        items=tuple(items),
        parents=node.parents,
        condition=node.condition,
        inside=inside_of(node.containers()) if lines.grammar.words_of_containers else (),
    )


def _check_commit(node: Node, label: Label, details: Details, report: Report) -> None:
    if len(details.commits) > 1:
        report.warn("second-commit", details.commits[1], "a task has one commit; the first COMMIT line counts")
    if not details.commits:
        return
    if details.commit_message is None:
        report.note("commit-without-message", details.commits[0], "no quoted message; a message is made from the title")
    elif label.id and not any(_names(details.commit_message, id_) for id_ in (label.id, *_ids_above(node))):
        report.warn(
            "commit-names-another",
            details.commits[0],
            f"the message of task {label.id} does not name it: {details.commit_message!r}",
        )


def _ids_above(node: Node) -> list[str]:
    """The ids of the boxes that are ticked with it: a container may have its COMMIT line behind its last sub-task."""
    return [parent.id for parent in node.parents if parent.id]


def _names(message: str, id_: str) -> bool:
    """Whether the id is a word of the message, and not a part of one: 1.1 is none of "task 1.1.1: more"."""
    return f" {id_}:" in message or id_ in _WORD.findall(message)


def _closing_sections(
    document: Document, groups: dict[int, list[int]], first_task: int, report: Report
) -> deque[tuple[Section, list[BoxLine]]]:
    """Sections of criteria behind the first task, in the order of the file; the boxes of other groups are left out."""
    closing = []
    for number, orders in groups.items():
        section = document.sections[number]
        boxes = [document.boxes[order] for order in orders]
        name = section.path[-1]
        if _VALIDATION.search(name) and section.first > first_task:
            closing.append((section, boxes))
            continue
        for box in boxes:
            report.leave_out("section-item", box.row + 1, f"a box under {name!r} is no task: {box.rest}")
    return deque(sorted(closing, key=lambda each: each[0].first))


def _add_validation(document: Document, closing: tuple[Section, list[BoxLine]], tasks: Tasks, report: Report) -> None:
    section, boxes = closing
    add_section(document, section, boxes, section.end, "validation", tasks, report)
