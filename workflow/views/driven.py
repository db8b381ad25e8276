"""How far did a run come? What is said when a command that drove it ends well."""

from __future__ import annotations

from dataclasses import dataclass

from state.counted import counted
from state.position import Outcome


@dataclass(frozen=True, slots=True)
class Driven:
    """Where a run stands after it was driven.

    Attributes:
        outcome: how the run ended; empty while it goes on.
        done, total: tasks of the plan.
        commits: that the run made for them.
        steps: of its rollback.
    """

    run: str
    outcome: Outcome
    done: int
    total: int
    commits: int
    steps: int

    def text(self) -> str:
        """One line."""
        if self.outcome is Outcome.COMPLETE:
            return (
                f"{self.run}: {self.outcome.words}, {counted(self.done, 'task')} in {counted(self.commits, 'commit')}"
            )
        if self.outcome:
            return f"{self.run}: {self.outcome.words}, {self.steps} steps in as many commits"
        return f"{self.run}: {self.done} of {self.total} tasks done"

    @property
    def following(self) -> str:
        """What to type now, or ""."""
        return "" if self.outcome else f"phasegate resume {self.run}"
