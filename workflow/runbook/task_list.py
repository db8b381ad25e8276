"""Which boxes of a task list are states, and which flip with them? Leaves are states, containers flip with a child.

Rules:
- A box's parent is the nearest shallower box, or, where it stands flush left, the box whose id is its id's prefix.
- A container's box goes with its last required child's, or with its last child's when none is required.
- Boxes under headings such as "Success Criteria", "Output Validation Checklist" or "Notes", none of which has an id,
  are no tasks: after a task they become one state of kind validation, before it they are left out.
- Boxes without ids below a checkpoint are its items.
- What a container says before its first leaf is that leaf's (text, commands, fields, gate), what it says behind a leaf
  is that leaf's, too. A COMMIT line before the first leaf is only read: that leaf's commit is not the container's.
"""

from __future__ import annotations

import re
from collections import deque
from dataclasses import field
from functools import partial

from state.cheap_classes import dataclass
from state.model import Item, Parent, PlannedTask
from workflow.runbook.around import Entry
from workflow.runbook.boxes import BoxLine, Label, read_label
from workflow.runbook.checkpoints import is_checkpoint
from workflow.runbook.conditions import Natures, is_about_a_case
from workflow.runbook.details import Details, is_gate, read_details
from workflow.runbook.grammar import Grammar
from workflow.runbook.items import read_items
from workflow.runbook.outline import Document, Section, last_own_line, text_of
from workflow.runbook.report import Report
from workflow.runbook.sections import Tasks, add_section

_VALIDATION = re.compile(
    r"checklist|\b(?:success|acceptance|exit|completion|validation) criteria\b|\bdefinition of done\b|\bsign[- ]?off\b|"
    r"\bquality gates?\b|\bno[- ]?go\b|^(?:final |output )?(?:validation|verification)$",
    re.IGNORECASE,
)
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
    condition: str = ""
    above: _Node | None = None
    children: list[_Node] = field(default_factory=list)
    parents: tuple[Parent, ...] = ()
    leading: tuple[_Node, ...] = ()  # containers that speak before it, and not before another leaf; outermost first


def read_task_list(document: Document, report: Report) -> tuple[PlannedTask, ...]:
    """The states of a task list, in the order of the file."""
    groups = criteria_groups(document)
    grouped = {order for orders in groups.values() for order in orders}
    leaves = _leaves(document, _tree(document, grouped, None, report))
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
    leaves = _leaves(document, _tree(document, apart, found, report))
    return [Entry(node.line.row, partial(_add, document, node, below, report)) for node, below in leaves]


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


def _tree(document: Document, apart: set[int], found: Natures | None, report: Report) -> list[_Node]:
    nodes: list[_Node] = []
    stack: list[_Node] = []
    by_id: dict[str, _Node] = {}  # the latest with this id
    section, before = -1, list[int]()
    for order, box in enumerate(document.boxes):
        if order in apart:
            continue
        if document.section_of[order] != section:  # a heading cuts through the list and restarts numbering
            section, before = document.section_of[order], []
            stack.clear()
        label = box.label.id
        node = _Node(box, box.label, section, order)
        if condition := found.condition_at(section, box.row) if found else "":
            node.condition, node.label = condition, box.label._replace(optional=True)
        while stack and stack[-1].line.indent >= box.indent:
            stack.pop()
        parent = _parent(node, stack, by_id, report, letters=document.lines.grammar.words_before_ids)
        if parent is not None:
            parent.children.append(node)
            node.above = parent
        if label:
            numbers = _numbers(label)
            _check_id(node, by_id.get(label), numbers, before, report)
            before = numbers
            by_id[label] = node
        stack.append(node)
        nodes.append(node)
    return nodes


def _check_id(node: _Node, same: _Node | None, numbers: list[int], before: list[int], report: Report) -> None:
    """Report an id that another box has already, or whose numbers go down from the one before."""
    id_, line = node.line.label.id, node.line.row + 1
    if same is not None:
        report.warn("repeated-id", line, f"id {id_} stands on line {same.line.row + 1} already")
    elif numbers and numbers < before:
        report.note("decreasing-id", line, f"id {id_} follows {'.'.join(map(str, before))}")


def _parent(node: _Node, stack: list[_Node], by_id: dict[str, _Node], report: Report, *, letters: bool) -> _Node | None:
    by_prefix = _by_prefix(node, by_id)
    if not stack:
        return by_prefix
    above = stack[-1]
    letter = letters and _is_letter_of(node, above)
    if by_prefix is not None and by_prefix is not above and not letter:
        report.warn(
            "parent-disagrees",
            node.line.row + 1,
            f"{node.label.id} is indented below {above.label.id or above.label.title!r} "
            f"(line {above.line.row + 1}), its id says {by_prefix.label.id}; the indentation counts",
        )
    return above


def _by_prefix(node: _Node, by_id: dict[str, _Node]) -> _Node | None:
    """The box of the same section with the longest id that this one's begins with: 1.2, or else 1, for 1.2.3."""
    prefix = node.label.id
    while "." in prefix:
        prefix = prefix.rpartition(".")[0]
        found = by_id.get(prefix)
        if found is not None and found.section == node.section:
            return found
    return None


def _is_letter_of(node: _Node, above: _Node) -> bool:
    """Whether an id is the one above with a letter behind it: 7.3.5a stands below 7.3.5."""
    return node.label.id[:-1] == above.label.id and node.label.id[-1:].isalpha()


def _numbers(id_: str) -> list[int]:
    """An id made of numbers, to see whether ids go down; empty for others, which are not compared."""
    return list(map(int, id_.split("."))) if id_.replace(".", "").isdecimal() else []


