"""How far did a run come? What is said when a command that drove it ends well."""

from __future__ import annotations

from state.cheap_classes import dataclass
from state.counted import counted
from state.position import Outcome
from workflow.views.status import of_them_skipped
from workflow.views.summary import Summary


@dataclass(frozen=True, slots=True)
class Driven:
    """Where a run stands after it was driven.

    Attributes:
        outcome: how the run ended; empty while it goes on.
        done, total: tasks of the plan.
        commits: that the run made for them.
        steps: of its rollback.
        skipped: tasks that are done by being left out.
        sandbox: whether it works in the account on this machine.
        summary: of a run that is complete.
    """

    run: str
    outcome: Outcome
    done: int
    total: int
    commits: int
    steps: int
    sandbox: bool
    summary: Summary | None
    skipped: int = 0

    def text(self) -> str:
        """One line; of a run that is complete, its summary below."""
        if self.summary is not None:
            done = f"{counted(self.done, 'task')} in {counted(self.commits, 'commit')}{of_them_skipped(self.skipped)}"
            return "\n".join([f"{self.run}: {self.outcome.words}, {done}", *self.summary.lines()])
        if self.outcome:
            return f"{self.run}: {self.outcome.words}, {counted(self.steps, 'step')} in {counted(self.steps, 'commit')}"
        return f"{self.run}: {self.done} of {self.total} tasks done{of_them_skipped(self.skipped)}"

    @property
    def following(self) -> str:
        """What to type now."""
        return f"phasegate {'audit' if self.outcome else 'resume'} {self.run}"
