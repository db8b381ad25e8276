"""A real repository in a temporary directory, with git by subprocess: the tests' own view, beside the door's."""

from __future__ import annotations

import subprocess
from pathlib import Path

RUNBOOK = "tasks.md"


def verb_of(argv: list[str]) -> str:
    """`status`, from the whole command line of a git process."""
    rest = iter(argv[1:])
    for word in rest:
        if word == "-c":
            next(rest)
        elif not word.startswith("-"):
            return word
    return ""


class Repo:
    """`repo.git("status")` runs git there and gives its stdout; `repo.write`, `repo.hook` change the world."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def git(self, *args: str, check: bool = True, cwd: Path | None = None) -> str:
        done = subprocess.run(["git", "-P", *args], cwd=cwd or self.path, capture_output=True, check=False)
        assert not check or done.returncode == 0, done.stderr.decode()
        return done.stdout.decode("utf-8", "surrogateescape").rstrip("\n")

    def write(self, path: str, content: str | bytes = "content\n") -> str:
        file = self.path / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    def hook(self, name: str, script: str) -> None:
        file = self.path / ".git" / "hooks" / name
        file.parent.mkdir(exist_ok=True)
        file.write_text(f"#!/bin/sh\n{script}\n")
        file.chmod(0o755)

    def commit_all(self, message: str = "change") -> str:
        self.git("add", "-A")
        self.git("commit", "-q", "-m", message)
        return self.head

    @property
    def head(self) -> str:
        return self.git("rev-parse", "HEAD")

    @property
    def index(self) -> str:
        """Every entry of the index and every difference to HEAD and to the files."""
        return self.git("ls-files", "--stage") + "\n" + self.git("status", "--porcelain=v2", "--untracked-files=all")
