"""A fleet and real workers: six targets in three waves; one fails and stops its wave, is mended, and it goes on.

By hand, as it takes a minute of processor: `FLEET=1 pytest tests/remote/test_fleet_of_workers.py`. The suite has the
same fleet with people in the workers' place (`test_fleet.py`).
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.worlds.approval_world import Keys
from tests.worlds.fleet_of_workers import FleetOfWorkers

pytestmark = [pytest.mark.slow, pytest.mark.skipif("FLEET" not in os.environ, reason="not run: FLEET is not set")]
WAVES = """  - {name: canary, targets: [one]}
  - {name: second, targets: [two, three], at_most: 1}
  - {name: rest, targets: [four, five, six]}
"""
NAMES = ("one", "two", "three", "four", "five", "six")


@pytest.fixture
def world(tmp_path: Path, keys: Keys) -> Iterator[FleetOfWorkers]:
    found = FleetOfWorkers(tmp_path, keys, WAVES, *NAMES)
    try:
        yield found
    finally:
        found.end()


def test_workers_take_the_runs_of_a_fleet_wave_by_wave(world: FleetOfWorkers) -> None:
    world.fleet(code=3)
    for name in ("w1", "w2"):
        world.begin(name)
    world.over("one")
    (world.outside / "wet").touch()
    assert "orders pile-" in world.wave_approved()
    failed = world.ordered()["two"]
    world.until(failed, "stopped")
    said = world.fleet(code=5)
    assert "wave second is stopped: 1 run failed, and stop_after_failures is 1" in said and "not ordered: three" in said
    (world.outside / "wet").unlink()
    assert set(world.ordered()) == {"one", "two"}
    world.mended("two")
    world.over("two")
    assert "orders pile-" in world.fleet(code=3)
    world.kill("w1")  # its run, if it has one, is taken over by the other
    world.over("three")
    world.wave_approved()
    world.begin("w1")
    world.over("four", "five", "six")
    assert "complete" in world.wave_approved(code=0)
    assert sorted(world.lines_of("calls")) == sorted(f"{run}/wood" for run in world.ordered().values())
    for run, directory in [(str(world.status["run"]), ""), *((run, name) for name, run in world.ordered().items())]:
        found = world.audited(run, directory)
        assert (found["state"], found["findings"]) == ("complete", []), found
    assert [ref for ref in world.refs() if not ref.startswith("refs/heads/") and "/slots/" not in ref] == []
