"""A commit of many files: what is synced does not grow with them, and it holds and leaves what any commit does."""

from __future__ import annotations

import pytest

from tests.worlds.git_world import RUNBOOK, Repo
from workflow.doors.git import process
from workflow.doors.git.commit_paths import WORTH_A_PACK, CommitRefused
from workflow.doors.git.repository import GitDoor

NUMBER = 2 * WORTH_A_PACK
ODD = ("src/*.txt", "src/:(top)x", "src/[a].txt", "src/-n")  # names that are patterns, magic or options elsewhere


def fill(repo: Repo) -> list[str]:
    names = [f"src/{number % 10}/{number}.txt" for number in range(NUMBER)]
    for name in [*names, *ODD]:
        repo.write(name, f"{name}\n")
    return [*names, *ODD]


def loose(repo: Repo) -> int:
    return int(repo.git("count-objects").split()[0])


def test_many_files_are_kept_in_one_pack_which_is_synced_as_a_whole(repo: Repo) -> None:
    names, before = fill(repo), loose(repo)
    sha = GitDoor(repo.path).commit(names, "Many\n")
    assert loose(repo) - before < NUMBER / 4  # trees and the commit
    assert sorted(repo.git("show", "-z", "--format=", "--name-only", sha).split("\0")) == sorted([*names, ""])
    assert repo.git("status", "--porcelain") == ""
    assert repo.git("show", f"{sha}:src/*.txt") == "src/*.txt"


def test_few_files_are_not(repo: Repo) -> None:
    repo.write("src/1.txt", "1\n")
    GitDoor(repo.path).commit(["src/1.txt"], "One\n")
    assert "packs: 0" in repo.git("count-objects", "-v")


def test_what_a_filter_changes_is_committed_as_it_makes_it(repo: Repo) -> None:
    repo.git("config", "filter.up.clean", "tr a-z A-Z")
    repo.write(".gitattributes", "src/3/* filter=up\n")
    repo.commit_all("filters")
    sha = GitDoor(repo.path).commit(fill(repo), "Many\n")
    assert repo.git("show", f"{sha}:src/3/3.txt") == "SRC/3/3.TXT"
    assert repo.git("show", f"{sha}:src/4/4.txt") == "src/4/4.txt"


@pytest.mark.parametrize("many", [WORTH_A_PACK, 10], ids=["named in the command", "read from a pipe"])
def test_refused_by_a_hook_they_are_unknown_to_git_again_and_what_was_staged_stays(
    repo: Repo, monkeypatch: pytest.MonkeyPatch, many: int
) -> None:
    monkeypatch.setattr(process, "MANY", many)
    repo.write("mine.txt", "staged\n")
    repo.git("add", "mine.txt")
    names = fill(repo)
    index, head = repo.index, repo.head
    repo.hook("pre-commit", "exit 1")
    with pytest.raises(CommitRefused):
        GitDoor(repo.path).commit(names, "Many\n")
    assert (repo.index, repo.head) == (index, head)


def test_names_read_from_a_pipe_are_names_and_no_patterns(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, "MANY", 2)
    for name in (*ODD, "src/1.txt", "src/2.txt"):
        repo.write(name, f"{name}\n")
    sha = GitDoor(repo.path).commit(ODD, "Odd\n")
    assert sorted(repo.git("show", "-z", "--format=", "--name-only", sha).strip("\0").split("\0")) == sorted(ODD)
    door = GitDoor(repo.path)
    assert set(door.object_ids(ODD)) == set(ODD)
    assert {file.path for file in door.status(["src/1.txt", *ODD, RUNBOOK])} == {"src/1.txt"}


def test_many_entries_of_a_packed_commit_are_read(repo: Repo) -> None:
    names = fill(repo)
    sha = GitDoor(repo.path).commit(names, "Many\n")
    loose = GitDoor(repo.path).tree_entries(sha, names)
    repo.git("gc", "-q")
    assert GitDoor(repo.path).tree_entries(sha, names) == loose
    assert {entry.type for entry in loose.values()} == {"file"}
