"""How does a person come back to the branch that a run commits to? By a command that works in this repository, now.

Rules:
- The branch may be gone: renamed, or merged and deleted. The run does not go on under another name by itself, since its
  journal names the branch; a branch of the old name at a place that has the run's commits is all it needs.
- Reads only; two or three git processes, without GitPython.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from shlex import quote

from workflow.doors.git.plumbing import look


def way_to_branch(workspace: Path, branch: str, current: str, commits: Sequence[str]) -> str:
    """The command that checks `branch` out, or makes it where `commits` are.

    Args:
        branch: the one that is not checked out.
        current: the one that is.
        commits: what the branch must have, oldest first: the run's base and its commits.
    """
    refs = _refs(workspace)
    if f"refs/heads/{branch}" in refs:
        return f"git switch {quote(branch)}"
    remote = [ref for ref in refs if ref.startswith("refs/remotes/") and ref.split("/", 3)[3:] == [branch]]
    if remote:
        return f"git switch --create {quote(branch)} --track {quote(remote[0].removeprefix('refs/remotes/'))}"
    here = all(_git(workspace, "merge-base", "--is-ancestor", commit, "HEAD") is not None for commit in commits)
    if here and f"refs/heads/{current}" in _in_the_way(refs, branch):
        return f"git branch -m {quote(current)} {quote(branch)}"
    clear = "".join(
        f"git branch -m {quote(name)} {quote(name.replace('/', '-') + '-moved')} && "
        for name in (ref.removeprefix("refs/heads/") for ref in _in_the_way(refs, branch))
    )
    if not here:
        return f"{clear}git switch --create {quote(branch)} {commits[-1][:10]}"
    return f"{clear}git switch --create {quote(branch)}"


def _in_the_way(refs: Sequence[str], branch: str) -> list[str]:
    """Branches whose names are directories of this one, or the other way round: git keeps no two such."""
    name = f"refs/heads/{branch}"
    return [ref for ref in refs if ref.startswith(f"{name}/") or name.startswith(f"{ref}/")]


def _refs(workspace: Path) -> list[str]:
    return (_git(workspace, "for-each-ref", "--format=%(refname)", "refs/heads", "refs/remotes") or "").splitlines()


def _git(workspace: Path, *arguments: str) -> str | None:
    """What git printed; None when it said no."""
    done = look(workspace, *arguments)
    return done.stdout.decode(errors="surrogateescape") if done.returncode == 0 else None
