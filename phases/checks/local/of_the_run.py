"""What may a check look at in its run? What follows from other items, a sign-off, and what nothing can make true.

Rules:
- An item that follows from others counts when all boxes of those are settled and one of them counts, as a box above
  others does (`gates/boxes.py`); it is looked at once their tasks are done.
- A sign-off is never typed: who did the work is whose git identity handed it in, the date is the clock's, and who
  approves is whoever opens the gate of this very task.
- What cannot hold is never looked at: a person says that it does not apply, and why.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple

from gates.boxes import NEVER_HOLDS, RULES
from state.cheap_classes import dataclass
from state.evidence import Verdict

Of = Literal["operator", "approver", "date"]
SIGNED_OFF = "kind: sign-off"  # an id of every check that is one


@dataclass(frozen=True, slots=True)
class FollowsFrom:
    """It follows from the boxes of earlier tasks.

    Attributes:
        tasks: ids, keys or titles, or patterns for them: all of their boxes.
        lines: the lines of single boxes.
    """

    tasks: tuple[str, ...] = ()
    lines: tuple[int, ...] = ()

    @property
    def call(self) -> str:
        """`follows from 13.1, 13.2`"""
        return f"follows from {', '.join([*self.tasks, *(f'line {line}' for line in self.lines)])}"

    def __str__(self) -> str:
        return "all of them settled, and one of them counts"


@dataclass(frozen=True, slots=True)
class SignOff:
    """Who did the work, who approves it, or on which day."""

    of: Of

    @property
    def call(self) -> str:
        return f"sign-off {self.of}"

    def __str__(self) -> str:
        return "known to the run"


@dataclass(frozen=True, slots=True)
class CannotHold:
    """Nothing can make it true as it is worded; `why` says so."""

    why: str

    @property
    def call(self) -> str:
        return "nothing"

    def __str__(self) -> str:
        return NEVER_HOLDS


class BoxSeen(NamedTuple):
    """A box of an earlier task: where it stands, and its verdict; None while its task is not done."""

    line: int
    text: str
    verdict: Verdict | None


def missing(boxes: Sequence[BoxSeen]) -> str:
    """Why nothing follows from these boxes yet, or ""."""
    if not boxes:
        return "there is no box to follow from"
    open_ = [box for box in boxes if box.verdict is None or not RULES[box.verdict].settles]
    if open_:
        return "; ".join(f"line {box.line} ({box.text}) is open" for box in open_[:5])
    return "" if any(box.verdict and RULES[box.verdict].ticks for box in boxes) else "none of them counts"
