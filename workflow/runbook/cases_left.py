"""What is for some case only, shows steps, and is in no state? Listed with its line, and each of its commands.

Rules:
- A section with a condition ("If the deploy fails", "On failure"), one whose heading is about a failure ("Failure
  handling"), and a case inside of a section ("If it fails:") have steps where a command is in them, or a list; a
  heading that does not say when needs a command.
- One whose boxes are a state is no business of this, nor one whose commands a task offers, nor the way back, which is
  listed by itself. Inside of a phase its text is on the phase's page, and its commands are offered by nobody.
- Lists without a command inside of a task's text are on that task's page: these are not listed. From grammar 2 on.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from state.cheap_classes import NamedTuple
from state.model import Command, PlannedTask
from workflow.runbook.conditions import Natures, title_section
from workflow.runbook.details import read_details
from workflow.runbook.excerpt import quoted
from workflow.runbook.lines import BULLET
from workflow.runbook.outline import Document
from workflow.runbook.report import Report

_FAILURE = (
    r"(?i)\b(?:fail(?:s|ed|ures?|ing)?|goes wrong|went wrong|errors?|incidents?|recover(?:y|ing)?|contingenc\w+)\b"
)
_LONGEST = 300  # signs of a heading that are looked at


class _Aside(NamedTuple):
    """Lines that are for some case only: indices, `end` not among them, what they are called, whether it says when."""

    first: int
    end: int
    name: str
    has_condition: bool


def report_cases_left(document: Document, found: Natures, tasks: Sequence[PlannedTask], report: Report) -> None:
    """List what is for some case only and in no state."""
    taken = bytearray(len(document.lines))
    offered: set[int] = set()
    for task in tasks:
        taken[task.line - 1 : task.end_line] = b"\1" * (task.end_line - task.line + 1)
        offered.update(command.line for command in task.commands)
    listed = {each.line for each in report.not_tasks}
    for aside in sorted(_asides(document, found)):
        commands = _commands(document, aside)
        left = [command for command in commands if command.line not in offered]
        is_list = aside.has_condition and BULLET in document.lines.kinds[aside.first : aside.end]
        if not left and (commands or taken[aside.first] or not is_list):
            continue
        if aside.first + 1 not in listed:
            message = f"{aside.name!r} is for some case only: none of its steps is a state"
            report.leave_out("case", aside.first + 1, message)
        for command in left:
            if command.line not in listed:
                said = f"a command for some case only ({quoted(aside.name)}): {quoted(command.first)}"
                report.leave_out("case", command.line, said)


def _asides(document: Document, found: Natures) -> Iterator[_Aside]:
    """The sections and cases that are for some case only, but for those with boxes; a section without its cases."""
    title = title_section(document)
    for number, section in enumerate(document.sections):
        if found.way_back[number]:
            continue
        cases = found.cases_in(section.first, section.own_end)
        for case in cases:
            if not document.orders_in(case.row, case.end):
                yield _Aside(case.row, case.end, case.condition, True)
        if section.heading is None or number == title:
            continue
        end = cases[0].row if cases else section.own_end
        name, is_case = section.heading.text, found.conditions[number] != ""
        if (is_case or re.search(_FAILURE, name[:_LONGEST])) and not document.orders_in(section.first, end):
            yield _Aside(section.first, end, name, is_case)


def _commands(document: Document, aside: _Aside) -> list[Command]:
    return read_details(document.lines, aside.first + 1, aside.end - 1, title_open=False).commands
