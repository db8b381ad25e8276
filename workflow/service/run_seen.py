"""What does a page show of a run? Where it stands, what happened, and where its time went. Nothing is written."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from workflow.audit.timeline import Phase, spans
from workflow.doors.clock import SystemClock
from workflow.service.status import log, status
from workflow.views.log import LogEntry
from workflow.views.status import StatusView


@dataclass(frozen=True, slots=True)
class RunSeen:
    """A run.

    Attributes:
        log: what happened, oldest first.
        at_work, waiting: how long something was worked at, and how long something waited for people.
        now: when it was looked at.
    """

    status: StatusView
    log: tuple[LogEntry, ...]
    at_work: timedelta
    waiting: timedelta
    now: datetime


def run_seen(directory: Path, run_id: str) -> RunSeen:
    """The run as it stands. Raises as `workflow.service.status.status`."""
    found = status(directory, run_id)
    events = tuple(each for each in log(directory, run_id) if isinstance(each, LogEntry))
    now = SystemClock(patient=True).now()
    spent: dict[Phase, timedelta] = dict.fromkeys(("working", "waiting", "committing"), timedelta())
    for each in spans(entry.event for entry in events):
        spent[each.phase] += (each.end or now) - each.start
    return RunSeen(found, events, spent["working"] + spent["committing"], spent["waiting"], now)
