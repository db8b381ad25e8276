"""Names that git would take for patterns, and directories that hold nothing of this repository's."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.worlds.command_world import CommandWorld


@pytest.fixture
def world(tmp_path: Path) -> CommandWorld:
    world = CommandWorld(tmp_path)
    assert world("run", "tasks.md").code == 3
    return world


@pytest.mark.parametrize("name", [":(glob)x", ":x", ":(literal)x", "*"])
def test_a_name_that_looks_like_a_pattern_is_a_name(world: CommandWorld, name: str) -> None:
    told = world("done", "--path", name)
    assert (told.code, f"{name}: is not there" in told.error) == (2, True)
    (world.root / name).write_text("x\n")
    assert world("done", "--path", name).code == 0


def test_an_ignored_name_that_looks_like_a_pattern_is_told_with_a_command_that_can_be_typed(
    world: CommandWorld,
) -> None:
    (world.root / ".git/info/exclude").write_text(":(glob)*\n")
    (world.root / ":(glob)x").write_text("x\n")
    told = world("done", "--path", ":(glob)x")
    assert (told.code, "is ignored by .gitignore" in told.error) == (2, True)
    world.type(told.next)


def test_a_directory_without_changes_is_said_to_be_one(world: CommandWorld) -> None:
    for place in ("nested", "empty"):
        (world.root / place).mkdir()
    subprocess.run(["git", "init", "-q", str(world.root / "nested")], check=True)
    (world.root / "nested" / "a").write_text("a\n")
    for path, why in (
        (".", "holds nothing that was changed since task 1.1 began"),
        ("empty", "holds nothing that was changed since task 1.1 began"),
        ("nested", "is another repository (a submodule, a nested one), which no run takes in"),
    ):
        told = world("done", "--path", path)
        assert (told.code, f"  {path}: {why}" in told.error) == (2, True)
        assert told.next.startswith("phasegate done ")


@pytest.mark.parametrize(
    ("name", "why", "looks"),
    [
        ("link", "is a symbolic link -> tasks.md, which no run takes in: commit it by yourself", "phasegate done"),
        ("a\nb", "has a line break or a NUL in its name, which no run commits: expected a name", "git status --short"),
        (".git/config", "lies in a directory that git keeps for itself: expected a path outside of .git", "git status"),
    ],
)
def test_what_no_run_commits_is_refused_with_what_is_expected(
    world: CommandWorld, name: str, why: str, looks: str
) -> None:
    (world.root / "link").symlink_to("tasks.md")
    (world.root / "a\nb").write_text("x\n")
    told = world("done", "--path", name)
    assert (told.code, why in told.error) == (2, True), told.error
    assert looks in told.next
    world.type(told.next)
