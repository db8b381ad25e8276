"""What does one durable step cost, the step's work and git left out, against one synced append in the same run?

Goal: at most 3 appends; measured against a bare `transitions` loop with a synced JSONL line per step, too.
The engine runs tasks whose work is nothing, approved by `--yes`, with a git that does nothing.
"""

from __future__ import annotations

import itertools
import json
import os
import sys
import tempfile
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from from_tests import FakeClock, FakePerson
from rows import Row, show

from phases.aws import AwsPort
from phases.step import AfterCrash, Step, StepContext, Work, Workflow, step
from state.files import Disk, blob_id
from state.model import PlannedTask
from state.read_journal import files_of
from state.tree_entry import GONE, PLAIN, TreeEntry
from workflow.engine.engine import Doors, Engine, Settings
from workflow.git_port import ConvertedFile
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
        self._ids: dict[str, tuple[object, str]] = {}  # path -> what tells that a file is another one, and its id

    def preflight(
        self, paths: Sequence[str], runbook: str, *, resuming: bool = False, changed: Collection[str] = ()
    ) -> None: ...

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

    def find_commits(
        self, trailers: Mapping[str, str], since: str | None = None, *, paths: bool = True
    ) -> Sequence[Commit]:
        newest = self.commits[-1:] if "Phasegate-Task" in trailers else self.commits
        return [each for each in newest if trailers.items() <= each.trailers.items()]

    def entries(
        self, paths: Sequence[str], *, unread: Collection[str] = (), later: Collection[str] = ()
    ) -> Mapping[str, TreeEntry]:
        found = {}
        for path in paths:
            there = os.path.isfile(f"{self.root}/{path}")  # noqa: PTH113 - what git looks at is not what is measured
            blob = None if not there or path in unread or path in later else self._id(path)
            found[path] = TreeEntry(path, PLAIN, "file", blob) if there else TreeEntry(path, GONE, "missing", None)
        return found

    def _id(self, path: str) -> str:
        seen = os.stat(f"{self.root}/{path}")  # noqa: PTH116
        known = (seen.st_ino, seen.st_size, seen.st_mtime_ns)
        if path not in self._ids or self._ids[path][0] != known:
            self._ids[path] = (known, blob_id((self.root / path).read_bytes(), "0" * 40))
        return self._ids[path][1]

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

    def diff_of(self, entries: Sequence[TreeEntry], since: str) -> str:
        return ""

    def converted(self, paths: Sequence[str]) -> Sequence[ConvertedFile]:
        return ()

    def require_kept(self, paths: Sequence[str], runbook: str) -> None: ...


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


def engine_step(tasks: int) -> tuple[float, float, float, int]:
    """(seconds, processor time in the last fifth [s], syncs) a step, and the mean length of an event [bytes]."""
    with tempfile.TemporaryDirectory() as place:
        disk = CountingDisk()
        engine = start_trivial(Path(place), trivial_target(tasks), disk)
        with engine.journal:
            before, began, last = disk.syncs, time.perf_counter(), max(1, tasks // 5)
            for _ in range(tasks - last):
                engine.segment()
            busy = time.process_time()
            engine.drive()
            taken, busy = time.perf_counter() - began, time.process_time() - busy
        line = sum(map(len, files_of(engine.journal.path))) // len(engine.journal.events)
        return taken / tasks, busy / last, (disk.syncs - before) / tasks, line


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


def rows(quick: bool) -> Iterator[Row]:
    sizes = (5,) if quick else (1_000, 10_000) if "--long" in sys.argv else (1_000,)
    engine_step(min(20, *sizes))  # a warm-up
    for tasks in sizes:
        clock, processor, syncs, length = engine_step(tasks)
        append, bare = synced_append(length, 2 * tasks), bare_loop(tasks)
        name = f"durable step without git, {tasks:,} in a row"
        yield Row(name, append, clock, "one synced append", 3, syncs, 0)
        yield Row(f"{name}, processor time of the last fifth", None, processor, "", 1.5e-3)
        yield Row("transitions and a synced line", append, bare, "one synced append", syncs=1, processes=0, peer="bare")


if __name__ == "__main__":
    show(rows)
