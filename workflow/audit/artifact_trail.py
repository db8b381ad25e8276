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

from collections.abc import Callable, Collection, Mapping, Sequence

from state.run_state import RunState
from workflow.audit.facts import Commit, Repository
from workflow.audit.findings import Finding, Unprovable
from workflow.trailers import RUN, run_files

Said = Callable[[Finding | Unprovable], None]


def follow_artifacts(
    repository: Repository,
    run: RunState,
    commits: Sequence[Commit],
    task_of: Mapping[str, str],
    out_of_sight: Collection[str],
    other_runs: Collection[str],
    said: Said,
) -> None:
    """Say which approved artifacts were changed after their commit, and by which commit.

    `out_of_sight`: tasks that were committed before the first of these commits.
    """
    owned: dict[str, tuple[str, str]] = {}  # path -> object, task
    changed: set[str] = set()
    for key in out_of_sight:
        owned |= _approved(run, key)
    for commit in commits:
        mine = task_of.get(commit.sha)
        if mine is not None:
            owned |= _approved(run, mine)
            changed -= owned.keys() & commit.changes.keys()
            continue
        for path in commit.changes.keys() & owned.keys():
            blob, task = owned[path]
            new = commit.changes[path].new
            heir = next((name for name in commit.named(RUN) if name in other_runs), None)
            if new == blob:
                continue
            if heir is not None:
                if _is_kept(run, path):
                    del owned[path]
                    continue
                said(Unprovable("superseded", f"{path} belongs to run {heir} since {commit.sha[:10]}", task))
                del owned[path]
            else:
                message = f"{path} was {blob[:10]}, is {new[:10] or 'gone'}"
                said(Finding("artifact-changed-later", message, task, commit.sha))
                changed.add(path)
    if any(len(commit.parents) > 1 for commit in commits):
        _look_at_tip(repository, {path: owner for path, owner in owned.items() if path not in changed}, said)


def _approved(run: RunState, key: str) -> dict[str, tuple[str, str]]:
    state = run.task(key)
    others = {*run_files(run.run_id), run.start.runbook, *state.handed_in_paths}
    objects = state.commit_intent.objects() if state.commit_intent else {}
    return {path: (blob or "", key) for path, blob in objects.items() if path not in others}


def _is_kept(run: RunState, path: str) -> bool:
    """Whether this is a file that runs keep together, and no task left: the working log, say."""
    return not any(state.worked and path in state.worked.digests() for state in run.tasks.values())


def _look_at_tip(repository: Repository, owned: Mapping[str, tuple[str, str]], said: Said) -> None:
    """A merge can drop a change by taking a file from its other side, which no commit shows as a change."""
    for path, (blob, task) in owned.items():
        seen = repository.id_at(repository.tip, path)
        if seen != blob:
            message = f"{path} was {blob[:10]}, is {seen[:10] or 'gone'} at the tip, by a merge"
            said(Finding("artifact-changed-later", message, task))
