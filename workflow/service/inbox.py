"""What waits for people in some repositories? Looked at as often as somebody asks; read again only where it changed.

Rules:
- Nothing is written and no lock is taken: whoever drives a run does not notice.
- Of each run one line is kept, with its journal's size and time and where HEAD is: as many lines as there are runs.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from threading import Lock

from state.errors import PhasegateError
from state.event_types import Event
from state.journal import JOURNAL, find_runs, run_directory
from state.run_state import RunState, fold
from workflow.doors.git.plumbing import git_dir_of, read_head
from workflow.runs.find_run import events_of
from workflow.service.status import resolve_commit
from workflow.views.inbox import InboxLine, InboxView
from workflow.views.status import StatusView, status_view

_Mark = tuple[object, ...]


class Inbox:
    """The runs of these repositories; may be asked from several threads."""

    def __init__(self, repositories: Mapping[str, Path]) -> None:
        """`repositories`: by the names that they have in the inbox."""
        self._repositories = dict(repositories)
        self._known: dict[tuple[str, str], tuple[_Mark, InboxLine]] = {}
        self._lock = Lock()

    def look(self) -> InboxView:
        """All runs as they stand now."""
        lines: list[InboxLine] = []
        problems: list[tuple[str, str]] = []
        with self._lock:
            mark = self.mark()
            for name, workspace in self._repositories.items():
                try:
                    lines += self._lines(name, workspace)
                except PhasegateError as error:
                    problems.append((name, error.message))
        return InboxView(lines, mark, problems)

    def mark(self) -> str:
        """Another text as soon as a run of any repository has changed."""
        return _short([_marks(workspace) for workspace in self._repositories.values()])

    def mark_of(self, repository: str, run_id: str) -> str:
        """Another text as soon as this run has changed."""
        workspace = self._repositories[repository]
        return _short(_mark(workspace, run_id, _head(workspace)))

    def _lines(self, name: str, workspace: Path) -> Iterator[InboxLine]:
        head, runs = _head(workspace), find_runs(workspace)
        for gone in [key for key in self._known if key[0] == name and key[1] not in runs]:
            del self._known[gone]
        for run_id in runs:
            mark = _mark(workspace, run_id, head)
            known = self._known.get((name, run_id))
            if known is None or known[0] != mark:
                known = self._known[name, run_id] = (mark, _line(name, workspace, run_id))
            yield known[1]


def _line(name: str, workspace: Path, run_id: str) -> InboxLine:
    try:
        events = events_of(workspace, run_id)
        run = fold(events)
        resolve_commit(workspace, run)
    except PhasegateError as error:
        return InboxLine(name, run_id, problem=error.message)
    return _of(name, run, events, status_view(run))


def _of(name: str, run: RunState, events: Sequence[Event], found: StatusView) -> InboxLine:
    at_hand = next((task for task in found.tasks if task.key == found.state), None)
    gate = None if found.outcome else found.waiting_for
    waits_for = "approval" if gate else "work" if found.to_do and not found.outcome else ""
    return InboxLine(
        repository=name,
        run=run.run_id,
        workflow=found.workflow,
        task=f"{at_hand.id} {at_hand.title}".strip() if at_hand else "",
        waits_for=waits_for,
        since=gate.since if gate else found.to_do_since,
        gate=gate,
        done=found.done,
        total=len(found.tasks),
        changed_at=events[-1].at,
        over=found.outcome.words if found.outcome else "",
    )


def _head(workspace: Path) -> object:
    try:
        return read_head(git_dir_of(workspace))
    except (PhasegateError, OSError) as error:
        return str(error)


def _marks(workspace: Path) -> _Mark:
    try:
        runs = find_runs(workspace)
    except PhasegateError as error:
        return (error.message,)
    head = _head(workspace)
    return tuple(_mark(workspace, run_id, head) for run_id in runs)


def _mark(workspace: Path, run_id: str, head: object) -> _Mark:
    try:
        found = (run_directory(workspace, run_id) / JOURNAL).stat()
    except OSError:
        return run_id, None, head
    return run_id, found.st_ino, found.st_size, found.st_mtime_ns, head


def _short(marks: object) -> str:
    return sha256(repr(marks).encode("utf-8", "surrogatepass")).hexdigest()[:16]
