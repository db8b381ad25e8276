"""What every test may rely on, and what several subjects share: two real runs and keys, each made once a worker."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.worlds.approval_world import Keys
    from tests.worlds.forger import Forger
    from tests.worlds.run_world import RunWorld

# Asserts in helpers say what they saw, as those in tests do; so no helper may be imported before this line.
pytest.register_assert_rewrite("tests.worlds")

# A job that a shell started in the background inherits an ignored SIGINT, and so do its children; the tests of Ctrl-C
# start commands that must hear it as they would in a terminal. A handler here is the default in a started child.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session", autouse=True)
def locks_grow_old_quickly() -> Iterator[None]:
    """In this process; commands that are started wait for a lock as long as they do for a user."""
    from workflow.doors.git import locks

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(locks, "PATIENCE", 0.05)
        yield


@pytest.fixture(scope="session", autouse=True)
def state_of_this_user(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """What belongs to the user and not to a repository (the sandbox's secret) stays in the tests' own directory."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(os.environ, "XDG_STATE_HOME", str(tmp_path_factory.mktemp("state")))
        yield


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest test begins first, so that at the end no core waits for it."""
    items.sort(key=lambda item: "test_power_cut.py" not in item.nodeid)


@pytest.fixture(scope="session")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Keys:
    from tests.worlds.approval_world import Keys

    return Keys(tmp_path_factory.mktemp("keys"))


@pytest.fixture(scope="session")
def complete_run(tmp_path_factory: pytest.TempPathFactory) -> RunWorld:
    from tests.worlds.run_world import RunWorld

    world = RunWorld(tmp_path_factory.mktemp("complete"))
    with world.start() as engine:
        engine.drive()
    return world


@pytest.fixture(scope="session")
def halfway_run(tmp_path_factory: pytest.TempPathFactory) -> RunWorld:
    from state.errors import Waiting
    from tests.worlds.run_world import RunWorld
    from workflow.ports import Approve, Pause

    world = RunWorld(tmp_path_factory.mktemp("halfway"))
    world.person.verdicts = [Approve("prompt"), Pause()]
    with world.start() as engine, pytest.raises(Waiting):
        engine.drive()
    return world


@pytest.fixture
def complete(complete_run: RunWorld, tmp_path: Path) -> Forger:
    """All three tasks are committed."""
    from tests.worlds.forger import Forger

    return Forger.of_copy(complete_run, tmp_path / "repo")


@pytest.fixture
def halfway(halfway_run: RunWorld, tmp_path: Path) -> Forger:
    """1.1 is committed, 1.2 waits for approval."""
    from tests.worlds.forger import Forger

    return Forger.of_copy(halfway_run, tmp_path / "repo")
