"""What does a task's work raise when it needs tasks that its runbook does not have? They are put there, and shown."""

from __future__ import annotations

from collections.abc import Sequence

from state.errors import StepFailed


class PlanGrows(StepFailed):
    """The work of a task needs further tasks.

    Attributes:
        after: id of the task behind which they belong.
        runbook_lines: of them, without the indentation that they have there.
    """

    def __init__(self, message: str, *, after: str, runbook_lines: Sequence[str], next_command: str) -> None:
        super().__init__(message, next_command=next_command)
        self.after = after
        self.runbook_lines = tuple(runbook_lines)
