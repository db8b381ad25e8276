"""A lock that somebody holds for a moment is waited for, by every command that meets one; one that stays is refused."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from state.errors import WorkspaceRefused
from tests.worlds.git_world import RUNBOOK, Repo
from workflow.doors.git import locks
from workflow.doors.git.commit_paths import CommitRefused
from workflow.doors.git.locks import names_lock
from workflow.doors.git.repository import GitDoor

LOCKS = ["index.lock", "HEAD.lock", "refs/heads/main.lock"]


class Editor:
    """A program that holds a lock until phasegate has paused so many times; each pause takes no time."""

    def __init__(self, lock: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.lock = lock
        self.pauses = 0
        self.lets_go_after = 1
        lock.touch()
        monkeypatch.setattr(locks, "PATIENCE", 30.0)
        monkeypatch.setattr(locks.time, "sleep", self.while_paused)

    def while_paused(self, _seconds: float) -> None:
        self.pauses += 1
        if self.pauses == self.lets_go_after:
            self.lock.unlink()


@pytest.fixture(params=LOCKS)
def editor(repo: Repo, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Editor:
    repo.write(RUNBOOK, "- [x] 1.1 Begin\n")
    return Editor(repo.path / ".git" / request.param, monkeypatch)


@pytest.mark.parametrize("pauses", [1, 3])
def test_a_commit_that_meets_a_lock_is_made_when_it_is_free(repo: Repo, editor: Editor, pauses: int) -> None:
    editor.lets_go_after = pauses
    sha = GitDoor(repo.path).commit([RUNBOOK], "1.1 Begin\n")
    assert (repo.head, editor.pauses) == (sha, pauses)


def test_a_run_begins_when_the_lock_is_gone(repo: Repo, editor: Editor) -> None:
    GitDoor(repo.path).preflight([], RUNBOOK, resuming=True)
    assert editor.pauses == 1


def test_a_lock_held_for_a_moment_is_not_removed(repo: Repo, editor: Editor) -> None:
    assert GitDoor(repo.path).clear_stale_locks() == []
    assert editor.pauses == 1


@pytest.mark.parametrize(
    "command",
    [
        lambda door: door.settle_index([RUNBOOK]),
        lambda door: door.undo_commit(door.head(), f"{door.head()}~1", [RUNBOOK]),
    ],
    ids=["settle", "undo"],
)
def test_what_else_changes_the_repository_waits_as_well(
    repo: Repo, monkeypatch: pytest.MonkeyPatch, command: Callable[[GitDoor], None]
) -> None:
    repo.write(RUNBOOK, "- [x] 1.1 Begin\n")
    door = GitDoor(repo.path)
    door.commit([RUNBOOK], "1.1 Begin\n")
    editor = Editor(repo.path / ".git" / "index.lock", monkeypatch)
    command(door)
    assert editor.pauses == 1


def test_locks_that_a_dead_git_took_one_after_the_other_are_all_removed(
    repo: Repo, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At the first look the first of them is old, the second just not yet."""
    index, following = repo.path / ".git" / "index.lock", repo.path / ".git" / "next-index-4711.lock"
    now = [1000.0 + locks.PATIENCE]

    def while_paused(seconds: float) -> None:
        now[0] += seconds

    for lock, made in ((index, 1000.0), (following, 1000.02)):
        lock.touch()
        os.utime(lock, (made, made))
    monkeypatch.setattr(locks.time, "sleep", while_paused)
    monkeypatch.setattr(locks.time, "time", lambda: now[0])
    monkeypatch.setattr(locks.time, "monotonic", lambda: now[0])
    assert GitDoor(repo.path).clear_stale_locks() == [str(index), str(following)]
    assert not index.exists() and not following.exists()


def test_who_locks_again_and_again_is_not_taken_for_a_dead_git(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    """The lock is a new one at each look, so that none is ever old."""
    lock = repo.path / ".git" / "index.lock"
    now = [1000.0]

    def made_again(seconds: float) -> None:
        now[0] += seconds
        os.utime(lock, (now[0], now[0]))

    lock.touch()
    os.utime(lock, (now[0], now[0]))
    monkeypatch.setattr(locks.time, "sleep", made_again)
    monkeypatch.setattr(locks.time, "time", lambda: now[0])
    monkeypatch.setattr(locks.time, "monotonic", lambda: now[0])
    with pytest.raises(WorkspaceRefused, match="by a program that is not git") as refused:
        GitDoor(repo.path).preflight([], RUNBOOK, resuming=True)
    assert "rm it" in refused.value.next_command
    with pytest.raises(WorkspaceRefused, match="by a program that is not git"):
        GitDoor(repo.path).clear_stale_locks()
    assert lock.exists()


def test_a_lock_that_stays_refuses_the_commit(repo: Repo) -> None:
    repo.write(RUNBOOK, "- [x] 1.1 Begin\n")
    (repo.path / ".git" / "index.lock").touch()
    with pytest.raises(CommitRefused, match=r"index\.lock"):
        GitDoor(repo.path).commit([RUNBOOK], "1.1 Begin\n")


def test_a_hook_that_speaks_of_a_lock_is_run_once(repo: Repo) -> None:
    repo.write(RUNBOOK, "- [x] 1.1 Begin\n")
    repo.hook("pre-commit", "echo . >> .git/ran; echo 'fatal: Unable to create .git/index.lock' >&2; exit 1")
    with pytest.raises(CommitRefused, match="Unable to create"):
        GitDoor(repo.path).commit([RUNBOOK], "1.1 Begin\n")
    assert (repo.path / ".git" / "ran").read_text() == ".\n"


@pytest.mark.parametrize(
    ("status", "words", "met"),
    [
        (128, "fatal: Unable to create '/r/.git/index.lock': File exists.", True),
        (128, "Schwerwiegend: Kann \u201e/r/.git/worktrees/w/HEAD.lock\u201c nicht erstellen", True),
        (128, "fatal: cannot lock ref 'HEAD': Unable to create '/r/.git/refs/heads/a/b.lock': File exists.", True),
        (128, "Unable to create '/r/.git/packed-refs.lock': File exists.", True),
        (1, "fatal: Unable to create '/r/.git/index.lock': File exists.", False),
        (128, "fatal: poetry.lock is not in the index", False),
    ],
)
def test_what_git_says_of_a_lock(status: int, words: str, met: bool) -> None:
    assert names_lock(status, words) is met
