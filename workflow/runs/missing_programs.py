"""Which programs do a runbook's commands and checks need, and are not on PATH? With their places; nothing is run.

Rules:
- Of the runbook those commands count that a run offers: none of a task that phasegate has a step for.
- A script of a shell is looked at line by line as before its question (`phases/manual/programs_here.py`): what a shell
  alone can tell is not judged. Of any fence the program that runs it counts.
- It is a note: what is missing may be installed by a task, or be on the PATH of whoever goes on with the run.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from phases.manual.interpreters import interpreter_of
from phases.manual.programs_here import rows_not_found_here
from phases.step import Workflow
from state.cheap_classes import NamedTuple
from state.json_values import Json
from state.model import Command, Plan
from state.printable import as_name
from state.task_name import number_and_title

if TYPE_CHECKING:
    from phases.checks.definition import Checks

NOT_HERE = "not on PATH here"


class MissingProgram(NamedTuple):
    """A program that is not on PATH, and where it is named first by one command or check.

    Attributes:
        program: as it is named.
        file, line: where, the line from 1.
        of: what names it, in words.
    """

    program: str
    file: str
    line: int
    of: str

    @property
    def place(self) -> str:
        return f"{as_name(self.file)}:{self.line}"

    @property
    def said(self) -> str:
        """As a compiler would say it."""
        return f"{self.place}: note: `{self.program}` is {NOT_HERE}; {self.of} names it [no-program]"

    def to_json(self) -> dict[str, Json]:
        """As docs/json.md has it."""
        return {"program": self.program, "file": self.file, "line": self.line, "of": self.of}


def missing_programs(plan: Plan, workflow: Workflow, checks: Checks | None) -> list[MissingProgram]:
    """What is missing, in the order of the runbook, then of its checks."""
    return [*_of_commands(plan, workflow), *(_of_checks(checks) if checks is not None else ())]


def by_program(missing: Sequence[MissingProgram]) -> str:
    """All of it in one line: `` `jq` (ship.md:12, ship.checks.yaml:3), `kubectl` (ship.md:9)``."""
    named: dict[str, list[str]] = {}
    for each in missing:
        named.setdefault(each.program, []).append(each.place)
    return ", ".join(f"`{name}` ({', '.join(dict.fromkeys(places))})" for name, places in named.items())


def _of_commands(plan: Plan, workflow: Workflow) -> Iterator[MissingProgram]:
    for task in plan.tasks:
        if workflow.step_for(task) is not None:
            continue
        for number, command in enumerate(task.commands, 1):
            of = f"command {number} of {number_and_title(task.id, task.title)}"
            yield from (MissingProgram(name, plan.runbook, line, of) for name, line in _named(command))


def _named(command: Command) -> Iterator[tuple[str, int]]:
    """Each program of a command that is not here, with its line."""
    interpreter = interpreter_of(command.language)
    if interpreter is None:
        return
    if interpreter.found(os.environ) is None:
        yield interpreter.name, command.line
    if interpreter.is_shell:
        for name, row in rows_not_found_here(command.text).items():
            yield name, command.lines[row] if command.lines else command.line + row


def _of_checks(checks: Checks) -> Iterable[MissingProgram]:
    from phases.checks.local.local_check import CommandExit, LocalCheck, ToolVersion, VirtualEnvironment

    for check in checks.checks:
        if not isinstance(check, LocalCheck):
            continue
        match check.look:
            case ToolVersion(run=text) | CommandExit(run=text):
                names = [*rows_not_found_here(text)]
            case VirtualEnvironment():
                names = [*rows_not_found_here("python3")]
            case _:
                continue
        file, line, _column = check.place.rsplit(":", 2)
        yield from (MissingProgram(name, file, int(line), f"check {check.id}") for name in names)
