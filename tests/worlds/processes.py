"""Real phasegate processes that a test can hold at a known place, and signal there. Nothing is timed by sleeping."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.worlds.forked_process import ForkedProcess

PHASEGATE = [sys.executable, "-c", "from workflow.cli.main import main; main()"]
PROMPT = 20.0  # [s] whoever does not hear at once takes a minute or for ever, whoever does a second: if cores are free


def begin(root: Path, *arguments: str, **environment: str) -> subprocess.Popen[str]:
    """The command as a process of its own, in a process group of its own."""
    return subprocess.Popen(
        [*PHASEGATE, "-C", str(root), *arguments],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        env={**os.environ, **environment},
    )


def ended(process: subprocess.Popen[str] | ForkedProcess) -> tuple[int, str, float]:
    """Exit code, standard error, and how long it took to end [s]."""
    since = time.monotonic()
    code = process.wait(timeout=60)
    took = time.monotonic() - since
    assert process.stdout and process.stderr
    with process.stdout, process.stderr:
        return code, process.stderr.read(), took


class Hook:
    """A pre-commit hook that tells when it runs and waits to be let go.

    `entered` returns when the hook runs; `go` lets it end well. Both are named pipes, so neither polls.
    """

    def __init__(self, root: Path) -> None:
        self._entered, self._go = root / ".git/entered", root / ".git/go"
        for pipe in (self._entered, self._go):
            os.mkfifo(pipe)
        self.path = root / ".git/hooks/pre-commit"
        self.path.parent.mkdir(exist_ok=True)
        self.path.write_text(f"#!/bin/sh\necho in > '{self._entered}'\nread word < '{self._go}'\n")
        self.path.chmod(0o755)

    def entered(self) -> None:
        assert self._entered.read_text() == "in\n"

    def go(self) -> None:
        self._go.write_text("on\n")


@contextmanager
def in_hook(root: Path, *arguments: str) -> Iterator[tuple[subprocess.Popen[str], Hook]]:
    """A process that stands in its first commit's hook. What is left of its group is gone afterwards."""
    hook = Hook(root)
    process = begin(root, *arguments)
    try:
        hook.entered()
        yield process, hook
    finally:
        end_group(process)


def end_group(process: subprocess.Popen[str] | ForkedProcess) -> None:
    """SIGKILL to whatever is left of the process's group (it leads one of its own)."""
    try:
        os.killpg(process.pid, 9)
    except ProcessLookupError:
        pass
    process.wait()
    for stream in (process.stdout, process.stderr):
        if stream:
            stream.close()


def wait_for_git(root: Path) -> None:
    """Return when no git process is at work below this directory."""
    from workflow.doors.git.locks import git_processes

    deadline = time.monotonic() + 60
    while git_processes(root):
        assert time.monotonic() < deadline
        os.sched_yield()
