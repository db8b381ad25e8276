"""Two real runs, made once and copied for each test: a complete one, and one that waits at its second gate."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from state.errors import Waiting
from tests.fakes.run_world import RunWorld
from tests.workflow.audit.forger import Forger
from workflow.ports import Approve, Pause


@pytest.fixture(scope="session")
def complete_run(tmp_path_factory: pytest.TempPathFactory) -> RunWorld:
    world = RunWorld(tmp_path_factory.mktemp("complete"))
    with world.start() as engine:
        engine.drive()
    return world


@pytest.fixture(scope="session")
def halfway_run(tmp_path_factory: pytest.TempPathFactory) -> RunWorld:
    world = RunWorld(tmp_path_factory.mktemp("halfway"))
    world.person.verdicts = [Approve("prompt"), Pause()]
    with world.start() as engine, pytest.raises(Waiting):
        engine.drive()
    return world


def copied(world: RunWorld, place: Path) -> Forger:
    shutil.copytree(world.root, place / "repo", symlinks=True)
    return Forger(place / "repo", world.run_id)


@pytest.fixture
def complete(complete_run: RunWorld, tmp_path: Path) -> Forger:
    """All three tasks are committed."""
    return copied(complete_run, tmp_path)


@pytest.fixture
def halfway(halfway_run: RunWorld, tmp_path: Path) -> Forger:
    """1.1 is committed, 1.2 waits for approval."""
    return copied(halfway_run, tmp_path)
