"""Which runs are there to audit? Opens the repository, finds its runs, and audits the one that is meant, or all."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from gates.policy import GatePolicy
from state.errors import BadInput, PhasegateError, WorkspaceRefused
from state.event_types import RunStarted, Worked
from state.events import from_line
from state.find_runs import DIRECTORY, find_runs_to_look_at, is_run_id
from state.nearest import hint
from state.read_journal import without_collector
from workflow.audit.facts import Commit, Repository
from workflow.audit.file_history import FileHistory
from workflow.audit.findings import Finding, Unprovable
from workflow.audit.journals import Sources, Story, read_sources
from workflow.audit.other_runs import OtherRun
from workflow.audit.report import RunAudit
from workflow.audit.run_audit import audit_run, runs_named
from workflow.audit.strange_trailers import may_be_run
from workflow.doors.git.history import AllHistory, History
from workflow.doors.git.object_store import GitRepository
from workflow.doors.git.plumbing import FSCK
from workflow.doors.ssh_signature import SshSignatures
from workflow.policy.effective_policy import FILE
from workflow.runs.find_run import the_one_meant, to_begin_with
from workflow.runs.lost_attempts import gone_runs, refuse_gone
from workflow.runs.other_worktrees import refuse_driven_elsewhere
from workflow.trailers import RUN, run_files

_OBJECT_ID = re.compile(r"[0-9a-f]{40}([0-9a-f]{24})?")
_MANY = 20  # git compares each name in a tree with each place


def audit_workspace(workspace: Path, run_id: str | None, *, anchor: str | None = None) -> list[RunAudit]:
    """The audit of one run, or of every run that the tip, the working tree or a trailer names, in order of id.

    `workspace` may be a bare repository. Nothing is written, locked or fetched.

    At the top of a repository, those that directories below keep as their own workspaces are audited as well.

    Raises BadInput when there is no such run, or none at all; WorkspaceRefused as `GitRepository`.
    """
    _require_id(anchor)
    with without_collector():
        found, homes = _audit(workspace, "", run_id, anchor)
        for home in homes:
            there = (workspace / home, "") if (workspace / home).is_dir() else (workspace, home)
            found += _audit(*there, run_id, anchor, or_none=bool(found))[0]
        gone = [Unprovable("run-gone", f"{each.said}; no file and no commit has it") for each in gone_runs(workspace)]
        found = [replace(each, unprovable=[*each.unprovable, *gone]) for each in found]
        return sorted(found, key=lambda each: each.run)


def _audit(
    workspace: Path, below: str, run_id: str | None, anchor: str | None, *, or_none: bool = False
) -> tuple[list[RunAudit], list[str]]:
    """The audits of the runs that are meant and kept in this workspace, and the directories below that keep others.

    With `or_none` it is no fault that there are none.
    """
    with GitRepository(workspace, below) as repository, _names_what_differs(repository):
        known = {name: _head(repository, name) for name in _names(repository, workspace)}
        run_id = _meant(run_id, known)
        asked = _asked_for(run_id, known)
        bases = [_base(known, name) or "" for name in asked]
        with History(repository, repository.common_base(bases)) as history:
            sources = _read_sources(repository, asked)  # while git works
            places = _places(list(sources.values()))
            commits = history.commits(places)
        named = runs_named(commits)
        if not asked:  # a run that only trailers name
            run_id = _meant(run_id, named)
        elsewhere = _kept_elsewhere(commits, [name for name in named if name not in known])
        homes = sorted({home for home in elsewhere.values() if not home.startswith("../")})
        claimed = [name for name in _asked_for(run_id, named) if name not in known and name not in elsewhere]
        if not asked and not claimed and (homes or or_none):
            return [], homes
        if not asked and not claimed:
            raise _no_such_run(workspace, run_id, sorted({*known, *named}))
        sources |= _read_sources(repository, claimed)
        files = FileHistory(repository, commits, places, AllHistory(repository))
        verifier = SshSignatures(workspace)
        found = [
            audit_run(
                name,
                repository,
                commits,
                sources[name],
                files=files,
                verifier=verifier,
                base=_base(known, name),
                others=_others(known, name),
                anchor=anchor,
            )
            for name in sorted(sources)
        ]
        differ = [Finding("object-differs", said) for said in repository.untrue.values()]
        return [replace(each, findings=[*differ, *each.findings]) for each in found] if differ else found, homes


@contextmanager
def _names_what_differs(repository: GitRepository) -> Iterator[None]:
    """In the block, what cannot be read or understood, as an object is not what its id says, is refused as that."""
    try:
        yield
    except (PhasegateError, ValueError, IndexError) as error:
        if not repository.untrue:
            raise
        said = next(iter(repository.untrue.values()))
        raise WorkspaceRefused(f"{said}, in {repository.workspace}", next_command=FSCK) from error


def _kept_elsewhere(commits: Sequence[Commit], names: Iterable[str]) -> dict[str, str]:
    """Of these runs those that are another workspace's: the directory, from this one, where their commits keep them.

    A run that any commit which names it keeps here is this one's, wherever else it lies.
    """
    found: dict[str, str] = {}
    for name in names:
        inside = f"{DIRECTORY}/{name}/"
        places = {
            path[: path.index(inside)].rstrip("/")
            for commit in commits
            if name in commit.named(RUN)
            for path in commit.changes
            if f"/{path}".find(f"/{inside}") >= 0
        }
        if places and "" not in places:
            found[name] = min(places)
    return found


def _require_id(anchor: str | None) -> None:
    if anchor is not None and not re.fullmatch(r"[0-9a-f]{7,64}", anchor):
        raise BadInput(
            f"--anchor takes a commit's id, at least 7 hex digits, seen {anchor!r}",
            next_command="git -P log --format=%H",
        )


def _meant(run_id: str | None, names: Iterable[str]) -> str | None:
    """The run's id that this is, or begins, where one of these is meant by it; else as given."""
    return run_id and (the_one_meant(run_id, names) or run_id)


