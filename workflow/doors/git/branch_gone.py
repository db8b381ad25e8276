"""How does a person come back to the branch that a run commits to? By a command that works in this repository, now.

Rules:
- The branch may be gone: renamed, or merged and deleted. The run does not go on under another name by itself, since its
  journal names the branch; a branch of the old name at a place that has the run's commits is all it needs.
- Reads only; two or three git processes, without GitPython.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
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
        return switch_to(workspace, branch)
    if remote := next(_remote_branches(refs, branch), ""):
        return f"git switch --create {quote(branch)} --track {quote(remote)}"
    here = all(_git(workspace, "merge-base", "--is-ancestor", commit, "HEAD") is not None for commit in commits)
    in_the_way = [ref.removeprefix("refs/heads/") for ref in _in_the_way(refs, branch)]
    if here and current in in_the_way:
        return f"git branch -m {quote(current)} {quote(branch)}"
    clear = "".join(f"git branch -m {quote(name)} {quote(_moved(name))} && " for name in in_the_way)
    return f"{clear}git switch --create {quote(branch)}" + ("" if here else f" {commits[-1][:10]}")


def switch_to(workspace: Path, branch: str) -> str:
    """The command by which a person gets to a branch that is here: git keeps none checked out in two worktrees."""
    switch = f"git switch {quote(branch)}"
    for described in (_git(workspace, "worktree", "list", "--porcelain") or "").split("\n\n"):
        lines = described.split("\n")
        if f"branch refs/heads/{branch}" not in lines:
            continue
        place = Path(lines[0].removeprefix("worktree "))
        if not place.is_dir():  # it was removed by hand, and git still counts the branch as its
            return f"git worktree prune && {switch}"
        below = place / (_git(workspace, "rev-parse", "--show-prefix") or "").removesuffix("\n")
        return f"cd {quote(str(below if below.is_dir() else place))}"
    return switch


def is_here(workspace: Path, branch: str) -> bool:
    """Whether this repository has a branch of that name."""
    return _git(workspace, "rev-parse", "--verify", "--quiet", f"refs/heads/{branch}") is not None


def _remote_branches(refs: Sequence[str], branch: str) -> Iterator[str]:
    """`origin/NAME` of each remote that has a branch of that name."""
    for ref in refs:
        if ref.startswith("refs/remotes/") and ref.split("/", 3)[3:] == [branch]:
            yield ref.removeprefix("refs/remotes/")


def _moved(branch: str) -> str:
    return branch.replace("/", "-") + "-moved"


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
