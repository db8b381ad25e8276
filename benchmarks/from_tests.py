"""What do benchmarks borrow from the tests? The worlds that runs are made in; only this file imports them."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from tests.worlds.approval_world import Keys
from tests.worlds.autopilot import Driven, drive
from tests.worlds.growth import NAMES, costs, runbook_of, size_of
from tests.worlds.many_workers import known_barn, many_orders, wrong_at_first_gate
from tests.worlds.postgres import postgres
from tests.worlds.repositories import first_commit
from tests.worlds.run_world import FakeClock, FakePerson, RunWorld
from tests.worlds.workers import Disturbed, Workers
from tests.worlds.workspaces import environment, git

__all__ = [
    "NAMES",
    "Disturbed",
    "Driven",
    "FakeClock",
    "FakePerson",
    "Keys",
    "RunWorld",
    "Workers",
    "costs",
    "drive",
    "environment",
    "first_commit",
    "git",
    "known_barn",
    "many_orders",
    "postgres",
    "runbook_of",
    "size_of",
    "wrong_at_first_gate",
]
