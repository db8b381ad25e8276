"""What is on the disk, and not only written, at the moments that depend on it; and no sync more than those need."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import pytest

from phases.step import AfterCrash, Step, StepContext, Work, step
from state.files import DRAFT, Disk
from tests.worlds.run_world import RunWorld
from workflow.engine.engine import Settings
from workflow.ports import Approve, ReviewView

DRAFT_OF = re.compile(rf"\.[0-9a-f]{{16}}{re.escape(DRAFT)}$")


class WatchedDisk(Disk):
    """The real disk; `unsynced` is the events that a power cut would take, `syncs` the names of what was synced."""

    def __init__(self) -> None:
        self.unsynced: list[str] = []
        self.syncs: list[str] = []
        self.seen: list[tuple[str, Sequence[str]]] = []  # what was written beside the journal, with `unsynced` then

    def _write(self, handle: int, data: bytes) -> None:
        name = Path(f"/proc/self/fd/{handle}").readlink().name
        if name.endswith(".jsonl"):
            self.unsynced.append(data.partition(b'"type":"')[2].partition(b'"')[0].decode())
        else:
            self.seen.append((DRAFT_OF.sub("", name).strip("."), tuple(self.unsynced)))
        super()._write(handle, data)

    def _sync(self, handle: int) -> None:
        name = Path(f"/proc/self/fd/{handle}").readlink().name
        if name.endswith(".jsonl"):
            self.unsynced.clear()
        self.syncs.append(DRAFT_OF.sub(" (draft)", name))
        super()._sync(handle)


@pytest.fixture
def disk() -> WatchedDisk:
    return WatchedDisk()


@pytest.fixture
def world(tmp_path: Path, disk: WatchedDisk) -> RunWorld:
    return RunWorld(tmp_path, disk=disk)


def test_what_a_person_is_shown_is_on_the_disk(world: RunWorld, disk: WatchedDisk) -> None:
    shown: list[Sequence[str]] = []

    def look(_view: ReviewView) -> Approve:
        shown.append(tuple(disk.unsynced))
        return Approve("prompt")

    world.person.verdicts = [look, look, look]
    with world.start() as engine:
        engine.drive()
    assert shown == [(), (), ()]


def test_nothing_is_written_beside_a_journal_that_a_power_cut_would_shorten(world: RunWorld, disk: WatchedDisk) -> None:
    with world.start(Settings(yes=True, practice=True)) as engine:
        engine.drive()
    written = [name for name, _unsynced in disk.seen]
    assert written.count("tasks.md") == 5
    assert {"colour.md", "working_log.md"} < set(written)
    aside = f"{world.run_id}.holder"  # which file is open; that one is there
    assert [unsynced for name, unsynced in disk.seen if unsynced and name != aside] == []


def test_an_attempt_is_on_the_disk_before_its_first_artifact(tmp_path: Path, disk: WatchedDisk) -> None:
    class PaintingWorld(RunWorld):
        def steps(self) -> tuple[Step, ...]:
            @step("2.1", "Paint the walls", writes=["walls.md"], after_crash=AfterCrash.REDO)
            def paint(ctx: StepContext) -> Work:
                """Write, without a question before."""
                ctx.write("walls.md", "painted")
                return Work()

            return (*super().steps(), paint)

    world = PaintingWorld(tmp_path, disk=disk)
    with world.start(Settings(yes=True, practice=True)) as engine:
        engine.drive()
    assert ("walls.md", ()) in disk.seen


def test_a_step_that_only_a_person_can_repeat_has_begun_on_the_disk_before_it_runs(
    tmp_path: Path, disk: WatchedDisk
) -> None:
    at_work: list[Sequence[str]] = []

    class PhoningWorld(RunWorld):
        def steps(self) -> tuple[Step, ...]:
            @step("2.1", "Paint the walls", after_crash=AfterCrash.ASK_A_PERSON)
            def phone(_ctx: StepContext) -> Work:
                """Call the painter, who keeps no book."""
                at_work.append(tuple(disk.unsynced))
                return Work()

            return (*super().steps(), phone)

    world = PhoningWorld(tmp_path, disk=disk)
    with world.start(Settings(yes=True, practice=True)) as engine:
        engine.drive()
    assert at_work == [()]


def test_an_effect_is_told_to_the_disk_with_all_that_led_to_it(world: RunWorld, disk: WatchedDisk) -> None:
    at_the_call: list[Sequence[str]] = []

    class Outside(list[str]):
        def append(self, order: str) -> None:
            at_the_call.append(tuple(disk.unsynced))
            super().append(order)

    world.outside = Outside()
    with world.start(Settings(yes=True, practice=True)) as engine:
        engine.drive(lambda task: task.id == "1.2")
    assert at_the_call == [()]


def test_a_manual_step_opened_by_yes_costs_six_syncs(world: RunWorld, disk: WatchedDisk) -> None:
    with world.start(Settings(yes=True, practice=True)) as engine:
        engine.drive(lambda task: task.id == "1.2")
        disk.syncs.clear()
        engine.segment()
    assert disk.syncs == [
        "00",  # the name of its file of the journal
        "02.jsonl",
        "tasks.md",
        ".working_log.md (draft)",
        "shed",
        "02.jsonl",
    ]