def _asked_for(run_id: str | None, names: Iterable[str]) -> list[str]:
    """Of these runs the one that is meant, or all."""
    return [name for name in names if run_id in (None, name)]


def _base(known: Mapping[str, OtherRun | None], name: str) -> str | None:
    """Where a run started; None when its journal does not tell."""
    head = known.get(name)
    return head.base if head else None


def _others(known: Mapping[str, OtherRun | None], name: str) -> dict[str, OtherRun]:
    return {other: head for other, head in known.items() if head is not None and other != name}


def _read_sources(repository: GitRepository, names: Iterable[str]) -> dict[str, Sources]:
    return {name: read_sources(repository, run_files(name)[0]) for name in names}


def _names(repository: GitRepository, workspace: Path) -> list[str]:
    """Runs in the tip and in the working tree; another directory in `.phasegate` is none."""
    found = [name for name in repository.names(".phasegate") if may_be_run(name) and _is_run(repository, name)]
    return sorted({*found, *find_runs_to_look_at(workspace)})


def _is_run(repository: GitRepository, name: str) -> bool:
    """Whether a directory in the tip's `.phasegate` is, or was, a run's: by its name, or by what it holds."""
    held = {f".phasegate/{name}/{each}" for each in repository.names(f".phasegate/{name}")}
    return is_run_id(name) or not held.isdisjoint(run_files(name))


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
    return OtherRun(start.runbook, start.base, start.at, start.version)


def _places(sources: Sequence[Sources]) -> set[str]:
    """Where the runs that are meant leave their files, and what governs their gates; nothing when that is not known."""
    if not all(each.stories for each in sources):
        return set()
    files = {path for each in sources for story in each.stories for path in _files(story)}
    if not files or any(posixpath.normpath(path).startswith(("..", "/")) for path in files):
        return set()
    return {".phasegate", *_directories(files)}


def _directories(files: Collection[str]) -> set[str]:
    """The directories of these files, themselves at the top; the outermost ones where they are many."""
    places = {posixpath.dirname(path) or path for path in files}
    return places if len(places) <= _MANY else {path.split("/", 1)[0] for path in files}


def _files(story: Story) -> Iterator[str]:
    """The runbook, what the tasks left, and phasegate.yaml with what it named."""
    yield from (story.start.runbook, FILE)
    for event in story.events:
        if isinstance(event, Worked):
            yield from event.evidence.digests()
            yield from (entry.path for entry in event.evidence.entries or ())
            policy = event.evidence.policy
            yield from GatePolicy.of(policy).key_files if policy else ()


def _no_such_run(workspace: Path, run_id: str | None, known: list[str]) -> BadInput:
    refuse_driven_elsewhere(workspace, run_id or "")
    refuse_gone(workspace, run_id or "")
    if run_id is None:
        return BadInput("no run has been committed or started here", next_command=to_begin_with(workspace))
    return BadInput(
        f"no run {run_id!r} in the history of HEAD; there are: {', '.join(known) or 'none'}{hint(run_id, known)}",
        next_command="git -P branch -a   # is the branch of the run checked out? a bare clone: git symbolic-ref HEAD",
    )
