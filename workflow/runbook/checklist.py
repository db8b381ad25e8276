"""Which items does any Markdown have, and what stands around each? For proposals: every live box, whatever its section.

Rules:
- Read as a runbook is (`lines.py`, `boxes.py`), but nothing is refused: what could not be run has items, too.
- A line in bold by itself is a heading of the list below it; an entry without a box is a parent of the boxes in it.
- A box belongs to a plan's task where the reader makes one of the document; else a check of it stands by itself.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Mapping
from typing import NamedTuple

from phases.checks.answered import plain
from phases.checks.suggest.checklist import Block, Checklist, ListedItem, Words
from phases.checks.suggest.leads import leads_of
from state.errors import BadInput
from state.model import Plan
from workflow.runbook.boxes import BoxLine, find_boxes
from workflow.runbook.details import read_details
from workflow.runbook.encoding import refuse_other_encodings
from workflow.runbook.grammar import CURRENT_GRAMMAR, GRAMMARS
from workflow.runbook.lines import BLANK, BULLET, HEADING, PROSE, Lines, scan
from workflow.runbook.outline import Document, last_own_line, outline
from workflow.runbook.reader import read_runbook
from workflow.runbook.report import Report


def read_items_of(data: bytes, path: str) -> Checklist:
    """The items of a document, in order. Raises BadInput for a file in UTF-16 or UTF-32."""
    refuse_other_encodings(data, path)
    report = Report()
    lines = scan(data, report, GRAMMARS[CURRENT_GRAMMAR])
    document = outline(lines, find_boxes(lines, report))
    ties = _Ties(_plan(data, path))
    items = []
    parents = _parents(document)
    below = Counter(each.row for above in parents for each in above)
    labels = _labels(lines, document)
    leads = leads_of(lines.text, {box.row for box in document.boxes})
    for number, box in enumerate(document.boxes):
        section = document.sections[document.section_of[number]]
        limit = _limit(document, number, section.own_end)
        last = last_own_line(lines, box, limit)
        wrap = read_details(lines, box.row + 1, last, title_open=True).wrap
        text = f"{box.rest} {wrap}".strip()
        own = _blocks(lines, box.row + 1, last + 1)
        beside = tuple(each for each in _blocks(lines, section.first, section.own_end) if each not in own)
        criterion, line, tasks = ties.of(box, text)
        items.append(
            ListedItem(
                box.row + 1,
                text,
                _with_leads(_in_order(labels[number].entries, parents[number]), leads.get(box.row, ()), labels[number]),
                (*_headings(document, section.chain), *labels[number].bold),
                own,
                beside,
                below[box.row],
                criterion,
                line,
                tasks,
            )
        )
    sections = tuple(
        (each.first + 1, tuple(words.text for words in _headings(document, each.chain))) for each in document.sections
    )
    return Checklist(path, document.title, "\n".join(lines.text), tuple(items), tuple(lines.text), sections)


def _plan(data: bytes, path: str) -> Plan | None:
    try:
        return read_runbook(data, name="checklist", path=path)
    except BadInput:
        return None


class _Ties:
    """How a checks file beside the document would name each box."""

    def __init__(self, plan: Plan | None) -> None:
        tasks = plan.tasks if plan else ()
        self._items = {item.box.line: item.text for task in tasks for item in task.items}
        self._tasks: Mapping[int, str] = {task.box.line: task.key for task in tasks if task.box is not None}
        self._texts = Counter(plain(text) for text in self._items.values())
        for task in tasks:
            self._texts.update(plain(each) for each in task.exit_criteria)

    def of(self, box: BoxLine, text: str) -> tuple[str, int, tuple[str, ...]]:
        """Its text, its line where the text is there twice, and its task where the box is a task's own."""
        line = box.row + 1
        if line in self._items:
            text = self._items[line]
            return text, (line if self._texts[plain(text)] > 1 else 0), ()
        return "", 0, ((self._tasks[line],) if line in self._tasks else ())


