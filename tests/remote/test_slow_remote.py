"""Once more with real git over a slow remote: every push and effect of a segment, dies or sleeps there.

Each push is under way at the remote while another clone takes the run over and brings it to its end; then it arrives.
The suite draws one; all of them: `EACH_POINT=1 pytest tests/remote/test_slow_remote.py` (a minute).
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from state.errors import PhasegateError, RunFenced
from tests.worlds.approval_world import EVE, Keys
from tests.worlds.remote_world import POLICY, Clone, Died, RemoteWorld, mutated
from tests.worlds.slow_remote import How, SlowRemote, Where
from workflow.meeting.holding import Holding

pytestmark = pytest.mark.slow
# The pushes of the segment that commits 1.1 and orders the paint, the effect of 1.2; and what is no push.
PUSHES = ["waiting+working", "working+phasegate", "working", "working+waiting+verdicts"]
EFFECT = ["effect-intended", "effect-done", "worked"]
FIRST: Where = "before it has seen the refs"
BEHIND: Where = "behind its leases"
LEASE = 3600  # [s] so that no clone says "still here" while it is held up, however busy the machine is
EACH = "EACH_POINT" in os.environ
HOWS: tuple[How, ...] = ("dies", "sleeps")
ALL = [(push, how, where) for where in (FIRST, BEHIND) for push in PUSHES for how in HOWS]
SOME: list[tuple[str, How, Where]] = [("working", "dies", BEHIND)]


@pytest.fixture
def world(tmp_path: Path, keys: Keys, monkeypatch: pytest.MonkeyPatch) -> RemoteWorld:
    return RemoteWorld(tmp_path, keys, monkeypatch, policy=f"{POLICY}meeting: {{lease: {LEASE}s}}\n")


@pytest.fixture
def ada(world: RemoteWorld) -> Iterator[Clone]:
    """Her clone, whose next segment is the one."""
    found = world.others
    world.segment(found)
    world.approve()
    yield found


def others(world: RemoteWorld) -> Callable[[], None]:
    eve = world.clone(EVE)

    def go_on() -> None:
        world.time += LEASE + 1
        world.goes_on(eve)

    return go_on


def held_up(world: RemoteWorld, ada: Clone, push: str, how: How, where: Where) -> None:
    slow, meanwhile = SlowRemote(world, ada, where), others(world)
    with pytest.MonkeyPatch.context() as patched:
        slow.nth(PUSHES.index(push) + 1, how, meanwhile, patched)
        with suppress(Died, RunFenced):
            world.segment(ada)
    slow.close()
    assert not world.standing().state


def at_event(world: RemoteWorld, ada: Clone, event: str, how: How) -> None:
    meanwhile = others(world)

    def point(name: str) -> None:
        if name == event:
            world.point = lambda _name: None
            if how == "dies":
                raise Died
            meanwhile()

    world.point = point
    with suppress(Died, RunFenced):
        world.segment(ada, points=True)
    if how == "dies":
        meanwhile()


@pytest.mark.parametrize(("push", "how", "where"), ALL if EACH else SOME)
def test_a_push_that_arrives_when_another_has_done_it_all_doubles_and_undoes_nothing(
    world: RemoteWorld, ada: Clone, push: str, how: How, where: Where
) -> None:
    held_up(world, ada, push, how, where)
    assert world.wrong_with() == []


@pytest.mark.skipif(not EACH, reason="EACH_POINT: those of test_real_remote.py are drawn of these")
@pytest.mark.parametrize("how", HOWS)
@pytest.mark.parametrize("event", EFFECT)
def test_at_each_side_of_the_effect_another_looks_for_it(world: RemoteWorld, ada: Clone, event: str, how: How) -> None:
    at_event(world, ada, event, how)
    assert world.wrong_with() == []


@pytest.mark.skipif(not EACH, reason="EACH_POINT: tells that the list above is whole")
def test_these_are_the_pushes_of_the_segment(world: RemoteWorld, ada: Clone) -> None:
    seen: list[str] = []
    world.point = seen.append
    world.segment(ada, points=True)
    began = "before the push of "
    assert [each.removeprefix(began) for each in seen if each.startswith(began)][: len(PUSHES)] == PUSHES
    assert [each for each in seen if each in EFFECT] == EFFECT


def plus(words: list[str]) -> list[str]:
    return [f"+{word}" if ":refs/" in word and not word.startswith("-") else word for word in words]


def no_lease(words: list[str]) -> list[str]:
    return ["push", "--force", *(word for word in words[1:] if not word.startswith("--force-with-lease"))]


def no_atomic(words: list[str]) -> list[str]:
    return [word for word in words if word != "--atomic"]


@pytest.mark.skipif(not EACH, reason="EACH_POINT: test_real_remote.py has them by a remote that is quick")
@pytest.mark.parametrize("change", [plus, no_lease, no_atomic], ids=lambda change: change.__name__)
def test_without_it_a_late_push_undoes_what_another_did(
    world: RemoteWorld, ada: Clone, monkeypatch: pytest.MonkeyPatch, change: Callable[[list[str]], list[str]]
) -> None:
    mutated(monkeypatch, change)
    try:
        held_up(world, ada, "working+waiting+verdicts", "dies", FIRST)
    except (PhasegateError, AssertionError):
        return
    assert world.wrong_with() != []


def _no_guard(patched: pytest.MonkeyPatch) -> None:
    patched.setattr(Holding, "guard", lambda _self: None)


def _no_push_at_the_intent(patched: pytest.MonkeyPatch) -> None:
    announce = Holding.announce

    def quiet(self: Holding, because: str) -> None:
        if not because.startswith("intent"):
            announce(self, because)

    patched.setattr(Holding, "announce", quiet)


@pytest.mark.skipif(not EACH, reason="EACH_POINT: the enumeration in memory has them, and that of task-started")
@pytest.mark.parametrize(
    ("mutation", "event", "how"),
    [(_no_guard, "after the push of working", "sleeps"), (_no_push_at_the_intent, "effect-done", "dies")],
    ids=lambda each: each if isinstance(each, str) else each.__name__.strip("_"),
)
def test_without_it_the_call_goes_out_again(
    world: RemoteWorld,
    ada: Clone,
    monkeypatch: pytest.MonkeyPatch,
    mutation: Callable[[pytest.MonkeyPatch], None],
    event: str,
    how: How,
) -> None:
    mutation(monkeypatch)
    at_event(world, ada, event, how)
    assert any(each.startswith("effects") for each in world.wrong_with())
