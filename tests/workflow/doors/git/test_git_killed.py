"""A commit that was killed: what it leaves is found, cleared only when nobody is at work, and the run goes on."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from state.errors import WorkspaceRefused
from tests.worlds.git_world import RUNBOOK, Repo
from workflow.doors.git.commit_paths import CommitRefused
from workflow.doors.git.locks import git_processes
from workflow.doors.git.repository import GitDoor

MESSAGE = "1.1 Begin\n\nPhasegate-Task: 1.1\n"
KILL = "kill -9 $PPID"
PATHS = [RUNBOOK, "out.json"]


@pytest.fixture
def at_work(repo: Repo) -> Repo:
    repo.write("theirs.txt", "staged\n")
    repo.git("add", "theirs.txt")
    repo.write(RUNBOOK, "- [x] 1.1 Begin\n")
    repo.write("out.json")
    return repo


def killed(repo: Repo, hook: str, script: str) -> CommitRefused:
    repo.hook(hook, script)
    with pytest.raises(CommitRefused) as refused:
        GitDoor(repo.path).commit(PATHS, MESSAGE)
    (repo.path / ".git" / "hooks" / hook).unlink()
    assert refused.value.status == -9
    return refused.value


def names(locks: list[str]) -> list[str]:
    return sorted(Path(lock).name.split("-")[0].removesuffix(".lock") for lock in locks)


def test_killed_in_a_hook_the_locks_are_cleared_and_the_commit_made(at_work: Repo) -> None:
    head = at_work.head
    killed(at_work, "pre-commit", KILL)
    door = GitDoor(at_work.path)
    with pytest.raises(CommitRefused, match=r"index\.lock"):
        door.commit(PATHS, MESSAGE)
    assert at_work.head == head
    assert names(door.clear_stale_locks()) == ["index", "next"]
    assert door.find_commits({"Phasegate-Task": "1.1"}) == []
    sha = door.commit(PATHS, MESSAGE)
    assert at_work.git("show", "--format=", "--name-only", sha).split() == ["out.json", RUNBOOK]
    assert at_work.git("diff", "--cached", "--name-only") == "theirs.txt"
    assert door.clear_stale_locks() == []


def test_killed_while_the_branch_was_locked_that_lock_goes_too(at_work: Repo) -> None:
    killed(at_work, "reference-transaction", f'[ "$1" != prepared ] || {KILL}')
    door = GitDoor(at_work.path)
    assert names(door.clear_stale_locks()) == ["HEAD", "index", "main", "next"]
    assert door.commit(PATHS, MESSAGE) == at_work.head


def test_killed_after_the_branch_moved_the_commit_is_found_and_the_index_settled(at_work: Repo) -> None:
    refused = killed(at_work, "reference-transaction", f'[ "$1" != committed ] || {KILL}')
    made = at_work.head
    assert f"git made commit {made}, then failed" in refused.message
    door = GitDoor(at_work.path)
    door.clear_stale_locks()
    assert [commit.sha for commit in door.find_commits({"Phasegate-Task": "1.1"})] == [made]
    assert door.status(PATHS) != []
    door.settle_index(PATHS)
    assert door.status(PATHS) == []
    assert at_work.git("status", "--porcelain") == "M  theirs.txt"


def test_while_a_git_is_at_work_no_lock_is_removed(at_work: Repo) -> None:
    ready, go = at_work.path / ".git" / "ready", at_work.path / ".git" / "go"
    os.mkfifo(ready)
    os.mkfifo(go)
    at_work.hook("pre-commit", f"echo > '{ready}'; cat '{go}'")
    alive = subprocess.Popen(["git", "commit", "-q", "-m", "theirs", "theirs.txt"], cwd=at_work.path)
    try:
        ready.read_text()  # the hook is running, the index is locked
        door = GitDoor(at_work.path)
        with pytest.raises(WorkspaceRefused, match=rf"git commit \(process {alive.pid}\)"):
            door.clear_stale_locks()
        with pytest.raises(WorkspaceRefused, match=rf"held by git commit \(process {alive.pid}\)"):
            door.preflight([], RUNBOOK, resuming=True)
        assert (at_work.path / ".git" / "index.lock").exists()
        assert git_processes(at_work.path.parent / "elsewhere") == []
    finally:
        go.write_text("")
        assert alive.wait() == 0


def test_a_stale_lock_is_told_before_the_work(at_work: Repo) -> None:
    killed(at_work, "pre-commit", KILL)
    with pytest.raises(WorkspaceRefused, match=r"left by one that died; next: rm "):
        GitDoor(at_work.path).preflight([], RUNBOOK, resuming=True)


def test_where_there_is_no_proc_any_git_of_the_machine_counts(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    listing = tmp_path / "ps"
    listing.write_text("#!/bin/sh\necho '  17 /usr/bin/git'\necho '  18 bash'\necho '  19 gitk'\n")
    listing.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    assert git_processes(tmp_path, proc=tmp_path / "no-proc") == ["git (process 17)"]


def test_a_reader_that_stays_open_is_not_in_the_way(repo: Repo) -> None:
    reader = subprocess.Popen(["git", "-c", "a.b=c", "cat-file", "--batch"], cwd=repo.path, stdin=subprocess.PIPE)
    try:
        assert git_processes(repo.path) == []
    finally:
        reader.communicate()
