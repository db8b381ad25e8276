"""Which commands and warnings of a task list stand in no task? Listed, each with its line.

Rules:
- A fence directly below a task is the task's (`outline.py`). One that stands behind words that are no task's could be
  meant for the task above or for the one below: nobody is offered its command.
- A warning is a line that begins so: `**Warning**`, `CRITICAL:`, `> [!CAUTION]`, ⚠️.
- What stands above the first task is how the document begins; a legend shows commands; the way back and what is for
  some case only are listed by themselves; words that say to stop hold a task (`stops_above.py`). From grammar 2 on.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from state.model import PlannedTask
from workflow.runbook.around import roles
from workflow.runbook.conditions import Natures
from workflow.runbook.details import read_details
from workflow.runbook.excerpt import quoted
from workflow.runbook.gate_words import holds_work
from workflow.runbook.lines import BULLET, FENCE, PROSE, QUOTE
from workflow.runbook.outline import Document
from workflow.runbook.report import Report

_WORDS = "warning|caution|critical|danger|important"
_WARNS = rf"(?i)[\s>*_]*(?:⚠|(?<=[*_]{{2}})(?:{_WORDS})\b|(?:{_WORDS})[!:：]|\[!(?:{_WORDS})\])"


def report_loose_commands(document: Document, found: Natures, tasks: Sequence[PlannedTask], report: Report) -> None:
    """List the commands of fences, and the warnings, behind the first task that are in no task."""
    if not tasks:
        return
    lines = document.lines
    known = bytearray(len(lines))
    for task in tasks:
        known[task.line - 1 : task.end_line] = b"\1" * (task.end_line - task.line + 1)
        for number in (task.gate_line, *(stop.line for stop in task.stops)):
            known[max(number - 1, 0)] = 1
    for each in report.not_tasks:
        known[each.line - 1] = 1
    first, named = min(task.line for task in tasks), roles(document)
    for number, section in enumerate(document.sections):
        if found.way_back[number] or found.conditions[number] or named[number] == "legend":
            continue
        for row in range(max(section.first, first), section.own_end):
            if known[row] or found.goes_back(number, row):
                continue
            if lines.kinds[row] == FENCE:
                _report_fence(document, row, known, report)
            elif _warns(document, row):
                said = quoted(_with_its_text(lines.text, row))
                report.leave_out("loose-warning", row + 1, f"a warning that stands in no task: {said}")


def _warns(document: Document, row: int) -> bool:
    lines = document.lines
    text = lines.text[row]
    if lines.kinds[row] not in (PROSE, QUOTE) or not re.match(_WARNS, text) or holds_work(text):
        return False
    return _is_sentence(text) or BULLET not in lines.kinds[row + 1 : row + 2]  # a callout of steps warns of nothing


def _is_sentence(text: str) -> bool:
    """Whether a line says more than what a callout is called."""
    return re.search(r"\w\W+\w", text) is not None


def _with_its_text(text: Sequence[str], row: int) -> str:
    """A line without its quote's sign; the next line with it, where this one is only what a callout is called."""
    words = [text[row].strip("> \t")]
    if row + 1 < len(text) and not _is_sentence(words[0]):
        words.append(text[row + 1].strip("> \t"))
    return " ".join(filter(None, words))


def _report_fence(document: Document, row: int, known: bytearray, report: Report) -> None:
    for command in read_details(document.lines, row, document.lines.fence_ends[row], title_open=False).commands:
        if not known[command.line - 1]:
            report.leave_out(
                "loose-command", command.line, f"a command that stands in no task: {quoted(command.first)}"
            )
