"""Did the edits that a run took of its runbook touch only what they may, and was each shown before it was committed?
Did boxes that were taken back change by their boxes alone?

That the commit of the next task brings exactly that edit, and no other commit any: `runbook_trail.py`.
"""

from __future__ import annotations

from collections.abc import Sequence

from state.errors import JournalDamaged
from state.event_types import BoxesTakenBack, Event, RunbookTaken
from state.files import blob_id
from state.fold import fold
from state.printable import as_name
from state.run_state import RunbookVersion, RunState
from state.task_state import TaskStatus
from workflow.audit.findings import Finding, Report
from workflow.audit.runbook_copy import Planned, Plans
from workflow.engine.check_runbook_edit import edit_problems
from workflow.runbook.marks import changes_besides_marks
from workflow.trailers import copy_of_runbook


def check_edits(run: RunState, events: Sequence[Event], plans: Plans, report: Report) -> None:
    """Say what an edit changed of tasks that were done, and which one was committed without having been shown."""
    for version in run.runbook_versions[1:]:
        event = events[version.since]
        before, after = plans.at(version.since - 1), plans.at(version.since)
        if isinstance(event, BoxesTakenBack):
            if before is not None and after is not None:
                check_taken_back(event, before, after, report)
            _check_shown(run, version, report)
            continue
        assert isinstance(event, RunbookTaken)  # or the fold would have made no edition of it
        if before is not None and after is not None and after is not before:
            begun, done = _so_far(events[: version.since], event)
            for problem in edit_problems(before.plan, after.plan, begun, done, run):
                report(Finding("runbook-edited", f"the edit taken by {event.by.git}: {problem}"))
        _check_shown(run, version, report)


def check_taken_back(event: BoxesTakenBack, before: Planned, after: Planned, report: Report) -> None:
    """Report where boxes were not all that changed when they were taken back, and where the order names other blobs."""
    by = f"the boxes taken back by {event.by.git}"
    for problem in changes_besides_marks(before.original, after.original, before.plan):
        report(Finding("runbook-edited", f"{by}: {problem}"))
    still = [box for task in after.plan.tasks for box in task.boxes() if box.state != " "]
    for box in still[:1]:
        report(
            Finding("mark-without-commit", f"{by}: {as_name(event.file)}:{box.line}: expected [ ], seen [{box.state}]")
        )
    for what, named, planned in (("before", event.before, before), ("after", event.after, after)):
        seen = blob_id(planned.original, named)
        if named != seen:
            message = f"{by}: {as_name(event.file)} {what} is {seen[:10]}, the order names {named[:10]}"
            report(Finding("runbook-edited", message))


def _so_far(events: Sequence[Event], event: RunbookTaken) -> tuple[list[str], list[str]]:
    """The tasks that had begun, and those of them that were done, when an edit was taken."""
    try:
        then = fold(events)
    except JournalDamaged:
        return [], []  # reported where the journal is folded as a whole
    done = [key for key, state in then.tasks.items() if state.status == TaskStatus.DONE]
    return list(then.tasks), [*done, *([then.current] if event.after and then.current else [])]


def _check_shown(run: RunState, version: RunbookVersion, report: Report) -> None:
    path = copy_of_runbook(run.run_id, version)
    for state in run.tasks.values():
        if state.commit_intent is None or state.commit_intent.seq < version.since or state.worked is None:
            continue
        shown = state.worked.digests()
        if shown.get(path) != version.sha256:
            message = f"the edit kept as {path} was committed without having been put before the approver"
            report(Finding("runbook-edited", message, state.key))
        return
