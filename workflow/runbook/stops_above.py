"""Which lines outside of tasks say to stop, and whom do they hold? What stands below them: the next task.

Rules:
- A gate's words ("STOP", "Do not proceed until ...") between tasks, in a section without a state or under none, hold
  the commands of the next task below them, as if they were its own; where it has no command they are its gate.
- Where that task is optional, so that it may be skipped, or ticked already while the one above is open, they hold each
  one behind it, too, up to the first that is required and open.
- A heading that says so counts where no line below it does; the document's title is none. "Stop if ..." is a no-go list
  (`above.py`), a box is a box, and on the way back nothing is held.
- What has no task below it, or speaks in a document's head of every phase or task, holds none, and is listed. From
  grammar 2 on.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from state.model import PlannedTask, Stop
from workflow.runbook.around import roles
from workflow.runbook.conditions import Natures, title_section
from workflow.runbook.details import read_details
from workflow.runbook.excerpt import quoted
from workflow.runbook.gate_words import gate_heading, holds_work, may_hold_work
from workflow.runbook.outline import Document, Section
from workflow.runbook.report import Report

_STOP_IF = r"(?i)\b(?:abort|stop|do not (?:start|go on|proceed|continue|deploy)) (?:if|when|criteria)\b"
_OF_EACH = (  # "STOP at the end of each phase": how the whole document is gone through
    r"(?i)\b(?:after|before|between|at|of|when|upon|completing|finishing|to)\s+"
    r"(?:(?:each|every|any|the next)\s+(?:[\w-]+\s+){0,2}(?:phase|task|step|stage|part|sub-?task)|"
    r"phases|tasks|steps|stages|sub-?tasks)\b"
)


def with_stops_above(
    document: Document, found: Natures, tasks: tuple[PlannedTask, ...], report: Report
) -> tuple[PlannedTask, ...]:
    """The tasks, each with the stops that stand above it and in no task; lists those that hold nothing."""
    if not tasks:
        return tasks
    held: dict[str, list[Stop]] = {}
    first = min(task.line for task in tasks)
    for stop, is_known in _outside(document, found, tasks):
        of_all = stop.line < first and re.search(_OF_EACH, stop.text) is not None
        keys = [] if of_all or not is_known else _held_by(stop, tasks)
        for key in keys:
            held.setdefault(key, []).append(stop)
        if not keys:
            report.leave_out("no-stop", stop.line, f"says to stop, and holds no task: {quoted(stop.text)}")
    return tuple(_holding(task, held[task.key]) if task.key in held else task for task in tasks)


def _held_by(stop: Stop, tasks: Sequence[PlannedTask]) -> list[str]:
    """The keys of the tasks below it, as they run, up to the first that nobody may skip."""
    above = max((task for task in tasks if task.line < stop.line), key=lambda each: each.line, default=None)
    to_come = above is not None and not _is_ticked(above)  # else whoever ticked the task below went past it
    keys = []
    for task in tasks:
        if task.line > stop.line:
            keys.append(task.key)
            if not (task.optional or (to_come and _is_ticked(task))):
                break
    return keys


def _is_ticked(task: PlannedTask) -> bool:
    boxes = list(task.boxes())
    return bool(boxes) and all(box.done for box in boxes)


def _holding(task: PlannedTask, stops: list[Stop]) -> PlannedTask:
    if task.commands:
        task = task._replace(stops=(*stops, *task.stops))
    if task.gate and not task.commands:
        return task._replace(gate="; ".join([*(f"{each.text} (line {each.line})" for each in stops), task.gate]))
    if task.gate:
        return task
    return task._replace(gate="; ".join(each.text for each in stops), gate_line=stops[-1].line)


def _outside(document: Document, found: Natures, tasks: Sequence[PlannedTask]) -> Iterator[tuple[Stop, bool]]:
    """The stops that stand in no task, in order; with each whether it is in earnest, not of a legend."""
    taken = bytearray(len(document.lines))
    for task in tasks:
        taken[task.line - 1 : task.end_line] = b"\1" * (task.end_line - task.line + 1)
    named = roles(document)
    first, title = min(task.line for task in tasks), title_section(document)
    boxes = {box.row + 1 for box in document.boxes}
    for number, section in enumerate(document.sections):
        if found.way_back[number]:
            continue
        stops = [
            stop
            for begin, end in _spans(taken, section)
            for stop in _between(document, begin, end, first)
            if stop.line not in boxes
            and not found.goes_back(number, stop.line - 1)
            and not re.search(_STOP_IF, stop.text)
        ]
        if not stops and number != title and not taken[section.first]:
            stops = _of_heading(document, section)
        yield from ((stop, named[number] != "legend") for stop in stops)


def _between(document: Document, begin: int, end: int, first: int) -> list[Stop]:
    """The stops on the lines with index `begin` up to `end`; a label counts behind the first task, on line `first`."""
    if not may_hold_work("\n".join(document.lines.text[begin:end])):
        return []
    details = read_details(document.lines, begin, end - 1, title_open=False)
    labelled = [each for each in details.labelled if each.line > first and each not in details.stops]
    return sorted([*details.stops, *labelled], key=lambda each: each.line)


def _of_heading(document: Document, section: Section) -> list[Stop]:
    """What its heading says by which work is held: its words, or, where it is a gate's label, what stands below it."""
    text = section.heading.text if section.heading else ""
    if re.search(_STOP_IF, text):
        return []
    if holds_work(text):
        return [Stop(text, section.first + 1)]
    if gate_heading(text) is None or document.orders_in(section.first, section.own_end):
        return []
    found = read_details(document.lines, section.first, section.own_end - 1, title_open=False).labelled
    return [Stop(f"{text}: {stop.text}", stop.line) for stop in found if stop.line == section.first + 1]


def _spans(taken: bytearray, section: Section) -> Iterator[tuple[int, int]]:
    """The runs of a section's own lines that are in no task: indices, the second one not among them."""
    row = section.first + (section.heading is not None)
    while row < section.own_end:
        end = row
        while end < section.own_end and not taken[end]:
            end += 1
        if end > row:
            yield row, end
        row = end + 1
