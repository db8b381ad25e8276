"""Workers that take what their schedule gives them die, or sleep, at every point; then one or two others go on.

In memory, beside `test_enumerated_crashes.py`: here a worker waits for a room, a lease passes as it sees it, and a step
that only a person can tell the state of is left to a person.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress

import pytest

from state.errors import RunFenced
from tests.worlds.remote_in_memory import NAMES, RUN, Died, MemoryRemote, Point, Seen, Shed, Worker
from workflow.meeting import by_refs
from workflow.meeting.by_refs import BackOff, RefSchedule
from workflow.meeting.holding import Holding
from workflow.meeting.refs import State
from workflow.meeting.schedule import Ready

TASKS = ("walls", "roof")
BY_NO_NAME = ("roof",)
MAY_DOUBLE = {"between guard and call"}  # a second one here is a red test
LEASE = 60.0


class Asks(Exception):
    """Only a person can say how far it came."""


class Hand(Worker):
    """A worker with a schedule of its own, which finds one room in its account."""

    def __init__(self, shed: Shed, point: Point | None = None) -> None:
        super().__init__(shed, point)
        self.schedule = RefSchedule(
            Seen(shed.remote, self.point),
            NAMES,
            lease=shed.lease,
            per_account=1,
            account_of=lambda _run: "sandbox",
            mark=lambda _text: f"s{next(shed.numbers)}",
            now=lambda: shed.time,
        )

    def turn(self) -> None:
        """Work at the first run that can move, if one can, and there is room."""
        for each in self.schedule.ready():
            if self.schedule.take(each):
                self._segment_of(each)
                self.schedule.done(each, "")

    def _segment_of(self, run: Ready) -> None:
        with suppress(RunFenced):
            try:
                if (self.shed.standing.state, self.shed.standing.tip) == (run.state, run.tip):
                    self.segment()
            except Asks:
                self.holding.park("stopped", "asks")

    def _call(self, task: str, *, found: bool) -> None:
        if task in BY_NO_NAME and self.here.events.count(f"task-started {task}") and self._took_over:
            raise Asks
        super()._call(task, found=found)

    def _work(self, task: str) -> None:
        self._took_over = f"task-started {task}" in self.here.events
        super()._work(task)


def looks_and_works(shed: Shed, point: Point | None = None) -> None:
    """A worker that has watched the refs for a lease."""
    hand = Hand(shed, point)
    hand.schedule.ready()
    shed.time += shed.lease + 1
    hand.turn()


def goes_on(shed: Shed) -> None:
    """Workers, the people who approve, and the person who is asked, until the run is over."""
    for _ in range(20):
        with suppress(Died):
            looks_and_works(shed)
        if not shed.standing.state:
            return
        people(shed)
    raise AssertionError(f"it does not come to its end: {shed.remote.refs}")


def people(shed: Shed) -> None:
    """Somebody approves what waits; somebody who is asked looks whether it was done, and goes on."""
    if shed.standing.state == "waiting":
        shed.approve()
    elif shed.standing.state == "stopped":
        Worker(shed).segment()


def points() -> list[str]:
    """What the workers of an undisturbed run come by."""
    shed, point = Shed(TASKS, by_no_name=BY_NO_NAME), Point()
    shed.order()
    while shed.standing.state:
        looks_and_works(shed, point)
        people(shed)
    return point.seen


POINTS = points()


def disturbed(number: int, how: str, next_ones: int) -> Shed:
    """The run, in which the worker that comes by this point dies or sleeps there until others are done."""
    shed = Shed(TASKS, by_no_name=BY_NO_NAME)
    shed.order()
    left = [number]

    def others() -> None:
        for _ in range(next_ones - 1):  # it takes room and run, and sleeps there while the one after it does it all
            looks_and_works(shed, Point(4, lambda: goes_on(shed)))
        if shed.standing.state:
            goes_on(shed)

    def dies() -> None:
        raise Died

    while shed.standing.state:
        point = Point(left[0], dies if how == "dies" else others)
        with suppress(Died):
            looks_and_works(shed, point)
        struck = 0 <= left[0] < len(point.seen)
        left[0] = -1 if struck else left[0] - len(point.seen)
        if struck and how == "dies" and shed.standing.state:
            others()
        people(shed)
    return swept(shed)


def swept(shed: Shed) -> Shed:
    """As it is when the next worker that needs room has come: a room that a dead one held is gone."""
    hand = Hand(shed)
    hand.schedule.ready()
    shed.time += shed.lease + 1
    hand.schedule.ready()
    another = Ready("another", "todo", "t")
    assert hand.schedule.take(another)
    hand.schedule.done(another, "")
    return shed


def every_point(how: str, next_ones: int) -> dict[str, list[str]]:
    """Point -> what is wrong where a worker was disturbed there."""
    found: dict[str, list[str]] = {}
    for number, name in enumerate(POINTS):
        if wrong := disturbed(number, how, next_ones).wrong_with():
            found.setdefault(name, []).extend(wrong)
    return found


def test_the_points_are_those_of_a_worker() -> None:
    assert POINTS[:6] == [
        "before the push of slots",
        "after the push of slots",
        "before the claim",
        "before the push of todo+working",
        "after the push of todo+working",
        "task-started walls",
    ]
    assert len(POINTS) == 51


@pytest.mark.parametrize("next_ones", [1, 2], ids=["next", "two next"])
def test_a_worker_that_dies_anywhere_doubles_and_loses_nothing(next_ones: int) -> None:
    assert every_point("dies", next_ones) == {}


@pytest.mark.parametrize("next_ones", [1, 2], ids=["next", "two next"])
def test_a_worker_that_sleeps_anywhere_doubles_a_call_at_one_point_only(next_ones: int) -> None:
    found = every_point("sleeps", next_ones)
    assert set(found) == MAY_DOUBLE
    assert all(each.startswith("effects") for wrong in found.values() for each in wrong)


def _no_guard(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Holding, "guard", lambda _self: None)


def _no_push_at_task_started(monkeypatch: pytest.MonkeyPatch) -> None:
    announce = Holding.announce
    quiet: Callable[..., None] = lambda self, because: None if because == "started" else announce(self, because)  # noqa: E731
    monkeypatch.setattr(Holding, "announce", quiet)


def _nobody_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    def again(self: Hand, task: str, *, found: bool) -> None:
        Worker._call(self, task, found=found and task not in BY_NO_NAME)

    monkeypatch.setattr(Hand, "_call", again)


@pytest.mark.parametrize(
    "mutation",
    [_no_guard, _no_push_at_task_started, _nobody_is_asked],
    ids=lambda each: each.__name__.strip("_"),
)
def test_each_part_of_the_protocol_is_needed(mutation: Callable[..., None], monkeypatch: pytest.MonkeyPatch) -> None:
    mutation(monkeypatch)
    seen = [every_point(how, count) for how in ("dies", "sleeps") for count in (1, 2)]
    assert any(set(found) - MAY_DOUBLE for found in seen) or any(seen[:2])


# Who can move, and who has room


class Clock:
    """Moved by hand."""

    def __init__(self) -> None:
        self.time = 0.0

    def __call__(self) -> float:
        return self.time


def schedule(remote: MemoryRemote, now: Clock, rooms: int = 2) -> RefSchedule:
    numbers = iter(range(1000))
    return RefSchedule(
        remote,
        NAMES,
        lease=LEASE,
        per_account=rooms,
        account_of=lambda run: run.run.partition("-")[0],
        mark=lambda text: f"{id(now)}-{id(numbers)}-{next(numbers)}",
        now=now,
        shuffle=lambda _runs: None,
    )


def at(refs: Mapping[str, str]) -> MemoryRemote:
    remote = MemoryRemote()
    remote.refs.update(refs)
    return remote


def run_at(state: State, run: str = RUN) -> str:
    return NAMES.of(state, run)


def test_ready_is_what_was_ordered_what_was_decided_and_what_does_not_move_for_a_lease() -> None:
    verdict = NAMES.verdict("decided", "d" * 64, "k" * 64)
    remote, now = MemoryRemote(), Clock()
    there: list[tuple[State, str]] = [("todo", "a"), ("waiting", "decided"), ("waiting", "open"), ("working", "b")]
    for state, run in (*there, ("stopped", "c")):
        remote.refs[NAMES.of(state, run)] = f"tip-{run}"
    remote.refs[verdict] = "v"
    looks = schedule(remote, now)
    assert {each.run for each in looks.ready()} == {"a", "decided"}
    now.time = LEASE - 1
    assert {each.run for each in looks.ready()} == {"a", "decided"}
    now.time = LEASE
    assert Ready("b", "working", "tip-b") in looks.ready()
    remote.refs[run_at("working", "b")] = "moved"
    assert {each.run for each in looks.ready()} == {"a", "decided"}
    now.time = 2 * LEASE
    assert Ready("b", "working", "moved") in looks.ready()


def test_a_stopped_run_is_ready_only_when_the_time_has_come_that_it_waits_for() -> None:
    remote = MemoryRemote()
    remote.refs.update({NAMES.of("stopped", "asks"): "t1", NAMES.of("stopped", "bakes"): "t2"})
    come: list[str] = []
    looks = RefSchedule(
        remote, NAMES, lease=LEASE, come=lambda stopped: [each for each in stopped if each.run in come], now=Clock()
    )
    assert looks.ready() == []
    come.append("bakes")
    assert looks.ready() == [Ready("bakes", "stopped", "t2")]


def test_no_more_workers_have_room_in_an_account_than_there_are_rooms() -> None:
    remote, now = MemoryRemote(), Clock()
    workers = [schedule(remote, now) for _ in range(3)]
    for each in workers:
        each.ready()
    run = Ready("acme-1", "todo", "t")
    assert [each.take(run) for each in workers] == [True, True, False]  # the third was refused: it looked before
    assert workers[2].take(Ready("other-1", "todo", "t"))  # another account has rooms of its own
    workers[0].done(run, "")
    now.time += by_refs.FIRST
    workers[1].ready()
    fourth = schedule(remote, now)
    fourth.ready()
    assert fourth.take(run)
    assert len([ref for ref in remote.refs if "/slots/acme/" in ref]) == 2


def test_room_of_a_dead_worker_is_taken_over_after_a_lease_and_not_before() -> None:
    remote, now = MemoryRemote(), Clock()
    dead, run = schedule(remote, now, rooms=1), Ready("acme-1", "todo", "t")
    dead.ready()
    assert dead.take(run)
    alive = schedule(remote, now, rooms=1)
    alive.ready()
    now.time = LEASE - 1
    alive.ready()
    assert not alive.take(run)
    now.time = LEASE
    alive.ready()
    assert alive.take(run)
    dead.done(run, "")  # it had slept: what another has now stays
    assert len(remote.refs) == 1


def test_a_worker_that_beats_keeps_its_room_and_one_that_lost_it_pushes_no_more() -> None:
    remote, now = MemoryRemote(), Clock()
    slow, other = schedule(remote, now, rooms=1), schedule(remote, now, rooms=1)
    run = Ready("acme-1", "todo", "t")
    slow.ready()
    assert slow.take(run)
    for _ in range(6):
        other.ready()
        now.time += LEASE / 2
        slow.beat()
        other.ready()
        assert not other.take(run)
    now.time += LEASE
    other.ready()
    assert other.take(run)
    pushes = remote.pushes
    slow.beat()
    slow.beat()
    assert remote.pushes == pushes + 1


def test_who_was_too_late_for_a_room_tries_again_later_and_later() -> None:
    now = Clock()
    later, paused = BackOff(10, now, draw=lambda: 0.0), []
    for _ in range(7):
        later.failed("acme")
        since = now.time
        while not later.may("acme"):
            now.time += 0.25
        paused.append(now.time - since)
    assert paused == [0.5, 1, 2, 4, 8, 10, 10]
    later.well("acme")
    later.failed("acme")
    now.time += 0.5
    assert later.may("acme")


def test_one_worker_holds_a_room_for_each_of_the_runs_that_it_works_at() -> None:
    remote, now = MemoryRemote(), Clock()
    first, second = schedule(remote, now), schedule(remote, now)
    runs = [Ready(f"acme-{number}", "todo", "t") for number in range(3)]
    first.ready()
    assert [first.take(run) for run in runs] == [True, True, False]
    now.time += LEASE / 2  # more than a third of it
    before = dict(remote.refs)
    first.beat()
    assert len(before) == 2 and all(remote.refs[ref] != sha for ref, sha in before.items())
    first.done(runs[0], "waiting")
    second.ready()
    assert second.take(runs[2]) and len(remote.refs) == 2
