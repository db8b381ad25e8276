"""What does one durable step cost, the step's work and git left out, against one synced append in the same run?

Goal: at most 3 appends; measured against a bare `transitions` loop with a synced JSONL line per step, too.
The engine runs tasks whose work is nothing, approved by `--yes`, with a git that does nothing.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import tempfile
import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from from_tests import FakeClock, FakePerson

from phases.aws import AwsPort
from phases.step import AfterCrash, Step, StepContext, Work, Workflow, step
from state.files import Disk, blob_id
from state.model import PlannedTask
from state.tree_entry import GONE, PLAIN, TreeEntry
from workflow.engine.engine import Doors, Engine, Settings
from workflow.runbook.reader import read_runbook
from workflow.runs.begin import start
from workflow.runs.load_plan import RunTarget

BY = {"git": "Ada <ada@example.com>", "user": "ada", "host": "here"}


@dataclass(frozen=True)
class Commit:
    """A commit that nobody made."""

    sha: str
    trailers: Mapping[str, str]
    parents: Sequence[str] = ("0" * 40,)
    paths: Sequence[str] = ()
    subject: str = ""
    body: str = ""


class NoGit:
    """A repository that remembers trailers, and holds whatever the disk has: what is left is the engine."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.commits: list[Commit] = []

    def preflight(self, paths: Sequence[str], runbook: str, *, resuming: bool = False) -> None: ...

    def identity(self) -> str:
        return BY["git"]

    def git_dir(self) -> Path:
        return self.root / ".git"

    def head(self) -> str:
        return self.commits[-1].sha if self.commits else "0" * 40

    def branch(self) -> str:
        return "main"

    def commit(self, paths: Sequence[str], message: str, *, author: str = "") -> str:
        pairs = (line.partition(": ") for line in message.splitlines() if line.startswith("Phasegate-"))
        sha, trailers = f"{len(self.commits) + 1:040x}", {name: value for name, _, value in pairs}
        self.commits.append(Commit(sha, trailers, subject=message.partition("\n")[0], body=message))
        return sha

    def parent_of(self, sha: str) -> str:
        return f"{int(sha, 16) - 1:040x}"

    def parents_since(self, since: str) -> Mapping[str, Sequence[str]]:
        return {}

    def commits_touching(self, since: str, paths: Sequence[str]) -> Sequence[str]:
        return ()

    def just_made(self, sha: str, message: str) -> Commit | None:
        return self.commits[-1]

    def find_commits(self, trailers: Mapping[str, str], since: str | None = None) -> Sequence[Commit]:
        newest = self.commits[-1:] if "Phasegate-Task" in trailers else self.commits
        return [each for each in newest if trailers.items() <= each.trailers.items()]

    def entries(
        self, paths: Sequence[str], *, unread: Collection[str] = (), later: Collection[str] = ()
    ) -> Mapping[str, TreeEntry]:
        found = {}
        for path in paths:
            data = None if path in unread or path in later else self.blob("HEAD", path)
            there = (self.root / path).is_file()
            blob = None if data is None else blob_id(data, "0" * 40)
            found[path] = TreeEntry(path, PLAIN, "file", blob) if there else TreeEntry(path, GONE, "missing", None)
        return found

    def tree_entries(self, sha: str, paths: Sequence[str]) -> Mapping[str, TreeEntry]:
        return self.entries(paths)

    def object_ids(self, paths: Sequence[str]) -> Mapping[str, str]:
        return {path: entry.blob for path, entry in self.entries(paths).items() if entry.blob}

    def tree_ids(self, sha: str, paths: Sequence[str]) -> Mapping[str, str]:
        return self.object_ids(paths)

    def last_change(self, path: str, rev: str) -> str:
        return rev

    def blob(self, rev: str, path: str) -> bytes | None:
        return (self.root / path).read_bytes() if (self.root / path).is_file() else None

    def undo_commit(self, sha: str, parent: str, paths: Sequence[str]) -> None: ...

    def settle_index(self, paths: Sequence[str]) -> None: ...

    def clear_stale_locks(self) -> Sequence[str]:
        return []

    def diff(self, paths: Sequence[str], since: str) -> str:
        return ""


