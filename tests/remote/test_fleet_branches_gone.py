"""Hosts delete branches that are merged: what a fleet ordered stays ordered, and what it came to is not lost."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.worlds.approval_world import Keys
from tests.worlds.fleet_world import FleetWorld, fleet_text
from tests.worlds.workspaces import git

pytestmark = pytest.mark.slow
WAVES = "  - {name: canary, targets: [one]}\n  - {name: rest, targets: [two, three]}\n"


@pytest.fixture
def world(tmp_path: Path, keys: Keys) -> Iterator[FleetWorld]:
    found = FleetWorld(tmp_path, keys, fleet_text(WAVES, "one", "two", "three"))
    found.goes_on()
    yield found
    found.close()


def is_deleted(world: FleetWorld, target: str) -> str:
    """The host deletes the branch of this target's run; the run."""
    run = world.ordered()[target]
    git(world.origin, "update-ref", "-d", f"refs/heads/phasegate/{run}")
    return run


def orders(world: FleetWorld) -> int:
    return len([ref for ref in world.refs() if "/todo/" in ref])


def test_a_branch_that_is_deleted_behind_the_approval_voids_nothing_and_orders_nothing(world: FleetWorld) -> None:
    world.completes("one")
    world.goes_on()
    commit = world.tips()[world.ordered()["one"]]
    world.approves(world.run)
    run = is_deleted(world, "one")
    told = world.goes_on()
    assert "void" not in told and world.ordered()["one"] == run
    assert set(world.ordered()) == {"one", "two", "three"} and orders(world) == 2
    assert world.targets()["one"] == {
        **world.targets()["one"], "state": "complete", "because": "", "commit": commit
    }  # fmt: skip


def test_in_the_middle_of_a_wave_what_was_seen_to_be_over_stays_so(world: FleetWorld) -> None:
    world.completes("one")
    world.goes_on()
    world.wave_approved()
    world.completes("two")
    told = world.goes_on()
    assert "waits for three (todo)" in told
    is_deleted(world, "two")
    assert "waits for three (todo)" in world.goes_on()
    assert world.targets()["two"]["state"] == "complete"
    world.completes("three")
    assert "waits for approval" in world.goes_on()


def test_what_was_merged_before_anybody_looked_is_found_where_it_was_merged(world: FleetWorld) -> None:
    world.completes("one")
    run = world.ordered()["one"]
    git(world.origin, "update-ref", "refs/heads/main", world.tips()[run])
    is_deleted(world, "one")
    assert "waits for approval" in world.goes_on()
    assert orders(world) == 0


def test_what_nobody_has_any_more_is_refused_with_the_way_back_and_never_ordered_again(world: FleetWorld) -> None:
    world.completes("one")
    commit, run = world.tips()[world.ordered()["one"]], is_deleted(world, "one")
    shown = world.ada("fleet", "fleet.yaml", "--status")
    assert f"one: gone (its branch)  {run}" in shown
    told = world.goes_on(code=5)
    assert "not seen to be over yet, and its branch is gone from remote origin; nothing is ordered again" in told
    assert f"--grep 'Phasegate-Run: {run}'" in told and orders(world) == 0
    world.goes_on(code=5)  # another attempt
    assert orders(world) == 0 and run not in world.tips()
    there = world.clones["one"]
    asked = ("log", "--all", "-1", "--format=%H", "-F", "--grep", f"Phasegate-Run: {run}")
    assert there.git(*asked).strip() == commit  # as printed, in a clone that had it
    there.git("push", "-q", "origin", f"{commit}:refs/heads/phasegate/{run}")
    assert "waits for approval" in world.ada("resume", world.run, code=3)


def test_what_was_seen_and_is_nowhere_is_named_by_its_commit(world: FleetWorld) -> None:
    world.completes("one")
    world.goes_on()
    commit, run = world.tips()[world.ordered()["one"]], is_deleted(world, "one")
    git(world.origin, "gc", "-q", "--prune=now")
    subprocess.run(["git", "-C", world.ada.root, "reflog", "expire", "--expire=now", "--all"], check=True)
    subprocess.run(["git", "-C", world.ada.root, "gc", "-q", "--prune=now"], check=True)
    world.approves(world.run)
    told = world.goes_on(code=5)
    assert f"over at {commit[:10]}, which neither this clone nor the remote has" in told
    assert f"push origin {commit}:refs/heads/phasegate/{run}" in told and orders(world) == 0
