"""Which boxes of a section are ticked with it? Its items, with their commands; and those that must not be ticked.

Rules:
- In a NO-GO list a tick means failure: such a box is reported and never flipped.
- A sign-off line ("Deployed by: ____") is a field to fill in; its box is an item, and the reader says so.
- The first box of a line counts; a second one (`[ ] GO / [ ] NO-GO`) is never flipped.
"""

from __future__ import annotations

import re

from state.model import Command, Item
from workflow.runbook.boxes import BoxLine, plain
from workflow.runbook.commands import inline_commands
from workflow.runbook.conditions import is_about_a_case
from workflow.runbook.details import read_details
from workflow.runbook.excerpt import brief
from workflow.runbook.lines import HEADING, PROSE, Lines
from workflow.runbook.outline import last_own_line
from workflow.runbook.report import Report

_NO_GO = r"(?i)(?<!go/)(?<!go / )(?<!go or )\bno[- ]?go\b"
_STARTS_NO_GO = r"(?i)[*_\W]*no[- ]?go\b"
_IF = r"(?i)[*_> ]*if\b"  # "If NO-GO:" says when, "NO-GO if:" what
_SIGN_OFF = r"(?i)_{3,}|^(?:\w+ by|date|time|name|signature|signed|approver|reviewer|version)\s*[:：]\s*$"
_SECOND_BOX = r"\[[ xX]\]"
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
        if no_go.holds or re.match(_STARTS_NO_GO, box.rest):
            message = f"a tick in a NO-GO list means failure; this box is never flipped: {brief(box.rest)}"
            report.leave_out("no-go", box.row + 1, message)
            report.warn("no-go", box.row + 1, message)
            continue
        items.append(_item(lines, box, last, report))
    return items


class _NoGo:
    """Whether the boxes that follow mean failure, by a heading above them or by a label: `**NO-GO if:**`.

    A heading that says so holds for deeper ones; a label ends with the next label or heading, not with a remark.
    """

    def __init__(self, path: tuple[str, ...], lines: Lines) -> None:
        self._conditions = lines.grammar.sections_around
        self._whole = any(self._says_so(heading) for heading in path[1:])
        self._level = 0  # of the heading that says so
        self._label = False

    @property
    def holds(self) -> bool:
        return self._whole or self._level > 0 or self._label

    def look(self, lines: Lines, between: range, indent: int) -> None:
        """Take in the lines before a box that is indented so far."""
        for index in between:
            kind, text = lines.kinds[index], lines.text[index].strip()
            if kind == HEADING:
                level = lines.levels.get(index) or len(text) - len(text.lstrip("#"))
                if self._says_so(text):
                    self._level = level
                elif level <= self._level:
                    self._level = 0
                self._label = False
            elif kind == PROSE and lines.indents[index] <= indent:
                if re.search(_NO_GO, text) and not (self._conditions and re.match(_IF, text)):
                    self._label = True
                elif text.startswith("**") or text.endswith((":", "：")):
                    self._label = False

    def _says_so(self, heading: str) -> bool:
        if re.search(_NO_GO, heading) is None:
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
    own: tuple[Command, ...] = inline_commands(text, line, lines.grammar) if "`" in text else ()
    label = re.match(_BOLD_LABEL, text)
    return Item(plain(label[1]) if label else text, text, box.box, (*own, *details.commands))
