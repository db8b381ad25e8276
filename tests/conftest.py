"""What every test may rely on, and what several subjects share: two real runs and keys, each made once a worker."""

from __future__ import annotations

import gc
import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.worlds.approval_world import Keys
    from tests.worlds.forger import Forger
    from tests.worlds.run_world import RunWorld

# Files with tests of more than ten seconds, the longest first.
LONGEST = (
    "test_power_cut.py",
    "test_deployment_infra.py",
    "test_main_job.py",
    "test_aws_deploy.py",
    "test_real_kill.py",
    "test_power_cut_on_the_way_back.py",
    "test_documented_commands.py",
    "test_deployment_checklist.py",
    "test_demo_again.py",
    "test_cut_work_by_hand.py",
    "test_rollback_commands.py",
    "test_misread_journals.py",
    "test_session_commands.py",
    "test_screens.py",
    "test_a_pass_needs_a_fact.py",
    "test_no_pass_without_a_fact.py",
    "test_items_hold.py",
)

# Tests that start programs (git above all) take a tenth of a second and more each, by the hundred: they are slow, not
# for `make test-quick`. These are the fixtures below that do; modules are read (`is_slow`).
STARTING = {"keys", "complete_run", "halfway_run"}

# Tests start hundreds of processes, and each would compile the modules that it loads anew, which is three quarters of
# the time of a `resume`: they are compiled once, whatever is set outside.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False

# Asserts in helpers say what they saw, as those in tests do; so no helper may be imported before this line.
pytest.register_assert_rewrite("tests.worlds")

# A job that a shell started in the background inherits an ignored SIGINT, and so do its children; the tests of Ctrl-C
# start commands that must hear it as they would in a terminal. A handler here is the default in a started child.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# Nor do children inherit that under `nohup` the end of a terminal is ignored, as it goes on to be here.
if signal.getsignal(signal.SIGHUP) is signal.SIG_IGN:
    signal.signal(signal.SIGHUP, lambda _number, _frame: None)

# git looks after each commit whether there is anything to tidy, by two more processes; there never is.
if "GIT_CONFIG_COUNT" not in os.environ:
    os.environ |= {"GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "maintenance.auto", "GIT_CONFIG_VALUE_0": "false"}

# Terraform's programs end before it pays to look for their garbage as often as a server's.
os.environ.setdefault("GOGC", "400")

os.environ["PAGER"] = "cat"  # a page that waits for `q` is the business of the tests of pagers


# Thousands of tests and hundreds of modules stay to the end. To look through them all for garbage takes a third of a
# second, again and again: it is not done while they are collected, and never in what was there by then; and in what
# tests make, whose worlds lie in cycles of a few thousand objects, a tenth as often as Python would.
gc.disable()


def pytest_configure() -> None:
    from tests.worlds.in_memory import lie_in_memory

    lie_in_memory()


def pytest_collection_finish() -> None:
    gc.collect()
    gc.freeze()
    gc.set_threshold(7_000, 10, 10)
    gc.enable()


@pytest.fixture(scope="module", autouse=True)
def forks_are_quick() -> None:
    """Some programs are forks of this process, which grows by what tests leave behind: each module looks at it once."""
    from tests.worlds.large_pages import before_the_next_fork

    before_the_next_fork()


@pytest.fixture(scope="session", autouse=True)
def locks_grow_old_quickly() -> Iterator[None]:
    """In this process; commands that are started wait for a lock as long as they do for a user."""
    from workflow.doors.git import locks

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(locks, "PATIENCE", 0.05)
        yield


@pytest.fixture(scope="session", autouse=True)
def libraries_remember() -> Iterator[None]:
    """In this process; what is imported for it is imported already, by one test or another."""
    from tests.worlds.remembered import answers_remembered

    with answers_remembered():
        yield


@pytest.fixture(scope="session", autouse=True)
def sandboxes_begin_quickly() -> Iterator[None]:
    """In this process and its forks; commands that are started begin theirs as they do for a user."""
    from tests.worlds.warm_sandbox import warm_servers

    with warm_servers():
        yield


@pytest.fixture(scope="session", autouse=True)
def state_of_this_user(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """What belongs to the user and not to a repository (the sandbox's secret) stays in the tests' own directory."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(os.environ, "XDG_STATE_HOME", str(tmp_path_factory.mktemp("state")))
        yield


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """`make test-quick` does not even import what it would leave out as a whole: two modules of three."""
    from tests.worlds.programs import is_slow

    left_out = config.option.markexpr == "not slow" and collection_path.suffix == ".py" and is_slow(collection_path)
    return left_out or None  # else others are asked


@pytest.hookimpl(tryfirst=True)  # before the one that leaves out what `-m` does not name
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest tests begin first, so that at the end no core waits for one of them; who starts programs is slow."""
    from tests.worlds.programs import is_slow

    for item in items:
        assert isinstance(item, pytest.Function)
        if is_slow(item.path) or STARTING.intersection(item.fixturenames):
            item.add_marker(pytest.mark.slow)
    place = {name: number for number, name in enumerate(LONGEST)}
    items.sort(key=lambda item: place.get(item.path.name, len(place)))


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
