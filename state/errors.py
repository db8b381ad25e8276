"""Whose move is next when something is refused?

One root, children grouped by who has to act; each carries the exit code that the command line ends with
(docs/exit-codes.md). A message says what was refused, seen against expected, and where;
`next_command` is what to type. Waiting for a person is not a failure.

Rules:
- Secrets never reach a message.
- A library raises one of these or lets a fault of ours through; it never prints and never exits.
"""

from __future__ import annotations

from collections.abc import Sequence

from state.cheap_classes import dataclass
from state.printable import printable, printable_line

INTERRUPTED = 130  # exit code: safely paused by Ctrl-C or SIGTERM
OURS = ("next:", "phasegate:")  # how lines begin that phasegate says by itself


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong with something given to us.

    Attributes:
        where: `file:line`, a JSON path, or a task.
        message: what is wrong.
        excerpt: the line that is meant with a caret below it, or "".
    """

    where: str
    message: str
    excerpt: str = ""

    def __str__(self) -> str:
        return f"{self.where}: {self.message}" if self.where else self.message


class PhasegateError(Exception):
    """Anything phasegate refuses.

    Attributes:
        message: what was refused, seen against expected, and where; a `body` behind it, from its second line on.
        next_command: what to type now, or "" where nothing helps but reading.
        problems: every single problem found, at once (may be empty).
        exit_code: the process's exit status.
    """

    exit_code = 2

    def __init__(
        self, message: str, *, next_command: str = "", problems: Sequence[Problem] = (), body: str = ""
    ) -> None:
        """`body`: a text that is shown in its own lines below the message, which is one line then."""
        message = "\\n".join(message.split("\n")) + f"\n{body}" if body else message
        super().__init__(message)
        self.message = message
        self._has_body = body != ""
        self.next_command = next_command
        self.problems = tuple(problems)

    def __str__(self) -> str:
        lines = [self.message]
        for problem in self.problems:
            lines += [f"  {problem}", *(f"      {line}" for line in problem.excerpt.splitlines())]
        if self.next_command:
            lines.append(f"next: {self.next_command}")
        return "\n".join(lines)

    def lines(self) -> list[str]:
        """What is shown of it above its next command, printable.

        What it quotes of somebody else's makes no line that could pass for ours: line feeds stand as escapes but in a
        body, of which no line begins as ours do.
        """
        message, body = self.message, []
        if self._has_body:
            message, _, rest = message.partition("\n")
            body = [f"  {line}" if line.startswith(OURS) else line for line in printable(rest).split("\n")]
        lines = [printable_line(message), *body]
        for problem in self.problems:
            lines += [f"  {printable_line(str(problem))}"]
            lines += [f"      {printable_line(line)}" for line in problem.excerpt.splitlines()]
        return lines


class BadInput(PhasegateError):
    """The runbook, the contract, the policy, the answers or the command line must be fixed first."""

    exit_code = 2


class BadAnswer(BadInput):
    """An answer that was given is not acceptable; the work itself is untouched and goes on with a better one."""


class WentBack(Exception):
    """A person gave no answer to a question that may be gone back from: what was asked before it is asked again."""


class RunbookEdited(BadInput):
    """The runbook in the working tree is not as the run left it; the message shows the difference."""


class WorkspaceRefused(PhasegateError):
    """The git repository is not in a state in which a run may write to it."""

    exit_code = 2


class Waiting(PhasegateError):
    """A person has to answer or to approve, or it must be later; the run is parked safely.

    Attributes:
        until: when it goes on by itself, as the journal writes times; "" where that is for a person.
    """

    exit_code = 3
    until = ""


class Rejected(PhasegateError):
    """A person said no, or the run was aborted."""

    exit_code = 4


class StepFailed(PhasegateError):
    """The work of a task failed: look at AWS, at the evidence, or at the command that ran."""

    exit_code = 5


class RunHeld(PhasegateError):
    """Another process holds the run."""

    exit_code = 6


class RunFenced(RunHeld):
    """Another clone took the run over at the remote: what this process did since counts nowhere."""


class JournalDamaged(PhasegateError):
    """The journal is not what was written: damage, not interruption (the message names the line)."""

    exit_code = 1
