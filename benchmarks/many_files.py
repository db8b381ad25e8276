"""What does it cost to hand in 10,000 files and have them committed?

Floor: git's own commit of the same files, with the same syncs: `git add --intent-to-add` and `git commit --only`.

Goal: at most 3 x from the approval to the commit, each entry verified before and after; all of it stands beside that.
"""

from __future__ import annotations

import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from from_tests import RunWorld, first_commit, runbook_of
from rows import Row, show, tallied, took

from workflow.ports import Approve, HandIn, HandView, ReviewView

FILES = 10_000
SYNC = ("-c", "core.fsync=committed,loose-object,reference,index")


def fill(root: Path, files: int) -> None:
    for number in range(files):
        path = root / "src" / f"{number % 100:02}" / f"{number}.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"{number}\n")


def bare(place: Path, source: Path, measured: Callable[[Callable[[], object]], float] = took) -> float:
    """git's own commit of these files [s], by the clock or as `measured`."""
    place.mkdir()
    (place / "one.txt").write_text("1\n")
    first_commit(place)
    shutil.copytree(source, place / "src")

    def commit() -> None:
        for words in (("add", "--intent-to-add", "src"), (*SYNC, "commit", "-q", "-m", "all", "--only", "--", "src")):
            subprocess.run(["git", "-C", str(place), "-P", *words], check=True)

    return measured(commit)


def rows(quick: bool) -> Iterator[Row]:
    files = 150 if quick else FILES
    with tempfile.TemporaryDirectory() as scratch, tallied() as tally:
        world = RunWorld(Path(scratch), runbook=runbook_of(2))
        world.git("config", "gc.auto", "0")
        times = []

        def hand_in(_view: HandView) -> HandIn:
            fill(world.root, files)
            times.append(time.perf_counter())
            return HandIn(("src",), "prompt")

        def approve(_view: ReviewView) -> Approve:
            times.append(time.perf_counter())
            tally.on = True
            return Approve("prompt")

        world.person.works, world.person.verdicts = [hand_in], [approve]
        with world.start() as engine:
            engine.segment()
            times.append(time.perf_counter())
        tally.on = False
        handed_in, approved, committed = times
        floor = bare(Path(scratch) / "bare", world.root / "src")
    least = "git add --intent-to-add and commit --only of them"
    yield Row(
        f"{files:,} files, approval to commit", floor, committed - approved, least, 3, tally.syncs, tally.processes
    )
    yield Row(f"{files:,} files, handed in to commit", floor, committed - handed_in, least)


if __name__ == "__main__":
    show(rows)
