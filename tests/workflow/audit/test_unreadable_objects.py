"""An object that is not here is told as one: no finding, no fault; a sparse checkout says what it leaves out."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from unittest import mock

import pytest

from tests.worlds.command_world import CommandWorld

pytestmark = pytest.mark.slow


@pytest.fixture
def world(tmp_path: Path) -> CommandWorld:
    """One task is committed, with a file that was handed in."""
    world = CommandWorld(tmp_path, runbook=b"# Shed\n\n- [ ] 1. Paint\n- [ ] 2. Dry\n")
    world.git("config", "uploadpack.allowFilter", "true")
    assert world("run", "tasks.md").code == 3
    (world.root / "wall").write_text("blue\n")
    with mock.patch.dict(os.environ, {"GIT_AUTHOR_NAME": "Robot", "GIT_AUTHOR_EMAIL": "robot@example.com"}):
        assert world("done", "--path", "wall").code == 0
    digest = world("status").out.split("waiting for approval of ")[1].split()[0]
    assert world("approve", "--digest", digest).code == 0
    assert world("resume").code == 3
    return world


def remove(world: CommandWorld, name: str) -> None:
    sha = world.git("rev-parse", name).strip()
    (world.root / ".git" / "objects" / sha[:2] / sha[2:]).unlink()


@pytest.mark.parametrize("name", ["HEAD:tasks.md", "HEAD:.phasegate", "HEAD^{tree}", "HEAD~1", "journal", "artifact"])
def test_what_cannot_be_read_is_no_finding_and_no_fault(world: CommandWorld, name: str) -> None:
    places = {"journal": f"HEAD:.phasegate/{world.run_id}/journal.jsonl", "artifact": "HEAD:wall"}
    remove(world, places.get(name, name))
    told = world("audit")
    assert (told.code, "findings" in told.out) == (2, False), told
    assert "git could not read an object" in told.error
    assert told.next == "git fetch --refetch --no-filter"
    for verb in ("status", "log", "resume"):
        assert world(verb).code in (0, 2, 3), verb  # as far as it needs git


def test_a_clone_without_blobs_whose_source_is_gone_says_so(world: CommandWorld, tmp_path: Path) -> None:
    clone = tmp_path / "clone"
    source = f"file://{world.root}"
    subprocess.run(["git", "clone", "-q", "--filter=blob:none", "--no-checkout", source, str(clone)], check=True)
    subprocess.run(["git", "-C", str(clone), "remote", "set-url", "origin", "file:///gone"], check=True)
    world.root = clone
    told = world("audit")
    assert (told.code, told.next) == (2, "git fetch --refetch --no-filter")


def test_a_sparse_checkout_audits_and_says_what_status_lacks(world: CommandWorld) -> None:
    world.git("add", "-A")
    world.git("commit", "-q", "-m", "As far as it came")
    world.git("sparse-checkout", "set", "--no-cone", "/tasks.md")
    assert "findings: none" in world("audit").out
    told = world("status")
    assert (told.code, told.next) == (2, "git sparse-checkout add .phasegate")
    assert "outside of this sparse checkout" in told.error
    world.type(told.next)
    assert world("status").code == 0


def test_a_graft_of_this_clone_is_not_followed(world: CommandWorld) -> None:
    (world.root / ".git" / "info").mkdir(exist_ok=True)
    (world.root / ".git" / "info" / "grafts").write_text(world.git("rev-parse", "HEAD"))
    assert "findings: none" in world("audit").out
