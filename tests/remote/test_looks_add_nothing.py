"""What does a worker keep of a look at many runs? As much as there are runs, not as much as there were looks."""

from __future__ import annotations

import gc
import tracemalloc
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from types import SimpleNamespace

import pytest

from tests.worlds.remote_in_memory import NAMES, MemoryRemote
from workflow.meeting.by_refs import BackOff, RefSchedule
from workflow.meeting.schedule import Schedule

RUNS = 300
WARM, LOOKS = 6, 12  # looks until caches are full, and those that are measured
MOST = 250_000  # bytes that those may add, caches of DBOS among them; a statement kept anew at each look is 700,000


def many_that_wait() -> MemoryRemote:
    """Runs that wait with a verdict each."""
    remote = MemoryRemote()
    for number in range(RUNS):
        run = f"barn-20260102-{number:06d}-0a1b2c3d"
        remote.refs |= {NAMES.of("waiting", run): f"tip{number}", f"{NAMES.verdicts(run)}{'d' * 12}-{'k' * 8}": "v"}
    return remote


def added(schedule: Schedule) -> int:
    """How many bytes there are more behind further looks at the same runs."""
    for _ in range(WARM):
        assert schedule.ready()
    tracemalloc.start()
    try:
        sizes = []
        for _ in range(LOOKS):
            schedule.ready()
            gc.collect()
            sizes.append(tracemalloc.get_traced_memory()[0])
    finally:
        tracemalloc.stop()
    return sizes[-1] - sizes[0]


def test_a_look_at_the_refs_that_finds_nothing_new_adds_nothing() -> None:
    schedule = RefSchedule(many_that_wait(), NAMES, lease=60)
    assert added(schedule) < MOST
    assert len(schedule.runs) == RUNS


@pytest.fixture
def remote() -> MemoryRemote:
    return many_that_wait()


@pytest.fixture
def queued(tmp_path: Path, remote: MemoryRemote) -> Iterator[Schedule]:
    pytest.importorskip("dbos", reason="not run: the extra `fleet` is not installed")
    from workflow.doors.dbos_schedule import DbosSchedule
    from workflow.doors.queue_database import database

    refs = RefSchedule(remote, NAMES, lease=60)
    with database(f"sqlite:///{tmp_path / 'fleet.sqlite'}", tmp_path / "another") as address:
        schedule = DbosSchedule(
            address,
            refs,
            of="many",
            name="w1",
            lease=60,
            per_account=0,
            fits=lambda runs: runs,
            account_of=lambda _run: "sandbox",
        )
        try:
            yield schedule
        finally:
            schedule.close()


@pytest.mark.slow
def test_a_look_that_finds_nothing_new_adds_nothing_by_a_database(
    queued: Schedule, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("workflow.doors.dbos_schedule.REST", 0)
    assert added(queued) < MOST


@pytest.mark.slow
def test_memory_is_gone_through_once_for_so_many_refs_and_not_at_each_look(
    queued: Schedule, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("workflow.doors.dbos_schedule.REST", 0)
    monkeypatch.setattr("workflow.doors.dbos_schedule.MOST_UNCOLLECTED", 3 * 2 * RUNS - 1)
    seen: list[str] = []
    monkeypatch.setattr("workflow.doors.dbos_schedule.gc", SimpleNamespace(collect=lambda: seen.append("collected")))
    for _ in range(7):
        queued.ready()
        seen.append("look")
    assert [len(list(each)) for what, each in groupby(seen) if what == "look"] == [2, 3, 2]


@pytest.mark.slow
def test_by_a_database_the_refs_are_not_looked_at_again_while_it_has_something_to_give(
    queued: Schedule, remote: MemoryRemote, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks, look = list[str](), remote.look
    monkeypatch.setattr(remote, "look", lambda *patterns: (looks.extend(patterns), look(*patterns))[1])
    monkeypatch.setattr("workflow.doors.dbos_schedule.REST", 1_000_000)
    for _ in range(4):
        (run,) = queued.ready()
        assert queued.take(run)
        queued.done(run, "waiting")
    assert len(looks) == 1
    (run,) = queued.ready()
    assert queued.take(run)  # it is worked at, and there is one slot: nothing is given
    assert queued.ready() == [] and len(looks) == 2


def test_what_is_tried_again_is_forgotten_with_its_run() -> None:
    later = BackOff(60, lambda: 0.0)
    for run in ("here", "gone"):
        later.failed(run)
    later.forget_others({"here"})
    assert len(later) == 1 and not later.may("here") and later.may("gone")
