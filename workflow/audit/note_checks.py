"""Does each note name where the run stood? One that names another task, or none, is in no working log.

Rules:
- A note is on the task that the run stands at (`Position.state`); behind an approval on the next one, whose log it
  goes into. The log of a task's commit is held against the notes on that task (`log_checks`).
- Runs of format 1 are left out: release 0.1 had other words.
"""

from __future__ import annotations

from collections.abc import Collection

from state.event_types import Noted
from state.fold import apply, fold
from state.run_state import RunState
from state.task_state import TaskStatus
from workflow.audit.findings import Finding, Report
from workflow.audit.journals import Journals


def check_notes(run: RunState, journals: Journals, report: Report) -> None:
    """Report notes on what the run did not stand at; the events are folded once more where there is a note."""
    events = journals.events[: run.last.seq if run.last and not journals.whole else None]
    if run.is_of_0_1 or not any(isinstance(event, Noted) for event in events):
        return
    then = fold(events[:1])
    for event in events[1:]:
        apply(then, event)
        if isinstance(event, Noted) and event.task not in (right := _may_name(then)):
            message = f"{run.place(event.seq)}: noted is on {event.task or 'no task'!r}, "
            report(Finding("event-differs", f"{message}and the run stood at {' or '.join(sorted(right))}", event.task))


def _may_name(run: RunState) -> Collection[str]:
    """What a note may name that was made here: the task under way, its neighbour once that is approved."""
    position, current = run.position, run.current_task
    if current is None or current.status != TaskStatus.APPROVED:
        return {position.state}
    keys = [task.key for task in run.sequence]
    return {position.state, *keys[keys.index(current.key) + 1 : keys.index(current.key) + 2]}
