"""Names that differ only by case are two here and one on macOS and Windows: a run is refused before it is there."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.worlds.command_world import CommandWorld
from tests.worlds.workspaces import git

pytestmark = pytest.mark.slow
RUNBOOK = b"# Shed\n\n- [ ] 1. Paint\n"


@pytest.fixture
def world(tmp_path: Path) -> CommandWorld:
    return CommandWorld(tmp_path, runbook=RUNBOOK)


def put(world: CommandWorld, path: str, *, known: bool) -> None:
    file = world.root / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("# Another\n")
    if known:
        git(world.root, "add", "-f", path)
        git(world.root, "commit", "-q", "-m", "Another")


@pytest.mark.parametrize("known", [True, False], ids=["in git", "in the directory"])
@pytest.mark.parametrize(
    ("path", "twin", "own"),
    [
        ("Tasks.md", "Tasks.md", "tasks.md"),
        ("tasks.MD", "tasks.MD", "tasks.md"),
        ("TASKS.checks.yaml", "TASKS.checks.yaml", "tasks.checks.yaml"),
        ("Artifacts/x.md", "Artifacts", "artifacts"),
        ("artifacts/Tasks/x.md", "artifacts/Tasks", "artifacts/tasks"),
        (".Phasegate/x.md", ".Phasegate", ".phasegate"),
    ],
)
def test_it_is_refused_by_both_names_and_goes_on_as_typed(
    world: CommandWorld, path: str, twin: str, own: str, *, known: bool
) -> None:
    put(world, path, known=known)
    told = world("run", "tasks.md")
    assert told.code == 2, told
    assert f"{own} and {twin} differ only by upper and lower case" in told.error
    assert not (world.root / ".phasegate").exists()
    world.type(told.next)
    assert world("run", "tasks.md").code == 3


@pytest.mark.parametrize("path", ["Tasks.md", "artifacts/Tasks/x.md"])
def test_what_git_has_and_the_directory_has_not_counts(world: CommandWorld, path: str) -> None:
    put(world, path, known=True)
    (world.root / path).unlink()
    if path != "Tasks.md":
        (world.root / "artifacts/Tasks").rmdir()
        (world.root / "artifacts").rmdir()
    told = world("run", "tasks.md")
    assert "differ only by upper and lower case" in told.error
    world.type(told.next)
    assert world("run", "tasks.md").code == 3


def test_a_letter_outside_of_ascii_is_folded(world: CommandWorld) -> None:
    (world.root / "größe.md").write_bytes(RUNBOOK)
    git(world.root, "add", "größe.md")
    git(world.root, "commit", "-q", "-m", "Size")
    put(world, "GRÖSSE.md", known=False)
    assert world("run", "größe.md").code == 2


def test_other_names_are_nobodys_twins(world: CommandWorld) -> None:
    for path in ("tasks-2.md", "other/Tasks.md", "artifacts/other/Tasks.md"):
        put(world, path, known=True)
    assert world("run", "tasks.md").code == 3
