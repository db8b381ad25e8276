"""Which boxes of a section are ticked with it? Its items, with their commands; and those that must not be ticked.

Rules:
- In a NO-GO list a tick means failure: such a box is reported and never flipped.
- A sign-off line ("Deployed by: ____") is a field to fill in; its box is an item, and the reader says so.
- The first box of a line counts; a second one (`[ ] GO / [ ] NO-GO`) is never flipped.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from state.model import Command, Item
from workflow.runbook.boxes import BoxLine, plain
from workflow.runbook.case_words import is_about_a_case
from workflow.runbook.details import read_details
from workflow.runbook.excerpt import quoted
from workflow.runbook.lines import BULLET, HEADING, PROSE, Lines
from workflow.runbook.outline import Document, last_own_line
from workflow.runbook.report import Report

_NO_GO = r"(?i)(?<!go/)(?<!go / )(?<!go or )\bno[- ]?go\b"
_STOPS = (  # "Abort if", "If any of these is true, stop": as a heading, or as a label that ends in a colon
    r"(?i)\b(?:abort|stop|do not (?:start|go on|proceed|continue|deploy)) (?:if|when|criteria)\b"
    r"|\bif any\b.*\b(?:stop|abort|do not (?:start|go on|proceed|continue|deploy))\b"
)
_AND = r"\W+(?:(?:and|or|vs|versus|conditional\W+go)\W+)*"
_EITHER = (  # "Go, conditional-go and no-go", "NO-GO | GO": a decision
    rf"(?i)(?<!\bno[- ])(?<!\bno)\bgo\b{_AND}no[- ]?go\b|\bno[- ]?go\s*(?:[/|&]|\bor\b|\band\b|\bvs\b)\W*go\b"
)
_STARTS_NO_GO = r"(?i)[*_\W]*no[- ]?go\b"
_IF = r"(?i)[*_> ]*if\b"  # "If NO-GO:" says when, "NO-GO if:" what
_SIGN_OFF = r"(?i)_{3,}|^(?:\w+ by|date|time|name|signature|signed|approver|reviewer|version)\s*[:：]\s*$"
_STEP = r"\d{1,3}[.)][ \t]"
_SECOND_BOX = r"\[[ xX]\]"
_LONGEST = 300  # signs of a heading or label that are looked at
_BOLD_LABEL = r"\*\*([^*]+)\*\*"


def read_items(
    lines: Lines, boxes: list[BoxLine], first: int, end: int, path: tuple[str, ...], report: Report
) -> list[Item]:
    """Items made of these boxes, which stand on the lines with index `first` up to `end`, below the headings `path`."""
    items = []
    no_go = _NoGo(path, lines)
    for number, box in enumerate(boxes):
        limit = boxes[number + 1].row if number + 1 < len(boxes) else end
        no_go.look(lines, range(first, box.row), box.indent)
        last = last_own_line(lines, box, limit, with_fence=False)
        first = last + 1
        if no_go.holds or (re.match(_STARTS_NO_GO, box.rest) and not no_go.is_decision(box.rest)):
            _leave_out(lines, box, report)
            continue
        items.append(_item(lines, box, last, report))
    return items


def tasks_under_no_go(document: Document, orders: Iterable[int], report: Report) -> set[int]:
    """Which of these boxes (numbers, in the order of the file) have no id and stand in a NO-GO list; reported.

    That is below a label, or below a heading that says when to stop; headings that say NO-GO are criteria already.
    """
    lines, found = document.lines, set[int]()
    section, first, stops = -1, 0, False
    no_go = _NoGo((), lines)
    for order in orders:
        box, number = document.boxes[order], document.section_of[order]
        if number != section:
            section, first, no_go = number, document.sections[number].first, _NoGo((), lines)
            stops = any(map(no_go.stops, document.sections[number].path[1:]))
        no_go.look(lines, range(first, box.row), box.indent)
        end = document.sections[number].own_end
        limit = min(end, document.boxes[order + 1].row) if order + 1 < len(document.boxes) else end
        first = last_own_line(lines, box, limit) + 1
        if (no_go.under_label or stops) and not box.label.id:
            _leave_out(lines, box, report)
            found.add(order)
    return found


def _leave_out(lines: Lines, box: BoxLine, report: Report) -> None:
    said = quoted(box.rest, whole=lines.grammar.all_odd_boxes)
    message = f"a tick in a NO-GO list means failure; this box is never flipped: {said}"
    report.leave_out("no-go", box.row + 1, message)
    report.warn("no-go", box.row + 1, message)


class _NoGo:
    """Whether the boxes that follow mean failure, by a heading above them or by a label: `**NO-GO if:**`.

    A heading that says so holds for deeper ones; a label ends with the next label or heading, or with a numbered step
    that has no box, behind its first box: those are done, and so are the boxes behind them. A remark ends nothing.
    """

    def __init__(self, path: tuple[str, ...], lines: Lines) -> None:
        self._conditions = lines.grammar.sections_around
        self._whole = any(self._says_so(heading) for heading in path[1:])
        self._level = 0  # of the heading that says so
        self._label = False
        self._has_box = False  # whether a box stands below the label

    @property
    def holds(self) -> bool:
        return self._whole or self._level > 0 or self._label

    @property
    def under_label(self) -> bool:
        return self._label

    def look(self, lines: Lines, between: range, indent: int) -> None:
        """Take in the lines before a box that is indented so far."""
        for index in between:
            kind, text = lines.kinds[index], lines.text[index].strip()
            if kind == HEADING:
                self._pass_heading(text, lines.levels.get(index) or len(text) - len(text.lstrip("#")))
            elif kind == PROSE and lines.indents[index] <= indent:
                self._pass_words(text)
            elif kind == BULLET and self._conditions and lines.indents[index] <= indent and re.match(_STEP, text):
                self._label = self._label and not self._has_box
        self._has_box = self._label

    def _pass_heading(self, text: str, level: int) -> None:
        if self._says_so(text):
            self._level = level
        elif level <= self._level:
            self._level = 0
        self._label = False

    def _pass_words(self, text: str) -> None:
        if self._is_label(text):
            self._label, self._has_box = True, False
        elif text.startswith("**") or text.endswith((":", "：")):
            self._label = False

    def _is_label(self, text: str) -> bool:
        """Whether a line says that the boxes behind it mean failure."""
        if self._is_no_go(text):
            return not (self._conditions and re.match(_IF, text))
        return text.rstrip("*_ ").endswith((":", "：")) and self.stops(text)

    def is_decision(self, text: str) -> bool:
        """Whether both outcomes are named side by side; grammar 1 knows "Go/No-Go" only."""
        return self._conditions and re.search(_EITHER, text[:_LONGEST]) is not None

    def _is_no_go(self, text: str) -> bool:
        return re.search(_NO_GO, text) is not None and not self.is_decision(text)

    def stops(self, text: str) -> bool:
        """Whether a heading or label says when not to go on, by other words; grammar 1 knows none."""
        return self._conditions and re.search(_STOPS, text[:_LONGEST]) is not None

    def _says_so(self, heading: str) -> bool:
        if self.stops(heading):
            return True
        if not self._is_no_go(heading):
            return False
        return not self._conditions or not is_about_a_case(heading.lstrip("# \t"))


def _item(lines: Lines, box: BoxLine, last: int, report: Report) -> Item:
    details = read_details(lines, box.row + 1, last, title_open=True)
    text = f"{box.rest} {details.wrap}" if details.wrap else box.rest
    line = box.row + 1
    if re.search(_SIGN_OFF, text):
        report.note("sign-off", line, f"a field to fill in, a tick does not fill it: {text}")
    if "[" in text and re.search(_SECOND_BOX, text):
        report.note("second-box", line, f"only the first box of the line is ever flipped: {text}")
    own: tuple[Command, ...] = ()
    if "`" in text:
        from workflow.runbook.commands import inline_commands  # here: many runbooks show none

        own = inline_commands(text, line, lines.grammar)
    label = re.match(_BOLD_LABEL, text)
    return Item(plain(label[1]) if label else text, text, box.box, (*own, *details.commands))
