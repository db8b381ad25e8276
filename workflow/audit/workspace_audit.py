"""Which runs are there to audit? Opens the repository, finds its runs, and audits the one that is meant, or all."""

from __future__ import annotations

import json
import posixpath
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from state.errors import BadInput
from state.journal import find_runs
from workflow.audit.facts import Repository
from workflow.audit.file_history import FileHistory
from workflow.audit.git_repository import GitRepository
from workflow.audit.history import History
from workflow.audit.journals import read_told
from workflow.audit.report import RunAudit
from workflow.audit.run_audit import OtherRun, audit_run, runs_named
from workflow.doors.ssh_signature import SshSignatures
from workflow.policy_in_force import FILE
from workflow.trailers import run_files

_OBJECT_ID = re.compile(r"[0-9a-f]{40}([0-9a-f]{24})?")
_MANY = 20  # git compares each name in a tree with each place
_NAME = re.compile(r"[A-Za-z0-9][\w.-]*")


def audit_workspace(workspace: Path, run_id: str | None, *, anchor: str | None = None) -> list[RunAudit]:
    """The audit of one run, or of every run that the tip, the working tree or a trailer names, in order of id.

    `workspace` may be a bare repository. Nothing is written, locked or fetched.

    Raises BadInput when there is no such run, or none at all; WorkspaceRefused as `GitRepository`.
    """
    if anchor is not None and not re.fullmatch(r"[0-9a-f]{7,64}", anchor):
        raise BadInput(f"--anchor takes a commit's id, at least 7 hex digits, seen {anchor!r}")
    with GitRepository(workspace) as repository:
        known = {name: _read(repository, name) for name in _names(repository, workspace)}
        meant = list(known) if run_id is None else [run_id] if run_id in known else []
        bases = [each.run.base if (each := known[name]) else "" for name in meant]
        places = _places(known, meant)
        with History(repository, repository.common_base(bases), places) as history:
            told = {name: read_told(repository, run_files(name)[0]) for name in meant}  # while git works
            commits = history.commits()
        named = runs_named(commits)
        if run_id is None:
            meant += [name for name in named if name not in known]
        elif run_id in named and not meant:
            meant = [run_id]
        if not meant:
            raise _no_such_run(run_id, sorted({*known, *named}))
        runs = {name: each.run for name, each in known.items() if each is not None}
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
    found = [name for name in repository.names(".phasegate") if _NAME.fullmatch(name)]
    return sorted({*found, *find_runs(workspace)})


class _Read(NamedTuple):
    """What a journal tells before it is judged; `files`: the runbook, what tasks left, and what governs the gates."""

    run: OtherRun
    files: frozenset[str]


def _read(repository: Repository, name: str) -> _Read | None:
    """What a run's journal tells; None when it tells nothing (the audit of that run says why)."""
    path = run_files(name)[0]
    held = repository.at(repository.tip, path)
    data = repository.worktree(path) or (held.data if held else b"")
    try:
        first, *lines = data.splitlines()
        start = json.loads(first)
        run = OtherRun(start["runbook"], start["base"])
        worked = [json.loads(line) for line in lines if b'"type":"worked"' in line]
        files = {artifact["path"] for event in worked for artifact in event["artifacts"]}
        policies = [event.get("policy") or {} for event in worked]
        files |= {policy[name] for policy in policies for name in ("allowed_signers", "revoked_keys") if name in policy}
    except (ValueError, KeyError, TypeError):
        return None
    if not all(isinstance(text, str) for text in (*run, *files)) or not _OBJECT_ID.fullmatch(run.base):
        return None
    return _Read(run, frozenset([run.runbook, FILE, *files]) - {""})


def _places(known: Mapping[str, _Read | None], meant: Sequence[str]) -> set[str]:
    """Where the runs that are meant leave their files, in few words; nothing when that cannot be told."""
    reads = [known[name] for name in meant]
    files = {path for read in reads if read for path in read.files}
    if not reads or None in reads or any(posixpath.normpath(path).startswith(("..", "/")) for path in files):
        return set()
    places = {posixpath.dirname(path) or path for path in files}
    if len(places) > _MANY:
        places = {path.split("/", 1)[0] for path in files}
    return {".phasegate", *places}


def _no_such_run(run_id: str | None, known: list[str]) -> BadInput:
    if run_id is None:
        return BadInput("no run has been committed or started here", next_command="phasegate run stage-06 --sandbox")
    return BadInput(
        f"no run {run_id!r} in the history of HEAD; there are: {', '.join(known) or 'none'}",
        next_command="git -P branch -a   # is the branch of the run checked out? a bare clone: git symbolic-ref HEAD",
    )
