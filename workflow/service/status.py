"""Where does a run stand, what waits for approval in it, and what happened? Nothing is written.

Light: the reading verbs start quickly.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from state.run_state import RunState, fold
from state.task_state import TaskStatus
from workflow.doors.git.plumbing import last_commit_with
from workflow.runs.find_run import choose, events_of
from workflow.service.workspace import workspace_of
from workflow.trailers import trailers
from workflow.views.log import LogEntry
from workflow.views.status import StatusView, status_view


def status(directory: Path, run_id: str | None) -> StatusView:
    """Where the run stands and what it waits for. Raises as `workflow.runs.find_run.choose`."""
    workspace, run = _run(directory, run_id)
    _resolve_commit(workspace, run)
    return status_view(run)


def review(directory: Path, run_id: str | None) -> str:
    """The page that waits for approval, as Markdown, with every check in full. Raises BadInput when nothing waits."""
    from workflow.views.review import waiting_page

    return waiting_page(*_run(directory, run_id))


def log(directory: Path, run_id: str | None) -> Iterator[LogEntry]:
    """What happened in the run, event by event."""
    workspace = workspace_of(directory)
    yield from map(LogEntry, events_of(workspace, choose(workspace, run_id)))


def _run(directory: Path, run_id: str | None) -> tuple[Path, RunState]:
    workspace = workspace_of(directory)
    return workspace, fold(events_of(workspace, choose(workspace, run_id)))


def _resolve_commit(workspace: Path, run: RunState) -> None:
    """The last intended commit is its own record: one look at git tells whether it was made."""
    current = run.current_task
    if current and current.status == TaskStatus.COMMITTING:
        sha = last_commit_with(workspace, trailers(run, current))
        if sha:
            run.commit_found(sha)
