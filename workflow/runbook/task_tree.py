"""Which box of a task list stands below which? The tree of its boxes, by indentation and by ids.

Rules:
- A box's parent is the nearest shallower box, or, where it stands flush left, the box whose id is its id's prefix.
- A container's box goes with its last required child's, or with its last child's when none is required.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import field

from state.cheap_classes import dataclass
from state.model import Parent
from workflow.runbook.boxes import BoxLine, Label
from workflow.runbook.conditions import Natures
from workflow.runbook.outline import Document
from workflow.runbook.report import Report


@dataclass(slots=True, eq=False)
class Node:
    """A box with what stands around it.

    Attributes:
        line, label: the box as it was read.
        section: the number of its section.
        order: its number among the document's boxes.
        condition: in which case it is done at all, or "".
        above: the box that it stands below.
        parents: boxes that are ticked with it.
        ends_itself: whether what stands behind it, for the containers above, is none of its own.
        leading: containers that speak before it, and not before another leaf; outermost first.
    """

    line: BoxLine
    label: Label
    section: int
    order: int
    condition: str = ""
    above: Node | None = None
    children: list[Node] = field(default_factory=list)
    parents: tuple[Parent, ...] = ()
    leading: tuple[Node, ...] = ()
    ends_itself: bool = False

    def containers(self) -> list[Node]:
        """The boxes above it, outermost first."""
        above: list[Node] = []
        node = self.above
        while node is not None:
            above.insert(0, node)
            node = node.above
        return above

    def leaves(self) -> Iterator[Node]:
        """The boxes at the ends below it, itself where none is below."""
        if not self.children:
            yield self
        for child in self.children:
            yield from child.leaves()


def read_tree(document: Document, apart: set[int], found: Natures | None, report: Report) -> list[Node]:
    """The document's boxes but for those with these numbers, in the order of the file, each below its parent."""
    nodes: list[Node] = []
    stack: list[Node] = []
    by_id: dict[str, Node] = {}  # the latest with this id
    section, before = -1, list[int]()
    for order, box in enumerate(document.boxes):
        if order in apart:
            continue
        if document.section_of[order] != section:  # a heading cuts through the list and restarts numbering
            section, before = document.section_of[order], []
            stack.clear()
        label = box.label.id
        node = Node(box, box.label, section, order)
        if condition := found.condition_at(section, box.row) if found else "":
            node.condition, node.label = condition, box.label._replace(optional=True)
        elif found and found.optional[section]:
            node.label = box.label._replace(optional=True)
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


def _check_id(node: Node, same: Node | None, numbers: list[int], before: list[int], report: Report) -> None:
    """Report an id that another box has already, or whose numbers go down from the one before."""
    id_, line = node.line.label.id, node.line.row + 1
    if same is not None:
        report.warn("repeated-id", line, f"id {id_} stands on line {same.line.row + 1} already")
    elif numbers and numbers < before:
        report.note("decreasing-id", line, f"id {id_} follows {'.'.join(map(str, before))}")


def _parent(node: Node, stack: list[Node], by_id: dict[str, Node], report: Report, *, letters: bool) -> Node | None:
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


def _by_prefix(node: Node, by_id: dict[str, Node]) -> Node | None:
    """The box of the same section with the longest id that this one's begins with: 1.2, or else 1, for 1.2.3."""
    prefix = node.label.id
    while "." in prefix:
        prefix = prefix.rpartition(".")[0]
        found = by_id.get(prefix)
        if found is not None and found.section == node.section:
            return found
    return None


def _is_letter_of(node: Node, above: Node) -> bool:
    """Whether an id is the one above with a letter behind it: 7.3.5a stands below 7.3.5."""
    return node.label.id[:-1] == above.label.id and node.label.id[-1:].isalpha()


def _numbers(id_: str) -> list[int]:
    """An id made of numbers, to see whether ids go down; empty for others, which are not compared."""
    return list(map(int, id_.split("."))) if id_.replace(".", "").isdecimal() else []


def give_parents(nodes: list[Node]) -> None:
    """Give containers to their last required leaf; backwards, so that children come before their parents."""
    ends: dict[int, tuple[Node, Node | None]] = {}  # by order: the last leaf below, and the last required one
    for node in reversed(nodes):
        if not node.children:
            ends[node.order] = (node, None if node.label.optional else node)
            continue
        last, _ = ends[node.children[-1].order]
        below = (ends[child.order][1] for child in reversed(node.children) if not child.label.optional)
        required = next((leaf for leaf in below if leaf), None)
        ends[node.order] = (last, required)
        (required or last).parents += (Parent(node.label.id, node.label.title, node.line.box),)


def limit_of(document: Document, order: int) -> int:
    """Index of the next box or heading behind the box with this number."""
    end = document.sections[document.section_of[order]].own_end
    if order + 1 < len(document.boxes):
        return min(end, document.boxes[order + 1].row)
    return end
