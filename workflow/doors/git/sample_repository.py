"""How is a repository made to look at? A new one, with all that lies in its directory in a first commit."""

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
        ("add", "-A"),
        ("commit", "-q", "-m", message),
    ):
        subprocess.run(writing(*arguments), cwd=directory, env=environment(), check=True)
