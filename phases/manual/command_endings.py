"""How did a task's commands end? One value a command, with what came of each run, and how it is named to a person.

    ending_of(item.commands[0], endings)          # how the command of a box ended

What is recorded of each run: the script, the program, the exit code, how long it took, what it printed, and of each of
its commands the line in the runbook and its exit code; null where a shell went on and 0 is not certain.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from typing_extensions import TypedDict  # pydantic reads typing's own from Python 3.12 on only

from phases.recorded import Seconds
from phases.step import Check, CommandResult
from state.model import Command


class Ending(StrEnum):
    """How a command ended; the values are in evidence."""

    PASS = "pass"
    FAIL = "fail"  # and was left so, with a reason
    SKIPPED = "skipped"  # a person said that it is not run
    NOT_RUN = "not-run"  # it cannot be: something is missing


class RanCommand(TypedDict):
    """How a command by itself ended, as the journal keeps it."""

    exit_code: int
    seconds: Seconds
    output: str


def as_kept(done: CommandResult) -> RanCommand:
    """What the journal keeps of a command that has ended."""
    return RanCommand(exit_code=done.exit_code, seconds=round(done.seconds, 1), output=done.output)


class RanLine(TypedDict):
    """One command of a script: its line in the runbook, from 1, and its exit code; null where it is not known."""

    line: int
    exit_code: int | None


class RanScript(TypedDict):
    """How a script ended, as the journal keeps it; `exit_code` null: it was interrupted, and nobody knows."""

    script: str
    program: str
    exit_code: int | None
    seconds: Seconds
    output: str
    failed_line: int | None
    commands: list[RanLine]


@dataclass(frozen=True, slots=True)
class CommandEnding:
    """What became of one command of the task.

    Attributes:
        number: of the command in its task, from 1.
        why: why it was left as it is, or not run; "" where it passed.
        runs: what came of each run, the last one counts.
        was_edited: whether the last run was not of the runbook's text.
    """

    number: int
    command: Command
    ending: Ending
    why: str = ""
    runs: Sequence[RanScript] = field(default=())
    was_edited: bool = False

    @property
    def check(self) -> Check:
        """As the approver reads it. An edited text that passed answers no box, and no policy opens the gate on it."""
        name = f"command {self.number}: {self.command.first}"
        line = self.command.line
        if not self.runs:
            return Check(name, "exit 0", self.why, "not-checked", f"line {line}")
        last = self.runs[-1]
        seen = how_it_ended(last, line)
        seen += f" (run {len(self.runs)} times)" if len(self.runs) > 1 else ""
        seen += ", edited" if self.was_edited else ""
        if self.ending is Ending.PASS and self.was_edited:  # what the runbook asks for did not pass
            return Check(name, "exit 0", f"{seen}: {_shortened(last['script'])}", "not-checked", f"line {line}")
        if self.ending is Ending.PASS:
            return Check(name, "exit 0", seen, "pass", f"line {line}")
        return Check(name, "exit 0", f"{seen}; left as it is: {self.why}", "not-checked", f"line {line}")


def how_it_ended(ran: RanScript, line: int) -> str:
    """`exit 1 at line 92 after 0.3 s`; `line`: where the command begins."""
    if ran["exit_code"] is None:
        return "interrupted, and nothing can tell how far it came"
    where = f" at line {ran['failed_line'] or line}" if ran["exit_code"] else ""
    return f"exit {ran['exit_code']}{where} after {ran['seconds']} s"


def _shortened(script: str) -> str:
    first, _, more = script.partition("\n")
    return first + (" ..." if more else "")


def ending_of(command: Command, endings: Sequence[CommandEnding]) -> Ending | None:
    """How this command of the task, or of one of its boxes, ended; None where it is none of these."""
    wanted = (command.text, command.line)
    return next((each.ending for each in endings if (each.command.text, each.command.line) == wanted), None)
