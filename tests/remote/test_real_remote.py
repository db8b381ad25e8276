"""The protocol with real git: a bare repository, clones with engines of their own, and five points drawn by hand.

The whole list is `test_enumerated_crashes.py`; here is what git alone can show: leases, `--atomic`, refspecs, keys.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from state.errors import PhasegateError, RunFenced, RunHeld
from tests.worlds.approval_world import BOB, EVE, Keys
from tests.worlds.remote_world import Clone, Died, RemoteWorld, mutated
from workflow.meeting.holding import Holding

pytestmark = pytest.mark.slow


@pytest.fixture
def world(tmp_path: Path, keys: Keys, monkeypatch: pytest.MonkeyPatch) -> RemoteWorld:
    return RemoteWorld(tmp_path, keys, monkeypatch)


def to_the_order(world: RemoteWorld) -> Clone:
    """Ada's clone, whose next segment commits 1.1 and orders the paint, which is the effect of 1.2."""
    ada = world.others
    world.segment(ada)
    world.approve()
    return ada


def disturbed(world: RemoteWorld, at: str, how: str, *, nth: int = 1) -> None:
    """Ada's second segment dies at the nth point of this name, or sleeps there until Eve's clone has done it all."""
    ada, left = to_the_order(world), [nth]
    eve = world.clone(EVE)

    def point(name: str) -> None:
        left[0] -= name == at
        if left[0] or name != at:
            return
        left[0] = -1
        if how == "dies":
            raise Died
        world.time += 61
        world.goes_on(eve)

    world.point = point
    with suppress(Died, RunFenced):
        world.segment(ada, points=True)
    world.point = lambda _name: None
    assert left[0] < 0, "it never came by there"
    if how == "dies":
        world.time += 61
        world.goes_on(eve)


# Where Ada's clone is disturbed, and how.
POINTS = {
    "dies, having claimed": ("after the push of waiting+working", "dies", 1),
    "dies between the intent's push and the call": ("after the push of working", "dies", 1),
    "dies behind the call, before that is known": ("effect-done", "dies", 1),
    "dies before it parks": ("before the push of working+waiting+verdicts", "dies", 1),
    "sleeps between the intent's push and the guard": ("after the push of working", "sleeps", 1),
    "sleeps before it parks": ("before the push of working+waiting+verdicts", "sleeps", 1),
}


@pytest.mark.parametrize("point", POINTS, ids=str)
def test_another_clone_goes_on_and_nothing_is_doubled_or_lost(world: RemoteWorld, point: str) -> None:
    disturbed(world, *POINTS[point][:2], nth=POINTS[point][2])
    assert world.wrong_with() == []


def test_undisturbed_the_refs_go_and_the_branch_stays(world: RemoteWorld) -> None:
    world.goes_on(world.others)
    assert world.wrong_with() == []


def test_a_clone_that_lost_the_run_says_so_and_touches_it_no_more(world: RemoteWorld) -> None:
    ada = to_the_order(world)
    world.point = lambda name: world.goes_on(world.clone(EVE)) if name == "effect-intended" else None
    world.time = 0
    with pytest.raises(RunFenced, match="somebody else's now") as fenced:
        world.segment(ada, points=True)
    assert "goes on in a clone of its own" in (fenced.value.next_command or "")
    assert world.wrong_with() == []


def test_a_clone_that_died_between_its_claim_and_the_files_brings_them_then(world: RemoteWorld) -> None:
    ada = to_the_order(world)
    world.segment(ada)
    eve = world.clone(EVE)

    def point(name: str) -> None:
        if name == "after the push of waiting+working":
            raise Died

    world.point = point
    with pytest.raises(Died):
        world.segment(eve, points=True)
    world.point = lambda _name: None
    world.dead.clear()
    world.approve()
    world.goes_on(eve)
    assert world.wrong_with() == []


def test_a_run_that_moves_is_left_to_who_works_at_it(world: RemoteWorld) -> None:
    ada, eve = to_the_order(world), world.clone(EVE)
    refused: list[RunHeld] = []

    def meanwhile(name: str) -> None:
        if name != "effect-intended":
            return
        world.point = lambda _name: None
        wait = world._wait

        def moves(seconds: float) -> None:
            wait(seconds)
            holding.announce("still here")

        holding: Holding = held[0].holding
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr("workflow.service.claim_run.wait", moves)
            with pytest.raises(RunHeld, match="is worked at by Ada") as error:
                world.segment(eve)
            refused.append(error.value)

    held: list[object] = []
    from workflow.service import met

    bind = met.Met.bind
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(met.Met, "bind", lambda self, engine, **how: (held.append(self), bind(self, engine, **how))[1])
        world.point = meanwhile
        world.segment(ada, points=True)
    assert refused[0].exit_code == 6


def test_a_tip_that_no_runner_signed_is_not_pushed_and_not_taken_over(
    world: RemoteWorld, keys: Keys, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada = to_the_order(world)
    ada.git("config", "user.signingkey", str(keys.directory / "mallory"))
    import subprocess

    key = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(keys.directory / "mallory")]
    subprocess.run(key, check=True, stdin=subprocess.DEVNULL)
    from state.errors import BadInput, WorkspaceRefused

    before = world.refs()
    with pytest.raises(BadInput, match="not one of the runners, so nothing was pushed"):
        world.segment(ada)
    assert world.refs() == before
    with monkeypatch.context() as patched:  # as by hand
        patched.setattr("workflow.service.runner_key.why_not_signed", lambda *_given: "")
        world.segment(ada)

    with pytest.raises(WorkspaceRefused, match="is not signed by anybody in runners"):
        world.segment(world.clone(EVE))


def plus(words: list[str]) -> list[str]:
    return [f"+{word}" if ":refs/" in word and not word.startswith("-") else word for word in words]


def no_lease(words: list[str]) -> list[str]:
    return ["push", "--force", *(word for word in words[1:] if not word.startswith("--force-with-lease"))]


def no_atomic(words: list[str]) -> list[str]:
    return [word for word in words if word != "--atomic"]


@pytest.mark.parametrize("change", [plus, no_lease, no_atomic], ids=lambda change: change.__name__)
def test_without_it_a_sleeper_undoes_what_another_did(
    world: RemoteWorld, monkeypatch: pytest.MonkeyPatch, change: Callable[[list[str]], list[str]]
) -> None:
    mutated(monkeypatch, change)
    try:
        disturbed(world, *POINTS["sleeps before it parks"][:2])
    except (PhasegateError, AssertionError):  # its refs contradict one another by then
        return
    assert world.wrong_with() != []


def test_without_the_guard_a_sleeper_calls_again(world: RemoteWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Holding, "guard", lambda _self: None)
    disturbed(world, *POINTS["sleeps between the intent's push and the guard"][:2])
    assert any(each.startswith("effects") for each in world.wrong_with())


def test_two_who_claim_at_once_are_one(world: RemoteWorld) -> None:
    ada, eve = to_the_order(world), world.clone(EVE)
    fenced: list[RunFenced] = []

    def both(name: str) -> None:
        if name == "before the push of waiting+working":
            world.point = lambda _name: None
            world.segment(eve)

    world.point = both
    try:
        world.segment(ada, points=True)
    except RunFenced as error:
        fenced.append(error)
    assert len(fenced) == 1 and len(world.others.outside) == 1
    world.point = lambda _name: None
    world.approve(BOB)
    world.goes_on(eve)
    assert world.wrong_with() == []
