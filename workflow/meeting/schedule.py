"""Which run does a worker work at next? Four functions; whoever answers them is never asked what is true.

    for each in schedule.ready():        # in the order in which they are to be tried
        if schedule.take(each):          # there is room for it
            ...                          # one segment: claimed, worked, parked by `workflow.meeting.holding`
            schedule.done(each, "waiting")

Rules:
- What is true is at the refs: a schedule that forgets all it knows costs a look, and nothing else.
- Two workers that are given one run are no harm: its claim is one atomic push.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from state.cheap_classes import dataclass
from workflow.meeting.refs import State


@dataclass(frozen=True, slots=True)
class Ready:
    """A run that can move.

    Attributes:
        run: its id.
        state: `todo`, `waiting` with verdicts, `working` where its ref did not move for a lease, or `stopped` until a
            time that has come.
        tip: the commit that its ref was at.
    """

    run: str
    state: State
    tip: str


class Schedule(Protocol):
    """Hands out the runs that can move."""

    def ready(self) -> Sequence[Ready]:
        """Those that can move now. Raises WorkspaceRefused when nobody answers."""

    def take(self, run: Ready) -> bool:
        """Whether there is room for it, which is held from now on until `done`."""

    def done(self, run: Ready, came_to: str) -> None:
        """A segment of it is over, and it came to this, in a word: another may have its room."""

    def beat(self) -> None:
        """This worker is still here: to be called every third of a lease while a run is worked at."""
