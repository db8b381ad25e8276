"""Where does a run stand, and how did it end? Light: the machine of a plan that was not begun needs no more."""

from __future__ import annotations

from enum import StrEnum

from state.cheap_classes import dataclass


class Outcome(StrEnum):
    """How a run has ended; the values are in JSON, and the machine's states, for ever."""

    NONE = ""
    COMPLETE = "complete"
    ABORTED = "aborted"
    ROLLED_BACK = "rolled_back"

    @property
    def words(self) -> str:
        """As people are told: `rolled back`."""
        return self.value.replace("_", " ")

    @property
    def trailer(self) -> str:
        """As the commit says that records it: `rolled-back`."""
        return self.value.replace("_", "-")


READY, ROLLING_BACK = "ready", "rolling_back"  # before the first task of the plan, and of the rollback


@dataclass(frozen=True, slots=True)
class Position:
    """Where a run stands in the sequence of its tasks: the plan's, or the rollback's.

    Attributes:
        task: key of the task that is under way, or else due; "" when none is left.
        begun: whether a task of the sequence has begun.
        rolls_back: whether the sequence is the rollback's.
        aborted: whether the run was ended before the sequence was.
    """

    task: str
    begun: bool
    rolls_back: bool
    aborted: bool

    @property
    def outcome(self) -> Outcome:
        if self.aborted:
            return Outcome.ABORTED
        if self.task:
            return Outcome.NONE
        return Outcome.ROLLED_BACK if self.rolls_back else Outcome.COMPLETE

    @property
    def state(self) -> str:
        """The state of `RunMachine`: `ready`, `rolling_back`, a task's key, or the outcome."""
        if self.outcome:
            return self.outcome.value
        return self.task if self.begun else ROLLING_BACK if self.rolls_back else READY

    @property
    def shown(self) -> str:
        """The state as `status` and the audit show it (docs/json.md): all of a rollback is `rolling_back`."""
        return ROLLING_BACK if self.rolls_back and not self.outcome else self.state
