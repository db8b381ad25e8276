"""An order that nobody has begun is taken back by `abort`, in any runner's clone; one that was begun is not."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.worlds.approval_world import Keys
from tests.worlds.fleet_world import FleetWorld, fleet_text
from tests.worlds.workspaces import git

pytestmark = pytest.mark.slow


@pytest.fixture
def world(tmp_path: Path, keys: Keys) -> FleetWorld:
    found = FleetWorld(tmp_path, keys, fleet_text("  - {name: all, targets: [one, two]}\n", "one", "two"))
    found.goes_on()
    return found


def todo(world: FleetWorld) -> list[str]:
    return [ref.rpartition("/")[2] for ref in world.refs() if "/todo/" in ref]


def test_an_order_is_taken_back_in_another_clone_and_the_fleet_asks_what_now(world: FleetWorld) -> None:
    one = world.ordered()["one"]
    said = world.bob("abort", one, "--reason", "the wrong target")
    assert f"{one}: its order is taken back" in said
    assert todo(world) == [world.ordered()["two"]]
    message = git(world.origin, "log", "-1", "--format=%B", f"phasegate/{one}")
    assert "the wrong target" in message and "Phasegate-Because: taken back" in message
    assert "again-one-1" in world.goes_on()
    assert f"no run '{one}'" in world.bob("abort", one, "--reason", "again", code=2)


def test_a_run_that_was_begun_is_not_taken_back_and_says_how_it_ends(world: FleetWorld) -> None:
    one = world.ordered()["one"]
    world.take("one")
    before = git(world.origin, "for-each-ref")
    said = world.bob("abort", one, "--reason", "no", code=2)
    assert "is not in this clone, and was begun" in said and f"resume {one}" in said
    assert git(world.origin, "for-each-ref") == before


def test_who_is_no_runner_takes_no_order_back(world: FleetWorld, keys: Keys) -> None:
    carol = world.carol()
    assert "not one of the runners" in carol("abort", world.ordered()["one"], "--reason", "no", code=2)
    assert len(todo(world)) == 2


def test_aborting_a_fleet_takes_back_what_nobody_has_begun(world: FleetWorld) -> None:
    ordered = world.ordered()
    world.take("one")
    said = world.ada("abort", world.run, "--reason", "not today")
    assert f"taken back: {ordered['two']}" in said
    assert "left outside: task 1, order one 1:" in said and "order two 1" not in said
    assert todo(world) == []
