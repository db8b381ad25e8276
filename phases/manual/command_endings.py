"""How did a task's commands end? One value a command, with what came of each run, and how it is named to a person.

    ending_of(item.commands[0], endings)          # how the command of a box ended

What is recorded of each run: the script, the program, the exit code, how long it took, what it printed, and of each of
its commands the line in the runbook and its exit code; null where a shell went on and 0 is not certain. A command that
a script did not reach although it ended with 0 is among them, and says so.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import field
from enum import StrEnum
from typing import NotRequired

from typing_extensions import TypedDict  # pydantic reads typing's own from Python 3.12 on only

from phases.manual.earlier_runs import EarlierRun, shortened, told_not_run
from phases.manual.early_ends import before_its_end
from phases.recorded import Seconds
from phases.step import Check, CommandResult
from state.cheap_classes import dataclass
from state.model import Command


class Ending(StrEnum):
    """How a command ended; the values are in evidence."""

    PASS = "pass"
    EARLY = "ended-early"  # with 0, and not all of it was reached
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
    """One command of a script: its line in the runbook, from 1, and its exit code; null where it is not known.

    `unreached`: the first line of a command that the script ended before, with 0.
    """

    line: int
    exit_code: int | None
    unreached: NotRequired[str]


class RanScript(TypedDict):
    """How a script ended, as the journal keeps it; `exit_code` null: it was interrupted, and nobody knows.

    `ended_early`: it ended with 0, but not all of it was reached; else it is left out.
    """

    script: str
    program: str
    exit_code: int | None
    seconds: Seconds
    output: str
    failed_line: int | None
    commands: list[RanLine]
    ended_early: NotRequired[bool]


@dataclass(frozen=True, slots=True)
class CommandEnding:
    """What became of one command of the task.

    Attributes:
        number: of the command in its task, from 1.
        why: why it was left as it is, or not run; "" where it passed.
        runs: what came of each run, the last one counts.
        was_edited: whether the last run was not of the runbook's text.
        earlier: what ran of it in attempts before this one.
        same_as: the number of the command whose run counts for this one as well, since it is the same; else 0.
    """

    number: int
    command: Command
    ending: Ending
    why: str = ""
    runs: Sequence[RanScript] = field(default=())
    was_edited: bool = False
    earlier: Sequence[EarlierRun] = field(default=())
    same_as: int = 0

    @property
    def check(self) -> Check:
        """As the approver reads it.

        An edited text that passed, and a script that ended early, answer no box, and no policy opens the gate on them.
        """
        name = f"command {self.number}: {self.command.first}"
        line = self.command.line
        if self.same_as:
            return Check(name, "exit 0", f"exit 0, run once, as command {self.same_as}", "pass", f"line {line}")
        if not self.runs:
            return Check(name, "exit 0", told_not_run(self.why, self.earlier), "not-checked", f"line {line}")
        last = self.runs[-1]
        seen = how_it_ended(last, line)
        seen += f" (run {len(self.runs)} times)" if len(self.runs) > 1 else ""
        seen += ", edited" if self.was_edited else ""
        if self.ending in (Ending.PASS, Ending.EARLY) and self.was_edited:  # what the runbook asks for did not pass
            return Check(name, "exit 0", f"{seen}: {shortened(last['script'])}", "not-checked", f"line {line}")
        if self.ending is Ending.EARLY:
            return Check(name, "exit 0, and all of it reached", seen, "not-checked", f"line {line}")
        if self.ending is Ending.PASS:
            return Check(name, "exit 0", seen, "pass", f"line {line}")
        return Check(name, "exit 0", f"{seen}; left as it is: {self.why}", "not-checked", f"line {line}")


def how_it_ended(ran: RanScript, line: int) -> str:
    """`exit 1 at line 92 after 0.3 s`, `exit 0 after 0.3 s, before its end: ...`; `line`: where the command begins."""
    early = before_its_end(ran)
    return how_long(ran, line) + (f", {early}" if early else "")


def how_long(ran: RanScript, line: int) -> str:
    """The same without what was not reached."""
    if ran["exit_code"] is None:
        return "interrupted, and nothing can tell how far it came"
    where = f" at line {ran['failed_line'] or line}" if ran["exit_code"] else ""
    return f"exit {ran['exit_code']}{where} after {ran['seconds']} s"


def ending_of(command: Command, endings: Sequence[CommandEnding]) -> Ending | None:
    """How this command of the task, or of one of its boxes, ended; None where it is none of these."""
    wanted = (command.text, command.line)
    return next((each.ending for each in endings if (each.command.text, each.command.line) == wanted), None)
