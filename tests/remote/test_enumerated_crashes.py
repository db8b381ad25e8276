"""A worker dies, or sleeps, at every event, push and effect; then one or two others go on. In memory.

Whatever it was: one commit a task, one approval a task, no ref left, and each effect once, but for the one point at
which nothing can help: a worker that slept through its lease between the guard and the call.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

import pytest

from state.errors import RunFenced
from tests.worlds.remote_in_memory import Content, Died, Point, Shed, Worker
from workflow.meeting import holding as protocol

TASKS = ("walls", "roof")
BY_NO_NAME = ("roof",)
MAY_DOUBLE = {"between guard and call"}  # a second one here is a red test


def points() -> list[str]:
    """What the workers of an undisturbed run come by, in order, in both segments and the last."""
    shed, point = Shed(TASKS, by_no_name=BY_NO_NAME), Point()
    shed.order()
    for _ in range(len(TASKS) + 1):
        Worker(shed, point).segment()
        if shed.standing.state == "waiting":
            shed.approve()
    assert not shed.standing.state
    return point.seen


POINTS = points()


def test_the_points_are_those_of_the_protocol() -> None:
    assert len(POINTS) == 39
    assert POINTS[:14] == [
        "before the claim",
        "before the push of todo+working",
        "after the push of todo+working",
        "task-started walls",
        "before the push of working",
        "after the push of working",
        "effect-intended walls",
        "before the push of working",
        "after the push of working",
        "before the guard",
        "between guard and call",
        "after the call",
        "effect-done walls",
        "waits walls",
    ]


def disturbed(number: int, how: str, next_ones: int) -> Shed:
    """The run, in which the worker that comes by this point dies or sleeps there until others are done."""
    shed = Shed(TASKS, by_no_name=BY_NO_NAME)
    shed.order()
    left = [number]

    def others() -> None:
        shed.time += shed.lease + 1  # as the next one sees it
        for _ in range(next_ones - 1):  # it claims, and sleeps there while the one after it does everything
            claims = Point(2, shed.goes_on)
            with suppress(RunFenced):
                Worker(shed, claims).segment()
        shed.goes_on()

    def dies() -> None:
        raise Died

    def sleeps() -> None:
        others()

    while shed.standing.state:
        point = Point(left[0], dies if how == "dies" else sleeps)
        with suppress(Died, RunFenced):
            Worker(shed, point).segment()
        struck = 0 <= left[0] < len(point.seen)
        left[0] = -1 if struck else left[0] - len(point.seen)
        if struck and how == "dies":
            others()
        if shed.standing.state == "waiting":
            shed.approve()
    return shed


def every_point(how: str, next_ones: int) -> dict[str, list[str]]:
    """Point -> what is wrong where a worker was disturbed there."""
    found: dict[str, list[str]] = {}
    for number, name in enumerate(POINTS):
        if wrong := disturbed(number, how, next_ones).wrong_with():
            found.setdefault(name, []).extend(wrong)
    return found


@pytest.mark.parametrize("next_ones", [1, 2], ids=["next", "two next"])
def test_a_worker_that_dies_anywhere_doubles_and_loses_nothing(next_ones: int) -> None:
    assert every_point("dies", next_ones) == {}


@pytest.mark.parametrize("next_ones", [1, 2], ids=["next", "two next"])
def test_a_worker_that_sleeps_anywhere_doubles_a_call_at_one_point_only(next_ones: int) -> None:
    found = every_point("sleeps", next_ones)
    assert set(found) == MAY_DOUBLE
    assert all(each.startswith("effects") for wrong in found.values() for each in wrong)


def _no_push_at_task_started(monkeypatch: pytest.MonkeyPatch) -> None:
    announce = protocol.Holding.announce
    quiet: Callable[..., None] = lambda self, because: None if because == "started" else announce(self, because)  # noqa: E731
    monkeypatch.setattr(protocol.Holding, "announce", quiet)


def _no_push_at_the_intent(monkeypatch: pytest.MonkeyPatch) -> None:
    announce = protocol.Holding.announce
    quiet: Callable[..., None] = lambda self, because: None if "intent" in because else announce(self, because)  # noqa: E731
    monkeypatch.setattr(protocol.Holding, "announce", quiet)


def _no_guard(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protocol.Holding, "guard", lambda _self: None)


def _no_lease(monkeypatch: pytest.MonkeyPatch) -> None:
    def forced(self: object, moves: list[object]) -> None:
        for each in moves:
            self.refs.pop(each.ref, None) if not each.new else self.refs.update({each.ref: each.new})  # type: ignore[attr-defined]

    monkeypatch.setattr("tests.worlds.remote_in_memory.MemoryRemote.take", forced)


def _no_atomic(monkeypatch: pytest.MonkeyPatch) -> None:
    from workflow.meeting.moves import PushRefused

    def one_by_one(self: object, moves: list[object]) -> None:
        stale = False
        for each in moves:
            if self.refs.get(each.ref, "") != each.old:  # type: ignore[attr-defined]
                stale = True
            elif each.new:  # type: ignore[attr-defined]
                self.refs[each.ref] = each.new  # type: ignore[attr-defined]
            else:
                self.refs.pop(each.ref, None)  # type: ignore[attr-defined]
        if stale:
            raise PushRefused("stale info")

    monkeypatch.setattr("tests.worlds.remote_in_memory.MemoryRemote.take", one_by_one)


@pytest.mark.parametrize(
    "mutation",
    [_no_push_at_task_started, _no_push_at_the_intent, _no_guard, _no_lease, _no_atomic],
    ids=lambda each: each.__name__.strip("_"),
)
def test_each_part_of_the_protocol_is_needed(mutation: Callable[..., None], monkeypatch: pytest.MonkeyPatch) -> None:
    mutation(monkeypatch)
    seen: list[dict[str, list[str]]] = []
    try:
        seen = [every_point(how, count) for how in ("dies", "sleeps") for count in (1, 2)]
    except (AssertionError, KeyError, ValueError):
        return  # a run that does not come to its end is as red
    assert any(set(found) - MAY_DOUBLE for found in seen) or any(seen[:2])


def test_an_undisturbed_run_is_as_it_should_be() -> None:
    shed = Shed(TASKS, by_no_name=BY_NO_NAME)
    shed.order()
    shed.goes_on()
    assert shed.wrong_with() == [] and shed.tips["t0"] == Content()
