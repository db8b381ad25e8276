"""What does a gated task cost beside its commit? A run of manual tasks against bare `git -P commit` of the same paths.

Goal: at most 1.3 x the bare commit. Same repository size for both, in one run, medians; the bare commit is
given the same syncs (core.fsync) as the engine's.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))
from tests.fakes.run_world import RunWorld
from workflow.engine import Settings

TASKS = 40
SYNC = ("-c", "core.fsync=committed,loose-object,reference,index")


def runbook() -> bytes:
    lines = ["# Many small tasks", ""] + [f"- [ ] {number}. Task number {number}" for number in range(1, TASKS + 1)]
    return ("\n".join(lines) + "\n").encode()


def fill(root: Path, files: int) -> None:
    for number in range(files):
        path = root / "src" / str(number % 100) / f"{number}.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"{number}\n")


def bare_commits(root: Path) -> float:
    """Median seconds of committing four changed files as the engine does."""
    paths = [root / "bare" / f"{name}.md" for name in ("runbook", "log", "journal", "copy")]
    taken = []
    for turn in range(TASKS):
        for path in paths:
            path.parent.mkdir(exist_ok=True)
            path.write_text(f"{turn}\n" * 50)
        names = [str(path.relative_to(root)) for path in paths]
        if not turn:
            subprocess.run(["git", "-C", str(root), "add", *names], check=True)
        start = time.perf_counter()
        command = ["git", "-C", str(root), "-P", *SYNC, "commit", "-q", "-m", f"bare {turn}", "--only", "--", *names]
        subprocess.run(command, check=True)
        taken.append(time.perf_counter() - start)
    return statistics.median(taken)


def gated_tasks(world: RunWorld) -> float:
    """Median seconds of a manual task from its start to its commit, its gate opened by --yes."""
    taken = []
    with world.start(Settings(yes=True)) as engine:
        for _ in range(TASKS):
            start = time.perf_counter()
            engine.segment()
            taken.append(time.perf_counter() - start)
    return statistics.median(taken)


def main() -> None:
    for files in (10, 5_000):
        with tempfile.TemporaryDirectory() as place:
            world = RunWorld(Path(place), runbook=runbook())
            fill(world.root, files)
            world.git("add", ".")
            world.git("commit", "-q", "--allow-empty", "-m", "files")
            bare = bare_commits(world.root)
            gated = gated_tasks(world)
            print(
                f"{files:>6} files: bare commit {bare * 1000:6.1f} ms, gated task {gated * 1000:6.1f} ms, "
                f"{gated / bare:4.2f} x"
            )


if __name__ == "__main__":
    main()
