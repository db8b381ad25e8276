"""Seven runs of three signed gates; three workers, killed, put to sleep and ended: nothing is doubled or lost.

The same with more runs, and how long it takes: `python benchmarks/workers.py`.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.worlds.approval_world import Keys
from tests.worlds.workers import POLICY, Disturbed, Workers

pytestmark = pytest.mark.slow
RUNS = 7


@pytest.fixture
def world(tmp_path: Path, keys: Keys) -> Iterator[Workers]:
    found = Workers(tmp_path, keys, policy=POLICY.replace("lease: 3s", "lease: 3s, per_account: 2"))
    try:
        yield found
    finally:
        found.end()


def test_workers_that_die_and_sleep_double_and_lose_nothing(world: Workers) -> None:
    runs = world.orders(RUNS)
    disturbed = Disturbed(world, every=3)
    world.decide_all(runs, disturbed)
    assert disturbed.done >= {"killed", "asleep", "awake", "ended"}
    assert world.wrong_with(*runs) == []
