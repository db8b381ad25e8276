"""Cuts the power at every point of a whole stage-06 run and looks what becomes of it.

    python -W error -m tests.worlds.enumerate_cuts DIRECTORY [--slice 0/1] [--at-once 1] [--only TEXT] [--to-end 100]
        [--once-per-world]

The run happens once, in this process. At each point it stands still while the workspace is copied and a child is
forked, which has exactly what the disk, git and AWS had at that instant (the sandbox's state comes along with the
fork), and goes on with it as a new process would, beside the run. So no point is ever run up to twice.

A point is followed to the next commit, and there the whole state - every file, HEAD and index, everything AWS answers,
and how often it was asked to act - is compared with that of an uninterrupted run at the same commit. From each of these
commits a new process goes on to the end, as does every `--to-end`-th point. What happens next depends on that state and
on nothing else, so each end is an uninterrupted run's end. At the points of CUT_AGAIN the next process is cut, too, at
each of its own points up to the commit.

Many points are one instant by several names ("all written", and "sync" before it has begun; or before and after a call
that only asked): not a byte lies between them. With `--once-per-world` those of an equal disk, an equal account (to the
byte, as the sandbox's server keeps it), equal calls that change something, and an equal task are tried by one child,
whose end is told of each; without it each has a child of its own. And a torn line is cut off by the next process before
it works: where that has made disk, account and the run in memory equal to those that another process has gone on from,
its end is told, too.

Prints JSON: {"points": [[name, [difference, ...]], ...], "all": points of all slices, "worlds": children of the run,
"end": `end_facts`}.
"""

from __future__ import annotations

import argparse
import gc
import hashlib
import json
import os
import shutil
import sys
from collections import Counter, deque
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from state.files import sha256
from tests.worlds.cut_points import CutDisk, take_away
from tests.worlds.cut_world import copy_workspace, make_workspace, resume_run, start_run, the_same_every_time
from tests.worlds.end_state import differences, end_facts, read_aws, read_state
from tests.worlds.forked_child import Child, Outcome, start_child
from tests.worlds.large_pages import lie_in_large_pages
from workflow.doors.aws.client import AwsDoor
from workflow.doors.git.repository import GitDoor
from workflow.engine.engine import Engine
from workflow.sandbox import snapshot
from workflow.sandbox.inprocess import Sandbox
from workflow.sandbox.inside import inside_client

END = "end"
HOLDER = ".holder"  # who holds a run just now: another process each time, told only to who finds it held
LIKE = "like "  # instead of differences: the end is that of a process that stood at the same place, named behind it
CUT_AGAIN = (  # where the next process has something to mend: a torn line, an unsynced one, a commit nobody knows of
    "t1_1: write .phasegate/stage-06-20260102-030405-0a1b2c3d/journal.jsonl (commit-intended): half written",
    "t1_1: git commit: ended, nobody knows",
    "t1_2: make directory .phasegate/stage-06-20260102-030405-0a1b2c3d/journal/00: made",
    "t1_2: create .phasegate/stage-06-20260102-030405-0a1b2c3d/journal/00/01.jsonl: created",
    "t1_2: write .phasegate/stage-06-20260102-030405-0a1b2c3d/journal/00/01.jsonl (task-started): half written",
    "t3_1: write .phasegate/stage-06-20260102-030405-0a1b2c3d/journal/00/05.jsonl (effect-intended): all written",
    "t3_2: write .phasegate/stage-06-20260102-030405-0a1b2c3d/journal/00/06.jsonl (effect-done): half written",
    "t3_2: git commit: ended, nobody knows",
)

ONCE = ("CreateChangeSet", "ExecuteChangeSet", "DeleteChangeSet", "DeleteStack")
ASKING = ("Describe", "Get", "List", "Query", "Scan", "Validate")  # how the actions begin that change nothing


