"""Does the working log in each task's commit say what the journal says: who approved, comments, rejections, notes?

Rules:
- The entry of a task follows from the journal up to the intent of its commit, so it is rendered again and compared
  line by line. How a character was escaped is the business of the release that wrote it, and is no difference.
- Runs of format 1 are left out: release 0.1 had other words.
- What the log does not repeat is listed (`unproved_events`); notes that no log can hold are `note_checks`'s to find.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from state.event_types import Noted
from state.model import Plan
from state.printable import as_name
from state.run_state import RunState
from state.task_state import TaskState
from workflow.audit.facts import Commit, Repository
from workflow.audit.file_history import FileHistory
from workflow.audit.findings import Finding, Report, Unprovable
from workflow.audit.stored import is_filtered
from workflow.engine.working_log import Note, entry, entry_in

_LOG = re.compile(r"working_log(-[1-9]\d*)?\.md$")  # or a further part of it
_ESCAPE = re.compile(r"\\(?:x([0-9a-f]{2})|u([0-9a-f]{4})|U([0-9a-f]{8}))")


class Logged(NamedTuple):
    """A task's commit, the path and blob of the working log in it, and the entry that follows from the journal.

    `former`: that entry as earlier releases wrote it (`entry`, `as_before`).
    """

    task: str
    commit: str
    path: str
    blob: str
    expected: str
    former: str


def logged(
    files: FileHistory,
    run: RunState,
    notes: Sequence[Noted],
    plan: Plan,
    state: TaskState,
    commit: Commit,
) -> Iterator[Logged]:
    """What the commit of a task holds as its working log; nothing where that is missing, which others find.

    `notes`: all of the run, in order.
    """
    path = _log_of(state)
    if run.is_of_0_1 or not path or not (blob := files.id_at(commit.sha, path)):
        return
    try:
        task = plan.task(state.key)
    except KeyError:  # a finding of its own, where the message is looked at
        return
    artifacts = [artifact.path for artifact in state.worked.artifacts] if state.worked else []
    known = list(_notes(notes, state))
    expected, former = (entry(run, state, task, artifacts, notes=known, as_before=each) for each in (False, True))
    yield Logged(state.key, commit.sha, path, blob, expected, former)


def check_logs(repository: Repository, run_id: str, found: Sequence[Logged], report: Report) -> None:
    """Report entries of working logs that say otherwise than the journal."""
    held = repository.read_all([each.blob for each in found])
    for each, log in zip(found, held, strict=True):
        seen = entry_in(log.data.replace(b"\r\n", b"\n"), run_id=run_id, task=each.task) if log is not None else None
        for why in _differences(each, seen):
            if is_filtered(repository, each.commit, each.path):
                report(Unprovable("filtered-file", why, each.task))
            else:
                report(Finding("event-differs", why, each.task, each.commit))


def _differences(logged: Logged, seen: bytes | None) -> Iterator[str]:
    name = as_name(logged.path)
    if seen is None:
        yield f"{name} has no entry of the task, which the journal gives it"
        return
    lines = seen.decode(errors="replace").split("\n")[:-1]
    expected, former = logged.expected.splitlines(), logged.former.splitlines()
    if Counter(map(_plain, former)) == Counter(map(_plain, lines)):
        return
    for line in _without(lines, expected):
        yield f"{name} has {line!r}, the journal does not"
    for line in _without(expected, lines):
        yield f"the journal gives {line!r}, {name} does not have it"


def _without(lines: Sequence[str], others: Sequence[str]) -> Iterator[str]:
    """The lines that the others do not have, or not as often."""
    left = Counter(map(_plain, others))
    for line in lines:
        left[_plain(line)] -= 1
        if left[_plain(line)] < 0:
            yield line


def _plain(line: str) -> str:
    """The line without escapes, so that two releases which escape differently say the same."""
    return _ESCAPE.sub(_character, line)


def _character(found: re.Match[str]) -> str:
    code = int(found[1] or found[2] or found[3], 16)
    return chr(code) if code <= 0x10FFFF else found[0]


def _log_of(state: TaskState) -> str:
    """Path of the working log in the task's commit: what is written after the approval and is no file of the task."""
    entries = state.commit_intent.entries if state.commit_intent else None
    left = state.worked.digests() if state.worked else {}
    names = [each.path for each in entries or () if each.path not in left]
    return next((path for path in names if _LOG.search(path)), "")


def _notes(notes: Sequence[Noted], state: TaskState) -> list[Note]:
    """The notes on this task that were there when its commit was intended; what came later is in no log."""
    intent = state.commit_intent
    assert intent is not None
    before = notes[: bisect_left(notes, intent.seq, key=lambda note: note.seq)]
    return [(note.at, note.task, note.text, note.by.git) for note in before]
