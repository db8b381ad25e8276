"""Which plan was run? The run's own copies of the runbook: the one it started with, and each edit that it took.

Rules:
- Under `core.autocrlf` git keeps another file than the person had: the digest in the journal is of the person's, so
  the copy is compared with both line ends, and, under any other filter, with the runbook of the commit before the run.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from state.errors import BadInput, JournalDamaged
from state.event_types import RunStarted
from state.files import blob_id, sha256
from state.line_endings import turned_like, with_lf
from state.model import Plan
from state.printable import as_name
from state.run_state import RunbookVersion, RunState
from workflow.audit.facts import Commit, GitObject, Repository
from workflow.audit.findings import Finding, Report, Unprovable
from workflow.audit.stored import digests
from workflow.engine.rollback_tasks import with_rollback
from workflow.runbook.kept_runbook import read_kept
from workflow.trailers import copy_of_runbook


class _Copies(NamedTuple):
    """A copy of the runbook: at the tip, in the working tree, and wherever else it was found (`found`, in order)."""

    tip: bytes | None
    work: bytes | None
    found: Sequence[bytes]

    def genuine(self, digest: str) -> list[bytes]:
        """Those that hash to this."""
        return [data for data in self.found if digest in digests(data)]

    def differs_here(self, original: bytes) -> bool:
        """Whether the working tree has another one."""
        return self.work is not None and with_lf(self.work) != with_lf(original)

    def differs_at_tip(self, original: bytes) -> bool:
        return self.tip is not None and self.tip != original


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


def read_plans(repository: Repository, commits: Sequence[Commit], run: RunState, report: Report) -> Plans:
    """Every plan that the run has gone by."""
    started, *taken = run.runbook_versions
    first = read_planned(repository, commits, run.start, copy_of_runbook(run.run_id, started), report)
    edits = [(version, _read_edit(repository, commits, run, version, report)) for version in taken]
    return Plans([(version, _with_rollback(planned, run)) for version, planned in [(started, first), *edits]])


def _with_rollback(planned: Planned | None, run: RunState) -> Planned | None:
    return replace(planned, plan=with_rollback(planned.plan, run)) if planned else None


def _read_edit(
    repository: Repository,
    commits: Sequence[Commit],
    run: RunState,
    version: RunbookVersion,
    report: Report,
) -> Planned | None:
    path = copy_of_runbook(run.run_id, version)
    copies = _copies(repository, commits, path)
    genuine = copies.genuine(version.sha256)
    if not genuine and version in run.uncommitted_versions():
        report(Unprovable("uncommitted-edit", f"{as_name(path)} is not here, and in no commit"))
        return None
    if not genuine:
        report(Finding("runbook-copy-differs", f"no {path} hashes to {version.sha256[:12]}, the edit that was taken"))
        return None
    changed = _was_changed(repository, commits, path, genuine[0], report)
    if copies.differs_here(genuine[0]) or (copies.differs_at_tip(genuine[0]) and not changed):
        report(Finding("runbook-copy-differs", f"{as_name(path)} was changed after the run took it"))
    stored = repository.at(repository.tip, run.start.runbook)
    return _read(_as_stored(genuine[0], stored), run.start, version, report)


def read_planned(
    repository: Repository,
    commits: Sequence[Commit],
    start: RunStarted,
    path: str,
    report: Report,
) -> Planned | None:
    """The plan of the run that this `run-started` began; None when there is no runbook to read one from."""
    copies = _copies(repository, commits, path)
    if not copies.found:
        report(Finding("runbook-copy-differs", f"{as_name(path)} is nowhere to be found"))
        return None
    before = repository.at(start.base, start.runbook)
    genuine = copies.genuine(start.runbook_sha256)
    original = (genuine or copies.found)[0]
    equals_before = with_lf(before.data) == with_lf(original) if before else None
    if not genuine:
        report(_not_genuine(start, path, original, equals_before=equals_before is True))
    elif equals_before is False:
        report(
            Finding(
                "runbook-copy-differs",
                f"{as_name(start.runbook)} in {start.base[:10]} is another one than {as_name(path)}",
            )
        )
    changed = _was_changed(repository, commits, path, original, report)
    if copies.differs_at_tip(original) and not changed:
        report(
            Finding(
                "runbook-copy-differs",
                f"{as_name(path)} was changed after the run started",
                commit=repository.tip,
            )
        )
    if copies.differs_here(original):
        report(Finding("runbook-copy-differs", f"{as_name(path)} was changed in the working tree"))
    started = RunbookVersion(start.seq, path, start.runbook_sha256, start.plan, start.tasks)
    stored = before or repository.at(repository.tip, start.runbook)
    return _read(_as_stored(original, stored), start, started, report)


def _was_changed(
    repository: Repository,
    commits: Sequence[Commit],
    path: str,
    original: bytes,
    report: Report,
) -> bool:
    """Say which commits put another copy in its place, or none, also where a later one put it back."""
    right, found = {blob_id(original, repository.tip)}, False
    for commit in commits:
        new = _put_there(repository, commit, path)
        if new is None or new in right:
            continue
        held = repository.get(new) if new else None
        if held is not None and with_lf(held.data) == with_lf(original):
            right.add(new)
            continue
        report(
            Finding(
                "runbook-copy-differs",
                f"{as_name(path)} was {'changed' if new else 'removed'} here",
                commit=commit.sha,
            )
        )
        found = True
    return found


def _as_stored(copy: bytes, runbook: GitObject | None) -> bytes:
    """The copy, which is kept as the person had it, with the line ends of the runbook that git holds."""
    return turned_like(copy, runbook.data) if runbook else copy


def _not_genuine(start: RunStarted, path: str, original: bytes, *, equals_before: bool) -> Finding | Unprovable:
    message = f"{as_name(path)} hashes to {sha256(original)[:12]}, the run started with {start.runbook_sha256[:12]}"
    if equals_before:
        return Unprovable("filtered-file", f"{message}; it equals the runbook of the commit before the run")
    return Finding("runbook-copy-differs", message)


def _put_there(repository: Repository, commit: Commit, path: str) -> str | None:
    """The blob that a commit has at a path, "" when it removes it, None when it leaves it alone."""
    change = commit.changes.get(path)
    if change is None and len(commit.parents) < 2:
        return None
    new = change.new if change else repository.id_at(commit.sha, path)
    had = new or any(repository.id_at(parent, path) for parent in commit.parents)
    return new if had else None


def _copies(repository: Repository, commits: Sequence[Commit], path: str) -> _Copies:
    held, work = repository.at(repository.tip, path), repository.worktree(path)
    tip = held.data if held else None
    return _Copies(tip, work, list(_candidates(repository, commits, path, tip, work)))


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


def _read(original: bytes, start: RunStarted, version: RunbookVersion, report: Report) -> Planned | None:
    try:
        plan = read_kept(original, start)
    except (BadInput, JournalDamaged) as error:
        report(Finding("plan-differs", f"no plan can be read from the run's copy of the runbook: {error.message}"))
        return None
    if plan.digest != version.plan:
        report(
            Finding(
                "plan-differs",
                f"the plan read from the run's copy is {plan.digest[:12]}, the journal names {version.plan[:12]}; "
                "another version of phasegate may read another plan",
            )
        )
    named = [(task.key, task.id, task.title) for task in version.tasks]
    if named != [(task.key, task.id, task.title) for task in plan.tasks]:
        report(Finding("plan-differs", "the tasks that the journal names are not those of the runbook"))
    return Planned(plan, original)
