"""What does a gated task cost beside its commit? A run of manual tasks against bare `git -P commit` of the same paths.

Goal: at most 1.3 x the bare commit. Both in turn in one repository; the ratio is the median of the pairs. The bare
commit is given the same syncs (core.fsync) as the engine's, and files at the same depths: each directory is an object.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from from_tests import RunWorld

from workflow.engine.engine import Settings

TASKS = 40
SYNC = ("-c", "core.fsync=committed,loose-object,reference,index")


def runbook(tasks: int) -> bytes:
    lines = ["# Many small tasks", ""] + [f"- [ ] {number}. Task number {number}" for number in range(1, tasks + 1)]
    return ("\n".join(lines) + "\n").encode()


def fill(root: Path, files: int) -> None:
    for number in range(files):
        path = root / "src" / str(number % 100) / f"{number}.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"{number}\n")


class BareCommits:
    """Commits of files that lie as deep as a task's; the last of them is unchanged, as a task's is."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._turn = 0
        self._names = ["bare.md", "artifacts/bare/log.md", "bare/run/journal.jsonl", "bare/run/copy.md"]
        for name in self._names:
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_text("0\n")
        subprocess.run(["git", "-C", str(root), "add", *self._names], check=True)

    def make(self) -> None:
        self._turn += 1
        for name in self._names[:3]:
            (self._root / name).write_text(f"{self._turn}\n" * 50)
        words = ["git", "-C", str(self._root), "-P", *SYNC, "commit", "-q", "-m", f"bare {self._turn}", "--only", "--"]
        subprocess.run([*words, *self._names], check=True)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--quick", action="store_true", help="a tiny size: only whether it runs")
    tasks, sizes = (2, (10,)) if parser.parse_args().quick else (TASKS, (10, 5_000))
    for files in sizes:
        with tempfile.TemporaryDirectory() as place:
            world = RunWorld(Path(place), runbook=runbook(tasks))
            world.git("config", "gc.auto", "0")  # it would run beside what is measured
            fill(world.root, files)
            world.git("add", ".")
            world.git("commit", "-q", "--allow-empty", "-m", "files")
            commits, bare, gated = BareCommits(world.root), [], []
            with world.start(Settings(yes=True)) as engine:
                for _ in range(tasks):  # in turn: the machine's mood is the same for both
                    bare.append(seconds(commits.make))
                    gated.append(seconds(engine.segment))
        ratio = statistics.median(task / commit for task, commit in zip(gated, bare, strict=True))
        bare_ms, gated_ms = (statistics.median(each) * 1000 for each in (bare, gated))
        print(f"{files:>6} files: bare commit {bare_ms:6.1f} ms, gated task {gated_ms:6.1f} ms, {ratio:4.2f} x")


def seconds(act: Callable[[], object]) -> float:
    start = time.perf_counter()
    act()
    return time.perf_counter() - start


if __name__ == "__main__":
    main()
