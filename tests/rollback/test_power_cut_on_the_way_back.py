"""The power goes at every instant of a rollback: it goes on, and ends as if there had been none.

Every write, sync, rename and git process of `phasegate rollback`, from its first event to its last commit, is a point
(`tests/worlds/cut_points.py`). What is on the disk just then, with and without what was not synced, is copied, and a
new process goes on there: by `resume`, or by `rollback` when the first one is not known to have begun.

Points whose worlds are equal byte for byte (all written, then synced), and whose shops are equal, have one end: the
first of them tries it. With `EACH_POINT` set (`make power-cuts`) each tries it for itself.
"""

from __future__ import annotations

import os
import re
import shutil
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest

from state.errors import Rejected
from state.files import Disk, sha256
from state.read_journal import read
from tests.worlds.cut_points import CutDisk, take_away
from tests.worlds.cut_world import GIT_ENVIRONMENT, JournalClock, copy_workspace
from tests.worlds.end_state import differences, git, prove_journal
from tests.worlds.enumerate_cuts import fingerprint
from tests.worlds.run_world import RunWorld
from tests.worlds.taking_back import Broken, TakingBack
from workflow.doors.commands import CommandDoor
from workflow.doors.git.step_git import StepGitDoor
from workflow.engine.engine import Doors
from workflow.ports import StepDoors

KINDS = (
    r"\(rollback-started\): (nothing|one byte|half|all) written",
    r"\(effect-intended\): all written",
    r"\(effect-done\): nothing written",
    r"\(commit-intended\): half written",
    r"write tasks\.md: one byte written",
    r"write artifacts/shed/\.rollback-plan\.md\.phasegate-draft: half written",
    r"rename to artifacts/shed/working_log\.md(: renamed)?",
    r"git commit: (not started|ended, nobody knows)",
    r"sync \.phasegate/\S+\.jsonl; lost",
    r"create \.phasegate/\S+/journal/00/\d\d\.jsonl: created; lost",
    r"sync \.phasegate/\S+/journal/00; lost",
    r"write \.phasegate/\S+/journal/00/\d\d\.jsonl \(task-started\): half written",
)


class Place(TakingBack):
    """The world in a place of its own: a copy of another one's repository, with its shop as it is now."""

    def __init__(self, root: Path, other: RunWorld, disk: Disk | None = None) -> None:
        self.__dict__ |= other.__dict__
        self.root = root
        self.disk = disk or Disk()
        self.clock: Any = JournalClock(root)
        self.outside = list(other.outside)
        self.returned = list(getattr(other, "returned", []))

    def doors(self) -> Doors:
        doors = super().doors()
        on_process = self.disk.on_process if isinstance(self.disk, CutDisk) else None
        git_door = StepGitDoor(self.root, on_process=on_process)
        return Doors(
            git_door,
            self.disk,
            self.clock,
            self.person,
            doors.connect,
            doors.by,
            steps=StepDoors(CommandDoor(), git_door, self.post),
        )

    def state(self) -> dict[str, Any]:
        """Everything that there is to compare, re-read."""
        files = (path for path in self.root.rglob("*") if path.is_file() and ".git" not in path.parts)
        return {
            "git": git(self.root, "status", "--porcelain=v2", "--branch", "--untracked-files=all"),
            "files": {path.relative_to(self.root).as_posix(): sha256(path.read_bytes()) for path in files},
            "outside": {"left": self.outside, "returned": self.returned},
        }

    def go_back(self) -> list[str]:
        """To the end, as a new process; returns what the audit finds there."""
        events = read(self.root / ".phasegate" / self.run_id / "journal.jsonl")
        turned = any(event.type == "rollback-started" for event in events)
        with (
            self.reopen() if turned else self.start_rollback() as engine,
            suppress(Rejected),
        ):  # over, when all was done
            engine.drive()
        prove_journal(self.root, self.run_id)
        return self.findings()


def half_ticked(place: Path) -> RunWorld:
    """1.2 is approved, ticked and logged; the process died before the intent of its commit."""
    world = TakingBack(place)
    world.clock = JournalClock(world.root)  # type: ignore[assignment]
    with world.start() as engine, suppress(KeyboardInterrupt):
        engine.drive(lambda task: task.id == "1.1")
        append = engine.journal.append

        def dying(type_: str, *arguments: Any, **fields: Any) -> Any:
            if type_ == "commit-intended":
                raise KeyboardInterrupt
            return append(type_, *arguments, **fields)

        engine.journal.append = dying  # type: ignore[method-assign]
        engine.drive()
    return world


def in_doubt(place: Path) -> RunWorld:
    """1.2 has ordered, and nobody knows."""
    world = Broken(place)
    world.clock = JournalClock(world.root)  # type: ignore[assignment]
    with world.start() as engine, suppress(KeyboardInterrupt):
        engine.drive()
    return world


@pytest.fixture(autouse=True)
def the_same_every_time() -> Iterator[None]:
    with patch.dict(os.environ, GIT_ENVIRONMENT), patch.object(os, "fsync", lambda _handle: None):
        yield


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize(("begin", "only"), [(half_ticked, ""), (in_doubt, "journal")])
def test_a_power_cut_at_any_point_of_a_rollback_ends_as_if_there_had_been_none(
    tmp_path: Path, begin: Callable[[Path], RunWorld], only: str, capsys: pytest.CaptureFixture[str]
) -> None:
    world = begin(tmp_path)
    copy_workspace(world.root, tmp_path / "uninterrupted")
    uninterrupted = Place(tmp_path / "uninterrupted", world)
    assert uninterrupted.go_back() == []
    expected = uninterrupted.state()
    assert (expected["outside"]["left"], len(expected["outside"]["returned"])) == ([], 1)
    points: list[str] = []
    wrong: list[str] = []
    tried: dict[str, list[str]] = {}  # by world: what is wrong with its end

    def go_on(name: str, lost: Mapping[Path, bytes | None]) -> None:
        points.append(name)
        copy = tmp_path / "copy"
        copy_workspace(cut.root, copy)
        take_away(lost, cut.root, copy)
        place = Place(copy, cut)
        world = name if os.environ.get("EACH_POINT") else f"{fingerprint(copy)} {place.outside} {place.returned}"
        if world not in tried:
            tried[world] = wrong_end(place)
        wrong.extend(f"{name}: {each}" for each in tried[world])
        shutil.rmtree(copy)

    def wrong_end(place: Place) -> list[str]:
        try:
            return [*place.go_back(), *differences(expected, place.state())]
        except Exception as error:  # noqa: BLE001 - whatever it is, this is not the end that it should be
            return [f"{type(error).__name__}: {error}"]

    def at(name: str, lost: Mapping[Path, bytes | None]) -> None:
        if only not in name:
            return
        go_on(name, {})
        if lost:
            names = ", ".join(sorted(path.relative_to(cut.root).as_posix() for path in lost))
            go_on(f"{name}; lost: {names}", lost)

    copy_workspace(world.root, tmp_path / "cut")
    cut = Place(tmp_path / "cut", world)
    cut.disk = CutDisk(cut.root, at)
    with cut.start_rollback() as engine:
        engine.drive()
    with capsys.disabled():
        sys.stderr.write(
            f"\nrollback, {begin.__name__}: {len(points)} points, {len(tried)} worlds, {len(wrong)} wrong ends\n"
        )
    assert wrong == []
    assert only or not [kind for kind in KINDS if not any(re.search(kind, name) for name in points)]
