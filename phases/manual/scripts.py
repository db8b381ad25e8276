"""What is a script, and how did it end? The values between a task's commands and the door that runs them."""

from __future__ import annotations

from collections.abc import Sequence

from phases.manual.interpreters import Interpreter
from state.cheap_classes import dataclass


@dataclass(frozen=True, slots=True)
class Script:
    """A fence, or a command of inline code, as it is run.

    Attributes:
        text: what is run, placeholders filled in.
        begins: indices of the lines at which a command begins.
        keep: under which name its variables and directory are kept for the script that goes on in its shell, or "".
        goes_on: under which name those of the script before were kept, or "".
        stand_for: (what was filled in in this run, the variable that it is taken from).
    """

    text: str
    interpreter: Interpreter
    begins: Sequence[int] = ()
    keep: str = ""
    goes_on: str = ""
    stand_for: Sequence[tuple[str, str]] = ()


@dataclass(frozen=True, slots=True)
class ScriptResult:
    """How a script ended.

    Attributes:
        exit_code: negative for a signal.
        output: its lines as they were run, each with what it printed, secrets masked: as `CommandResult.output`.
        seconds: from start to end.
        begun: how many of its lines were begun: of a shell's script those that it read, of another one all.
        failed: index of the line that it failed in, where that is known; of a shell's script the last one begun.
        ended_early: whether it ended with 0 before its last command had its turn (`early_ends.py`).
        unreached: then the indices of the lines at which a command begins that was not reached, where that is known.
    """

    exit_code: int
    output: str
    seconds: float
    begun: int
    failed: int | None = None
    ended_early: bool = False
    unreached: Sequence[int] = ()
