"""The real command in a repository of its own, with the real sandbox server, killed for real."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.worlds.cut_world import make_workspace
from tests.worlds.end_state import git
from workflow.doors.aws.client import AwsDoor
from workflow.sandbox import control
from workflow.service.workspace import sandbox_directory

PHASEGATE = str(Path(sys.executable).with_name("phasegate"))
START = ("run", "stage-06", "--sandbox", "--yes")
RESUME = ("resume", "--yes")


class RealCommand:
    """`phasegate -C root ...`, each in a process group of its own, so that a kill takes git and its hooks along."""

    def __init__(self, root: Path) -> None:
        self.root = make_workspace(root)
        self.sandbox = sandbox_directory(self.root)

    @property
    def aws(self) -> AwsDoor:
        """The account of the sandbox server."""
        return AwsDoor(endpoint_url=control.start(self.sandbox).endpoint_url, sandbox=True)

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        """To its end."""
        return subprocess.run([PHASEGATE, "-C", str(self.root), *words], capture_output=True, text=True, check=False)

    @contextmanager
    def started(self, *words: str) -> Iterator[subprocess.Popen[str]]:
        """Under way, and gone with all that it started when the block is left."""
        process = subprocess.Popen(
            [PHASEGATE, "-C", str(self.root), *words],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        try:
            yield process
        finally:
            kill(process)

    def killed_at(self, moments: list[str], *words: str) -> str:
        """Run, and kill at the first line of progress that has one of these moments; returns it, "" when none came."""
        with self.started(*words) as process:
            assert process.stderr is not None
            return next((moment for moment in _moments(process.stderr, moments)), "")

    def commits(self) -> list[str]:
        """Subjects since the start, oldest first."""
        return git(self.root, "log", "--reverse", "--format=%s").splitlines()[1:]

    def hook(self, name: str, script: str) -> None:
        path = self.root / ".git" / "hooks" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"#!/bin/sh\n{script}")
        path.chmod(0o755)


def _moments(lines: Iterable[str], moments: list[str]) -> Iterator[str]:
    for line in lines:
        yield from (moment for moment in moments if moment in line)


def kill(process: subprocess.Popen[str]) -> None:
    """SIGKILL to the process and all that it started, but for the sandbox's server, which is nobody's child."""
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass  # it had ended by itself
    process.wait()
    if process.stderr is not None:
        process.stderr.close()
