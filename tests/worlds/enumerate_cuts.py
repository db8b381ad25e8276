"""Cuts the power at every point of a whole stage-06 run and looks what becomes of it.

    python -W error -m tests.worlds.enumerate_cuts DIRECTORY [--slice 0/2] [--only TEXT] [--to-end 100]

The run happens once, in this process. At each point it stands still: a forked child has exactly what the disk, git and
AWS had at that instant (the sandbox's state comes along with the fork), copies the workspace, and goes on with it as a
new process would. So no point is ever run up to twice.

A point is followed to the next commit, and there the whole state - every file, HEAD and index, everything AWS answers,
and how often it was asked to act - is compared with that of an uninterrupted run at the same commit. From each of these
commits a new process goes on to the end, as does every `--to-end`-th point. What happens next depends on that state and
on nothing else, so each end is an uninterrupted run's end. At the points of CUT_AGAIN the next process is cut, too, at
each of its own points up to the commit.

Prints JSON: {"points": [[name, [difference, ...]], ...], "all": points of all slices, "end": `end_facts`}.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import shutil
import sys
import traceback
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from tests.worlds.cut_points import CutDisk, take_away
from tests.worlds.cut_world import copy_workspace, make_workspace, resume_run, start_run, the_same_every_time
from tests.worlds.end_state import differences, end_facts, read_aws, read_state
from workflow.doors.aws.client import AwsDoor
from workflow.doors.git.repository import GitDoor
from workflow.sandbox.inprocess import Sandbox

END = "end"
CUT_AGAIN = (  # where the next process has something to mend: a torn line, an unsynced one, a commit nobody knows of
    "t1_1: write .phasegate/stage-06-20260102-030405/journal.jsonl (commit-intended): half written",
    "t1_1: git commit: ended, nobody knows",
    "t3_1: write .phasegate/stage-06-20260102-030405/journal.jsonl (effect-intended): all written",
    "t3_2: write .phasegate/stage-06-20260102-030405/journal.jsonl (effect-done): half written",
    "t3_2: git commit: ended, nobody knows",
)

ONCE = ("CreateChangeSet", "ExecuteChangeSet", "DeleteChangeSet", "DeleteStack")

Outcome = tuple[str, list[str]]  # a point's name, and where its end differs: nowhere, as a rule


class Enumeration:
    """One slice of all points.

    Attributes:
        outcomes: of this slice.
        number: how many points there were so far in all slices, those of coming back not counted.
        end: `end_facts` of the uninterrupted run.
    """

    def __init__(self, base: Path, part: int, parts: int, *, only: str, to_end: int) -> None:
        self.outcomes: list[Outcome] = []
        self.number = 0
        self.end: dict[str, Any] = {}
        self._base = base
        self._part, self._parts = part, parts
        self._only = only
        self._to_end = to_end
        self._expected: dict[str, dict[str, Any]] = {}  # task -> the state at its commit
        self._task = "start"
        self._watching = False
        self._on_call: Callable[[str, str, str], None] = _nobody_looks
        self._answers: tuple[int, dict[str, Any]] = (-1, {})  # of AWS, and how many calls there had been then

    def run(self) -> None:
        self._run_uninterrupted()
        self._run_and_cut()

    def _run_uninterrupted(self) -> None:
        with the_same_every_time(), Sandbox() as sandbox:
            aws = AwsDoor(sandbox=True, session=sandbox.session())
            root = make_workspace(self._base / "uninterrupted")
            self._sandbox, self._aws = sandbox, aws
            engine = resume_run(root, aws)
            with engine.journal:
                while not engine.complete:
                    task = engine.segment().key
                    self._expected[task] = self._state(root)
            self._expected[END] = self._expected[task]
            self.end = end_facts(root, aws)

    def _run_and_cut(self) -> None:
        with the_same_every_time(), Sandbox() as sandbox:
            root = make_workspace(self._base / "cut")
            disk = CutDisk(root, self._cut)
            self._root, self._sandbox = root, sandbox
            self._on_call = disk.on_call
            self._aws = AwsDoor(sandbox=True, session=sandbox.session(), on_call=lambda *call: self._on_call(*call))
            self._read_aws()  # the children need not make clients, each for itself
            gc.collect()
            gc.freeze()  # the children share what is there now
            self._watching = True
            engine = start_run(root, self._aws, disk, GitDoor(root, on_process=disk.on_process))
            with engine.journal:
                self._task = engine.plan.tasks[0].key
                while not engine.complete:
                    self._task = engine.segment().key
                    self._at_commit()
                    self._task = engine.machine.state

    def _state(self, root: Path) -> dict[str, Any]:
        """`read_state`, and how often AWS was asked for what must happen once: tokens make asking twice harmless."""
        asked = Counter(action for _service, action in self._sandbox.calls if action in ONCE)
        if len(self._sandbox.calls) != self._answers[0]:  # else it is as it was: nobody has called it since
            self._read_aws()
        return {**read_state(root, self._answers[1]), "asked": dict(asked)}

    def _read_aws(self) -> None:
        answers = read_aws(self._aws)
        self._answers = len(self._sandbox.calls), answers

    def _at_commit(self) -> None:
        """From here a new process goes on to the end."""
        self._watching = False
        self._read_aws()  # nothing is under way there that a look would bring forward
        self._point("committed", lambda copy: [("", self._resume(copy, to_end=True))])
        self._watching = True

    def _cut(self, name: str, lost: Mapping[Path, bytes | None]) -> None:
        if not self._watching:
            return
        self._watching = False
        to_end = self.number % self._to_end == 0
        if f"{self._task}: {name}" in CUT_AGAIN:
            self._point(name, lambda copy: self._resume_and_cut_again(copy, lost))
        self._point(name, lambda copy: [("", self._resume(copy, to_end=to_end))])
        if lost:

            def without_unsynced(copy: Path) -> list[Outcome]:
                take_away(lost, self._root, copy)
                return [("", self._resume(copy, to_end=to_end))]

            names = ", ".join(sorted(path.relative_to(self._root).as_posix() for path in lost))
            self._point(f"{name}; lost: {names}", without_unsynced)
        self._watching = True

    def _point(self, name: str, survive: Callable[[Path], list[Outcome]]) -> None:
        self.number += 1
        name = f"{self.number} {self._task}: {name}"
        if self.number % self._parts == self._part and self._only in name:
            copy = self._base / "copy"
            below = in_a_child(lambda: survive(_copied(self._root, copy)))
            shutil.rmtree(copy, ignore_errors=True)
            self.outcomes += [(name + part, differing) for part, differing in below]

    def _resume(self, copy: Path, *, to_end: bool = False) -> list[str]:
        """Go on as a new process; where the state differs from the uninterrupted run's."""
        engine = resume_run(copy, self._aws)
        with engine.journal:
            here = engine.run.current_task
            task = here.key if here and here.status == "done" else engine.segment().key
            found = differences(self._expected[task], self._state(copy))
            if to_end and not found:
                engine.drive()
                found = differences(self._expected[END], self._state(copy))
        return found

    def _resume_and_cut_again(self, copy: Path, lost_before: Mapping[Path, bytes | None]) -> list[Outcome]:
        """Go on to the next commit with the power cut at each point, once more each, and what is not synced lost.

        The first process was only killed: what it had not synced is there, and is still not synced.
        """
        outcomes: list[Outcome] = []

        def cut(name: str, lost: Mapping[Path, bytes | None]) -> None:
            again = self._base / "again"

            def survive() -> list[Outcome]:
                self._on_call = _nobody_looks
                take_away(lost, copy, _copied(copy, again))
                return [(f" > {name}", self._resume(again))]

            outcomes.extend(in_a_child(survive))
            shutil.rmtree(again, ignore_errors=True)

        disk = CutDisk(copy, cut)
        disk.lost = {copy / path.relative_to(self._root): content for path, content in lost_before.items()}
        self._on_call = disk.on_call
        engine = resume_run(copy, self._aws, disk, GitDoor(copy, on_process=disk.on_process))
        with engine.journal:
            if (here := engine.run.current_task) and here.status != "done":
                engine.segment()
        return outcomes


