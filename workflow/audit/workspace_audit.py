"""Which runs are there to audit? Opens the repository, finds its runs, and audits the one that is meant, or all."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from state.errors import BadInput
from state.event_types import RunStarted, Worked
from state.events import from_line
from state.journal import find_runs, without_collector
from workflow.audit.facts import Repository
from workflow.audit.file_history import FileHistory
from workflow.audit.journals import Story, Told, read_told
from workflow.audit.report import RunAudit
from workflow.audit.run_audit import OtherRun, audit_run, runs_named
from workflow.audit.strange_trailers import may_be_run
from workflow.doors.git.history import History
from workflow.doors.git.object_store import GitRepository
from workflow.doors.ssh_signature import SshSignatures
from workflow.policy.effective_policy import FILE
from workflow.trailers import run_files

_OBJECT_ID = re.compile(r"[0-9a-f]{40}([0-9a-f]{24})?")
_MANY = 20  # git compares each name in a tree with each place


def audit_workspace(workspace: Path, run_id: str | None, *, anchor: str | None = None) -> list[RunAudit]:
    """The audit of one run, or of every run that the tip, the working tree or a trailer names, in order of id.

    `workspace` may be a bare repository. Nothing is written, locked or fetched.

    Raises BadInput when there is no such run, or none at all; WorkspaceRefused as `GitRepository`.
    """
    if anchor is not None and not re.fullmatch(r"[0-9a-f]{7,64}", anchor):
        raise BadInput(
            f"--anchor takes a commit's id, at least 7 hex digits, seen {anchor!r}",
            next_command="git -P log --format=%H",
        )
    with without_collector(), GitRepository(workspace) as repository:
        known = {name: _head(repository, name) for name in _names(repository, workspace)}
        meant = list(known) if run_id is None else [run_id] if run_id in known else []
        bases = [head.base if (head := known[name]) else "" for name in meant]
        with History(repository, repository.common_base(bases)) as history:
            told = {name: read_told(repository, run_files(name)[0]) for name in meant}  # while git works
            places = _places(list(told.values()))
            commits = history.commits(places)
        named = runs_named(commits)
        if run_id is None:
            meant += [name for name in named if name not in known]
        elif run_id in named and not meant:
            meant = [run_id]
        if not meant:
            raise _no_such_run(run_id, sorted({*known, *named}))
        runs = {name: head for name, head in known.items() if head is not None}
        files, verifier = FileHistory(repository, commits, places), SshSignatures(workspace)
        return [
            audit_run(
                name,
                repository,
                commits,
                told.get(name) or read_told(repository, run_files(name)[0]),
                files=files,
                verifier=verifier,
                base=runs[name].base if name in runs else None,
                others={other: facts for other, facts in runs.items() if other != name},
                anchor=anchor,
            )
            for name in sorted(meant)
        ]


def _names(repository: GitRepository, workspace: Path) -> list[str]:
    """Runs in the tip and in the working tree."""
    found = [name for name in repository.names(".phasegate") if may_be_run(name)]
    return sorted({*found, *find_runs(workspace)})


def _head(repository: Repository, name: str) -> OtherRun | None:
    """What a run's first line tells; None when it tells nothing (the audit of that run says why)."""
    path = run_files(name)[0]
    held = None if (data := repository.worktree(path)) else repository.at(repository.tip, path)
    try:
        start = from_line((data or (held.data if held else b"")).split(b"\n", 1)[0])
    except ValueError:
        return None
    if not isinstance(start, RunStarted) or not _OBJECT_ID.fullmatch(start.base):
        return None
    return OtherRun(start.runbook, start.base, start.at)


def _places(told: Sequence[Told]) -> set[str]:
    """Where the runs that are meant leave their files, and what governs their gates; nothing when that is not known."""
    stories = [list({id(story): story for story in (each.here, each.there) if story}.values()) for each in told]
    if not all(stories):
        return set()
    files = {path for of_run in stories for story in of_run for path in _files(story)}
    if not files or any(posixpath.normpath(path).startswith(("..", "/")) for path in files):
        return set()
    places = {posixpath.dirname(path) or path for path in files}
    if len(places) > _MANY:
        places = {path.split("/", 1)[0] for path in files}
    return {".phasegate", *places}


def _files(story: Story) -> Iterator[str]:
    """The runbook, what the tasks left, and phasegate.yaml with what it named."""
    yield from (story.start.runbook, FILE)
    for event in story.events:
        if isinstance(event, Worked):
            yield from event.evidence.digests()
            yield from (entry.path for entry in event.evidence.entries or ())
            policy = event.evidence.policy
            yield from filter(None, (policy.allowed_signers, policy.revoked_keys) if policy else ())


def _no_such_run(run_id: str | None, known: list[str]) -> BadInput:
    if run_id is None:
        return BadInput("no run has been committed or started here", next_command="phasegate run stage-06 --sandbox")
    return BadInput(
        f"no run {run_id!r} in the history of HEAD; there are: {', '.join(known) or 'none'}",
        next_command="git -P branch -a   # is the branch of the run checked out? a bare clone: git symbolic-ref HEAD",
    )
