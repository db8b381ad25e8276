"""One process of a worker works at several runs side by side; its slots end with it, and their runs go on."""

from __future__ import annotations

import os
import select
import signal
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from tests.worlds.approval_world import Keys
from tests.worlds.workers import POLICY, Disturbed, Workers

pytestmark = pytest.mark.slow


@pytest.fixture
def world(tmp_path: Path, keys: Keys) -> Iterator[Workers]:
    found = Workers(tmp_path, keys)
    found.options = ("--slots", "3")
    try:
        yield found
    finally:
        found.end()


def all_in_the_call(world: Workers, count: int = 3) -> Sequence[str]:
    """So many runs are ordered, and each is in its first call at the same time."""
    runs = [world.order(f"barn-20260102-{number:06d}-0a1b2c3d", workflow="barn-by-name") for number in range(count)]
    calls, seen = world.hold("wood"), set[str]()
    world.begin("w1")
    while len(seen) < count:
        seen |= {*calls.read_text().split()}
    assert seen == {f"{run}/wood" for run in runs}
    return runs


def children(pid: int) -> list[int]:
    listed = [each.read_text().split() for each in Path(f"/proc/{pid}/task").glob("*/children")]
    return [int(each) for words in listed for each in words]


def test_three_runs_are_worked_at_side_by_side_and_each_gets_to_its_gate(world: Workers) -> None:
    runs = all_in_the_call(world)
    world.go("wood")
    for run in runs:
        world.until(run, "waiting")
    assert world.kill("w1", signal.SIGTERM) == 130
    assert sorted(world.lines_of("calls")) == sorted(f"{run}/wood" for run in runs)
    assert world.left_behind() == []


def test_slots_of_a_worker_that_is_ended_leave_their_runs_to_be_taken_over(world: Workers) -> None:
    runs = all_in_the_call(world)
    assert world.kill("w1", signal.SIGTERM) == 130
    assert world.left_behind() == []
    for run in runs:
        assert world.standing(run).state == "working" and "Phasegate-Because: let go" in world.said(run)
    world.go_without("wood")
    world.begin("w1")
    for run in runs:
        world.until(run, "waiting")


def test_slots_of_a_worker_that_is_killed_are_gone_with_it_and_its_runs_are_taken_over(world: Workers) -> None:
    runs = all_in_the_call(world)
    process = world.running.pop("w1")
    slots = [os.pidfd_open(each) for each in children(process.pid)]
    assert len(slots) == 3
    os.kill(process.pid, signal.SIGKILL)  # it alone
    process.wait(timeout=60)
    for slot in slots:
        assert select.select([slot], [], [], 60)[0]
        os.close(slot)
    world.go_without("wood")
    world.begin("w1")  # of the same name, at once
    for run in runs:
        world.until(run, "waiting")
    assert sorted(world.lines_of("calls")) == sorted(f"{run}/wood" for run in runs)
    world.kill("w1", signal.SIGTERM)
    assert world.left_behind() == []


def test_a_slot_that_is_gone_is_told_and_the_others_go_on(world: Workers) -> None:
    runs = all_in_the_call(world)
    (slot, *_) = children(world.running["w1"].pid)
    os.kill(slot, signal.SIGKILL)
    world.go("wood")
    for run in runs:
        world.until(run, "waiting")
    assert "slot 1 of this worker is gone, exit code -9" in (world.root / "w1.said").read_text()
    assert world.kill("w1", signal.SIGTERM) == 130


def test_with_once_it_ends_when_the_last_of_them_is_done(world: Workers) -> None:
    runs = [world.order(f"barn-20260102-{number:06d}-0a1b2c3d") for number in range(4)]
    assert "4 segments" in world.once("w1")
    assert {world.standing(run).state for run in runs} == {"waiting"}


def test_by_sqlite_one_process_with_three_slots_doubles_and_loses_nothing(tmp_path: Path, keys: Keys) -> None:
    pytest.importorskip("dbos", reason="not run: the extra `fleet` is not installed")
    world = Workers(tmp_path, keys, policy=POLICY.replace("lease: 3s", "lease: 3s, per_account: 3"))
    file = world.root / "fleet.sqlite"
    world.options = ("--db", f"sqlite:///{file}")
    try:
        runs = world.orders(6, ("w1",))
        disturbed, deleted = Disturbed(world, every=4, alone=True), list[int]()

        def meanwhile() -> None:
            if world.verdicts >= 9 and not deleted:
                deleted.append(world.verdicts)
                for each in (file, *(Path(f"{file}-{what}") for what in ("wal", "shm"))):
                    each.unlink(missing_ok=True)
            disturbed()

        world.decide_all(runs, meanwhile)
        assert deleted and disturbed.done == {"killed", "ended"}
        assert world.wrong_with(*runs) == []
    finally:
        world.end()