class Enumeration:
    """One slice of all points, so many of them at once.

    Attributes:
        outcomes: of this slice, in the run's order.
        number: how many points there were so far in all slices, those of coming back not counted.
        worlds: what was tried; with `once_per_world` one may have several points.
        end: `end_facts` of the uninterrupted run.
    """

    def __init__(
        self, base: Path, part: int, parts: int, *, at_once: int, only: str, to_end: int, once_per_world: bool = False
    ) -> None:
        self.outcomes: list[Outcome] = []
        self.number = 0
        self.end: dict[str, Any] = {}
        self._base = base
        self._part, self._parts = part, parts
        self._only = only
        self._to_end = to_end
        self._at_once = at_once
        self._once = once_per_world
        self._named: list[tuple[str, str]] = []  # each point's name, and the world that it is in
        self.worlds: set[str] = set()  # worlds
        self._under_way: deque[tuple[str, Path, Child]] = deque()  # a world, and where its child is at work
        self._found: dict[str, list[Outcome]] = {}  # by world
        self._expected: dict[str, dict[str, Any]] = {}  # task -> the state at its commit
        self._task = "start"
        self._watching = False
        self._on_call: Callable[[str, str, str], None] = _nobody_looks
        self._answers: tuple[int, dict[str, Any]] = (0, {})  # of AWS, and how many calls there had been then
        self._services: set[str] = set()
        self._account: tuple[int, str] = (-1, "")  # after so many calls
        self._places = base / "places"  # where processes stood when they began to work: a file each, with their ends

    def run(self) -> None:
        self._places.mkdir()
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
                    self._read_aws()
                    self._expected[task] = self._state(root)
            self._expected[END] = self._expected[task]
            with resume_run(root, aws).journal:  # what every new process would read for itself is remembered here
                self._read_aws()
            self._services = {service for service, _action in sandbox.calls}
            self.end = end_facts(root, aws)

    def _run_and_cut(self) -> None:
        with the_same_every_time(), Sandbox() as sandbox:
            root = make_workspace(self._base / "cut")
            disk = CutDisk(root, self._cut)
            self._root, self._sandbox = root, sandbox
            self._on_call = disk.on_call
            self._aws = AwsDoor(sandbox=True, session=sandbox.session(), on_call=lambda *call: self._on_call(*call))
            self._read_aws()
            self._make_clients()
            gc.collect()
            gc.freeze()  # the children share what is there now
            lie_in_large_pages()
            self._watching = True
            engine = start_run(root, self._aws, disk, GitDoor(root, on_process=disk.on_process))
            with engine.journal:
                self._task = engine.plan.tasks[0].key
                while not engine.complete:
                    self._task = engine.segment().key
                    self._at_commit()
                    self._task = engine.machine.state
            while self._under_way:
                self._await_oldest()
            for name, world in self._named:
                self.outcomes += [(name + part, self._end_of(differing)) for part, differing in self._found[world]]

    def _make_clients(self) -> None:
        """All that there will be, so that the children need not make them, each for itself."""
        for service in self._services:
            self._aws.endpoint(service)
        for service in ("cloudwatch", "dynamodb", "sns"):  # of which the sample's template makes something
            inside_client(self._aws.region, service)

    def _state(self, root: Path) -> dict[str, Any]:
        """`read_state`, and how often AWS was asked for what must happen once: tokens make asking twice harmless."""
        asked = Counter(action for _service, action in self._sandbox.calls if action in ONCE)
        since = self._sandbox.calls[self._answers[0] :]
        if not all(action.startswith(ASKING) for _service, action in since):  # else it is as it was at the last look
            self._read_aws()
        return {**read_state(root, self._answers[1]), "asked": dict(asked)}

    def _read_aws(self) -> None:
        """Only while no stack is under way: it would be brought forward by who asks."""
        answers = read_aws(self._aws)
        self._answers = len(self._sandbox.calls), answers

    def _at_commit(self) -> None:
        """From here a new process goes on to the end."""
        self._watching = False
        self._read_aws()
        self._point("committed", lambda copy: [("", self._resume(copy, to_end=True))], how="committed")
        self._watching = True

    def _cut(self, name: str, lost: Mapping[Path, bytes | None]) -> None:
        if not self._watching:
            return
        self._watching = False
        to_end = self.number % self._to_end == 0
        if f"{self._task}: {name}" in CUT_AGAIN:
            self._point(name, lambda copy: self._resume_and_cut_again(copy, lost), how="and again")
        self._point(name, lambda copy: [("", self._resume(copy, to_end=to_end))], how=f"{to_end=}")
        if lost:
            names = ", ".join(sorted(path.relative_to(self._root).as_posix() for path in lost))
            name = f"{name}; lost: {names}"
            self._point(name, lambda copy: [("", self._resume(copy, to_end=to_end))], how=f"{to_end=}", lost=lost)
        self._watching = True

    def _point(
        self,
        name: str,
        survive: Callable[[Path], list[Outcome]],
        *,
        how: str,
        lost: Mapping[Path, bytes | None] | None = None,
    ) -> None:
        """One more instant. `survive` goes on in a copy of the workspace, where `lost` is lost; `how` names it."""
        self.number += 1
        name = f"{self.number} {self._task}: {name}"
        if self.number % self._parts == self._part and self._only in name:
            world = name
            if self._once and not lost:  # a copy would be the same to the byte, and most are of worlds that were tried
                world = self._world(self._root, how)
            if world not in self.worlds:
                copy = self._base / f"copy-{self.number}"
                copy_workspace(self._root, copy)
                if lost:
                    take_away(lost, self._root, copy)
                    world = self._world(copy, how) if self._once else name
                self._try(world, copy, survive)
            self._named.append((name, world))

    def _world(self, place: Path, how: str) -> str:
        """What makes two points one: their disk, their account, their task, and how they are tried."""
        return f"{how} {self._task} {self._account_now()} {fingerprint(place)}"

    def _try(self, world: str, copy: Path, survive: Callable[[Path], list[Outcome]]) -> None:
        """In a child, once there is room for one; the copy of a world that was tried is thrown away."""
        if world in self.worlds:
            shutil.rmtree(copy)
            return
        while len(self._under_way) >= self._at_once:
            self._await_oldest()
        self.worlds.add(world)
        self._under_way.append((world, copy, start_child(lambda: survive(copy))))

    def _await_oldest(self) -> None:
        world, copy, child = self._under_way.popleft()
        self._found[world] = child.outcomes()
        shutil.rmtree(copy)

    def _resume(self, copy: Path, *, to_end: bool = False) -> list[str]:
        """Go on as a new process; where the state differs from the uninterrupted run's."""
        engine = resume_run(copy, self._aws)
        with engine.journal:
            place = self._place(engine, copy)
            if self._once and not to_end and not _is_first(place):
                return [LIKE + place.name]
            here = engine.run.current_task
            task = here.key if here and here.status == "done" else engine.segment().key
            found = differences(self._expected[task], self._state(copy))
            if to_end and not found:
                engine.drive()
                found = differences(self._expected[END], self._state(copy))
            elif not to_end:
                place.write_text(json.dumps(found))
        return found

    def _place(self, engine: Engine, copy: Path) -> Path:
        """The file of where a new process stands before it works: by its disk, its git, its AWS and its memory."""
        stands = f"{fingerprint(copy, but=HOLDER)} {self._account_now()} {engine.machine.state} {engine.run}"
        return self._places / sha256(stands.encode())

    def _account_now(self) -> str:
        """What is in AWS, and what was changed there how often. Who only asks changes nothing, but for a stack that is
        under way: it moves on.
        """
        calls = self._sandbox.calls
        if self._account[0] != len(calls):
            kept = self._base / f"account-{os.getpid()}"
            snapshot.save(kept, self._sandbox.account.regions)
            changing = [action for _service, action in calls if not action.startswith(ASKING)]
            self._account = len(calls), sha256(f"{changing} {sha256(kept.read_bytes())}".encode())
            kept.unlink()
        return self._account[1]

    def _end_of(self, differing: list[str]) -> list[str]:
        """Where an end differs, of whichever process that was."""
        if len(differing) != 1 or not differing[0].startswith(LIKE):
            return differing
        told = (self._places / differing[0].removeprefix(LIKE)).read_text()
        return json.loads(told) if told else ["whoever stood at the same place came to no end"]

    def _resume_and_cut_again(self, copy: Path, lost_before: Mapping[Path, bytes | None]) -> list[Outcome]:
        """Go on to the next commit with the power cut at each point, once more each, and what is not synced lost.

        The first process was only killed: what it had not synced is there, and is still not synced.
        """
        outcomes: list[Outcome] = []
        found: dict[str, list[Outcome]] = {}  # by world

        def cut(name: str, lost: Mapping[Path, bytes | None]) -> None:
            again = self._base / "again"
            copy_workspace(copy, again)
            take_away(lost, copy, again)

            def survive() -> list[Outcome]:
                self._on_call = _nobody_looks
                return [("", self._resume(again))]

            world = f"{self._account_now()} {fingerprint(again)}" if self._once else name
            if world not in found:
                found[world] = start_child(survive).outcomes()
            outcomes.extend((f" > {name}", differing) for _, differing in found[world])
            shutil.rmtree(again)

        disk = CutDisk(copy, cut)
        disk.lost = {copy / path.relative_to(self._root): content for path, content in lost_before.items()}
        self._on_call = disk.on_call
        engine = resume_run(copy, self._aws, disk, GitDoor(copy, on_process=disk.on_process))
        with engine.journal:
            if engine.machine.state == self._task:  # else its commit is made, and that is all
                engine.segment()
        return outcomes


