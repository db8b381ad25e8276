"""A directory that becomes another repository after its files were shown is named before git is asked for a commit."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from tests.worlds.command_world import CommandWorld, Told
from workflow.audit import audit_workspace

RUNBOOK = b"# Shed\n\n- [ ] 1. Paint\n"
BECOMES = {
    "a repository": ("git init -q out/a", "out/a"),
    "a repository further out": ("git init -q out", "out"),
    "a worktree": ("mv out/a kept && git worktree add -q out/a && mv kept/f out/a/f", "out/a"),
    "a submodule": ("git init -q out/a && mv out/a/.git inner && echo 'gitdir: ../../inner' > out/a/.git", "out/a"),
}


@pytest.fixture
def waiting(tmp_path: Path) -> CommandWorld:
    """Two files of a directory wait for approval."""
    world = CommandWorld(tmp_path, runbook=RUNBOOK)
    (world.root / "phasegate.yaml").write_text("default: {operator_may_approve: true}\n")
    world.git("add", "phasegate.yaml")
    world.git("commit", "-q", "-m", "A policy")
    assert world("run", "tasks.md").code == 3
    (world.root / "out/a").mkdir(parents=True)
    (world.root / "out/a/f").write_text("1\n")
    (world.root / "out/g").write_text("2\n")
    assert world("done", "--path", "out").code == 0
    return world


def approve(world: CommandWorld) -> Told:
    waits = json.loads(world("status", "--json").out)["waiting_for"]
    return world("approve", "--digest", waits["digest"])


def become(world: CommandWorld, script: str) -> None:
    subprocess.run(["sh", "-c", script], cwd=world.root, check=True, capture_output=True)


def goes_on_once_it_is_taken_out(world: CommandWorld, told: Told, where: str) -> None:
    assert told.code == 2
    assert (
        f"  {where}: expected a directory of this repository, as when its files were shown; seen one with a .git"
        in (told.error)
    )
    assert "its approval stands" in told.error
    assert "pathspec" not in told.error
    world.type(told.next)


@pytest.mark.parametrize("what", BECOMES)
def test_behind_the_approval_it_is_named_and_the_approval_stands(waiting: CommandWorld, what: str) -> None:
    script, where = BECOMES[what]
    assert approve(waiting).code == 0
    become(waiting, script)
    before = waiting.files()
    told = waiting("resume")
    assert waiting.files() == before
    goes_on_once_it_is_taken_out(waiting, told, where)
    assert waiting("resume").code == 0
    assert "out/a/f\nout/g" in waiting.git("show", "--name-only", "--format=", "HEAD")
    (found,) = audit_workspace(waiting.root, waiting.run_id)
    assert found.findings == []


@pytest.mark.parametrize("what", BECOMES)
def test_before_the_approval_nobody_approves_what_cannot_be_committed(waiting: CommandWorld, what: str) -> None:
    script, where = BECOMES[what]
    become(waiting, script)
    before = waiting.files()
    told = approve(waiting)
    assert waiting.files() == before
    goes_on_once_it_is_taken_out(waiting, told, where)
    assert approve(waiting).code == 0
    assert waiting("resume").code == 0


@pytest.mark.parametrize("script", ["git init -q out/new", "git init -q --bare out/a"])
def test_what_is_in_nobodys_way_is_left_alone(waiting: CommandWorld, script: str) -> None:
    assert approve(waiting).code == 0
    become(waiting, script)
    assert waiting("resume").code == 0
    assert "out/a/f" in waiting.git("show", "--name-only", "--format=", "HEAD")
