"""What became of what was approved? Artifacts, followed from the commit of their task to the tip.

Rules:
- Files that people handed in are the repository's own: their task's commit holds what was approved, and what later
  commits make of them is no finding.
- The working log, and what keeps journals byte for byte, are followed as artifacts are; another run writes them on.
- A later task of the run may write an artifact anew: its own commit answers for it then.
- A commit of another run that phasegate knows takes a file over; that run's audit answers for it. Any other commit
  that changes one is a finding, unless it puts back what was approved.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import NamedTuple

from state.printable import as_name
from state.run_state import RunState
from state.tree_entry import words_of
from workflow.audit.facts import Commit, Repository
from workflow.audit.findings import Finding, Report, Unprovable
from workflow.trailers import RUN, run_files


def follow_artifacts(
    repository: Repository,
    run: RunState,
    commits: Sequence[Commit],
    task_of: Mapping[str, str],
    out_of_sight: Collection[str],
    other_runs: Collection[str],
    report: Report,
) -> None:
    """Say which approved artifacts were changed after their commit, and by which commit.

    `out_of_sight`: tasks that were committed before the first of these commits.
    """
    owned: dict[str, _Approved] = {}
    changed: set[str] = set()
    for key in out_of_sight:
        owned |= _approved(run, key)
    for commit in commits:
        mine = task_of.get(commit.sha)
        if mine is not None:
            owned |= _approved(run, mine)
            changed -= owned.keys() & commit.changes.keys()
            continue
        if not commit.changes:
            continue
        differing = _differing(commit, owned)
        if heir := next(filter(other_runs.__contains__, commit.named(RUN)), None):
            _hand_over(run, differing, owned, f"belongs to run {heir} since {commit.sha[:10]}", report)
            continue
        for path, why in differing.items():
            report(Finding("artifact-changed-later", f"{as_name(path)} {why}", owned[path].task, commit.sha))
        changed |= differing.keys()
    if any(len(commit.parents) > 1 for commit in commits):
        _look_at_tip(repository, {path: owner for path, owner in owned.items() if path not in changed}, report)


class _Approved(NamedTuple):
    """What a task's commit holds at a path: the blob ("" for none, None where another check looks at it) and the mode.

    `mode` is "" in runs of format 1, which record none.
    """

    blob: str | None
    mode: str
    task: str

    def difference(self, blob: str, mode: str) -> str:
        """What is not so any more; "" for nothing."""
        if self.blob is not None and blob != self.blob:
            return f"was {self.blob[:10]}, is {blob[:10] or 'gone'}"
        if self.mode and mode and mode != self.mode:
            return f"was {words_of(self.mode)}, is {words_of(mode)}"
        return ""


def _differing(commit: Commit, owned: Mapping[str, _Approved]) -> dict[str, str]:
    """The files that are not as approved after this commit changed them, each with what is not so any more."""
    both = commit.changes.keys() & owned.keys()
    found = {path: owned[path].difference(commit.changes[path].new, commit.changes[path].new_mode) for path in both}
    return {path: why for path, why in found.items() if why}


def _hand_over(run: RunState, paths: Iterable[str], owned: dict[str, _Approved], words: str, report: Report) -> None:
    """These files are another run's from here on."""
    for path in paths:
        approved = owned.pop(path)
        if not _is_kept(run, path):
            report(Unprovable("superseded", f"{as_name(path)} {words}", approved.task))


def _approved(run: RunState, key: str) -> dict[str, _Approved]:
    state = run.task(key)
    if state.commit_intent is None:
        return {}
    journal = run.file_of(state.commit_intent.seq)
    # their bytes: `journals`, `runbook_copy`, `runbook_trail`
    elsewhere = {journal, *run_files(run.run_id), run.start.runbook}
    if state.commit_intent.entries is None:
        others = {*elsewhere, *state.handed_in_paths}
        objects = state.commit_intent.objects()
        return {path: _Approved(blob or "", "", key) for path, blob in objects.items() if path not in others}
    return {
        entry.path: _Approved(None if entry.path in elsewhere else entry.blob or "", entry.mode, key)
        for entry in state.commit_intent.entries
        if entry.path not in state.handed_in_paths
    }


def _is_kept(run: RunState, path: str) -> bool:
    """Whether this is a file that runs keep together, and no task left: the working log, say."""
    return not any(state.worked and path in state.worked.digests() for state in run.tasks.values())


def _look_at_tip(repository: Repository, owned: Mapping[str, _Approved], report: Report) -> None:
    """A merge can drop a change by taking a file from its other side, which no commit shows as a change."""
    for path, approved in owned.items():
        mode = repository.mode_at(repository.tip, path) if approved.mode else ""
        if why := approved.difference(repository.id_at(repository.tip, path), mode):
            report(Finding("artifact-changed-later", f"{as_name(path)} {why} at the tip, by a merge", approved.task))