def _is_first(place: Path) -> bool:
    """Whether no process stood there before; from now on one has."""
    try:
        place.touch(exist_ok=False)
    except FileExistsError:
        return False
    return True


def _nobody_looks(_when: str, _service: str, _operation: str) -> None: ...


def fingerprint(root: Path, *, but: str = "") -> str:
    """Of every name and every byte of a workspace; an object of git's has its name by its bytes.

    Args:
        but: how the names of files end whose bytes do not count.
    """
    seen = hashlib.sha256()
    for name, path in _names(str(root), ""):
        seen.update(name.encode() + b"\0")
        if path and not name.startswith(".git/objects/") and not (but and name.endswith(but)):
            seen.update(sha256(Path(path).read_bytes()).encode())
    return seen.hexdigest()


def _names(directory: str, below: str) -> Iterator[tuple[str, str]]:
    """Everything in it in order, as its name from the top, and where it is read ("" for a directory)."""
    with os.scandir(directory) as found:  # strings are three times as fast as paths, and this happens at every point
        entries = sorted(found, key=lambda entry: entry.name)
    for entry in entries:
        name = f"{below}{entry.name}"
        if entry.is_dir():
            yield name, ""
            yield from _names(entry.path, f"{name}/")
        else:
            yield name, entry.path


def main() -> None:
    parser = argparse.ArgumentParser(description="Cut the power at every point of a stage-06 run.")
    parser.add_argument("directory", type=Path, help="an empty directory to work in")
    parser.add_argument("--slice", default="0/1", help="K/N: every N-th point, from the K-th")
    parser.add_argument("--at-once", type=int, default=1, help="how many points are followed beside each other")
    parser.add_argument("--only", default="", help="only points whose name has this text")
    parser.add_argument("--to-end", type=int, default=100, help="follow every N-th point to the end of the run")
    parser.add_argument("--once-per-world", action="store_true", help="try points of equal bytes together")
    given = parser.parse_args()
    part, _, parts = given.slice.partition("/")
    points = Enumeration(
        given.directory,
        int(part),
        int(parts),
        at_once=given.at_once,
        only=given.only,
        to_end=given.to_end,
        once_per_world=given.once_per_world,
    )
    points.run()
    worlds = len(points.worlds)
    sys.stdout.write(json.dumps({"points": points.outcomes, "all": points.number, "worlds": worlds, "end": points.end}))


if __name__ == "__main__":
    main()
