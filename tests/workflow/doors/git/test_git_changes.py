"""What changed since a moment: one look at git tells the same as two, and is taken only where it does."""

from __future__ import annotations

import os
from collections.abc import Callable

import pytest

from tests.worlds.git_world import Repo, verb_of
from workflow.doors.git import changes as module
from workflow.doors.git.preflight import find_place
from workflow.doors.git.process import GitProcess
from workflow.doors.git.repository import GitDoor


def edit(repo: Repo) -> None:
    repo.write("a.txt", "other\n")


def stage(repo: Repo) -> None:
    edit(repo)
    repo.git("add", "a.txt")


def stage_and_edit(repo: Repo) -> None:
    stage(repo)
    repo.write("a.txt", "a third\n")


def stage_and_put_back(repo: Repo) -> None:
    stage(repo)
    repo.write("a.txt", "a\n")


def delete(repo: Repo) -> None:
    (repo.path / "a.txt").unlink()


def staged_as_gone(repo: Repo) -> None:
    repo.git("rm", "-q", "--cached", "a.txt")


def rename(repo: Repo) -> None:
    repo.git("mv", "a.txt", "sub/b.txt")


def executable(repo: Repo) -> None:
    (repo.path / "a.txt").chmod(0o755)


def touched(repo: Repo) -> None:
    os.utime(repo.path / "a.txt", (1, 1))


def link(repo: Repo) -> None:
    delete(repo)
    (repo.path / "a.txt").symlink_to("sub")


def new(repo: Repo) -> None:
    repo.write("new dir/n\u00e9w\n.txt")
    repo.write("sub/new.txt")


def intended(repo: Repo) -> None:
    new(repo)
    repo.git("add", "--intent-to-add", "sub/new.txt")


def intended_and_gone(repo: Repo) -> None:
    intended(repo)
    (repo.path / "sub/new.txt").unlink()


def ignored(repo: Repo) -> None:
    repo.write(".gitignore", "*.log\n")
    repo.write("x.log")


def nested(repo: Repo) -> None:
    repo.git("init", "-q", "other")
    repo.write("other/x")
    repo.git(
        "-c", "user.name=A", "-c", "user.email=a@b", "commit", "-q", "--allow-empty", "-m", "x", cwd=repo.path / "other"
    )


def submodule(repo: Repo) -> None:
    nested(repo)
    repo.git("add", "other")


def conflict(repo: Repo) -> None:
    repo.git("switch", "-q", "-c", "side")
    edit(repo)
    repo.commit_all()
    repo.git("switch", "-q", "-")
    repo.write("a.txt", "mine\n")
    repo.commit_all()
    repo.git("merge", "-q", "side", check=False)


def commit(repo: Repo) -> None:
    edit(repo)
    repo.commit_all()


def assumed(repo: Repo) -> None:
    repo.git("update-index", "--assume-unchanged", "a.txt")
    edit(repo)


WORLDS: list[Callable[[Repo], None]] = [
    *(edit, stage, stage_and_edit, stage_and_put_back, delete, staged_as_gone, rename, executable, touched, link),
    *(new, intended, intended_and_gone, ignored, nested, submodule, conflict, commit, assumed),
]
# where `git status` leaves it open; of the first three only where a.txt is looked at
TWO_LOOKS = {"stage_and_edit", "stage_and_put_back", "conflict", "intended_and_gone", "commit"}


@pytest.mark.parametrize("where", ["", "sub"])
@pytest.mark.parametrize("change", WORLDS, ids=lambda each: each.__name__)
def test_one_look_tells_what_two_tell(repo: Repo, change: Callable[[Repo], None], where: str) -> None:
    repo.write("a.txt", "a\n")
    repo.write("sub/s.txt", "s\n")
    before = repo.commit_all()
    change(repo)
    git = GitProcess(repo.path / where)
    place = find_place(git)
    if change is conflict:
        before = repo.head
    one, two = module._beside_head(git, place, before), module._beside(git, place, before)
    open_ = change is commit or (change.__name__ in TWO_LOOKS and (not where or change is intended_and_gone))
    assert one == (None if open_ else two)


def test_a_task_under_way_asks_git_once_and_where_head_has_moved_twice_more(repo: Repo) -> None:
    verbs: list[str] = []
    door = GitDoor(repo.path, on_process=lambda when, argv: verbs.append(verb_of(argv)) if when == "before" else None)
    before = door.snapshot()
    repo.write("work.txt")
    verbs.clear()
    assert door.changes(before) == ["work.txt"]
    assert verbs == ["status"]
    repo.commit_all()
    verbs.clear()
    assert door.changes(before) == ["work.txt"]
    assert verbs == ["status", "diff", "ls-files"]
