"""How does a clone get the files of a run that was held elsewhere? The branch forward, then the tip's files over it.

Rules:
- Nothing of a person's is lost: the branch goes forward only, and a file that is neither as HEAD has it, nor as this
  clone last had it of the run, nor the beginning of the run's journal, is in the way, and refused by name.
- A process that dies in between leaves files that the next one takes for what they are, and goes on.
- A reader gets a clone of its own, of the same objects, that goes away.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from state.errors import RunFenced, WorkspaceRefused
from state.files import blob_id
from state.path_word import path_word
from state.printable import as_names
from workflow.doors.git.handed_over import blob_named, blob_of
from workflow.doors.git.meeting_place import said
from workflow.doors.git.plumbing import is_inside, look, top_of
from workflow.doors.git.shallow import is_shallow
from workflow.doors.git.tips import Tip, page_of, run_git


def differing(workspace: Path, tip: Tip, run: str) -> Mapping[str, str]:
    """Workspace path -> blob id in the tip ("" where it is removed) of what the tip has otherwise than the branch."""
    done = look(
        workspace, "diff-tree", "-r", "-z", "--relative", "--no-renames", "--no-abbrev", "--raw", tip.head, tip.sha
    )
    tokens, found = done.stdout.split(b"\0"), {}
    for meta, path in zip(tokens[::2], tokens[1::2], strict=False):
        words = meta.decode().split(" ")
        found[os.fsdecode(path)] = "" if words[4].startswith("D") else words[3]
    found.pop(page_of(run), None)
    return found


def lay_down(workspace: Path, tip: Tip, before: Tip | None, *, run: str, branch: str) -> None:
    """Have the run here as it is in this tip; `before`: the tip that this clone had of it, None for none.

    Raises RunFenced where this clone has commits or events of the run that the tip has not, WorkspaceRefused for files
    of somebody's own that are in the way.
    """
    _require_branch(workspace, tip, run, branch)
    known = dict(differing(workspace, before, run)) if before is not None else {}
    wanted = differing(workspace, tip, run)
    dirty = _dirty(workspace, [*known, *wanted])
    _require_ours(workspace, dirty, known, wanted, run)
    for path in dirty:  # as HEAD has them, so that the branch can go forward
        if look(workspace, "cat-file", "-e", f"HEAD:./{path}").returncode == 0:
            _must(workspace, "restore", "--source=HEAD", "--worktree", path=path)
        elif path not in wanted or tip.head != _head(workspace):
            (workspace / path).unlink(missing_ok=True)
    if tip.head != _head(workspace):
        done = run_git(workspace, "merge", "--ff-only", "-q", tip.head)
        if done.returncode != 0:
            raise WorkspaceRefused(
                f"branch {branch} did not go forward to {tip.head[:10]}, which run {run} is at: {said(done.stderr)}",
                next_command=f"git merge --ff-only {tip.head[:10]}   # what is in the way",
            )
    for path, blob in wanted.items():
        if blob:
            _must(workspace, "restore", f"--source={tip.sha}", "--worktree", path=path)
        else:
            (workspace / path).unlink(missing_ok=True)


def _require_branch(workspace: Path, tip: Tip, run: str, branch: str) -> None:
    here = os.fsdecode(look(workspace, "symbolic-ref", "--short", "HEAD").stdout).strip()
    if here != branch:
        raise WorkspaceRefused(
            f"run {run} commits to branch {branch}, {here or 'no branch'} is checked out",
            next_command=f"git switch {path_word(branch)} || git switch -c {path_word(branch)} {tip.head[:10]}",
        )
    if look(workspace, "merge-base", "--is-ancestor", "HEAD", tip.head).returncode != 0:
        raise RunFenced(
            f"branch {branch} here has commits that run {run} on the remote has not, and the run went on there",
            next_command="git log --oneline HEAD   # keep what is yours; then go on in a clone of its own:\n"
            f"      git worktree list   # or: git clone URL DIR && phasegate -C DIR resume {run}",
        )


def _require_ours(
    workspace: Path, dirty: Mapping[str, bytes], known: Mapping[str, str], wanted: Mapping[str, str], run: str
) -> None:
    """Raise for files that this clone never had of the run; of its journal the tip must have all that is here."""
    strange = []
    for path, data in dirty.items():
        ids = {known.get(path), wanted.get(path)} - {None, ""}
        if any(blob_id(data, like) == like for like in ids if like):
            continue
        if path.startswith(f".phasegate/{run}/journal"):
            there = blob_of(workspace, wanted[path]) if wanted.get(path) else b""
            if there.startswith(data):
                continue
            raise RunFenced(
                f"run {run} went on in another clone, and {path} here has events that it never shared",
                next_command=f"git clone URL DIR && phasegate -C DIR resume {run}   # goes on in a clone of its own",
            )
        strange.append(path)
    if strange:
        raise WorkspaceRefused(
            f"files of run {run} were changed here meanwhile, and it went on elsewhere: {as_names(strange)}",
            next_command=f"git stash push -- {' '.join(map(path_word, strange))}   # keeps them aside",
        )


def _dirty(workspace: Path, paths: list[str]) -> dict[str, bytes]:
    """Those of these files that are here, and not as HEAD has them."""
    found = {}
    for path in dict.fromkeys(paths):
        file = workspace / path
        if file.is_symlink() or not file.is_file():
            continue
        data = file.read_bytes()
        if blob_named(workspace, f"HEAD:./{path}") != data:
            found[path] = data
    return found


def _head(workspace: Path) -> str:
    return look(workspace, "rev-parse", "--verify", "HEAD^{commit}").stdout.decode().strip()


def _must(workspace: Path, *arguments: str, path: str) -> None:
    done = run_git(workspace, "--literal-pathspecs", *arguments, "--", path)
    if done.returncode != 0:
        raise WorkspaceRefused(f"git {arguments[0]} failed for {path}: {said(done.stderr)}", next_command="git status")


@contextmanager
def read_elsewhere(workspace: Path, tip: Tip, *, run: str, branch: str) -> Iterator[Path]:
    """The run's own workspace in a clone, as it is in this tip, of the objects that are here; it goes with the block.

    `workspace`: any of this repository. Raises WorkspaceRefused in a shallow clone, of which git shares no objects
    (git-clone(1), `--local`).
    """
    if is_shallow(workspace):
        raise WorkspaceRefused(
            f"run {run} cannot be laid out to be read in this shallow clone", next_command="git fetch --unshallow"
        )
    top = top_of(workspace)
    with tempfile.TemporaryDirectory(prefix="phasegate-read-") as scratch:
        place = Path(scratch) / (top.name or "repository")
        for arguments in (
            ("clone", "-q", "--shared", "--no-checkout", str(top), str(place)),
            ("-C", str(place), "checkout", "-q", "-B", branch, tip.head),
        ):
            done = run_git(workspace, *arguments)
            if done.returncode != 0:
                raise WorkspaceRefused(
                    f"run {run} could not be laid out to be read: {said(done.stderr)}",
                    next_command="ls -ld /tmp   # room and rights there",
                )
        home = place / tip.workspace
        try:
            require_inside(home, place, run, tip.workspace, tip.head)
            lay_down(home, tip, None, run=run, branch=branch)
            yield home
        finally:
            shutil.rmtree(place, ignore_errors=True)


def require_inside(home: Path, top: Path, run: str, directory: str, head: str) -> None:
    """Raise WorkspaceRefused unless the branch, checked out at `top`, has the run's workspace, inside of itself.

    `directory`: as the run says it; `head`: the branch's commit.
    """
    if not is_inside(home, top):
        raise WorkspaceRefused(
            f"run {run} is of directory {directory!r}, which is none of its branch at {head[:10]}",
            next_command=f"git ls-tree -d {head[:10]}   # the directories that there are",
        )