def _nobody_looks(_when: str, _service: str, _operation: str) -> None: ...


def _copied(root: Path, copy: Path) -> Path:
    copy_workspace(root, copy)
    return copy


def in_a_child(survive: Callable[[], list[Outcome]]) -> list[Outcome]:
    """What it returns, in a forked process: whatever it does to memory stays there."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        _report(writing, survive)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        said = pipe.read()
    _, status = os.waitpid(child, 0)
    if not said:
        return [("", [f"the child ended with status {status}"])]
    return [(part, differing) for part, differing in json.loads(said)]


def _report(writing: int, survive: Callable[[], list[Outcome]]) -> None:
    """In the child: say how it went, and end without any clearing up."""
    try:
        outcomes = survive()
    except BaseException as error:  # noqa: BLE001 - whatever it is, the point's end is not the one it should be
        frames = traceback.extract_tb(error.__traceback__)[-6:]
        where = " < ".join(f"{Path(frame.filename).name}:{frame.lineno}" for frame in reversed(frames))
        outcomes = [("", [f"{type(error).__name__}: {error} ({where})"])]
    with os.fdopen(writing, "wb") as pipe:
        pipe.write(json.dumps(outcomes).encode())
    os._exit(0)


def main() -> None:
    parser = argparse.ArgumentParser(description="Cut the power at every point of a stage-06 run.")
    parser.add_argument("directory", type=Path, help="an empty directory to work in")
    parser.add_argument("--slice", default="0/1", help="K/N: every N-th point, from the K-th")
    parser.add_argument("--only", default="", help="only points whose name has this text")
    parser.add_argument("--to-end", type=int, default=100, help="follow every N-th point to the end of the run")
    given = parser.parse_args()
    part, _, parts = given.slice.partition("/")
    points = Enumeration(given.directory, int(part), int(parts), only=given.only, to_end=given.to_end)
    points.run()
    sys.stdout.write(json.dumps({"points": points.outcomes, "all": points.number, "end": points.end}))


if __name__ == "__main__":
    main()
