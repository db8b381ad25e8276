"""A journal that was replaced by a link, and a runbook that was moved, are each said once."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.worlds.command_world import CommandWorld
from workflow.audit import audit_workspace


@pytest.fixture
def world(tmp_path: Path) -> CommandWorld:
    world = CommandWorld(tmp_path)
    world.up_to("1.1")
    return world


def link_away(path: Path, to: Path) -> None:
    path.rename(to)
    path.symlink_to(to)


def codes(place: Path) -> set[str]:
    (found,) = audit_workspace(place, None)
    return {each.code for each in found.findings}


@pytest.mark.slow
def test_a_journal_behind_a_link_is_damage_in_the_working_tree_and_in_a_bare_clone(
    world: CommandWorld, tmp_path: Path
) -> None:
    link_away(world.journal, tmp_path / "journal.jsonl")
    told = world("audit")
    assert (told.code, "journal-damaged" in told.out) == (1, True)
    assert world("resume").code == 2  # who would write through it
    world.git("add", "-A")
    world.git("commit", "-q", "-m", "A link")
    assert world("audit").code == 1
    bare = tmp_path / "bare.git"
    subprocess.run(["git", "clone", "-q", "--bare", str(world.root), str(bare)], check=True)
    assert {"journal-damaged", "artifact-changed-later"} <= codes(bare) <= codes(world.root)


def test_nothing_is_read_through_a_link_to_a_directory(world: CommandWorld, tmp_path: Path) -> None:
    directory = world.journal.parent
    directory.rename(tmp_path / "elsewhere")
    directory.symlink_to(tmp_path / "elsewhere")
    # the tip has it, the link is not followed: what the run left there is gone
    codes = [finding.code for finding in audit_workspace(world.root, None)[0].findings]
    assert codes == ["journal-missing", "runbook-copy-differs"]


def test_a_runbook_that_a_commit_moved_is_said_to_be_gone_once_and_no_merge_is_blamed(world: CommandWorld) -> None:
    world.git("mv", "tasks.md", "plan.md")
    world.git("commit", "-q", "-m", "Move it")
    (found,) = audit_workspace(world.root, None)
    assert [each.message for each in found.findings] == ["tasks.md was removed"]
