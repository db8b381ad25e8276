"""Where did the time go? For each task, when it was at work, waited for a person, and was being committed.

From the journal's own times, so what a stopped process did not do counts with the state it stopped in.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from state.event_types import Approved, Event, TaskEvent

Phase = Literal["working", "waiting", "committing"]

_BEGINS: dict[str, Phase] = {"task-started": "working", "worked": "waiting", "approved": "committing"}
_SENT_BACK = ("step-failed", "rejected", "voided")
_ENDS = (*_SENT_BACK, "commit-intended", "rollback-started", "aborted")


@dataclass(frozen=True, slots=True)
class Span:
    """From `start` to `end`, UTC; `end` is None while it lasts. `ended_by`: type of the event that ended it, or ""."""

    task: str
    attempt: int
    phase: Phase
    start: datetime
    end: datetime | None
    ended_by: str = ""

    @property
    def sent_back(self) -> bool:
        """Whether the task had to be done again from here."""
        return self.ended_by in _SENT_BACK


def spans(events: Iterable[Event]) -> list[Span]:
    """The spans of a run, in order; several approvals of one request are one wait until the last."""
    found: list[Span] = []
    under_way: tuple[str, int, Phase, datetime] | None = None
    for event in events:
        phase = _BEGINS.get(event.type)
        if isinstance(event, Approved) and not event.approval.admits:
            phase = None
        if under_way and (phase or event.type in _ENDS):
            found.append(Span(*under_way, event.at, event.type))
            under_way = None
        if phase and isinstance(event, TaskEvent):
            under_way = (event.task, event.attempt, phase, event.at)
    if under_way:
        found.append(Span(*under_way, None))
    return found
