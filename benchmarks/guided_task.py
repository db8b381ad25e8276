"""What does a task by hand cost in one process, a person at a prompt, the more tasks came before it?

Floor: bare `git -P commit --only` of the very same paths and bytes, with the same syncs, in a second repository. The
person answers at once; everything between question and commit is timed: what is shown, each verification, the journal.
With `--curve` at 10, 100, 300 and 1,000 tasks, with `--long` at 10,000 too, which takes most of an hour.

Goal: at most 2.5 x, flat, with 5 git processes at most; the repository of 1,000 tasks at most 30 MB, unpacked.
"""

from __future__ import annotations

import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from from_tests import FakePerson, RunWorld, runbook_of, size_of
from rows import Row, Tally, show, tallied, took

from workflow.engine.engine import Engine
from workflow.ports import HandIn, HandView

AROUND = 8  # tasks on either side of the one that is asked about
SYNC = ("-c", "core.fsync=committed,loose-object,reference,index")
ORDINARY, CURVE, LONG = (10, 100, 990), (10, 100, 300, 1_000), (10, 100, 300, 1_000, 10_000)
OF_SIZE = 900  # from so many tasks on the repository is weighed


class AtTheTerminal(FakePerson):
    """Looks, as the terminal does, at what changed since the task began, and hands in that it is done."""

    def work(self, view: HandView) -> HandIn:
        view.changed()
        return HandIn((), "prompt")


class Mirror:
    """A second repository, in which each commit of the run is made again by git alone."""

    def __init__(self, run: Path, place: Path) -> None:
        self._run, self._root = run, place
        subprocess.run(["git", "clone", "-q", str(run), str(place)], check=True)
        for name, value in (("user.name", "Ada"), ("user.email", "ada@example.com"), ("gc.auto", "0")):
            self._git(place, "config", name, value)

    def _git(self, root: Path, *words: str) -> str:
        return subprocess.run(["git", "-C", str(root), *words], check=True, capture_output=True, text=True).stdout

    def catch_up(self) -> None:
        """Take over what the run has committed, untimed."""
        self._git(self._root, "pull", "-q", "--ff-only")

    def commit(self, measured: Callable[[Callable[[], object]], float] = took) -> float:
        """Make the run's newest commit again; the time of `git commit` alone [s], by the clock or as `measured`."""
        paths = self._git(self._run, "show", "-z", "--format=", "--name-only", "HEAD").strip("\0").split("\0")
        for path in paths:
            (self._root / path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(self._run / path, self._root / path)
        self._git(self._root, "add", "--intent-to-add", "--", *paths)
        words = ["git", "-C", str(self._root), "-P", *SYNC, "commit", "-q", "-m", "bare", "--only", "--", *paths]
        taken = measured(lambda: subprocess.run(words, check=True))
        self._git(self._root, "reset", "-q", "--hard", "HEAD~1")
        self.catch_up()
        return taken


def at_task(number: int, count: int, engine: Engine, mirror: Mirror, tally: Tally) -> Row:
    """The next `count` tasks, in turn with what git takes for their commits, so that a busy machine slows both."""
    ours, bare, since = [], [], (tally.syncs, tally.processes)
    mirror.catch_up()
    for _ in range(count):
        tally.on = True
        ours.append(took(engine.segment))
        tally.on = False
        bare.append(mirror.commit())
    floor = statistics.median(bare)
    ratio = statistics.median(one / other for one, other in zip(ours, bare, strict=True))
    work, least = f"task by hand, a person at a prompt, at task {number:,}", "git commit --only of the same paths"
    syncs, processes = ((now - then) / count for now, then in zip((tally.syncs, tally.processes), since, strict=True))
    return Row(work, floor, floor * ratio, least, 2.5, syncs, processes)


def measured(numbers: Sequence[int], around: int) -> Iterator[Row]:
    with tempfile.TemporaryDirectory() as scratch, tallied() as tally:
        world = RunWorld(Path(scratch), runbook=runbook_of(max(numbers) + around + 1))
        world.person = AtTheTerminal()
        world.git("config", "gc.auto", "0")
        mirror, done = Mirror(world.root, Path(scratch) / "mirror"), 0
        with world.start() as engine:
            for number in numbers:
                while done < number - around:
                    engine.segment()
                    done += 1
                yield at_task(number, 2 * around, engine, mirror, tally)
                done += 2 * around
                if number >= OF_SIZE:
                    size = size_of(world.root / ".git") / 1e6
                    yield Row(f"repository after {done:,} tasks, unpacked", None, size, "", 30, unit="MB")


def rows(quick: bool) -> Iterator[Row]:
    if quick:
        yield from measured((3,), 1)
    else:
        yield from measured(LONG if "--long" in sys.argv else CURVE if "--curve" in sys.argv else ORDINARY, AROUND)


if __name__ == "__main__":
    show(rows)
