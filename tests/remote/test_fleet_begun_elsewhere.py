"""One fleet of a file is under way at a time, whoever began it; and what a target's directory needs is told before."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.worlds.approval_world import Keys
from tests.worlds.fleet_world import FleetWorld, fleet_text

pytestmark = pytest.mark.slow
WAVES = "  - {name: canary, targets: [one]}\n  - {name: rest, targets: [two]}\n"


@pytest.fixture
def world(tmp_path: Path, keys: Keys) -> Iterator[FleetWorld]:
    found = FleetWorld(tmp_path, keys, fleet_text(WAVES, "one", "two"))
    yield found
    found.close()


def test_a_colleague_goes_on_with_the_fleet_that_is_under_way(world: FleetWorld) -> None:
    world.goes_on()
    run, ordered = world.run, world.ordered()
    assert world.bob.json("fleet", "fleet.yaml", "--status")["run"] == run
    told = world.bob("fleet", "fleet.yaml", code=3)
    assert "waits for one (todo)" in told
    assert [ref for ref in world.refs() if "/todo/" in ref] == [f"refs/phasegate/todo/{ordered['one']}"]
    assert set(world.tips()) == {run, ordered["one"]}
    assert world.bob.json("fleet", "fleet.yaml", "--status")["run"] == run


def test_a_colleague_stops_it_also_behind_one_of_their_own_that_is_over(world: FleetWorld) -> None:
    world.bob("fleet", "fleet.yaml", code=3)
    old = str(world.bob.json("fleet", "fleet.yaml", "--status")["run"])
    world.bob("abort", old, "--reason", "begun too early")
    world.ada.git("pull", "-q", "origin", "main")
    world.goes_on()
    assert world.run != old
    assert f"{world.run}: everything is stopped" in world.bob("fleet", "fleet.yaml", "--stop")
    assert set(world.ada.json("fleet", "fleet.yaml", "--status")["stopped"]) == {"all"}


def test_a_worker_leaves_the_fleets_own_run_to_who_has_it_and_says_nothing(world: FleetWorld) -> None:
    world.goes_on()
    world.completes("one")
    world.goes_on()
    world.approves(world.run)
    for options in ((), ("--target", "sandbox")):
        told = world.ada("worker", "--once", *options)
        assert world.run not in told and "names no target" not in told
    assert "orders release-" in world.goes_on()


def test_what_a_directory_lacks_is_told_by_its_path_before_anything_is_ordered(world: FleetWorld) -> None:
    home = world.ada.root
    world.ada.git("rm", "-q", "one/phasegate.yaml")
    (home / "two/phasegate.yaml").write_text("default: {signed: true, allowed_signers: signers}\n")
    (home / "fleet.yaml").write_text((home / "fleet.yaml").read_text() + "limits: {runs: 0}\n")
    world.ada.git("commit", "-qam", "Without")
    for words in (("--plan",), ()):
        told = world.ada("fleet", "fleet.yaml", *words, code=2)
        assert "fleet.yaml:4:24: one/phasegate.yaml is not in HEAD: each directory is a workspace" in told
        assert "fleet.yaml:5:24: two/phasegate.yaml at " in told and "names no runners" in told
        assert "runs: expected a whole number of 1 or more" in told  # all at once
    assert world.refs() == []
