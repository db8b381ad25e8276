"""Did a foreign commit take the evidence of a waiting task along? Then the task's own commit is short of it.

`git add -A && git commit` while a gate waits is enough, and so is a merge. The files are as approved, but nobody had
approved them when they were committed, and the commit that brought them names no task.

Rules:
- What HEAD held already when it was shown is marked so in the evidence (`TreeEntry.committed`), under its digest. Every
  other file of the task is changed by the task's commit, or was taken along: no date is asked.
- Runs of format 1 have no such mark. There a file counts that a foreign commit brought in, with exactly the object that
  was intended, no earlier than the evidence was written down; whole seconds of two clocks are compared.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from state.event_types import Event, Worked
from state.printable import as_name
from state.run_state import RunState
from state.task_state import TaskState
from state.tree_entry import GONE, TreeEntry
from workflow.audit.facts import Commit
from workflow.audit.file_history import FileHistory
from workflow.audit.findings import Finding, Report


def check_taken_along(
    run: RunState,
    events: Sequence[Event],
    files: FileHistory,
    commits: Sequence[Commit],
    task_of: Mapping[str, str],
    report: Report,
) -> None:
    """Say for each task's commit which of its files it does not bring. `task_of`: commit -> task."""
    if run.is_of_0_1:
        _check_by_dates(run, events, commits, task_of, report)
        return
    known = {commit.sha: commit for commit in commits}
    for commit in commits:
        if commit.sha not in task_of or commit.boundary or len(commit.parents) != 1:
            continue
        state = run.task(task_of[commit.sha])
        for entry in _not_brought(state, commit):
            if _holds(files, commit.sha, entry):  # else: `file-differs` tells
                by = _brought_in(files, known, commit.parents[0], entry)
                message = (
                    f"{as_name(entry.path)} waited for approval when this commit took it along; "
                    f"{commit.sha[:10]} lacks it"
                )
                report(Finding("evidence-taken-along", message, state.key, by))


def _not_brought(state: TaskState, commit: Commit) -> list[TreeEntry]:
    """The entries of a task's evidence that its commit should bring and does not."""
    if state.worked is None:
        return []
    artifacts = state.worked.digests()
    entries = [entry for entry in state.worked.entries or () if entry.path in artifacts and not entry.committed]
    return [entry for entry in entries if entry.path not in commit.changes]


def _holds(files: FileHistory, commit: str, entry: TreeEntry) -> bool:
    mode = entry.mode if entry.mode != GONE else ""
    return (files.id_at(commit, entry.path), files.mode_at(commit, entry.path)) == (entry.blob or "", mode)


def _brought_in(files: FileHistory, known: Mapping[str, Commit], commit: str, entry: TreeEntry) -> str:
    """The commit, on the way of first parents back from this one, since which the entry is there: a merge, maybe."""
    while (here := known.get(commit)) is not None and here.parents and _holds(files, here.parents[0], entry):
        commit = here.parents[0]
    return commit


def _check_by_dates(
    run: RunState, events: Sequence[Event], commits: Sequence[Commit], task_of: Mapping[str, str], report: Report
) -> None:
    worked: dict[str, datetime] = {event.task: event.at for event in events if isinstance(event, Worked)}
    foreign: dict[str, Commit] = {}  # path -> the last foreign commit that changed it
    for commit in commits:
        key = task_of.get(commit.sha)
        if key is None:
            foreign |= dict.fromkeys(commit.changes, commit)
            continue
        since = int(worked[key].timestamp()) if key in worked else math.inf
        for path, other in _brought_by_others(run.task(key), commit, foreign):
            if other.seconds >= since:
                message = (
                    f"{as_name(path)} waited for approval when this commit took it along; {commit.sha[:10]} lacks it"
                )
                report(Finding("evidence-taken-along", message, key, other.sha))
        foreign.clear()


def _brought_by_others(state: TaskState, commit: Commit, foreign: Mapping[str, Commit]) -> Iterator[tuple[str, Commit]]:
    """The artifacts of a task that another commit than its own brought, as they were intended."""
    wanted = state.commit_intent.objects() if state.commit_intent else {}
    for path in state.worked.digests() if state.worked else ():
        other = foreign.get(path)
        if other and path not in commit.changes and other.changes[path].new == (wanted.get(path) or ""):
            yield path, other
