"""What is pushed as a verdict and is none counts nothing, says why, and goes; real keys, real git."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from state.evidence import By
from tests.worlds.approval_world import ADA, BOB, EVE, Keys
from tests.worlds.remote_world import Clone, RemoteWorld
from workflow.engine.gatekeeper import rejection_to_sign, text_to_sign
from workflow.meeting.verdicts import GivenVerdict

pytestmark = pytest.mark.slow


@pytest.fixture
def world(tmp_path: Path, keys: Keys, monkeypatch: pytest.MonkeyPatch) -> RemoteWorld:
    world = RemoteWorld(tmp_path, keys, monkeypatch)
    world.segment(world.others)
    return world


def rejection(world: RemoteWorld, person: str, reason: str) -> GivenVerdict:
    given = world.verdict(person)
    text = rejection_to_sign(world.there(), reason)
    return replace(given, verdict="reject", text=reason, signature=world.keys.sign(person, text))


def in_the_name_of_bob(world: RemoteWorld) -> GivenVerdict:
    return replace(world.verdict(EVE), by=By(BOB, "bob", "there"))


def of_who_did_the_work(world: RemoteWorld) -> GivenVerdict:
    return world.verdict(ADA)


def another_reason(world: RemoteWorld) -> GivenVerdict:
    return replace(rejection(world, BOB, "too bright"), text="too dark")


def approval_as_rejection(world: RemoteWorld) -> GivenVerdict:
    return replace(world.verdict(BOB), verdict="reject", text="no")


WORTHLESS: dict[str, tuple[Callable[[RemoteWorld], GivenVerdict], str]] = {
    "unsigned": (lambda world: world.verdict(BOB, signature=""), "not signed"),
    "signed by another key": (in_the_name_of_bob, "which is not a key of bob@example.com"),
    "by who did the work": (of_who_did_the_work, "asks for somebody else's approval"),
    "for another digest": (lambda world: world.verdict(BOB, digest="0" * 64), "is for 0000000, what waits is"),
    "for another attempt": (lambda world: world.verdict(BOB, attempt=2), "what waits is attempt 1"),
    "for another run": (lambda world: world.verdict(BOB, run="shed-20260102-030405"), "is for run shed"),
    "for another showing": (lambda world: world.verdict(BOB, nonce="of before"), "is for an earlier showing of"),
    "a rejection for another reason": (another_reason, "signs another text"),
    "an approval passed off as a rejection": (approval_as_rejection, "signs another text"),
}


@pytest.mark.parametrize("what", WORTHLESS, ids=str)
def test_what_is_no_verdict_counts_nothing_and_says_why(world: RemoteWorld, what: str) -> None:
    make, why = WORTHLESS[what]
    ref = world.push(make(world), "0badc0de")
    clone = world.others
    world.segment(clone)
    state = world.there()
    assert state.current_task is not None and state.current_task.status == "in-review"
    assert not clone.events_of("approved") and not clone.events_of("rejected")
    assert ref not in world.refs()
    tip = world.place(clone).tip(world.run_id, world.standing())
    assert why in tip.said("Phasegate-Refused")


def test_a_verdict_on_what_was_decided_since_came_too_late(world: RemoteWorld) -> None:
    late = world.verdict(EVE)
    world.approve(BOB)
    world.segment(world.others)  # 1.1 is committed; 1.2 waits
    world.push(late)
    world.segment(world.others)
    tip = world.place(world.others).tip(world.run_id, world.standing())
    assert "what waits is attempt 1 of t1_2" in tip.said("Phasegate-Refused")


def test_what_expired_is_not_approved_any_more(world: RemoteWorld) -> None:
    world.approve(BOB)
    world.others.clock.at += timedelta(hours=25)
    world.segment(world.others)
    assert not world.others.events_of("approved")
    assert "nobody decided before" in str(world.others.events_of("rejected")[0]["reason"])


def test_of_two_the_first_by_name_counts_and_the_other_is_told(world: RemoteWorld) -> None:
    world.push(rejection(world, EVE, "too bright"), "11111111")
    world.push(world.verdict(BOB), "22222222")
    world.segment(world.others)
    (rejected,) = world.others.events_of("rejected")
    assert (rejected["by"]["git"], rejected["via"], rejected["reason"]) == (EVE, "remote", "too bright")
    assert not world.others.events_of("approved")
    assert [ref for ref in world.refs() if "verdicts" in ref] == []


def test_a_verdict_that_was_recorded_before_a_death_is_recorded_once(world: RemoteWorld) -> None:
    world.approve(BOB)
    ada = world.others
    dead: list[Clone] = []

    def point(name: str) -> None:
        if name == "approved":
            from tests.worlds.remote_world import Died

            dead.append(ada)
            raise Died

    world.point = point
    from tests.worlds.remote_world import Died

    with pytest.raises(Died):
        world.segment(ada, points=True)
    world.point = lambda _name: None
    world.dead.clear()
    world.segment(ada)
    assert dead and len(ada.events_of("approved")) == 1
    assert text_to_sign(world.there())  # 1.2 waits


def test_bytes_that_are_no_verdict_are_told_as_that() -> None:
    for data in (b"", b"[]", b'{"v": 2}', b"x" * 70_000):
        with pytest.raises(ValueError):
            GivenVerdict.from_bytes(data)
