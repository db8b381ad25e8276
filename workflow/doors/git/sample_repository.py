"""How is a repository made to look at, and changed? All that lies in its directory goes into a commit."""

from __future__ import annotations

import subprocess
from pathlib import Path

from workflow.doors.git.command import environment, writing


def make_sample_repository(directory: Path, message: str) -> None:
    """Make the directory a repository with a branch `main`, a sample identity and one commit of everything in it."""
    for arguments in (
        ("init", "-q", "-b", "main"),
        ("config", "user.name", "Demo Operator"),
        ("config", "user.email", "demo@example.com"),
    ):
        _git(directory, arguments)
    commit_everything(directory, message)


def commit_everything(directory: Path, message: str) -> None:
    """Commit all that lies in the directory."""
    for arguments in (("add", "-A"), ("commit", "-q", "-m", message)):
        _git(directory, arguments)


def _git(directory: Path, arguments: tuple[str, ...]) -> None:
    subprocess.run(writing(*arguments), cwd=directory, env=environment(), check=True)
