"""Are mode and type of each file in a task's commit those that were approved? For runs of format 2, which record them.

Rules:
- The intent is held against the evidence, whose entries the digest covers, and the commit against the intent.
- What is there although nothing should be, or the other way round, is found where blobs are compared (`commit_checks`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from state.printable import as_name
from state.task_state import TaskState
from state.tree_entry import TreeEntry, difference, words_of
from workflow.audit.facts import Commit
from workflow.audit.file_history import FileHistory
from workflow.audit.findings import Finding, Report


def check_entries(files: FileHistory, state: TaskState, commit: Commit, report: Report) -> None:
    """Say what of a task's intent is not as approved, and which modes in its commit are not as intended."""
    intended = state.commit_intent.entries if state.commit_intent else None
    approved = state.worked.entries if state.worked else None
    if intended is None or approved is None:
        return
    for why in _not_as_approved(approved, {entry.path: entry for entry in intended}):
        report(Finding("intent-differs", why, state.key))
    for entry in intended:
        mode = files.mode_at(commit.sha, entry.path)
        if _is_other_mode(mode, entry):
            message = f"{as_name(entry.path)}: expected {entry.words}, seen {words_of(mode)}"
            report(Finding("mode-differs", message, state.key, commit.sha))


def _is_other_mode(mode: str, entry: TreeEntry) -> bool:
    return mode not in ("", entry.mode) and entry.type != "missing"


def _not_as_approved(approved: Sequence[TreeEntry], intended: Mapping[str, TreeEntry]) -> Iterator[str]:
    shown = {entry.path for entry in approved}
    yield from (
        f"{as_name(path)} is intended for the commit, and was not shown" for path in intended if path not in shown
    )
    for entry in approved:
        seen = intended.get(entry.path)
        if seen is None:
            yield f"{as_name(entry.path)} was shown, and is not intended for the commit"
        elif why := difference(entry, seen):
            yield why