def _leaves(document: Document, nodes: list[_Node]) -> list[tuple[_Node, list[_Node]]]:
    """The boxes that are states, each with the boxes that are its items, and their parents given to them."""
    skipped: set[int] = set()
    leaves = []
    speaking: tuple[_Node, ...] = ()
    for node in nodes:
        if node.order in skipped:
            continue
        below: list[_Node] = []
        if node.children and is_checkpoint(node.label.title, document.lines.grammar) and (below := _items_below(node)):
            skipped.update(each.order for each in below)
            node.children = []
        if node.children:
            speaking = (*speaking, node) if speaking or _speaks(document, node) else ()
        else:
            node.leading, speaking = speaking, ()
            leaves.append((node, below))
    _give_parents([node for node in nodes if node.order not in skipped])
    return leaves


def _speaks(document: Document, node: _Node) -> bool:
    """Whether a container has a gate in its title, or lines of its own before the next box."""
    lines = document.lines
    if not lines.grammar.words_of_containers:
        return False
    return is_gate(node.label.title) or last_own_line(lines, node.line, _limit(document, node.order)) > node.line.row


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


def _add(document: Document, node: _Node, below: list[_Node], report: Report, tasks: Tasks) -> None:
    lines, box = document.lines, node.line
    limit = _limit(document, node.order)
    reach = _reach(node, lines.grammar)
    last = last_own_line(lines, reach, limit)
    boxes = [*(each.line for each in node.leading), box]
    first = boxes[0].row
    items: list[Item] = []
    if below:
        end = _limit(document, below[-1].order)
        items = read_items(lines, [each.line for each in below], box.row + 1, end, (), report)
        boxes += [each.line for each in below]
        last = last_own_line(lines, below[-1].line._replace(indent=min(reach.indent, below[-1].line.indent)), end)
    details = read_details(lines, box.row + 1, last, title_open=True)
    label = node.label
    if details.wrap:
        label = read_label(f"{box.rest} {details.wrap}", lines.grammar, optional=box.optional)
    if lines.may_have_gates and not details.gate and is_gate(label.title):
        details.hold(label.title, box.row + 1)
    _check_commit(node, label, details, report)
    for each in reversed(node.leading):
        _put_before(details, _said_by(document, each))
    tasks.add(
        id=label.id,
        title=label.title or "Untitled task" * lines.grammar.words_before_ids,
        kind="checkpoint" if is_checkpoint(label.title, lines.grammar) else "task",
        heading=document.sections[node.section].path,
        text=text_of(lines, first, last, boxes),
        first=first,
        last=last,
        details=details,
        optional=label.optional,
        box=box.box,
        items=tuple(items),
        parents=node.parents,
        condition=node.condition,
        inside=_inside(node) if lines.grammar.words_of_containers else (),
    )


def _containers(node: _Node) -> list[_Node]:
    """The boxes above it, outermost first."""
    above: list[_Node] = []
    while node.above is not None:
        node = node.above
        above.insert(0, node)
    return above


def _inside(node: _Node) -> tuple[str, ...]:
    names = (dict.fromkeys((each.label.id, each.label.title)) for each in _containers(node))
    return tuple(" ".join(filter(None, each)) for each in names)


def _reach(node: _Node, grammar: Grammar) -> BoxLine:
    """The box, as far to the left as the outermost one above it: what stands behind it is its own up to there."""
    above = _containers(node) if grammar.words_of_containers else []
    return node.line._replace(indent=min(each.line.indent for each in (node, *above)))


def _said_by(document: Document, node: _Node) -> Details:
    """What a container says before its first leaf."""
    lines, box = document.lines, node.line
    said = read_details(lines, box.row + 1, last_own_line(lines, box, _limit(document, node.order)), title_open=True)
    title = f"{node.label.title} {said.wrap}".rstrip()
    if not said.gate and is_gate(title):
        said.hold(title, box.row + 1)
    return said


def _put_before(details: Details, said: Details) -> None:
    """Give to a leaf what the container above it says; the leaf's own gate stands, where it has one."""
    details.bullets[:0] = said.bullets
    details.bullet_lines[:0] = said.bullet_lines
    details.commands[:0] = said.commands
    details.stops[:0] = said.stops
    details.requirements = (*said.requirements, *details.requirements)
    details.validates = (*said.validates, *details.validates)
    details.properties = (*said.properties, *details.properties)
    if not details.gate:
        details.gate, details.gate_line = said.gate, said.gate_line


def _limit(document: Document, order: int) -> int:
    """Index of the next box or heading."""
    end = document.sections[document.section_of[order]].own_end
    if order + 1 < len(document.boxes):
        return min(end, document.boxes[order + 1].row)
    return end


def _check_commit(node: _Node, label: Label, details: Details, report: Report) -> None:
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


def _ids_above(node: _Node) -> list[str]:
    """The ids of the boxes that are ticked with it: a container may have its COMMIT line behind its last sub-task."""
    return [parent.id for parent in node.parents if parent.id]


def _names(message: str, id_: str) -> bool:
    """Whether the id is a word of the message, and not a part of one: 1.1 is none of "task 1.1.1: more"."""
    return f" {id_}:" in message or id_ in _WORD.findall(message)


def _give_parents(nodes: list[_Node]) -> None:
    """Containers to their last required leaf; backwards, so that children come before their parents."""
    ends: dict[int, tuple[_Node, _Node | None]] = {}  # by order: the last leaf below, and the last required one
    for node in reversed(nodes):
        if not node.children:
            ends[node.order] = (node, None if node.label.optional else node)
            continue
        last, _ = ends[node.children[-1].order]
        below = (ends[child.order][1] for child in reversed(node.children) if not child.label.optional)
        required = next((leaf for leaf in below if leaf), None)
        ends[node.order] = (last, required)
        (required or last).parents += (Parent(node.label.id, node.label.title, node.line.box),)


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
