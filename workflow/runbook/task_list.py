"""Which boxes of a task list are states, and which flip with them? Leaves are states, containers flip with a child.

Rules:
- A box's parent is the nearest shallower box, or, where it stands flush left, the box whose id is its id's prefix.
- A container's box goes with its last required child's, or with its last child's when none is required.
- Boxes under headings such as "Success Criteria", "Output Validation Checklist" or "Notes", none of which has an id,
  are no tasks: after a task they become one state of kind validation, before it they are left out.
- Boxes without ids below a checkpoint are its items.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from state.model import Item, Parent
from workflow.runbook.boxes import BoxLine, Label, read_label
from workflow.runbook.details import Details, is_gate, read_details
from workflow.runbook.items import read_items
from workflow.runbook.outline import Document, last_own_line, text_of
from workflow.runbook.report import Report
from workflow.runbook.sections import Draft, draft_section

_CHECKPOINT = re.compile(r"(?:final\s+)?checkpoint(?:\s+\d+[a-z]?)?\s*(?:[-–—:]|$)", re.IGNORECASE)
_VALIDATION = re.compile(
    r"checklist|\b(?:success|acceptance|exit|completion|validation) criteria\b|\bdefinition of done\b|\bsign[- ]?off\b|"
    r"\bquality gates?\b|\bno[- ]?go\b|^(?:final |output )?(?:validation|verification)$",
    re.IGNORECASE,
)
_NUMBERS = re.compile(r"\d{1,9}(?:\.\d{1,9})*")
_WORD = re.compile(r"[\w-]+(?:\.[\w-]+)*")
_REMARKS = re.compile(
    r"^(?:notes?|legend|examples?|references?|how to use.*|prerequisites|open questions)$", re.IGNORECASE
)


@dataclass(slots=True, eq=False)
class _Node:
    line: BoxLine
    label: Label
    section: int
    order: int
    children: list[_Node] = field(default_factory=list)
    draft: Draft | None = None
    last_required: _Node | None = None
    last: _Node | None = None


def read_task_list(document: Document, report: Report) -> list[Draft]:
    """The states of a task list, in the order of the file."""
    groups = criteria_groups(document)
    nodes = _tree(document, groups, report)
    skipped: set[int] = set()
    drafts = []
    for node in nodes:
        if node.order in skipped:
            continue
        if not node.children:
            drafts.append(_draft(document, node, [], report))
        elif _CHECKPOINT.match(node.label.title) and (below := _items_below(node)):
            skipped.update(each.order for each in below)
            node.children = []
            drafts.append(_draft(document, node, below, report))
    _give_parents([node for node in nodes if node.order not in skipped])
    return _with_validations(document, groups, drafts, report)


def criteria_groups(document: Document) -> dict[int, list[int]]:
    """Boxes (by number) that are criteria or remarks, by the outermost section that says so.

    A group with an id in it is none: its boxes are tasks under an unlucky heading. The document's title does not count.
    """
    named = {
        number: bool(_VALIDATION.search(section.path[-1]) or _REMARKS.match(section.path[-1].strip(" :*")))
        for number, section in enumerate(document.sections)
        if number > 1 or (number == 1 and section.heading and section.heading.level > 1)
    }
    outermost = [next((above for above in section.chain if named.get(above)), None) for section in document.sections]
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


def _tree(document: Document, groups: dict[int, list[int]], report: Report) -> list[_Node]:
    grouped = {order for orders in groups.values() for order in orders}
    nodes: list[_Node] = []
    stack: list[_Node] = []
    by_id: dict[str, _Node] = {}
    first_line: dict[str, int] = {}
    section, before = -1, list[int]()
    for order, box in enumerate(document.boxes):
        if order in grouped:
            continue
        if document.section_of[order] != section:  # a heading cuts through the list and restarts numbering
            section, before = document.section_of[order], []
            stack.clear()
            by_id.clear()
        node = _Node(box, box.label, section, order)
        while stack and stack[-1].line.indent >= box.indent:
            stack.pop()
        parent = _parent(node, stack, by_id, report)
        if parent is not None:
            parent.children.append(node)
        label = node.label.id
        if label:
            numbers = _numbers(label)
            if label in first_line:
                report.warn("repeated-id", box.row + 1, f"id {label} stands on line {first_line[label]} already")
            elif numbers and numbers < before:
                report.note("decreasing-id", box.row + 1, f"id {label} follows {'.'.join(map(str, before))}")
            before = numbers
            first_line.setdefault(label, box.row + 1)
            by_id[label] = node
        stack.append(node)
        nodes.append(node)
    return nodes


def _parent(node: _Node, stack: list[_Node], by_id: dict[str, _Node], report: Report) -> _Node | None:
    by_prefix = None
    prefix = node.label.id
    while by_prefix is None and "." in prefix:
        prefix = prefix.rpartition(".")[0]
        by_prefix = by_id.get(prefix)
    if not stack:
        return by_prefix
    above = stack[-1]
    if by_prefix is not None and by_prefix is not above:
        report.warn(
            "parent-disagrees", node.line.row + 1,
            f"{node.label.id} is indented below {above.label.id or above.label.title!r} "
            f"(line {above.line.row + 1}), its id says {by_prefix.label.id}; the indentation counts",
        )  # fmt: skip
    return above


def _numbers(id_: str) -> list[int]:
    """An id made of numbers, to see whether ids go down; empty for others, which are not compared."""
    return [int(part) for part in id_.split(".")] if _NUMBERS.fullmatch(id_) else []


def _items_below(node: _Node) -> list[_Node]:
    """All boxes below, or none when one of them has an id and is a task."""
    below: list[_Node] = []
    waiting = list(node.children)
    while waiting:
        each = waiting.pop()
        if each.label.id:
            return []
        below.append(each)
        waiting += each.children
    return sorted(below, key=lambda each: each.order)


def _draft(document: Document, node: _Node, below: list[_Node], report: Report) -> Draft:
    lines, box = document.lines, node.line
    limit = _limit(document, node.order)
    last = last_own_line(lines, box, limit)
    boxes = [box]
    items: list[Item] = []
    if below:
        end = _limit(document, below[-1].order)
        items = read_items(lines, [each.line for each in below], end, (), report)
        boxes += [each.line for each in below]
        last = last_own_line(lines, below[-1].line, end)
    details = read_details(lines, box.row + 1, last, title_open=True)
    label = node.label
    if details.wrap:
        label = read_label(f"{box.rest} {details.wrap}", optional=box.optional)
    if lines.may_have_gates and not details.gate and is_gate(label.title):
        details.gate, details.gate_line = label.title, box.row + 1
    _check_commit(label, details, report)
    draft = Draft(
        id=label.id, title=label.title, kind="checkpoint" if _CHECKPOINT.match(label.title) else "task",
        heading=document.sections[node.section].path, text=text_of(lines, box.row, last, boxes), first=box.row,
        last=last, details=details, optional=label.optional, box=box.box, items=items,
    )  # fmt: skip
    node.draft = draft
    return draft


def _limit(document: Document, order: int) -> int:
    """Index of the next box or heading."""
    end = document.sections[document.section_of[order]].own_end
    if order + 1 < len(document.boxes):
        return min(end, document.boxes[order + 1].row)
    return end


def _check_commit(label: Label, details: Details, report: Report) -> None:
    if len(details.commits) > 1:
        report.warn("second-commit", details.commits[1], "a task has one commit; the first COMMIT line counts")
    if not details.commits:
        return
    if details.commit_message is None:
        report.note("commit-without-message", details.commits[0], "no quoted message; a message is made from the title")
    elif label.id and label.id not in _WORD.findall(details.commit_message):
        report.warn(
            "commit-names-another", details.commits[0],
            f"the message of task {label.id} does not name it: {details.commit_message!r}",
        )  # fmt: skip


def _give_parents(nodes: list[_Node]) -> None:
    """Containers to their last required leaf; backwards, so that children come before their parents."""
    for node in reversed(nodes):
        if not node.children:
            node.last = node
            node.last_required = None if node.label.optional else node
            continue
        node.last = node.children[-1].last
        required = [child.last_required for child in node.children if not child.label.optional and child.last_required]
        node.last_required = required[-1] if required else None
        target = node.last_required or node.last
        if target is not None and target.draft is not None:
            target.draft.parents.append(Parent(node.label.id, node.label.title, node.line.box))


def _with_validations(
    document: Document, groups: dict[int, list[int]], drafts: list[Draft], report: Report
) -> list[Draft]:
    first_task = drafts[0].first if drafts else len(document.lines)
    for number, orders in groups.items():
        section = document.sections[number]
        boxes = [document.boxes[order] for order in orders]
        name = section.path[-1]
        if _VALIDATION.search(name) and section.first > first_task:
            draft = draft_section(document, section, boxes, section.end, "validation", report)
            if draft is not None:
                drafts.append(draft)
            continue
        for box in boxes:
            report.leave_out("section-item", box.row + 1, f"a box under {name!r} is no task: {box.rest}")
    return sorted(drafts, key=lambda draft: draft.first)
