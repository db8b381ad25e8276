"""What waits for people in some repositories? Looked at as often as somebody asks; read again only where it changed.

Rules:
- Nothing is written and no lock is taken: whoever drives a run does not notice.
- Of each run one line is kept, with its journal's size and time and where HEAD is: as many lines as there are runs.
- Who has little time is shown what is known by then, what was written last in front; the rest is counted, and the mark
  is none that holds, so that whoever is told of changes looks again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from hashlib import sha256
from math import inf
from pathlib import Path
from threading import Lock
from time import monotonic

from state.driven_there import DrivenThere
from state.errors import PhasegateError
from state.event_types import Event
from state.find_runs import DIRECTORY, find_runs, run_directory
from state.fold import fold
from state.read_journal import newest_file
from state.run_state import RunState
from state.segments import JOURNAL
from state.task_name import number_and_title
from workflow.doors.git.plumbing import git_dir_of, other_worktrees, read_head
from workflow.runs.find_run import events_of
from workflow.runs.lost_attempts import gone_runs
from workflow.runs.other_worktrees import driven_elsewhere
from workflow.service.status import approvals_that_count, resolve_commit, with_agents_part, with_enrolled
from workflow.views.inbox import InboxLine, InboxView
from workflow.views.status import StatusView
from workflow.views.status_of_run import status_view

_Stat = tuple[int, int, int] | None  # of a journal: which file, its size, its time
_Marks = tuple[dict[str, _Stat], object]  # of a repository: its journals, and where HEAD is
_Mark = tuple[_Stat, object]  # of a run: its journal, and where HEAD is


class Inbox:
    """The runs of these repositories; may be asked from several threads."""

    def __init__(self, repositories: Mapping[str, Path]) -> None:
        """`repositories`: by the names that they have in the inbox."""
        self._repositories = dict(repositories)
        self._known: dict[tuple[str, str], tuple[_Mark, InboxLine]] = {}
        self._runs: dict[str, tuple[Mapping[str, _Stat], list[str]]] = {}  # of a repository, by the journals it has
        self._lock = Lock()

    def look(self, within: float = inf) -> InboxView:
        """All runs as they stand now, as far as they can be read within this time [s]."""
        until = monotonic() + within
        problems: list[tuple[str, str]] = []
        wanted: dict[tuple[str, str], _Mark] = {}
        with self._lock:
            marks = {name: _marks(workspace) for name, workspace in self._repositories.items()}
            for name, workspace in self._repositories.items():
                try:
                    runs = self._runs_of(name, workspace, marks[name])
                except PhasegateError as error:
                    problems.append((name, error.message))
                    continue
                problems += [(name, f"{each.said}; no file and no commit has it") for each in gone_runs(workspace)]
                problems += [
                    (name, f"{each.said}: phasegate serve there shows it") for each in self._elsewhere(workspace)
                ]
                wanted |= {(name, run_id): (marks[name][0].get(run_id), marks[name][1]) for run_id in runs}
            self._read([key for key, mark in wanted.items() if not self._is_known(key, mark)], wanted, until)
            lines = [self._known[key][1] for key, mark in wanted.items() if self._is_known(key, mark)]
        mark = _short(list(marks.values()))
        unread = len(wanted) - len(lines)
        return InboxView(lines, f"{mark}-{unread}" if unread else mark, problems, unread)

    def read_all(self, pause: float = 0.2) -> None:
        """Read every run, a little at a time [s], so that who looks meanwhile does not wait for all of them."""
        while self.look(pause).unread:
            pass

    def mark(self) -> str:
        """Another text as soon as a run of any repository has changed: by the sizes and times of files alone."""
        return _short([_marks(workspace) for workspace in self._repositories.values()])

    def mark_of(self, repository: str, run_id: str) -> str:
        """Another text as soon as this run has changed."""
        workspace = self._repositories[repository]
        return _short((_stat(run_directory(workspace, run_id)), _head(workspace)))

    def _elsewhere(self, workspace: Path) -> list[DrivenThere]:
        """The runs of this repository that are driven in a worktree which is not among the repositories."""
        if next(other_worktrees(git_dir_of(workspace)), None) is None:
            return []
        places = {str(each) for each in self._repositories.values()}
        return [each for each in driven_elsewhere(workspace) if each.directory not in places]

    def _runs_of(self, name: str, workspace: Path, marks: _Marks) -> list[str]:
        """The repository's runs; looked for again only where a journal is another one than last time."""
        found, known = marks[0], self._runs.get(name)
        if known is None or known[0] != found:
            self._runs.pop(name, None)  # where they cannot be listed
            known = self._runs[name] = (found, find_runs(workspace))
            for gone in [key for key in self._known if key[0] == name and key[1] not in found]:
                del self._known[gone]
        return known[1]

    def _is_known(self, key: tuple[str, str], mark: _Mark) -> bool:
        return (known := self._known.get(key)) is not None and known[0] == mark

    def _read(self, unknown: list[tuple[str, str]], marks: Mapping[tuple[str, str], _Mark], until: float) -> None:
        """Read these runs, what was written last first, until the time is up; one at least."""
        for number, key in enumerate(sorted(unknown, key=lambda each: _written(marks[each][0]), reverse=True)):
            if number and monotonic() >= until:
                return
            self._known[key] = (marks[key], _line(key[0], self._repositories[key[0]], key[1]))


def _written(journal: _Stat) -> int:
    return journal[2] if journal else 0


def _line(name: str, workspace: Path, run_id: str) -> InboxLine:
    try:
        events = events_of(workspace, run_id)
        run = fold(events)
        resolve_commit(workspace, run)
        approvals_that_count(workspace, run, events)
    except PhasegateError as error:
        return InboxLine(name, run_id, problem=error.message)
    found = with_agents_part(workspace, run, events, with_enrolled(status_view(run), workspace, run, events))
    return _of(name, run, events, found)


def _of(name: str, run: RunState, events: Sequence[Event], found: StatusView) -> InboxLine:
    at_hand = next((task for task in found.tasks if task.key == found.state), None)
    gate = None if found.outcome else found.waiting_for
    work = "agent" if found.to_do_by_agent else "work"
    is_to_do = (found.to_do or found.used_up) and not found.outcome  # an agent that may try no more begins no attempt
    waits_for = "approval" if gate else work if is_to_do else ""
    return InboxLine(
        repository=name,
        run=run.run_id,
        workflow=found.workflow,
        task=number_and_title(at_hand.id, at_hand.title) if at_hand else "",
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


def _marks(workspace: Path) -> _Marks:
    """What is another value when a run, or HEAD, has changed; no file is opened but HEAD's."""
    place = workspace / DIRECTORY
    try:
        names = [] if place.is_symlink() else sorted(each.name for each in place.iterdir())
    except OSError:
        names = []  # no run was begun here
    return {name: _stat(place / name) for name in names}, _head(workspace)


def _stat(run: Path) -> _Stat:
    try:
        found = newest_file(run / JOURNAL).stat(follow_symlinks=False)
    except OSError:
        return None
    return found.st_ino, found.st_size, found.st_mtime_ns


def _short(marks: object) -> str:
    return sha256(repr(marks).encode("utf-8", "surrogatepass")).hexdigest()[:16]
