"""Which conditions are about boxes and are not read as one? Listed, each with its line and those of its boxes.

Rules:
- Read is a line on its own in the first column, one directly under a heading, and a heading (`conditions.py`). Not read
  is the same line indented below a box, a bullet that says so (`- If it fails:`), and a box that does and has boxes
  below it: their boxes are asked about in any case.
- It is about the boxes behind it that are indented at least as far; below a bullet or a box, further.
"""

from __future__ import annotations

import re

from workflow.runbook.case_words import bare_name, line_condition
from workflow.runbook.conditions import Natures
from workflow.runbook.excerpt import quoted
from workflow.runbook.lines import BLANK, BULLET, HIDDEN, PROSE
from workflow.runbook.outline import Document
from workflow.runbook.report import Report

_MARK = r"[\s>]*(?:[-*+]|\d{1,9}[.)])[ \t]+"  # of a bullet


def report_unread_conditions(document: Document, found: Natures, report: Report) -> None:
    """List them, but for those of the way back, whose boxes nobody is asked about."""
    lines = document.lines
    if not lines.may_have_ifs or not document.boxes:
        return
    boxes = {box.row: box for box in document.boxes}
    for number, section in enumerate(document.sections):
        for row in range(section.first, section.own_end):
            is_item = row in boxes or lines.kinds[row] == BULLET
            is_below = lines.kinds[row] == PROSE and lines.indents[row] > 0
            if not (is_item or is_below) or found.goes_back(number, row):
                continue
            text = bare_name(boxes[row].rest) if row in boxes else re.sub(_MARK, "", lines.text[row], count=1)
            condition = line_condition(text)
            if not condition or condition == found.conditions[number]:
                continue
            if to := _boxes_below(document, row, section.own_end, is_item=is_item):
                where = f"line{'s' if len(to) > 1 else ''} {', '.join(map(str, to))}"
                said = f"a condition that is not read, so its boxes ({where}) are asked about in any case"
                how = "a line in the first column is read, and a heading"
                report.leave_out("no-condition", row + 1, f"{said}: {quoted(condition)}; {how}")


def _boxes_below(document: Document, row: int, end: int, *, is_item: bool) -> list[int]:
    """The lines of the boxes that a condition on this line is about."""
    lines, indent = document.lines, document.lines.indents[row]
    boxes = {box.row for box in document.boxes_in(row + 1, end)}
    found = []
    for at in range(row + 1, end):
        if lines.kinds[at] == BLANK or lines.kinds[at] in HIDDEN:
            continue
        if lines.indents[at] < indent or (is_item and lines.indents[at] == indent):
            break
        found += [at + 1] if at in boxes else []
    return found
