"""What do benchmarks borrow from the tests? The worlds that runs are made in; only this file imports them."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from tests.worlds.autopilot import Driven, drive
from tests.worlds.growth import NAMES, costs
from tests.worlds.repositories import first_commit
from tests.worlds.run_world import FakeClock, FakePerson, RunWorld
from tests.worlds.workspaces import environment

__all__ = [
    "NAMES",
    "Driven",
    "FakeClock",
    "FakePerson",
    "RunWorld",
    "costs",
    "drive",
    "environment",
    "first_commit",
]
