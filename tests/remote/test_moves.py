"""A push, and what became of it: whatever the network does, the refs move once, or somebody else has the run."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

import pytest

from state.errors import RunFenced, WorkspaceRefused
from tests.worlds.remote_in_memory import NAMES, RUN, Fault, MemoryRemote, Shed, Worker
from workflow.meeting.moves import Move, PushRefused, move
from workflow.meeting.refs import Standing, standing_of
from workflow.service.meeting_place import Place

WAITING, WORKING, BRANCH = NAMES.of("waiting", RUN), NAMES.of("working", RUN), NAMES.branch(RUN)
CLAIM = (Move(WAITING, "t1", ""), Move(WORKING, "", "t2"))
OTHERS = (Move(WAITING, "t1", ""), Move(WORKING, "", "t9"))


def remote(*faults: Fault) -> MemoryRemote:
    found = MemoryRemote()
    found.refs = {WAITING: "t1", BRANCH: "c1"}
    found.faults = list(faults)
    return found


@pytest.mark.parametrize(
    ("faults", "pushes"),
    [
        (["done and answered"], 1),
        (["done, answer lost"], 1),
        (["lost", "done and answered"], 2),
        (["lost", "lost", "done, answer lost"], 3),
        (["arrives late", "done and answered"], 2),
    ],
    ids=repr,
)
def test_it_happens_once_whatever_becomes_of_the_answer(faults: list[Fault], pushes: int) -> None:
    place = remote(*faults)
    move(place, CLAIM, run=RUN)
    place.arrive()
    assert (place.refs, place.pushes) == ({WORKING: "t2", BRANCH: "c1"}, pushes)


def test_a_push_that_arrives_before_the_one_that_took_its_place_is_ours() -> None:
    place = remote("arrives late")
    look = place.look
    place.look = lambda *patterns: (look(*patterns), place.arrive())[0]  # type: ignore[method-assign]
    move(place, CLAIM, run=RUN)
    assert place.refs == {WORKING: "t2", BRANCH: "c1"}


@pytest.mark.parametrize("fault", ["lost", "arrives late", "done and answered"])
def test_what_somebody_else_took_meanwhile_is_theirs(fault: Fault) -> None:
    place = remote(fault)
    if fault == "done and answered":
        place.take(OTHERS)
    else:
        push = place.push

        def then_they_come(moves: object) -> None:
            try:
                push(moves)  # type: ignore[arg-type]
            finally:
                place.take(OTHERS)

        place.push = then_they_come  # type: ignore[method-assign]
    with pytest.raises(RunFenced, match="somebody else's now"):
        move(place, CLAIM, run=RUN)
    place.arrive()  # too late
    assert place.refs == {WORKING: "t9", BRANCH: "c1"}


@pytest.mark.parametrize("faults", [["refused before"], ["lost"] * 3], ids=["refused", "never there"])
def test_a_remote_that_takes_nothing_is_named_and_nothing_has_moved(faults: list[Fault]) -> None:
    place = remote(*faults)
    with pytest.raises(WorkspaceRefused, match=r"refused the push|did not answer 3 pushes"):
        move(place, CLAIM, run=RUN)
    assert place.refs == {WAITING: "t1", BRANCH: "c1"}


TORN: dict[str, dict[str, str]] = {  # what a look shows while CLAIM is made
    "in both": {WAITING: "t1", WORKING: "t2", BRANCH: "c1"},
    "in none": {BRANCH: "c1"},
}


def while_it_moves(place: MemoryRemote, torn: dict[str, str]) -> None:
    """The next look at the remote comes while CLAIM is made there."""

    def looked(*patterns: str) -> Mapping[str, str]:
        del place.look
        with suppress(PushRefused):
            place.take(CLAIM)
        return torn

    place.look = looked  # type: ignore[method-assign]


@pytest.mark.parametrize("torn", TORN)
def test_a_look_that_comes_while_refs_move_is_made_again(torn: str, tmp_path: Path) -> None:
    remote_ = remote()
    while_it_moves(remote_, TORN[torn])
    place = Place(tmp_path, remote_, NAMES, 60, False)  # type: ignore[arg-type]
    assert place.standing(RUN) == Standing("working", "t2", "c1", {})


@pytest.mark.parametrize("torn", TORN)
def test_a_push_whose_answer_is_lost_is_ours_though_the_look_comes_while_it_is_made(torn: str) -> None:
    remote_ = remote("arrives late")
    while_it_moves(remote_, TORN[torn])
    move(remote_, CLAIM, run=RUN)
    assert remote_.refs == {WORKING: "t2", BRANCH: "c1"} and remote_.pushes == 1


def test_a_run_that_is_over_is_so_by_two_looks(tmp_path: Path) -> None:
    remote_, looks = MemoryRemote(), []
    remote_.refs, look = {BRANCH: "c1"}, remote_.look
    remote_.look = lambda *patterns: (looks.append(1), look(*patterns))[1]  # type: ignore[method-assign]
    assert Place(tmp_path, remote_, NAMES, 60, False).standing(RUN).state == ""  # type: ignore[arg-type]
    assert len(looks) == 2


def test_two_states_at_once_are_no_standing() -> None:
    with pytest.raises(WorkspaceRefused, match="working and waiting at once on remote upstream") as refused:
        standing_of({WAITING: "t1", WORKING: "t2"}, NAMES, RUN, remote="upstream")
    assert str(refused.value.next_command).startswith("phasegate doctor --remote upstream ")


def test_a_run_that_was_let_go_is_not_kept_by_a_beat() -> None:
    world = Shed(["walls"])
    world.order()
    worker = Worker(world)
    worker.holding.claim(world.standing)
    world.time += world.lease / 2
    worker.holding.beat()
    kept = world.remote.pushes
    worker.holding.let_go()
    left = world.standing.tip
    world.time += world.lease / 2
    worker.holding.beat()
    assert (kept, world.remote.pushes, world.standing.tip) == (2, 3, left)
