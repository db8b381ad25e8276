"""What stands beside a task and belongs to none, and is still its business? Fields of a head or an end, no-go lists.

Rules:
- Above a task: the lines between the task before and this one that are under a heading above this task, or under none,
  and sections that say when not to go on: their heading or a line names a no-go, an abort or a stop, or begins with "If
  any of these".
- Behind the last task of the file: the same, and sections of criteria ("Sign-off"). That is the business of the plan's
  last task that is required: its gate is the last one that everybody comes to.
- Everything else there (another section's words, boxes that are no task) is an empty line: lines keep their places. The
  boxes of a no-go list stay, as the words that they are. In a section of the way back nothing is filled in.
- A task is given such a text only where it has a field or a no-go list. A field that is in no task's text then is
  listed among what was left out. From grammar 2 on.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Sequence

from state.late_pattern import late
from state.model import PlannedTask
from state.task_fields import fields_in
from workflow.runbook.around import Role, roles
from workflow.runbook.conditions import Natures
from workflow.runbook.excerpt import quoted
from workflow.runbook.outline import Document, Section
from workflow.runbook.report import Report

NO_GO = late(
    r"(?i)\bno[- ]?go\b|\b(?:abort|stop|do not (?:start|go on|proceed)) (?:if|when|criteria)\b"
    r"|^[\s>*_+-]*if any of (?:these|this|the following)\b"
)
_BOX = late(r"[ \t>]*(?:[-*+]|\d+[.)])[ \t]+\[.?\]")
_HEADING = late(r" {0,3}(#{1,6})[ \t]")
_LIST = late(r"[ >]*(?:[-*+]|\d+[.)]) ")


def with_what_stands_beside(
    document: Document, found: Natures, tasks: tuple[PlannedTask, ...], report: Report
) -> tuple[PlannedTask, ...]:
    """The tasks, each with what stands above it, and one with what stands behind the last; reports what is nobody's."""
    if not tasks or not any("___" in line or NO_GO.search(line) for line in document.lines.text):
        return tasks
    beside = _Beside(document, found, report)
    made = _given(beside, tasks, len(document.lines.text))
    _report_fields(document, found, made, report)
    return made


def _given(beside: _Beside, tasks: tuple[PlannedTask, ...], total: int) -> tuple[PlannedTask, ...]:
    """The tasks with what is beside them, of a document of so many lines."""
    above, end = dict[str, str](), 0
    for task in sorted(tasks, key=lambda each: each.line):
        above[task.key] = beside.of(end, task.line - 1, [task.heading])
        end = max(end, task.end_line)
    last = max(tasks, key=lambda each: each.end_line)
    owner = next((each for each in reversed(tasks) if not each.optional), tasks[-1])
    below = beside.of(end, total, [last.heading, owner.heading], at_the_end=True)
    if below:
        below = "\n" * (end - owner.end_line) + below
    return tuple(task._replace(above=above[task.key], below=below if task.key == owner.key else "") for task in tasks)


class _Beside:
    """What of a document's lines outside of tasks is the business of one."""

    def __init__(self, document: Document, found: Natures, report: Report) -> None:
        self._document, self._found = document, found
        self._lines = document.lines.text
        self._firsts = [section.first for section in document.sections]
        self._no_go_boxes = {each.line - 1 for each in report.not_tasks if each.code == "no-go"}
        self._roles: list[Role] = []

    def of(self, first: int, end: int, paths: Sequence[tuple[str, ...]], *, at_the_end: bool = False) -> str:
        """The lines with index `first` up to `end`, the others among them empty; "" where nothing is left to say.

        `paths`: the headings above the tasks whose business it would be.
        """
        rows = range(first, max(first, end))
        text = [self._kept(row) for row in rows]
        near = self._document.sections[max(bisect_right(self._firsts, first) - 1, 0) : bisect_right(self._firsts, end)]
        for section in near:
            own = range(max(section.first, first), min(section.own_end, rows.stop))
            if own and not self._is_business(section, own, paths, at_the_end=at_the_end):
                text[own.start - first : own.stop - first] = [""] * len(own)
        return "\n".join(text) if any("___" in line or NO_GO.search(line) for line in text) else ""

    def _kept(self, row: int) -> str:
        line = self._lines[row]
        return "" if _BOX.match(line) and row not in self._no_go_boxes else line

    def _is_business(self, section: Section, own: range, paths: Iterable[tuple[str, ...]], *, at_the_end: bool) -> bool:
        number = _number(section)
        rows = [self._lines[row] for row in own]
        says = any(map(NO_GO.search, rows))
        if self._found.way_back[number]:
            return says and not any("___" in line for line in rows)
        near = any(section.path == path[: len(section.path)] for path in paths)
        return near or says or (at_the_end and self._role(number) == "criteria")

    def _role(self, number: int) -> Role:
        self._roles = self._roles or roles(self._document)
        return self._roles[number]


def _number(section: Section) -> int:
    return section.chain[-1] if section.chain else 0


def _report_fields(document: Document, found: Natures, tasks: Iterable[PlannedTask], report: Report) -> None:
    """List the fields that no task fills in; those of the way back are a rollback's, and those of boxes are listed."""
    taken = {each.line for each in report.not_tasks}.union(*map(_lines_of, tasks))
    firsts = [section.first for section in document.sections]
    for line in dict.fromkeys(field.line for field in fields_in(list(document.lines.text), 1)):
        section = document.sections[bisect_right(firsts, line - 1) - 1]
        if line not in taken and not found.way_back[_number(section)]:
            said = quoted(document.lines.text[line - 1].strip())
            report.leave_out("no-field", line, f"a field that stands in no task: nobody is asked for it: {said}")


def _lines_of(task: PlannedTask) -> set[int]:
    """The numbers of the lines that are the task's, or its business."""
    above, below = (text.split("\n") if text else [] for text in (task.above, task.below))
    beside = [(task.line - len(above), above), (task.end_line + 1, below)]
    rows = {first + row for first, lines in beside for row, line in enumerate(lines) if line}
    return rows.union(range(task.line, task.end_line + 1))


def no_go(task: PlannedTask) -> str:
    """The lists beside the task that say when not to go on, as Markdown; "" where there is none."""
    return "\n\n".join(filter(None, map(_lists, (task.above, task.below))))


def said_above(task: PlannedTask) -> str:
    """What stands above the task, in none, and holds its commands, as Markdown; "" where there is none."""
    return "\n".join(f"- {stop.text} (line {stop.line})" for stop in task.stops if stop.line < task.line)


def _goes_on(line: str) -> bool:
    """Whether a line is a part of the list or the table before it, blank, or what underlines a heading."""
    return line.startswith((" ", "|")) or _LIST.match(line) is not None or not line.strip("-= ")


def _lists(text: str) -> str:
    """What says in this text when not to go on: a section whose heading does, whole, and a label with its list."""
    kept: list[str] = []
    level, inside = 0, False  # of the heading that says so; behind a label that does
    for line in text.split("\n"):
        says = NO_GO.search(line) is not None
        if heading := _HEADING.match(line):
            depth = len(heading[1])
            level = (depth if says else 0) if not level or depth <= level else level
            inside = False
        elif says:
            inside = True
        elif not _goes_on(line):
            inside = False
        if inside or level:
            kept.append(line)
    return re.sub(r"\n{3,}", "\n\n", "\n".join(kept)).strip("\n")
