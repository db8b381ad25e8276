"""A run in a shallow clone and in a linked worktree: the refusal names a command that leads on from there."""

from __future__ import annotations

import shlex
import subprocess
from pathlib import Path

import pytest

from tests.worlds.command_world import CommandWorld
from workflow.doors.git.branch_gone import switch_to

pytestmark = pytest.mark.slow


@pytest.fixture
def world(tmp_path: Path) -> CommandWorld:
    world = CommandWorld(tmp_path)
    world.up_to("1.1")
    return world


@pytest.mark.parametrize("arguments", [("resume",), ("done", "--no-files"), ("abort", "--reason", "no")])
def test_a_shallow_clone_of_a_run_says_what_it_lacks(
    world: CommandWorld, tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    clone = tmp_path / "clone"
    subprocess.run(["git", "clone", "-q", "--depth=1", f"file://{world.root}", str(clone)], check=True)
    base = world.git("rev-parse", "HEAD~1")
    world.root = clone
    before = world.files()
    told = world(*arguments)
    assert (told.code, told.next) == (2, "git fetch --unshallow")
    assert f"a shallow clone without commit {base[:10]}" in told.error
    assert world.files() == before
    assert "it would stop a run" in world("doctor").out
    world.type(told.next)
    if arguments == ("resume",):
        world.goes_on_to_the_end()


def test_a_shallow_clone_that_has_all_of_a_run_goes_on(world: CommandWorld, tmp_path: Path) -> None:
    clone = tmp_path / "clone"
    subprocess.run(["git", "clone", "-q", "--depth=1", f"file://{world.root}", str(clone)], check=True)
    world.root = clone
    assert world("run", "tasks.md").code == 2  # the run of the other clone is not finished
    world.git("fetch", "-q", "--depth=2")
    world.goes_on_to_the_end()


@pytest.fixture
def linked(world: CommandWorld, tmp_path: Path) -> Path:
    """The main worktree; the world is in another one, a name with a blank, on branch `other`."""
    main = world.root
    world.git("worktree", "add", "-q", str(tmp_path / "the other"), "-b", "other")
    world.root = tmp_path / "the other"
    return main


def test_a_branch_of_another_worktree_is_gone_to_there(world: CommandWorld, linked: Path) -> None:
    told = world("resume")
    assert (told.code, told.next) == (2, f"cd {linked}")
    assert "not here" not in told.error
    world.root = linked
    world.goes_on_to_the_end()


def test_a_run_that_went_on_in_another_worktree_is_gone_to_there(world: CommandWorld, linked: Path) -> None:
    world.git("switch", "-q", "-c", "third")
    other, world.root = world.root, linked
    world.goes_on_to_the_end()
    world.root = other
    world.git("switch", "-q", "--detach")
    assert world("resume").next == f"cd {linked}"
    world.git("reset", "-q", "--hard", "main~2")
    told = world("resume")
    assert (told.code, told.next) == (2, f"cd {linked}")


def test_a_worktree_whose_directory_is_gone_keeps_no_branch(world: CommandWorld, linked: Path, tmp_path: Path) -> None:
    away = tmp_path / "away"
    world.git("worktree", "add", "-q", str(away), "-b", "it's")
    for directory in sorted(away.rglob("*"), reverse=True):
        directory.rmdir() if directory.is_dir() else directory.unlink()
    away.rmdir()
    world.type(switch_to(world.root, "it's"))
    assert world.git("branch", "--show-current") == "it's\n"
    assert switch_to(linked, "other") == "git switch other"
    assert switch_to(world.root, "main") == shlex.join(["cd", str(linked)])
