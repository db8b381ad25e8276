"""Where did the time go? For each task, when it was at work, waited for a person, and was being committed.

From the journal's own times, so what a stopped process did not do counts with the state it stopped in.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from state.events import Event

Phase = Literal["working", "waiting", "committing"]

_BEGINS: dict[str, Phase] = {"task-started": "working", "worked": "waiting", "approved": "committing"}
_ENDS = ("step-failed", "rejected", "voided", "commit-intended", "rollback-started", "aborted")


@dataclass(frozen=True, slots=True)
class Span:
    """From `start` to `end`, UTC; `end` is None while it lasts."""

    task: str
    attempt: int
    phase: Phase
    start: datetime
    end: datetime | None


def spans(events: Iterable[Event]) -> list[Span]:
    """The spans of a run, in order; several approvals of one request are one wait until the last."""
    found: list[Span] = []
    under_way: tuple[str, int, Phase, datetime] | None = None
    for event in events:
        phase = _BEGINS.get(event.type)
        if event.type == "approved" and not event["admits"]:
            phase = None
        if under_way and (phase or event.type in _ENDS):
            found.append(Span(*under_way, event.at))
            under_way = None
        if phase:
            under_way = (event["task"], event["attempt"], phase, event.at)
    if under_way:
        found.append(Span(*under_way, None))
    return found
