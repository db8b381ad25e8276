"""What does a task by hand cost by commands: `resume`, `done`, `approve` (somebody else), `resume`, four processes?

Whole processes, of which git's are counted by a `git` in front of it on PATH. Syncs are counted where there is an
strace. Floor: `git commit` of one file as a process of its own, which is the least that keeps a task.

Goal: 400 ms for the four, as much at task 990 as at task 10.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from from_tests import RunWorld, environment, runbook_of
from rows import Row, show

from state.files import Disk
from state.find_runs import find_runs
from workflow.engine.engine import Settings
from workflow.runs.reopen import reopen
from workflow.runs.workflow_catalog import find_workflow

BOB = {"GIT_AUTHOR_NAME": "Bob", "GIT_AUTHOR_EMAIL": "bob@example.com"}  # whoever did the work may not approve it
ORDINARY, ROUNDS = (10, 990), 5
WAITING = 3


class Commands:
    """A run that stands at a task, and phasegate as it is typed there."""

    def __init__(self, place: Path, at: int, more: int) -> None:
        self._place = place
        self.world = RunWorld(place, runbook=runbook_of(at + more))
        self.world.git("config", "gc.auto", "0")
        self._calls = place / "calls"
        self.type("run", "tasks.md")
        (self.world.run_id,) = find_runs(self.world.root)
        engine = reopen(
            self.world.root,
            self.world.run_id,
            lambda _run: self.world.doors(),
            Settings(),
            git_dir=self.world.root / ".git",
            find=lambda name: find_workflow(name, or_guided=True),
            disk=Disk(),
        )
        with engine.journal:
            engine.recover()
            for _ in range(at - 1):
                engine.segment()

    def type(self, *words: str, front: tuple[str, ...] = (), **extra: str) -> str:
        """Type a command; what it prints. It ends waiting for a person, or well."""
        command = [*front, str(Path(sys.executable).with_name("phasegate")), *words]
        variables = {**environment(), **extra}
        done = subprocess.run(command, cwd=self.world.root, env=variables, capture_output=True, text=True, check=False)
        if done.returncode not in (0, WAITING):
            raise AssertionError(f"{words}: {done.returncode}\n{done.stdout}{done.stderr}")
        return done.stdout

    def task(self, *, front: tuple[str, ...] = (), **extra: str) -> float:
        """One task by its four commands [s]."""
        (self.world.root / "handed-in.txt").write_text(str(time.perf_counter()))
        run_id, taken = self.world.run_id, 0.0
        for words in (["resume"], ["done", "--path", "handed-in.txt"], ["approve"], ["resume"]):
            if words == ["approve"]:
                status = json.dumps(json.loads(self.type("status", run_id, "--json")))
                words += ["--digest", re.findall(r'"digest": "([0-9a-f]{64})"', status)[0]]
            whose = BOB if words[0] == "approve" else {}
            since = time.perf_counter()
            self.type(words[0], run_id, *words[1:], front=front, **{**extra, **whose})
            taken += time.perf_counter() - since
        return taken

    def processes(self) -> int:
        """How many git processes the four start."""
        front = self._place / "bin"
        front.mkdir(exist_ok=True)
        (front / "git").write_text(f'#!/bin/sh\necho >> "{self._calls}"\nexec "{shutil.which("git")}" "$@"\n')
        (front / "git").chmod(0o755)
        self._calls.write_text("")
        self.task(PATH=f"{front}{os.pathsep}{os.environ['PATH']}")
        return self._calls.read_text().count("\n")

    def syncs(self) -> int | None:
        """How many syncs the four make, git's own among them; None where nobody can count."""
        strace = shutil.which("strace")
        if strace is None:
            return None
        traced = self._place / "traced"
        looks = ["-f", "--seccomp-bpf", "-qq", "-A", "-o", str(traced), "-e", "trace=fsync,fdatasync"]
        self.task(front=(strace, *looks))
        return len(re.findall(r"f(?:data)?sync\(\d+", traced.read_text()))

    def commit(self) -> float:
        """git's own commit of one file [s]."""
        (self.world.root / "bare.txt").write_text(str(time.perf_counter()))
        root = str(self.world.root)
        subprocess.run(["git", "-C", root, "add", "--intent-to-add", "bare.txt"], check=True)
        since = time.perf_counter()
        subprocess.run(["git", "-C", root, "commit", "-q", "-m", "bare", "--only", "--", "bare.txt"], check=True)
        return time.perf_counter() - since


def rows(quick: bool) -> Iterator[Row]:
    rounds = 1 if quick else ROUNDS
    for at in (2,) if quick else ORDINARY:
        with tempfile.TemporaryDirectory() as scratch:
            commands = Commands(Path(scratch), at, rounds + 4)
            if not quick:
                commands.task()  # a warm-up
            taken = statistics.median(commands.task() for _ in range(rounds))
            processes, syncs = commands.processes(), commands.syncs()
            bare = statistics.median(commands.commit() for _ in range(rounds))
        name = f"task by four commands, at task {at}"
        yield Row(name, None, taken, "", 0.4, syncs, processes)
        yield Row(name, bare, taken, "git commit of one file")


if __name__ == "__main__":
    show(rows)