class CountingDisk(Disk):
    syncs = 0

    def _sync(self, handle: int) -> None:
        self.syncs += 1
        super()._sync(handle)


@step("", "", after_crash=AfterCrash.REDO)
def nothing(_ctx: StepContext) -> Work:
    """Do nothing."""
    return Work()


class Trivial(Workflow):
    """Every task is done by the same step."""

    def step_for(self, task: PlannedTask) -> Step | None:
        return nothing


def trivial_target(tasks: int) -> RunTarget:
    """A runbook of that many tasks, and how to do them."""
    lines = "".join(f"- [ ] {number}. Step {number}\n" for number in range(1, tasks + 1))
    data = f"# Steps\n\n{lines}".encode()
    workflow = Trivial("steps", "nothing, often", "tasks.md", lambda: data, "log.md", ())
    return RunTarget(read_runbook(data, name="steps", path="tasks.md"), workflow, data)


def make_place(root: Path, target: RunTarget) -> None:
    (root / ".git").mkdir()
    (root / "tasks.md").write_bytes(target.data)


def doors(git: NoGit, disk: Disk) -> Doors:
    def connect() -> AwsPort:
        raise AssertionError("there is no AWS here")

    return Doors(git, disk, FakeClock(), FakePerson(), connect, BY)


def start_trivial(root: Path, target: RunTarget, disk: Disk) -> Engine:
    make_place(root, target)
    return start(root, target, doors(NoGit(root), disk), Settings(yes=True), sandbox=True, git_dir=root / ".git")


def engine_step(tasks: int) -> tuple[float, float, int]:
    """(seconds, syncs) a step, and the mean length of an event [bytes]."""
    with tempfile.TemporaryDirectory() as place:
        disk = CountingDisk()
        engine = start_trivial(Path(place), trivial_target(tasks), disk)
        with engine.journal:
            before, began = disk.syncs, time.perf_counter()
            engine.drive()
            taken = time.perf_counter() - began
        line = engine.journal.path.stat().st_size // len(engine.journal.events)
        return taken / tasks, (disk.syncs - before) / tasks, line


def synced_append(length: int, times: int) -> float:
    with tempfile.TemporaryDirectory() as place:
        handle = os.open(Path(place) / "lines", os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        line = b"x" * (length - 1) + b"\n"
        began = time.perf_counter()
        for _ in range(times):
            os.write(handle, line)
            os.fsync(handle)
        taken = time.perf_counter() - began
        os.close(handle)
    return taken / times


def bare_loop(steps: int) -> float:
    """A `transitions` machine that writes and syncs a JSON line before each move."""
    from transitions import Machine

    states = [f"s{number}" for number in range(steps + 1)]
    machine = Machine(states=states, initial="s0", auto_transitions=False)
    for source, target in itertools.pairwise(states):
        machine.add_transition("advance", source, target)
    with tempfile.TemporaryDirectory() as place:
        handle = os.open(Path(place) / "lines", os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        began = time.perf_counter()
        for seq in range(steps):
            os.write(handle, json.dumps({"seq": seq, "from": machine.state}).encode() + b"\n")
            os.fsync(handle)
            machine.advance()
        taken = time.perf_counter() - began
        os.close(handle)
    return taken / steps


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--quick", action="store_true", help="a tiny size: only whether it runs")
    sizes = (5,) if parser.parse_args().quick else (100, 500)
    engine_step(min(20, *sizes))  # a warm-up
    for tasks in sizes:
        step_, syncs, length = engine_step(tasks)
        append, bare = synced_append(length, 2 * tasks), bare_loop(tasks)
        print(f"{tasks:5} tasks: {step_ * 1000:6.2f} ms and {syncs:.1f} syncs a step")
        print(f"  one synced append                  {append * 1000:6.2f} ms  ({step_ / append:.1f} x)")
        print(f"  bare transitions + synced JSONL    {bare * 1000:6.2f} ms  ({step_ / bare:.1f} x)")


if __name__ == "__main__":
    main()
