"""Which files of a hand-in hold changes from before the task began, and how are they shown to who approves?

Rules:
- A file that was changed before the task began, and is not committed, belongs to it when named itself; a directory
  brings what changed since. The page says of which files that is so.
- Runs of 0.1 take none of them, and show nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

from phases.documents.markdown import code
from phases.step import ReviewSection
from state.event_types import Snapshot
from state.model import PlannedTask
from state.printable import as_name
from state.task_state import TaskState
from workflow.engine.open_run import OpenRun


def older_changes(run: OpenRun, named: Sequence[str]) -> set[str]:
    """Which of the paths that are named are files that differ from HEAD, whenever they were changed."""
    if run.state.is_of_0_1:
        return set()
    git = run.doors.git
    return set(named).intersection(git.changes(Snapshot(git.head(), {})))


def older_shown(
    run: OpenRun, task: PlannedTask, named: Sequence[str], changes: Callable[[TaskState], Collection[str]]
) -> list[ReviewSection]:
    """What is shown of the files that were changed before the task began; `changes` tells what changed since."""
    state = run.state.task(task.key)
    if run.state.is_of_0_1 or state.before is None:
        return []
    older = [path for path in named if path in state.before.dirty]
    since = set(changes(state)) if older else set()
    lines = [f"- {code(as_name(path))}, {'and since' if path in since else 'not since'}" for path in older]
    return [ReviewSection("Changed before this task began", "\n".join(lines))] if lines else []
