"""What git's own files or one process tell, git is not asked; whatever these do not tell for sure, it is."""

from __future__ import annotations

import os
import pwd
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from state.errors import WorkspaceRefused
from tests.worlds.git_world import RUNBOOK, Repo, verb_of
from workflow.doors.git.index_marks import surely_unmarked
from workflow.doors.git.preflight import ROLES, identity, identity_of_both
from workflow.doors.git.process import GitProcess
from workflow.doors.git.repository import GitDoor

NAMES = ["a/log.md", "log.md", "other/a/log.md", "other/log.md", "zog.md"]
ASSUMED, SKIPPED = "--assume-unchanged", "--skip-worktree"


def filled(repo: Repo) -> None:
    for name in NAMES:
        repo.write(name, name)
    repo.git("add", "-A")
    repo.git("commit", "-q", "-m", "more")


@pytest.mark.parametrize("version", ["2", "3", "4"])
@pytest.mark.parametrize("mark", [ASSUMED, SKIPPED])
def test_a_marked_path_and_no_other_is_told_by_the_index(repo: Repo, mark: str, version: str) -> None:
    filled(repo)
    git_dir = repo.path / ".git"
    assert surely_unmarked(git_dir, [*NAMES, "not-there.md", "logs.md", "og.md"])
    repo.git("update-index", mark, "log.md", "a/log.md")
    repo.git("update-index", f"--index-version={version}")
    told = {name for name in NAMES if not surely_unmarked(git_dir, [name])}
    assert told == (set(NAMES) if version == "4" else {"log.md", "a/log.md"})
    assert not surely_unmarked(git_dir, ["zog.md", "log.md"])


def split(repo: Repo) -> None:
    repo.git("update-index", ASSUMED, "log.md")
    repo.git("update-index", "--split-index")


def sparse(repo: Repo) -> None:
    repo.git("sparse-checkout", "set", "--no-cone", "/zog.md")


def directory(repo: Repo) -> None:
    repo.git("update-index", ASSUMED, "log.md")
    repo.git("mv", "log.md", "logs")
    repo.git("mv", "-k", "other", "log.md")


@pytest.mark.parametrize("kept", [split, sparse, directory], ids=lambda each: each.__name__)
def test_an_index_of_another_kind_tells_nothing(repo: Repo, kept: Callable[[Repo], None]) -> None:
    filled(repo)
    kept(repo)
    assert not surely_unmarked(repo.path / ".git", ["log.md"])


def started(repo: Repo, *, resuming: bool) -> list[str]:
    """The verbs of the git processes that it takes to know who acts, and whether a run may begin or go on."""
    verbs: list[str] = []

    def tell(when: str, argv: list[str]) -> None:
        if when == "before":
            verbs.append(verb_of(argv))

    door = GitDoor(repo.path, on_process=tell)
    door.identity()
    door.preflight(["log.md"], RUNBOOK, resuming=resuming)
    return verbs


def test_a_command_that_works_begins_with_four_processes(repo: Repo) -> None:
    assert started(repo, resuming=True) == ["var", "rev-parse", "check-ignore", "check-attr"]
    assert started(repo, resuming=False) == ["var", "rev-parse", "check-ignore", "status", "check-attr"]


def test_what_the_index_does_not_tell_is_asked(repo: Repo) -> None:
    filled(repo)
    repo.git("update-index", "--index-version=4")
    assert "ls-files" in started(repo, resuming=True)


def of_the_committer(repo: Repo, _monkeypatch: pytest.MonkeyPatch) -> None:
    repo.git("config", "committer.name", "Zoë")


def of_the_author(repo: Repo, _monkeypatch: pytest.MonkeyPatch) -> None:
    repo.git("config", "author.email", "zoe@example.com")


def of_the_environment(_repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_COMMITTER_NAME", "Zoë")


def empty_in_the_environment(_repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_COMMITTER_NAME", "")


def empty_and_the_systems_name(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    """Then git's list has the name that the configuration has, and its commit is refused."""
    repo.git("config", "user.name", pwd.getpwuid(os.getuid()).pw_name)
    monkeypatch.setenv("GIT_COMMITTER_NAME", "")
    monkeypatch.setenv("GIT_AUTHOR_NAME", "")


def guessed(repo: Repo, _monkeypatch: pytest.MonkeyPatch) -> None:
    repo.git("config", "--unset", "user.name")


def guessed_behind_a_lie(repo: Repo, _monkeypatch: pytest.MonkeyPatch) -> None:
    repo.git("config", "--unset", "user.name")
    repo.git("config", "alias.look", "log\nuser.name=Ada Lovelace")


def no_name(repo: Repo, _monkeypatch: pytest.MonkeyPatch) -> None:
    repo.git("config", "user.name", "...")


OTHERWISE = [
    *(of_the_committer, of_the_author, of_the_environment, empty_in_the_environment),
    *(empty_and_the_systems_name, guessed, guessed_behind_a_lie, no_name),
]


@pytest.mark.parametrize("said", OTHERWISE, ids=lambda each: each.__name__)
def test_who_acts_is_asked_for_each_where_more_than_the_users_name_may_say_it(
    repo: Repo, monkeypatch: pytest.MonkeyPatch, said: Callable[[Repo, pytest.MonkeyPatch], None]
) -> None:
    git = GitProcess(repo.path)
    both = identity_of_both(git)
    assert both == "Ada Lovelace <ada@example.com>"
    assert [identity(git, role) for role in ROLES] == [both, both]
    said(repo, monkeypatch)
    assert identity_of_both(git) is None


def test_a_committer_that_git_would_guess_is_refused_before_the_work(
    repo: Repo, monkeypatch: pytest.MonkeyPatch
) -> None:
    repo.git("config", "--unset", "user.name")
    repo.git("config", "author.name", "Ada Lovelace")
    monkeypatch.setenv("GIT_COMMITTER_NAME", "")
    door = GitDoor(repo.path)
    assert door.identity() == "Ada Lovelace <ada@example.com>"
    with pytest.raises(WorkspaceRefused, match="does not know who the committer is"):
        door.preflight(["log.md"], RUNBOOK, resuming=True)


OLD = """#!/bin/sh
# what git before 2.25 says of an option that it does not know, and of its version
for word; do case "$word" in
  --version) echo git version 2.17.1; exit;;
  --show-object-format) echo "$word"; new="$word";;
esac; done
if [ -n "$new" ]; then "REAL" "$@" | sed 1d; else exec "REAL" "$@"; fi
"""


def test_a_git_that_is_too_old_is_refused_before_the_work(
    repo: Repo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = tmp_path / "git"
    old.write_text(OLD.replace("REAL", shutil.which("git") or ""))
    old.chmod(0o755)
    monkeypatch.setenv("GIT_PYTHON_GIT_EXECUTABLE", str(old))
    with pytest.raises(WorkspaceRefused, match=r"git 2\.17\.1 is too old: expected 2\.25"):
        GitDoor(repo.path).preflight(["log.md"], RUNBOOK)
