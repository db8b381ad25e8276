"""Whose is what a box says that has others below it? Its first leaf's before them, its last leaf's behind; or its own.

Rules:
- What a container says before its first leaf (text, commands, fields, gate) is that leaf's, what it says behind its
  last leaf is that leaf's, too.
- An optional leaf may be left out, and the words with it: before one, and behind one, they are a state of their own,
  which ticks nothing. It is optional where nothing below the container is required. Requirements, properties and a
  COMMIT line are nothing to do, and stay with the leaf.
- A COMMIT line before the first leaf is only read: that leaf's commit is not the container's.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from state.cheap_classes import NamedTuple
from workflow.runbook.around import Entry
from workflow.runbook.boxes import BoxLine
from workflow.runbook.details import Details, is_remark, read_details, take_commands_of_title
from workflow.runbook.gate_words import is_gate
from workflow.runbook.outline import Document, last_line_of_task, text_of
from workflow.runbook.sections import Tasks
from workflow.runbook.task_tree import Node, limit_of


def speaks(document: Document, node: Node) -> bool:
    """Whether a container has a gate or a command in its title, or lines of its own before the next box."""
    if not document.lines.grammar.words_of_containers:
        return False
    if is_gate(node.label.title) or _has_command(document, node):
        return True
    return _last_of(document, node) > node.line.row


def _has_command(document: Document, node: Node) -> bool:
    title = Details()
    take_commands_of_title(document.lines, title, node.line.rest, node.line.row)
    return title.commands != []


def inside_of(containers: list[Node]) -> tuple[str, ...]:
    """What these boxes are called, id and title."""
    names = (dict.fromkeys((each.label.id, each.label.title)) for each in containers)
    return tuple(" ".join(filter(None, each)) for each in names)


def reach_of(document: Document, node: Node) -> BoxLine:
    """The box, as far to the left as the outermost one above it, where what stands behind is its own up to there."""
    above = [] if node.ends_itself or not document.lines.grammar.words_of_containers else node.containers()
    return node.line._replace(indent=min(each.line.indent for each in (node, *above)))


def words_of_their_own(document: Document, node: Node, end: int) -> Iterator[Entry]:
    """The states that containers' words before and behind an optional leaf are; the leaf has no leading ones then.

    `end`: index of the box or heading behind the leaf and its items.
    """
    if not node.label.optional or not document.lines.grammar.words_of_containers:
        return
    if node.leading:
        before = Details()
        for each in reversed(node.leading):
            put_before(document, each, before)
        last = max(_last_of(document, each) for each in node.leading)
        first = node.leading[0].line.row
        if _asks_something(document, before, first, last):
            boxes = [each.line for each in node.leading if each.line.row <= last]
            words = _Words(node.leading[0], before, first, last, "before its sub-tasks", boxes)
            yield Entry(first, partial(_add, document, words))
            node.leading = ()
    if containers := node.containers():
        own = last_line_of_task(document.lines, node.line, end)
        outermost = min(each.line.indent for each in containers)
        last = last_line_of_task(document.lines, node.line._replace(indent=outermost), end)
        first = next((row for row in range(own + 1, last + 1) if document.lines.text[row].strip()), end)
        behind = read_details(document.lines, first, last, title_open=False)
        if _asks_something(document, behind, first, last):
            whose = [each for each in containers if each.line.indent < document.lines.indents[first]]
            words = _Words((whose or containers)[-1], behind, first, last, "behind its sub-tasks", [])
            yield Entry(first, partial(_add, document, words))
            node.ends_itself = True


def _asks_something(document: Document, details: Details, first: int, last: int) -> bool:
    """Whether these words are more than what a task is for, and how its commit is called."""
    if details.commands or details.gate or any("___" in line for line in document.lines.text[first : last + 1]):
        return True
    return any(not is_remark(bullet) for bullet in details.bullets)


def put_before(document: Document, node: Node, details: Details) -> None:
    """Give to a leaf what the container above it says; the leaf's own gate stands, where it has one."""
    said = _said_by(document, node)
    details.bullets[:0] = said.bullets
    details.bullet_lines[:0] = said.bullet_lines
    details.commands[:0] = said.commands
    details.stops[:0] = said.stops
    details.requirements = (*said.requirements, *details.requirements)
    details.validates = (*said.validates, *details.validates)
    details.properties = (*said.properties, *details.properties)
    if not details.gate:
        details.gate, details.gate_line = said.gate, said.gate_line


def _last_of(document: Document, node: Node) -> int:
    """Index of the last line that a container says before the next box."""
    return last_line_of_task(document.lines, node.line, limit_of(document, node.order))


def _said_by(document: Document, node: Node) -> Details:
    """What a container says before its first leaf."""
    box = node.line
    said = read_details(document.lines, box.row + 1, _last_of(document, node), title_open=True)
    title = f"{node.label.title} {said.wrap}".rstrip()
    if not said.gate and is_gate(title):
        said.hold(title, box.row + 1)
    take_commands_of_title(document.lines, said, f"{box.rest} {said.wrap}", box.row)
    return said


class _Words(NamedTuple):
    """What a container says in one place, which is a state of its own; the rows are indices of its lines."""

    node: Node
    details: Details
    first: int
    last: int
    where: str
    boxes: list[BoxLine]


def _add(document: Document, words: _Words, tasks: Tasks) -> None:
    node = words.node
    tasks.add(
        id=node.label.id,
        title=f"{node.label.title}, {words.where}",
        kind="task",
        heading=document.sections[node.section].path,
        text=text_of(document.lines, words.first, words.last, words.boxes),
        first=words.first,
        last=words.last,
        details=words.details,
        optional=node.label.optional or not _has_required(node),
        condition=node.condition,
        inside=inside_of([*node.containers(), node]),
    )


def _has_required(node: Node) -> bool:
    """Whether something below a container is required."""
    required = (child for child in node.children if not child.label.optional)
    return any(not child.children or _has_required(child) for child in required)
