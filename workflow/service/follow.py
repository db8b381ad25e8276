"""What becomes of a run while somebody looks? A view for each change of its journal or of HEAD, until the run is over.

Rules:
- Two files are looked at twice a second, and read again only when one of them is another, or another process works at
  the run: docs/decisions/0017.
- A commit that ends a run leaves no event behind it, so HEAD counts as well.
- Nothing is written and no lock is taken: whoever drives the run does not notice.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from state.counted import counted
from state.errors import JournalDamaged
from state.event_types import Event
from state.find_runs import run_directory
from state.fold import fold
from state.read_journal import newest_file
from state.run_state import RunState
from workflow.doors.git.plumbing import git_dir_of, read_head
from workflow.doors.lock_holder import lock_holder
from workflow.runs.find_run import choose, events_of
from workflow.service.status import holder_of, resolve_commit, seen_now
from workflow.service.workspace import workspace_of
from workflow.views.log import LogEnd, LogEntry, log_end, log_entries
from workflow.views.status import StatusView

PAUSE = 0.5  # between two looks [s]
Wait = Callable[[float], None]


def watch(directory: Path, run_id: str | None, wait: Wait) -> Iterator[StatusView]:
    """Where the run stands now, and after each change; ends when the run is over. `wait` lets time pass [s].

    Raises as `choose`; JournalDamaged when the journal is damaged, or gone, meanwhile.
    """
    before = None
    for view in looks(directory, run_id):
        if view is None:
            wait(PAUSE)
        elif view != before:
            yield view
            before = view


def looks(directory: Path, run_id: str | None) -> Iterator[StatusView | None]:
    """Where the run stands, a look at a time: None where nothing changed since the last one. Whoever looks paces it.

    Raises as `watch`.
    """
    workspace = workspace_of(directory)
    for found in _states(workspace, choose(workspace, run_id)):
        if found is None:
            yield None
            continue
        run, events, _news = found
        yield seen_now(workspace, run, events, holder_of(workspace, run))


def follow(directory: Path, run_id: str | None, wait: Wait) -> Iterator[LogEntry | LogEnd]:
    """What happened in the run, and what happens in it; ends with how the run has ended. Raises as `watch`."""
    workspace = workspace_of(directory)
    for found in _states(workspace, choose(workspace, run_id)):
        if found is None:
            wait(PAUSE)
            continue
        run, _events, news = found
        yield from news
        if end := log_end(run):
            yield end


def _states(workspace: Path, run_id: str) -> Iterator[tuple[RunState, list[Event], list[LogEntry]] | None]:
    """The run after each change, all of its events, and those that are new; None for a look that finds no change."""
    journal, git_dir = run_directory(workspace, run_id) / "journal.jsonl", git_dir_of(workspace)
    told = 0
    seen: object = None
    while True:
        mark = _mark(journal, git_dir)
        if mark == seen:
            yield None
            continue
        seen = mark
        events = events_of(workspace, run_id)
        if len(events) < told:
            raise JournalDamaged(
                f"the journal of {run_id} has {counted(len(events), 'event')}, and had {told} before: it was put back",
                next_command=f"phasegate audit {run_id}",
            )
        run = fold(events)
        resolve_commit(workspace, run)
        yield run, events, [*log_entries(events, told)]
        told = len(events)
        if run.outcome:
            return


def _mark(journal: Path, git_dir: Path) -> object:
    """What is another thing when the journal or HEAD has changed."""
    newest = newest_file(journal)
    try:
        found = newest.stat()
    except FileNotFoundError:
        return None, read_head(git_dir)  # reading it says why
    return (newest, found.st_ino, found.st_size, found.st_mtime_ns), read_head(git_dir), lock_holder(journal)
