"""What a commit just made holds, read without a process: the same as git tells, or nothing."""

from __future__ import annotations

import os
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.worlds.git_world import RUNBOOK, Repo
from workflow.doors.git.loose_objects import REMEMBERED, LooseObjects
from workflow.doors.git.repository import GitDoor

MESSAGE = "1.1 Begin\n\nPhasegate-Task: 1.1\n"


def into_a_directory(repo: Repo) -> None:
    (repo.path / "theirs.txt").unlink()
    repo.write("theirs.txt/one")
    repo.write("theirs.txt/two/three")


def into_a_file(repo: Repo) -> None:
    into_a_directory(repo)
    repo.commit_all()
    repo.git("rm", "-rq", "theirs.txt")
    repo.write("theirs.txt")


def a_submodule(repo: Repo) -> None:
    repo.write("x")
    repo.git("update-index", "--add", "--cacheinfo", f"160000,{repo.head},lib")


def a_link(repo: Repo) -> None:
    (repo.path / "theirs.txt").unlink()
    (repo.path / "theirs.txt").symlink_to(RUNBOOK)


CHANGES: dict[str, Callable[[Repo], object]] = {
    "files added at every depth": lambda repo: [repo.write(path) for path in ("a", "b/a", "b/c/d/a", "a-b", "a.b")],
    "a file changed": lambda repo: repo.write("theirs.txt", "two\n"),
    "a file removed": lambda repo: (repo.path / "theirs.txt").unlink(),
    "a file renamed": lambda repo: repo.git("mv", "theirs.txt", "moved.txt"),
    "a mode changed": lambda repo: (repo.path / "theirs.txt").chmod(0o755),
    "a file became a directory": into_a_directory,
    "a directory became a file": into_a_file,
    "a file became a link": a_link,
    "a submodule added": a_submodule,
    "names that are hard to read": lambda repo: [repo.write(path) for path in ("ü 数.md", "\nfeed", "q'\".md", "*")],
    "a name that is not UTF-8": lambda repo: repo.write(os.fsdecode(b"caf\xe9.md")),
}


def made(repo: Repo, message: str = MESSAGE) -> str:
    if not repo.git("ls-files", "lib"):  # a submodule that is not checked out would be removed
        repo.git("add", "-A")
    repo.git("commit", "-q", "--allow-empty", "--cleanup=verbatim", "-m", message)
    return repo.head


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
def test_it_tells_what_git_tells_and_starts_nothing(repo: Repo, change: Callable[[Repo], object]) -> None:
    change(repo)
    sha = made(repo)
    told: list[list[str]] = []
    door = GitDoor(repo.path, on_process=lambda _when, argv: told.append(argv))
    (git_says,) = door.find_commits({"Phasegate-Task": "1.1"})
    listed = [line.partition("\t") for line in repo.git("ls-tree", "-rz", sha).split("\0")[:-1]]
    blobs = {path: about.split()[2] for about, _, path in listed if about.split()[1] == "blob"}
    told.clear()
    seen = door.just_made(sha, MESSAGE)
    assert seen is not None
    assert (seen.sha, seen.parents, seen.subject) == (sha, git_says.parents, "1.1 Begin")
    assert sorted(seen.paths) == sorted(git_says.paths) != []
    assert door.tree_ids(sha, [*blobs, "nowhere", "b", "lib", "theirs.txt/nothing"]) == blobs
    assert told == []


def test_another_message_is_not_what_was_just_made(repo: Repo) -> None:
    repo.write("a")
    sha = made(repo, MESSAGE + "Signed-off-by: Ada\n")
    assert GitDoor(repo.path).just_made(sha, MESSAGE) is None


def test_neither_a_merge_nor_a_first_commit_is_told_of(repo: Repo) -> None:
    repo.git("switch", "-q", "-c", "side")
    repo.write("side")
    made(repo)
    repo.git("switch", "-q", "main")
    repo.write("main")
    made(repo)
    repo.git("merge", "-q", "--no-ff", "--cleanup=verbatim", "-m", MESSAGE, "side")
    door = GitDoor(repo.path)
    assert door.just_made(repo.head, MESSAGE) is None
    assert door.just_made(repo.git("rev-list", "--max-parents=0", "HEAD"), "Start\n") is None


