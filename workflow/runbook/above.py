"""What stands above a task and belongs to none, and is still its business? Fields of a document's head, no-go lists.

Rules:
- Kept are the lines between the task before and this one that are under a heading above this task (or under none, for
  the first task), and sections that say when not to go on: their heading or a line names a no-go, an abort or a stop.
- Everything else there (another section's words, boxes that are no task) is an empty line: lines keep their places.
- A task is given such a text only where it has a field or a no-go list. From grammar 2 on.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence

from state.model import PlannedTask
from workflow.runbook.outline import Document, Section

NO_GO = re.compile(r"(?i)\bno[- ]?go\b|\b(?:abort|stop|do not (?:start|go on|proceed)) (?:if|when|criteria)\b")
_BOX = re.compile(r"[ \t>]*(?:[-*+]|\d+[.)])[ \t]+\[.?\]")


def with_what_stands_above(document: Document, tasks: tuple[PlannedTask, ...]) -> tuple[PlannedTask, ...]:
    """The tasks, each with what stands above it."""
    if not any("___" in line or NO_GO.search(line) for line in document.lines.text):
        return tasks
    firsts = [section.first for section in document.sections]
    found, end = dict[str, str](), 0
    for task in sorted(tasks, key=lambda each: each.line):
        near = document.sections[max(bisect_right(firsts, end) - 1, 0) : bisect_right(firsts, task.line - 1)]
        found[task.key] = _above(document.lines.text, near, task, end)
        end = max(end, task.end_line)
    return tuple(task._replace(above=found[task.key]) for task in tasks)


def _above(lines: Sequence[str], near: Sequence[Section], task: PlannedTask, end: int) -> str:
    """The lines from behind `end` to this task, those that are not its business empty; "" where nothing of it is."""
    text = list(lines[end : max(end, task.line - 1)])
    for section in near:
        rows = range(max(section.first, end), min(section.own_end, task.line - 1))
        if rows and not _is_its_business(lines, section, task, first=end == 0):
            text[rows.start - end : rows.stop - end] = [""] * len(rows)
    text = ["" if _BOX.match(line) else line for line in text]
    return "\n".join(text) if any("___" in line or NO_GO.search(line) for line in text) else ""


def _is_its_business(lines: Sequence[str], section: Section, task: PlannedTask, *, first: bool) -> bool:
    if section.heading is None:
        return first
    if section.path == task.heading[: len(section.path)]:
        return True
    own = lines[section.first : section.own_end]
    return any(map(NO_GO.search, own)) and not any(map(_BOX.match, own))


def no_go(task: PlannedTask) -> str:
    """The lists above the task that say when not to go on, as Markdown; "" where there is none."""
    kept: list[str] = []
    inside = False
    for line in task.above.split("\n"):
        is_list = line.lstrip(" >").startswith(("- ", "* ", "+ ")) or re.match(r"[ >]*\d+[.)] ", line) is not None
        if NO_GO.search(line):
            inside = True
        elif line.strip() and not is_list and not line.startswith((" ", "|")):
            inside = False
        if inside:
            kept.append(line)
    return "\n".join(kept).strip("\n")
