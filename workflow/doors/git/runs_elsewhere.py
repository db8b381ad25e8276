"""Of which runs does git have commits that the workspace does not show? Its journal is not here, or is an older one.

One or two `git log`s, without GitPython.
"""

from __future__ import annotations

from pathlib import Path

from state.cheap_classes import NamedTuple
from workflow.doors.git.command import is_bare
from workflow.doors.git.plumbing import branch_tips, failed, git_dir_of, look, read_head
from workflow.trailers import RUN


class LastCommit(NamedTuple):
    """The newest commit of a run: its id, and the branch that has it when it is not the one checked out, else ""."""

    sha: str
    branch: str


def runs_in_git(workspace: Path) -> dict[str, LastCommit]:
    """The runs of this workspace that have commits, on the branch that is checked out or, when that has none, on any;
    newest first.

    Raises WorkspaceRefused for an object that cannot be read.
    """
    if read_head(git_dir_of(workspace))[1] is None:  # no commit yet
        return {}
    found = _runs(workspace, "HEAD") or _runs(workspace, "--branches")
    if (workspace / ".git").exists() or is_bare(workspace):
        return found
    return {name: last for name, last in found.items() if _is_kept_here(workspace, name, last.sha)}


def _is_kept_here(workspace: Path, run_id: str, sha: str) -> bool:
    """Whether a commit of the run has it in this directory: the repository may have other workspaces."""
    return look(workspace, "ls-tree", "-z", sha, "--", f".phasegate/{run_id}/").stdout != b""


def goes_on_elsewhere(workspace: Path, run_id: str) -> LastCommit | None:
    """The newest commit of this run that a branch has and HEAD has not; None when there is none."""
    git_dir = git_dir_of(workspace)
    if branch_tips(git_dir) == {read_head(git_dir)[1]}:
        return None  # all branches are where HEAD is, so that git need not be asked
    return _runs(workspace, "--branches", "--not", "HEAD").get(run_id)


def is_left_out(workspace: Path, path: str) -> bool:
    """Whether the index has this path, and a sparse checkout leaves it out of the working tree."""
    done = look(workspace, "ls-files", "-z", "-t", "--", f":(literal){path}")
    return done.returncode == 0 and done.stdout.startswith(b"S ")


def _runs(workspace: Path, *where: str) -> dict[str, LastCommit]:
    fields = f"--format=%H%x00%S%x00%(trailers:key={RUN},valueonly,separator=%x00)"
    done = look(workspace, "log", "--no-show-signature", "--source", f"--grep=^{RUN}: ", fields, *where, "--")
    if done.returncode != 0:
        raise failed(workspace, "log", done.returncode, done.stderr)
    found: dict[str, LastCommit] = {}
    for line in done.stdout.decode(errors="replace").splitlines():
        sha, source, *runs = line.split("\0")
        for run in filter(None, runs):
            found.setdefault(run, LastCommit(sha, "" if where == ("HEAD",) else source.removeprefix("refs/heads/")))
    return found
