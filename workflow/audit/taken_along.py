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

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from state.event_types import Event, Worked
from state.run_state import RunState
from state.tree_entry import GONE, TreeEntry
from workflow.audit.facts import Commit
from workflow.audit.file_history import FileHistory
from workflow.audit.findings import Finding

Said = Callable[[Finding], None]


def check_taken_along(
    run: RunState,
    events: Sequence[Event],
    files: FileHistory,
    commits: Sequence[Commit],
    task_of: Mapping[str, str],
    said: Said,
) -> None:
    """Say for each task's commit which of its files it does not bring. `task_of`: commit -> task."""
    if run.is_of_0_1:
        _check_by_dates(run, events, commits, task_of, said)
        return
    known = {commit.sha: commit for commit in commits}
    for commit in commits:
        state = run.task(task_of[commit.sha]) if commit.sha in task_of else None
        if state is None or state.worked is None or commit.boundary or len(commit.parents) != 1:
            continue
        brought = state.worked.digests()
        for entry in state.worked.entries or ():
            if entry.path not in brought or entry.committed or entry.path in commit.changes:
                continue
            if _holds(files, commit.sha, entry):  # else: `file-differs` tells
                by = _brought_in(files, known, commit.parents[0], entry)
                message = f"{entry.path} waited for approval when this commit took it along; {commit.sha[:10]} lacks it"
                said(Finding("evidence-taken-along", message, state.key, by))


def _holds(files: FileHistory, commit: str, entry: TreeEntry) -> bool:
    mode = entry.mode if entry.mode != GONE else ""
    return (files.id_at(commit, entry.path), files.mode_at(commit, entry.path)) == (entry.blob or "", mode)


def _brought_in(files: FileHistory, known: Mapping[str, Commit], commit: str, entry: TreeEntry) -> str:
    """The commit, on the way of first parents back from this one, since which the entry is there: a merge, maybe."""
    while (here := known.get(commit)) is not None and here.parents and _holds(files, here.parents[0], entry):
        commit = here.parents[0]
    return commit


def _check_by_dates(
    run: RunState, events: Sequence[Event], commits: Sequence[Commit], task_of: Mapping[str, str], said: Said
) -> None:
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
