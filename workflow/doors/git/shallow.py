"""Does a shallow clone leave out commits that a run needs? Then the run does not go on, and is told how it does."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from state.errors import WorkspaceRefused
from workflow.doors.git.plumbing import common_dir_of, git_dir_of, look


def is_shallow(workspace: Path) -> bool:
    """Whether this clone was told to leave commits out. Source: gitrepository-layout(5)."""
    cut = common_dir_of(git_dir_of(workspace)) / "shallow"
    return cut.is_file() and cut.stat().st_size > 0


def refuse_cut_history(workspace: Path, run_id: str, commits: Sequence[str]) -> None:
    """Raise WorkspaceRefused when this is a shallow clone without one of the run's commits.

    Args:
        commits: the run's base and its commits, oldest first.
    """
    if not is_shallow(workspace):
        return
    for commit in commits:
        if look(workspace, "cat-file", "-e", f"{commit}^{{commit}}").returncode != 0:
            raise WorkspaceRefused(
                f"this is a shallow clone without commit {commit[:10]}, which run {run_id} is built on: "
                "what the run committed cannot be read here",
                next_command="git fetch --unshallow",
            )
