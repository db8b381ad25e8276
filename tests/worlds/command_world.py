"""A repository with a runbook that is done by hand, and the real command line on it; nobody sits at a terminal.

world = CommandWorld(tmp_path)
world("run", "tasks.md", "--sandbox", "--yes", "--until", "1.1")
told = world("resume")
assert (told.code, told.error) == ...
world.type(told.next)                      # what the message says to type, literally
"""

from __future__ import annotations

import contextlib
import io
import os
import re
import subprocess
from pathlib import Path
from typing import NamedTuple
from unittest import mock

from tests.worlds.forked_shell import type_in
from tests.worlds.repositories import first_commit
from tests.worlds.run_world import RUNBOOK
from workflow.cli.main import run

SUBJECTS = ["shed task 1.1: Choose a colour", "shed task 1.2: Order the paint", "tasks task 2.1: Paint the walls"]
YES = ("--sandbox", "--yes", "--practice")  # opens every gate; nothing here asks AWS


class Told(NamedTuple):
    """What a command said: exit code, standard output, standard error."""

    code: int
    out: str
    error: str

    @property
    def next(self) -> str:
        """The shell command after `next:`, up to the remark or the command of ours that follows it."""
        found = re.search(r"^next: (.*?)(?:   #.*|, then: .*|, or: .*| && phasegate .*)?$", self.error, re.MULTILINE)
        assert found, f"no next command in: {self.error}"
        return found[1]


class CommandWorld:
    """See the module."""

    def __init__(self, root: Path, *, runbook: bytes = RUNBOOK) -> None:
        self.root = root / "repo"
        self.root.mkdir()
        (self.root / "tasks.md").write_bytes(runbook)
        first_commit(self.root)

    def __call__(self, *arguments: str) -> Told:
        with contextlib.redirect_stdout(io.StringIO()) as out, contextlib.redirect_stderr(io.StringIO()) as error:
            code = run(["-C", str(self.root), *arguments])
        assert "Traceback" not in error.getvalue()
        # as a person sees it who stands in the repository, where `type` types it: without the directory
        return Told(code, out.getvalue(), error.getvalue().replace(f" -C {self.root}", ""))

    def hand_in(self) -> None:
        """Somebody else than Ada says that the task that waits for work is done, and that it left no files."""
        robot = {"GIT_AUTHOR_NAME": "Robot", "GIT_AUTHOR_EMAIL": "robot@example.com"}
        with mock.patch.dict(os.environ, robot):
            told = self("done", "--no-files")
        assert told.code == 0, told.error

    def git(self, *arguments: str, **environment: str) -> str:
        command = ["git", "-C", str(self.root), *arguments]
        return subprocess.run(command, check=True, capture_output=True, text=True, env=environment or None).stdout

    def type(self, command: str) -> None:
        """Type a command into a shell in the repository, where `phasegate` is this one."""
        type_in(self.root, command, os.environ).check_returncode()

    def up_to(self, task: str) -> None:
        """A run whose tasks up to this one are committed."""
        told = self("run", "tasks.md", *YES, "--until", task)
        assert told.code == 0, told.error

    @property
    def run_id(self) -> str:
        (directory,) = (self.root / ".phasegate").glob("*/")
        return directory.name

    @property
    def journal(self) -> Path:
        return self.root / ".phasegate" / self.run_id / "journal.jsonl"

    def subjects(self) -> list[str]:
        return self.git("log", "--reverse", "--format=%s").splitlines()[1:]

    def files(self) -> dict[str, bytes]:
        """Every file outside of .git, and where the branch is."""
        found = {
            str(path.relative_to(self.root)): path.read_bytes()
            for path in sorted(self.root.rglob("*"))
            if path.is_file() and ".git" not in path.relative_to(self.root).parts
        }
        return found | {"HEAD": self.git("rev-parse", "HEAD").encode()}

    def goes_on_to_the_end(self) -> Told:
        """Resume, and look at the end state again from disk and git."""
        told = self("resume", "--yes", "--practice")
        assert told.code == 0, told.error
        assert ": complete, 3 of 3 done" in self("status").out  # the journal as it is on disk now
        assert self.subjects() == SUBJECTS
        assert self.git("status", "--porcelain") == ""
        assert (self.root / "tasks.md").read_bytes() == RUNBOOK.replace(b"[ ]", b"[x]")
        log = (self.root / "artifacts/tasks/working_log.md").read_text()
        assert [log.count(f"## {task} ") for task in ("1.1", "1.2", "2.1")] == [1, 1, 1]
        return told
