"""Did the edits that a run took of its runbook touch only what they may, and was each shown before it was committed?

That the commit of the next task brings exactly that edit, and no other commit any: `runbook_trail.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from state.errors import JournalDamaged
from state.event_types import Event, RunbookTaken
from state.model import Plan
from state.run_state import RunbookVersion, RunState, fold
from state.task_state import TaskStatus
from workflow.audit.findings import Finding
from workflow.engine.check_runbook_edit import edit_problems
from workflow.trailers import copy_of_runbook

Said = Callable[[Finding], None]


def check_edits(run: RunState, events: Sequence[Event], plan_at: Callable[[int], Plan | None], said: Said) -> None:
    """Say what an edit changed of tasks that were done, and which one was committed without having been shown."""
    for version in run.runbook_versions[1:]:
        event = events[version.since]
        assert isinstance(event, RunbookTaken)  # or the fold would have made no edition of it
        before, after = plan_at(version.since - 1), plan_at(version.since)
        if before is not None and after is not None and after is not before:
            begun, done = _so_far(events[: version.since], event)
            for problem in edit_problems(before, after, begun, done):
                said(Finding("runbook-edited", f"the edit taken by {event.by.git}: {problem}"))
        _check_shown(run, version, said)


def _so_far(events: Sequence[Event], event: RunbookTaken) -> tuple[list[str], list[str]]:
    """The tasks that had begun, and those of them that were done, when an edit was taken."""
    try:
        then = fold(events)
    except JournalDamaged:
        return [], []  # said where the journal is folded as a whole
    done = [key for key, state in then.tasks.items() if state.status == TaskStatus.DONE]
    return list(then.tasks), [*done, *([then.current] if event.after and then.current else [])]


def _check_shown(run: RunState, version: RunbookVersion, said: Said) -> None:
    path = copy_of_runbook(run.run_id, version)
    for state in run.tasks.values():
        if state.commit_intent is None or state.commit_intent.seq < version.since or state.worked is None:
            continue
        shown = state.worked.digests()
        if shown.get(path) != version.sha256:
            message = f"the edit kept as {path} was committed without having been put before the approver"
            said(Finding("runbook-edited", message, state.key))
        return
