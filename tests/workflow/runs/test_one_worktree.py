"""A run goes on in one worktree: a copy of its directory in a second one on the same branch drives nothing."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from tests.worlds.command_world import CommandWorld

pytestmark = pytest.mark.slow


@pytest.fixture
def world(tmp_path: Path) -> CommandWorld:
    """A run whose first task waits for approval."""
    world = CommandWorld(tmp_path, runbook=b"# Shed\n\n- [ ] 1. Paint\n- [ ] 2. Dry\n")
    assert world("run", "tasks.md").code == 3
    world.hand_in()
    return world


def second(world: CommandWorld, place: Path, *options: str) -> CommandWorld:
    """A second worktree, with a copy of the run."""
    world.git("worktree", "add", "-q", *options)
    shutil.copytree(world.root / ".phasegate", place / ".phasegate", dirs_exist_ok=True)
    other = CommandWorld.__new__(CommandWorld)
    other.root = place
    return other


def state(world: CommandWorld) -> dict[Path, bytes]:
    places = [world.root / ".phasegate", Path(world.git("rev-parse", "--absolute-git-dir").strip()) / "phasegate"]
    return {file: file.read_bytes() for place in places for file in place.rglob("*") if file.is_file()}


def switched(world: CommandWorld, name: str) -> None:
    world.git("switch", "-q", "--ignore-other-worktrees", name)


def test_a_copy_on_the_same_branch_is_refused_by_name_and_changes_nothing(world: CommandWorld, tmp_path: Path) -> None:
    other = second(world, tmp_path / "two", "--force", str(tmp_path / "two"), "HEAD")
    switched(other, branch(world))
    digest = json.loads(world("status", "--json").out)["waiting_for"]["digest"]
    before = [state(each) for each in (world, other)]
    for words in (("resume",), ("approve", "--digest", digest), ("done", "--no-files")):
        told = other(*words)
        assert (told.code, told.next) == (6, f"cd {world.root}"), told
        assert f"run {world.run_id} is under way in another worktree, {world.root}" in told.error
    assert [state(each) for each in (world, other)] == before
    assert world("approve", "--digest", digest).code == 0
    assert world("resume").code == 3
    assert other("resume").code == 6


def test_once_the_first_one_is_elsewhere_the_second_goes_on(world: CommandWorld, tmp_path: Path) -> None:
    name = branch(world)
    world.git("switch", "-q", "-c", "aside")
    other = second(world, tmp_path / "two", str(tmp_path / "two"), name)
    assert other("resume").code == 3


def test_a_worktree_that_is_gone_stands_in_nobodys_way(world: CommandWorld, tmp_path: Path) -> None:
    other = second(world, tmp_path / "two", "--detach", str(tmp_path / "two"))
    switched(other, branch(world))
    assert other("resume").code == 6
    shutil.rmtree(other.root)
    assert world("resume").code == 3


def branch(world: CommandWorld) -> str:
    return world.git("symbolic-ref", "--short", "HEAD").strip()
