"""The run's branch was renamed, merged and deleted, or is only at a remote: the next command brings it back."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from state.errors import BadInput
from tests.worlds.run_world import RunWorld

pytestmark = pytest.mark.slow


def renamed(world: RunWorld) -> None:
    world.git("branch", "-m", "main", "trunk")


def renamed_below_itself(world: RunWorld) -> None:
    """git keeps no branch `main` beside a `main/old`."""
    world.git("branch", "-m", "main", "trunk")
    world.git("branch", "-m", "trunk", "main/old")


def another_below_it(world: RunWorld) -> None:
    world.git("branch", "-m", "main", "it's")
    world.git("branch", "main/old", "HEAD~1")


def merged_and_deleted(world: RunWorld) -> None:
    world.git("branch", "release", "HEAD~1")
    world.git("switch", "-q", "release")
    world.git("merge", "-q", "--no-ff", "-m", "Merge", "main")
    world.git("branch", "-q", "-d", "main")


def only_at_a_remote(world: RunWorld) -> None:
    for name in ("one", "two"):
        bare = world.root.parent / name
        world.git("clone", "-q", "--bare", str(world.root), str(bare))
        world.git("remote", "add", name, str(bare))
        world.git("fetch", "-q", name)
    world.git("switch", "-q", "-c", "mine")
    world.git("branch", "-q", "-D", "main")


def still_here(world: RunWorld) -> None:
    world.git("switch", "-q", "-c", "elsewhere")


CHANGES = [renamed, renamed_below_itself, another_below_it, merged_and_deleted, only_at_a_remote, still_here]


@pytest.mark.parametrize("change", CHANGES, ids=[change.__name__ for change in CHANGES])
def test_the_command_works_and_the_run_goes_on(tmp_path: Path, change: Callable[[RunWorld], None]) -> None:
    world = RunWorld(tmp_path)
    with world.start() as engine:
        engine.segment()
    change(world)
    with pytest.raises(BadInput, match="commits to branch main, ") as refused, world.reopen():
        pass
    subprocess.run(refused.value.next_command, shell=True, cwd=world.root, check=True, capture_output=True)
    with world.reopen() as engine:
        engine.drive()
        assert engine.complete