def _limit(document: Document, number: int, own_end: int) -> int:
    following = document.boxes[number + 1].row if number + 1 < len(document.boxes) else own_end
    return min(following, own_end)


def _parents(document: Document) -> list[tuple[BoxLine, ...]]:
    """The boxes of its section that each stands below, outermost first."""
    found: list[tuple[BoxLine, ...]] = []
    open_: list[BoxLine] = []
    for number, box in enumerate(document.boxes):
        first = document.sections[document.section_of[number]].first
        while open_ and (open_[-1].indent >= box.indent or open_[-1].row < first):
            open_.pop()
        found.append(tuple(open_))
        open_.append(box)
    return found


_BOLD = re.compile(r"\*\*(?P<text>[^*\s][^*]{0,58}[^*\s])\*\*:?")
_ENTRY = re.compile(r"(?:[-*+]|\d{1,3}[.)])\s+(?!\[[ xX]\])(?P<text>\S.{0,118})")


class _Labels(NamedTuple):
    """What stands above a box without being a heading or a box.

    Attributes:
        bold: the line in bold above its list, if there is one.
        entries: the entries of lists that it stands in, outermost first, each with its indentation.
    """

    bold: tuple[Words, ...]
    entries: tuple[tuple[int, Words], ...]


def _labels(lines: Lines, document: Document) -> list[_Labels]:
    """The labels of each box, in one pass."""
    found: list[_Labels] = []
    bold: Words | None = None
    open_: list[tuple[int, Words | None]] = []  # of the list: indentation, and the entry where it is no box
    spaced = False
    boxes = {box.row for box in document.boxes}
    for row, kind in enumerate(lines.kinds):
        text, indent = lines.text[row].strip(), lines.indents[row]
        if kind == HEADING:
            bold, open_ = None, []
        elif kind == BULLET:
            while open_ and open_[-1][0] >= indent:
                open_.pop()
            if row in boxes:
                entries = tuple((at, words) for at, words in open_ if words)
                found.append(_Labels((bold,) if bold else (), entries))
            entry = None if row in boxes else _ENTRY.fullmatch(text)
            open_.append((indent, Words(entry["text"], "parent", row + 1) if entry else None))
        elif kind == PROSE and indent == 0 and (spaced or not open_):
            label = _BOLD.fullmatch(text)
            bold = Words(label["text"].rstrip(":"), "heading", row + 1) if label else None
            open_ = []
        spaced = kind == BLANK
    return found if len(found) == len(document.boxes) else [_Labels((), ())] * len(document.boxes)


def _in_order(entries: tuple[tuple[int, Words], ...], boxes: tuple[BoxLine, ...]) -> tuple[Words, ...]:
    """Entries and boxes that a box stands below, outermost first; an entry ends the boxes that are not left of it."""
    above = [
        Words(each.rest, "parent", each.row + 1)
        for each in boxes
        if all(words.line <= each.row or at > each.indent for at, words in entries)
    ]
    return tuple(sorted((*(words for _at, words in entries), *above), key=lambda each: each.line))


def _with_leads(above: tuple[Words, ...], leads: tuple[Words, ...], labels: _Labels) -> tuple[Words, ...]:
    """What a box stands below, with the other labels above its list: a line that ends with a colon."""
    known = {each.line for each in (*labels.bold, *above, *(words for _at, words in labels.entries))}
    more = [each for each in leads if each.line not in known]
    return tuple(sorted((*above, *more), key=lambda each: each.line))


def _headings(document: Document, chain: tuple[int, ...]) -> tuple[Words, ...]:
    headings = [document.sections[number].heading for number in chain]
    return tuple(Words(each.text, "heading", each.row + 1) for each in headings if each is not None)


def _blocks(lines: Lines, first: int, end: int) -> tuple[Block, ...]:
    rows = list(lines.fences)
    return tuple(
        Block(
            "\n".join(each.strip() for each in lines.text[row + 1 : lines.fence_ends[row]]), row + 2, lines.fences[row]
        )
        for row in rows[bisect_left(rows, first) : bisect_left(rows, end)]
    )
