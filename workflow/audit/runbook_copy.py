"""Which plan was run? The run's own copies of the runbook: the one it started with, and each edit that it took.

Rules:
- Under `core.autocrlf` git keeps another file than the person had: the digest in the journal is of the person's, so
  the copy is compared with both line ends, and, under any other filter, with the runbook of the commit before the run.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from state.errors import BadInput, JournalDamaged
from state.event_types import RunStarted
from state.files import blob_id, sha256
from state.line_endings import turned_like, with_lf
from state.model import Plan
from state.run_state import RunbookVersion, RunState
from workflow.audit.facts import Commit, Repository
from workflow.audit.findings import Finding, Unprovable
from workflow.audit.stored import digests
from workflow.engine.rollback_tasks import with_rollback
from workflow.runbook.kept_runbook import read_kept
from workflow.trailers import copy_of_runbook


@dataclass(frozen=True, slots=True)
class Planned:
    """The plan, and the bytes it was read from as git stores them."""

    plan: Plan
    original: bytes


class Plans:
    """The plans that one run has gone by, None for one that cannot be read."""

    def __init__(self, found: Sequence[tuple[RunbookVersion, Planned | None]]) -> None:
        self._found = found

    @property
    def first(self) -> Planned | None:
        return self._found[0][1]

    @property
    def last(self) -> Planned | None:
        return self._found[-1][1]

    def at(self, seq: int) -> Planned | None:
        """The one that was in force when this event was written."""
        return next(planned for version, planned in reversed(self._found) if version.since <= seq)


def read_plans(
    repository: Repository, commits: Sequence[Commit], run: RunState, said: Callable[[Finding | Unprovable], None]
) -> Plans:
    """Every plan that the run has gone by."""
    started, *taken = run.runbook_versions
    first = read_planned(repository, commits, run.start, copy_of_runbook(run.run_id, started), said)
    edits = [(version, _read_edit(repository, commits, run, version, said)) for version in taken]
    return Plans([(version, _with_rollback(planned, run)) for version, planned in [(started, first), *edits]])


def _with_rollback(planned: Planned | None, run: RunState) -> Planned | None:
    return replace(planned, plan=with_rollback(planned.plan, run)) if planned else None


def _read_edit(
    repository: Repository,
    commits: Sequence[Commit],
    run: RunState,
    version: RunbookVersion,
    said: Callable[[Finding | Unprovable], None],
) -> Planned | None:
    path = copy_of_runbook(run.run_id, version)
    tip, work = repository.at(repository.tip, path), repository.worktree(path)
    found = list(_candidates(repository, commits, path, tip.data if tip else None, work))
    genuine = [data for data in found if version.sha256 in digests(data)]
    if not genuine and version in run.uncommitted_versions():
        said(Unprovable("uncommitted-edit", f"{path} is not here, and in no commit"))
        return None
    if not genuine:
        said(Finding("runbook-copy-differs", f"no {path} hashes to {version.sha256[:12]}, the edit that was taken"))
        return None
    changed = _was_changed(repository, commits, path, genuine[0], said)
    elsewhere = work is not None and with_lf(work) != with_lf(genuine[0])
    if elsewhere or (tip and tip.data != genuine[0] and not changed):
        said(Finding("runbook-copy-differs", f"{path} was changed after the run took it"))
    stored = repository.at(repository.tip, run.start.runbook)
    original = turned_like(genuine[0], stored.data) if stored else genuine[0]
    return _read(original, run.start, version, said)


def read_planned(
    repository: Repository,
    commits: Sequence[Commit],
    start: RunStarted,
    path: str,
    said: Callable[[Finding | Unprovable], None],
) -> Planned | None:
    """The plan of the run that this `run-started` began; None when there is no runbook to read one from."""
    tip = repository.at(repository.tip, path)
    work = repository.worktree(path)
    candidates = list(_candidates(repository, commits, path, tip.data if tip else None, work))
    if not candidates:
        said(Finding("runbook-copy-differs", f"{path} is nowhere to be found"))
        return None
    before = repository.at(start.base, start.runbook)
    genuine = [data for data in candidates if start.runbook_sha256 in digests(data)]
    original = (genuine or candidates)[0]
    if not genuine:
        message = f"{path} hashes to {sha256(original)[:12]}, the run started with {start.runbook_sha256[:12]}"
        if before and with_lf(before.data) == with_lf(original):
            said(Unprovable("filtered-file", f"{message}; it equals the runbook of the commit before the run"))
        else:
            said(Finding("runbook-copy-differs", message))
    elif before and with_lf(before.data) != with_lf(original):
        said(Finding("runbook-copy-differs", f"{start.runbook} in {start.base[:10]} is another one than {path}"))
    changed = _was_changed(repository, commits, path, original, said)
    if tip and tip.data != original and not changed:
        said(Finding("runbook-copy-differs", f"{path} was changed after the run started", commit=repository.tip))
    if work is not None and with_lf(work) != with_lf(original):
        said(Finding("runbook-copy-differs", f"{path} was changed in the working tree"))
    stored = before or repository.at(repository.tip, start.runbook)  # the copy is kept as the person had it
    started = RunbookVersion(start.seq, path, start.runbook_sha256, start.plan, start.tasks)
    return _read(turned_like(original, stored.data) if stored else original, start, started, said)


def _was_changed(
    repository: Repository,
    commits: Sequence[Commit],
    path: str,
    original: bytes,
    said: Callable[[Finding | Unprovable], None],
) -> bool:
    """Say which commits put another copy in its place, or none, also where a later one put it back."""
    right, found = {blob_id(original, repository.tip)}, False
    for commit in commits:
        change, several = commit.changes.get(path), len(commit.parents) > 1
        if change is None and not several:
            continue
        new = change.new if change else repository.id_at(commit.sha, path)
        if new in right or (not new and not _had(repository, commit, path)):
            continue
        held = repository.get(new) if new else None
        if held is not None and with_lf(held.data) == with_lf(original):
            right.add(new)
            continue
        said(Finding("runbook-copy-differs", f"{path} was {'changed' if new else 'removed'} here", commit=commit.sha))
        found = True
    return found


def _had(repository: Repository, commit: Commit, path: str) -> bool:
    return any(repository.id_at(parent, path) for parent in commit.parents)


def _candidates(
    repository: Repository, commits: Sequence[Commit], path: str, tip: bytes | None, work: bytes | None
) -> Iterator[bytes]:
    """The copy wherever it is: at the tip, as it was first committed, in the working tree."""
    if tip is not None:
        yield tip
    first = next((commit.changes[path].new for commit in commits if path in commit.changes), "")
    added = repository.get(first) if first else None
    if added is not None:
        yield added.data
    if work is not None:
        yield work


def _read(
    original: bytes, start: RunStarted, version: RunbookVersion, said: Callable[[Finding | Unprovable], None]
) -> Planned | None:
    try:
        plan = read_kept(original, start)
    except (BadInput, JournalDamaged) as error:
        said(Finding("plan-differs", f"no plan can be read from the run's copy of the runbook: {error.message}"))
        return None
    if plan.digest != version.plan:
        said(
            Finding(
                "plan-differs",
                f"the plan read from the run's copy is {plan.digest[:12]}, the journal names {version.plan[:12]}; "
                "another version of phasegate may read another plan",
            )
        )
    named = [(task.key, task.id, task.title) for task in version.tasks]
    if named != [(task.key, task.id, task.title) for task in plan.tasks]:
        said(Finding("plan-differs", "the tasks that the journal names are not those of the runbook"))
    return Planned(plan, original)
