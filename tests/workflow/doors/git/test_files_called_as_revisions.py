"""A file may be called `HEAD`, or as the branch is: no git process takes it for the revision, or stops at the doubt."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.worlds.command_world import CommandWorld
from tests.worlds.git_world import Repo
from workflow.doors.git.head import directories_in_head, has_in_head
from workflow.doors.git.plumbing import last_commit_with
from workflow.doors.git.repository import GitDoor
from workflow.doors.git.runs_elsewhere import goes_on_elsewhere, runs_in_git
from workflow.doors.git.step_git import StepGitDoor

NAMES = ("HEAD", "main", "side")


@pytest.fixture
def named(repo: Repo) -> Repo:
    for name in NAMES:
        repo.write(name)
    repo.write("dir/a")
    repo.commit_all("Task\n\nPhasegate-Run: r1\nPhasegate-Task: t1\n")
    return repo


def test_what_only_looks_sees_the_commit(named: Repo) -> None:
    assert set(runs_in_git(named.path)) == {"r1"}
    assert goes_on_elsewhere(named.path, "r1") is None
    assert last_commit_with(named.path, {"Phasegate-Run": "r1"}) == named.head
    assert has_in_head(named.path, "dir/a")
    assert directories_in_head(named.path, "dir") == []


def test_the_doors_see_the_commit(named: Repo) -> None:
    door = GitDoor(named.path)
    assert [commit.sha for commit in door.find_commits({"Phasegate-Run": "r1"})] == [named.head]
    assert door.blob("HEAD", "HEAD") == b"content\n"
    assert door.last_change("HEAD", "HEAD") == named.head
    assert door.diff(["HEAD"], "HEAD") == ""
    assert StepGitDoor(named.path).changed_since("HEAD") == []


@pytest.mark.slow
def test_a_run_goes_from_its_start_to_its_audit_and_to_its_end(tmp_path: Path) -> None:
    world = CommandWorld(tmp_path)
    for name in NAMES:
        (world.root / name).write_text("mine\n")
    world.git("add", "-A")
    world.git("commit", "-q", "-m", "names")
    assert "no run has been started" in world("status", "--json").error
    assert world("run", "tasks.md", "--sandbox", "--yes", "--practice", "--until", "1.1").code == 0
    for words in (["note", "hi"], ["audit"], ["abort", "--reason", "enough"], ["audit"], ["status"]):
        told = world(*words)
        assert told.code == 0, (words, told)