def test_a_signed_commit_is_read_past_its_signature(repo: Repo) -> None:
    repo.write("a")
    headers, _, message = repo.git("cat-file", "commit", made(repo)).partition("\n\n")
    signature = f"gpgsig -----BEGIN SSH SIGNATURE-----\n tree {'0' * 40}\n parent x\n -----END SSH SIGNATURE-----"
    repo.write(".git/signed", f"{headers}\n{signature}\n\n{message}\n")
    signed = repo.git("hash-object", "-t", "commit", "-w", ".git/signed")
    seen = GitDoor(repo.path).just_made(signed, MESSAGE)
    assert seen is not None
    assert seen.paths == ("a",)


def test_what_was_packed_meanwhile_is_asked_of_git(repo: Repo) -> None:
    repo.write("a")
    sha = made(repo)
    repo.git("gc", "-q", "--prune=now")
    door = GitDoor(repo.path)
    assert door.just_made(sha, MESSAGE) is None
    assert door.tree_ids(sha, ["a"]) == door.object_ids(["a"])


def loose(repo: Repo, sha: str) -> Path:
    return repo.path / ".git/objects" / sha[:2] / sha[2:]


def replace_object(repo: Repo, sha: str, content: bytes) -> None:
    loose(repo, sha).chmod(0o644)
    loose(repo, sha).write_bytes(content)


@pytest.mark.parametrize("which", ["commit", "tree"])
@pytest.mark.parametrize("with_what", ["another object", "no object", "half of it"])
def test_an_object_that_is_not_what_its_id_says_is_not_believed(repo: Repo, which: str, with_what: str) -> None:
    repo.write("a", "approved\n")
    approved = made(repo)
    repo.write("a", "something else\n")
    sha = made(repo)
    name = f"^{{{which}}}"
    mine, other = (repo.git("rev-parse", commit + name) for commit in (sha, approved))
    content = loose(repo, mine).read_bytes()
    replacement = {"another object": loose(repo, other).read_bytes(), "no object": b"?", "half of it": content[:20]}
    replace_object(repo, mine, replacement[with_what])
    assert GitDoor(repo.path).just_made(sha, MESSAGE) is None


def test_an_object_of_another_kind_is_not_taken_for_a_commit(repo: Repo) -> None:
    headers = f"tree {repo.git('rev-parse', 'HEAD^{tree}')}\nparent {repo.head}\n"
    blob = repo.git("hash-object", "-w", repo.write("a", f"{headers}\n{MESSAGE}"))
    assert GitDoor(repo.path).just_made(blob, MESSAGE) is None


def test_a_damaged_blob_of_the_tree_does_not_change_its_id(repo: Repo) -> None:
    repo.write("a", "approved\n")
    sha = made(repo)
    door = GitDoor(repo.path)
    ids = door.object_ids(["a"])
    replace_object(repo, ids["a"], zlib.compress(b"blob 4\0evil"))
    assert door.tree_ids(sha, ["a"]) == ids


def test_a_replaced_commit_is_read_as_a_clone_would_read_it(repo: Repo) -> None:
    repo.write("a")
    sha = made(repo)
    repo.write("b")
    repo.git("replace", sha, made(repo, "fake"))
    seen = GitDoor(repo.path).just_made(sha, MESSAGE)
    assert seen is not None
    assert seen.paths == ("a",)


def test_of_a_commit_that_is_not_there_git_has_the_word(repo: Repo) -> None:
    door = GitDoor(repo.path)
    assert door.just_made("0" * 40, MESSAGE) is None
    assert door.tree_ids("0" * 40, ["a"]) == {}


def test_more_trees_than_are_remembered_are_told_right(repo: Repo) -> None:
    for number in range(REMEMBERED):
        repo.write(f"{number}/x/a", f"{number}")  # else all these directories are one tree
    before = repo.git("rev-parse", "HEAD^{tree}")
    objects = LooseObjects(repo.path / ".git/objects")
    changed = objects.changes(before, objects.commit(made(repo)).tree)
    assert sorted(changed) == sorted(f"{number}/x/a".encode() for number in range(REMEMBERED))
    assert len(objects._trees) <= REMEMBERED
