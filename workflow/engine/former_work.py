"""What was the work of this task approved for before? Looked up in the runs that a run with `--again` comes after.

Rules:
- Believed is the journal that the run's base holds, never the one in the working tree; engine and audit look alike.
- The last run that left the task counts, the one before it where that did not come so far. What was rolled back was
  undone: nothing rests on it.
- An approval that was itself taken for unchanged leads on to the one that it rests on, which somebody gave.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Protocol

from gates.repeat import Former
from gates.words import UNCHANGED
from state.cheap_classes import dataclass
from state.event_types import Event, RunStarted
from state.evidence import RestsOn
from state.fold import fold
from state.read_journal import read_pieces
from state.run_state import RunState
from state.segments import BELOW, pieces
from state.task_state import TaskState, TaskStatus
from workflow.trailers import run_files

_LEFT = (TaskStatus.DONE, TaskStatus.COMMITTING)  # in a journal that is committed, its last task's commit holds it


@dataclass(frozen=True, slots=True)
class Approved:
    """Work of an earlier run, and its commit; "" for that of a run's last task, which no later event names."""

    former: Former
    commit: str


class CommittedFiles(Protocol):
    """What one commit holds. Paths are the workspace's."""

    def file(self, path: str) -> bytes | None:
        """A file; None where there is none."""

    def below(self, directory: str) -> Mapping[str, bytes]:
        """Every file below a directory, by path."""


class FormerWork:
    """What earlier runs of the same runbook were approved for. Each of their journals is read once."""

    def __init__(self, start: RunStarted, files: CommittedFiles) -> None:
        """`start` is the run's that begins again; `files`: of its base."""
        self._start = start
        self._files = files
        self._known: dict[str, RunState | None] = {}

    def of(self, key: str) -> Former | None:
        """The approval that this task's work may rest on, None without one. Raises JournalDamaged."""
        found = self.approved(key)
        return found.former if found is not None else None

    def approved(self, key: str) -> Approved | None:
        """As `of`, with the commit."""
        for run in self._before(self._start.again):
            state = run.task(key)
            if run.rollback is not None:
                return None
            if state.status in _LEFT and state.worked is not None and state.approvals:
                return self._given(run, state)
        return None

    def _given(self, run: RunState, state: TaskState) -> Approved | None:
        """The approval by which the task was left, or the one that this rests on."""
        last = state.approvals[-1]
        if last.via == UNCHANGED and last.rests_on is not None:
            root = self._state(last.rests_on.run)
            if root is None:
                return None
            run, state = root, root.task(last.rests_on.task)
            if state.request is None or state.request.digest != last.rests_on.digest:
                return None
        if state.worked is None or state.request is None or not state.approvals:
            return None
        start, via = run.start, state.approvals[-1].via
        rests_on = RestsOn(start.run, state.key, state.request.digest)
        former = Former(rests_on, state.worked, via, start.workflow, start.runbook, start.sandbox)
        return Approved(former, state.commit or "")

    def _before(self, run_id: str) -> Iterator[RunState]:
        """That run and those that it comes after itself, newest first."""
        seen = {self._start.run}
        while run_id and run_id not in seen:
            seen.add(run_id)
            run = self._state(run_id)
            if run is None:
                return
            yield run
            run_id = run.start.again

    def _state(self, run_id: str) -> RunState | None:
        if run_id not in self._known:
            events = committed_events(self._files, run_id)
            self._known[run_id] = fold(events) if events else None
        return self._known[run_id]


def committed_events(files: CommittedFiles, run_id: str) -> list[Event]:
    """The events of a run's journal in a commit; none where it is not there. Raises JournalDamaged."""
    run, name = run_files(run_id)[0].rsplit("/", 1)
    first = files.file(f"{run}/{name}")
    if not first:
        return []

    def further() -> dict[str, bytes]:
        return {path.removeprefix(f"{run}/"): data for path, data in files.below(f"{run}/{BELOW}").items()}

    return read_pieces(pieces(first, further, run=run), run=run)[0].events
