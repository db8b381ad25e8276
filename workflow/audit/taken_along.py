"""Did a foreign commit take the evidence of a waiting task along? Then the task's own commit is short of it.

`git add -A && git commit` while a gate waits is enough. The files are as approved, but nobody had approved them when
they were committed, and the commit that brought them names no task.

Rules:
- Only a file counts that the task's commit does not change, with exactly the object that was intended, brought in by a
  foreign commit no earlier than the evidence was written down. What was committed before was shown as committed.
- Times are those of two clocks, the journal's and the committer's; whole seconds are compared.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from state.event_types import Event, Worked
from state.run_state import RunState
from workflow.audit.facts import Commit
from workflow.audit.findings import Finding


def check_taken_along(
    run: RunState,
    events: Sequence[Event],
    commits: Sequence[Commit],
    task_of: Mapping[str, str],
    said: Callable[[Finding], None],
) -> None:
    """For each task's commit, the foreign commits since the one before. `task_of`: commit -> task."""
    worked: dict[str, datetime] = {event.task: event.at for event in events if isinstance(event, Worked)}
    foreign: dict[str, Commit] = {}  # path -> the last foreign commit that changed it
    for commit in commits:
        key = task_of.get(commit.sha)
        if key is None:
            foreign |= dict.fromkeys(commit.changes, commit)
            continue
        state = run.task(key)
        wanted = state.commit_intent.objects() if state.commit_intent else {}
        for path in state.worked.digests() if state.worked else ():
            other = foreign.get(path)
            if other is None or path in commit.changes or other.changes[path].new != (wanted.get(path) or ""):
                continue
            if key in worked and other.seconds >= int(worked[key].timestamp()):
                message = f"{path} waited for approval when this commit took it along; {commit.sha[:10]} lacks it"
                said(Finding("evidence-taken-along", message, key, other.sha))
        foreign.clear()
