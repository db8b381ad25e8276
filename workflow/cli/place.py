"""Where does a command work? The repository, and what belongs to it."""

from __future__ import annotations

from pathlib import Path

import click

from state.errors import BadInput, WorkspaceRefused
from workflow.doors.git.git_fast import find_workspace, git_dir_of


def workspace_of(ctx: click.Context) -> Path:
    """The repository's top directory above `-C DIR`. Raises WorkspaceRefused when there is none."""
    start = Path(str(ctx.obj))
    if not start.is_dir():
        raise BadInput(f"-C {start}: there is no such directory")
    found = find_workspace(start.resolve())
    if found is None:
        raise WorkspaceRefused(f"{start.resolve()} is not in a git repository", next_command=f"git init {start}")
    return found


def sandbox_directory(workspace: Path) -> Path:
    """Where this workspace's sandbox keeps itself: beside git's files, never committed, never cloned."""
    return git_dir_of(workspace) / "phasegate" / "sandbox"
