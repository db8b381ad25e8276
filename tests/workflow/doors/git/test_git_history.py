"""What the history says: commits by their trailers, their paths and blobs, from a working tree or a bare clone."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from state.errors import WorkspaceRefused
from tests.worlds.git_world import RUNBOOK, Repo
from workflow.doors.git.repository import GitDoor
from workflow.policy.policy_history import way_through


def commit(repo: Repo, message: str, *paths: str, author: str = "Ada Lovelace <ada@example.com>") -> str:
    for path in paths:
        repo.write(path, message)
    repo.git("add", "-A")
    repo.git("commit", "-q", "--allow-empty", "--cleanup=verbatim", f"--author={author}", "-m", message)
    return repo.head


def task(number: str, run: str = "r1") -> str:
    return f"Task {number}\n\nWhy.\n\nPhasegate-Run: {run}\nPhasegate-Task: {number}\n"


def test_a_commit_is_told_in_full(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    start = repo.head
    monkeypatch.setenv("GIT_COMMITTER_DATE", "2026-01-02T03:04:05+0200")
    message = (
        "Prüfe 数据\nstill the subject\n\nbody\n\nApproved-by: A <a@x>\nApproved-by: B\n  <b@x>\nPhasegate-Run: r1\n"
    )
    sha = commit(repo, message, "ü.md", RUNBOOK, author="Zoë <zoe@example.com>")
    (told,) = GitDoor(repo.path).find_commits({"Phasegate-Run": "r1"})
    assert (told.sha, told.parents) == (sha, (start,))
    assert (told.subject, told.body) == ("Prüfe 数据 still the subject", message)
    assert (told.author, told.committer) == ("Zoë <zoe@example.com>", "Ada Lovelace <ada@example.com>")
    assert told.at == datetime(2026, 1, 2, 1, 4, 5, tzinfo=UTC)
    assert told.trailers == {"Approved-by": ("A <a@x>", "B <b@x>"), "Phasegate-Run": ("r1",)}
    assert told.paths == (RUNBOOK, "ü.md")


def test_commits_come_oldest_first_and_only_those_that_carry_every_trailer(repo: Repo) -> None:
    first = commit(repo, task("1.1"), "a")
    commit(repo, "by hand", "b")
    other = commit(repo, task("1.1", run="r2"), "c")
    last = commit(repo, task("1.10"), "d")
    door = GitDoor(repo.path)
    assert [found.sha for found in door.find_commits({"Phasegate-Run": "r1"})] == [first, last]
    assert [found.sha for found in door.find_commits({"Phasegate-Run": "r1", "Phasegate-Task": "1.1"})] == [first]
    assert [found.sha for found in door.find_commits({"Phasegate-Run": "r1"}, since=first)] == [last]
    assert [found.sha for found in door.find_commits({}, since=first, until=other)] == [
        repo.git("rev-parse", "HEAD~2"),
        other,
    ]


def test_words_in_the_body_are_not_a_trailer(repo: Repo) -> None:
    commit(repo, "Sly\n\nPhasegate-Run: r1\n\nbecause I say so\n", "a")
    assert GitDoor(repo.path).find_commits({"Phasegate-Run": "r1"}) == []


def test_a_message_and_a_name_made_to_look_like_a_record_are_not_one(repo: Repo) -> None:
    fake = "/" + "a" * 40
    sha = commit(repo, f"{fake}\n\n{fake}\n\nPhasegate-Run: r1\n", "a" * 40, "\nnewline", "dir/" + "b" * 40)
    empty = commit(repo, task("2"))
    first, second = GitDoor(repo.path).find_commits({"Phasegate-Run": "r1"})
    assert (first.sha, second.sha, second.paths) == (sha, empty, ())
    assert sorted(first.paths) == sorted(["a" * 40, "\nnewline", "dir/" + "b" * 40])


def test_a_rename_is_two_paths_whatever_the_configuration(repo: Repo) -> None:
    repo.git("config", "diff.renames", "copies")
    repo.git("config", "log.showSignature", "true")
    repo.git("mv", "theirs.txt", "moved.txt")
    commit(repo, task("1"))
    (told,) = GitDoor(repo.path).find_commits({"Phasegate-Task": "1"})
    assert sorted(told.paths) == ["moved.txt", "theirs.txt"]


def test_a_signature_is_not_taken_for_a_part_of_the_record(repo: Repo) -> None:
    gpg = repo.path / repo.write(".git/gpg", "#!/bin/sh\necho gpg: Good signature >&2\n")
    gpg.chmod(0o755)
    repo.git("config", "gpg.program", str(gpg))
    repo.git("config", "log.showSignature", "true")
    unsigned = repo.git("cat-file", "commit", commit(repo, task("1")))
    headers, _, message = unsigned.partition("\n\n")
    signature = "gpgsig -----BEGIN PGP SIGNATURE-----\n \n -----END PGP SIGNATURE-----"
    repo.write(".git/signed", f"{headers}\n{signature}\n\n{message}\n")
    signed = repo.git("hash-object", "-t", "commit", "-w", ".git/signed")
    repo.git("reset", "-q", "--soft", signed)
    assert [told.sha for told in GitDoor(repo.path).find_commits({"Phasegate-Task": "1"})] == [signed]


def test_a_merge_has_two_parents_and_no_changes_of_its_own(repo: Repo) -> None:
    repo.git("switch", "-q", "-c", "side")
    commit(repo, "side", "side.txt")
    repo.git("switch", "-q", "main")
    commit(repo, "main", "main.txt")
    repo.git("merge", "-q", "--no-ff", "-m", task("1"), "side")
    door = GitDoor(repo.path)
    (told,) = door.find_commits({"Phasegate-Task": "1"})
    assert (len(told.parents), told.paths) == (2, ())
    assert door.just_made(told.sha, told.body) is None


def test_the_first_commit_changed_everything_it_holds(repo: Repo) -> None:
    (told,) = GitDoor(repo.path).find_commits({})
    assert told.paths == (".gitignore", RUNBOOK, "theirs.txt")


def test_paths_are_seen_from_the_workspace(repo: Repo) -> None:
    sha = commit(repo, task("1"), "team/a.md", "team/deep/b.md", "top.md")
    door = GitDoor(repo.path / "team")
    (told,) = door.find_commits({"Phasegate-Task": "1"})
    assert told.paths == ("a.md", "deep/b.md", "../top.md")
    made = door.just_made(sha, told.body)
    assert made is not None
    assert made.paths == told.paths
    assert door.tree_ids(sha, ["a.md", "top.md"]).keys() == {"a.md"}


def test_a_bare_clone_tells_the_same(repo: Repo) -> None:
    sha = commit(repo, task("1"), "a.md")
    repo.git("clone", "-q", "--bare", ".", "../bare.git")
    here, bare = GitDoor(repo.path), GitDoor(repo.path.parent / "bare.git")
    assert bare.find_commits({}) == here.find_commits({})
    assert bare.tree_ids(sha, ["a.md"]) == here.tree_ids(sha, ["a.md"])
    assert (bare.head(), bare.branch()) == (sha, "main")


def test_a_replaced_object_does_not_change_what_is_told(repo: Repo) -> None:
    sha = commit(repo, task("1"), "a.md")
    real = GitDoor(repo.path).blob(sha, "a.md")
    fake = commit(repo, task("2"), "a.md")
    repo.git("replace", sha, fake)
    door = GitDoor(repo.path)
    assert door.blob(sha, "a.md") == real
    assert [found.sha for found in door.find_commits({"Phasegate-Task": "1"})] == [sha]


def test_what_is_no_blob_in_the_commit_is_left_out(repo: Repo) -> None:
    content = b"\x00\n binary \xff missing\n"
    repo.write("data.bin", content)
    repo.write("empty", b"")
    repo.write("a missing", b"x")
    sha = commit(repo, task("1"))
    door = GitDoor(repo.path)
    ids = door.tree_ids(sha, ["data.bin", "nowhere", "empty", "a missing", "x blob"])
    assert ids == door.object_ids(["data.bin", "nowhere", "empty", "a missing"])
    assert ids["data.bin"] == repo.git("rev-parse", "HEAD:data.bin")
    assert [door.blob(sha, path) for path in ("data.bin", "empty", "a missing")] == [content, b"", b"x"]
    assert [door.blob(sha, path) for path in ("nowhere", "x blob", "x blob missing")] == [None, None, None]
    assert door.blob("0" * 40, "data.bin") is None


def test_a_directory_and_a_submodule_are_not_blobs(repo: Repo) -> None:
    repo.write("sub/file")
    repo.git("add", "sub")
    repo.git("update-index", "--add", "--cacheinfo", f"160000,{repo.head},lib")
    repo.git("commit", "-q", "-m", "x")
    door = GitDoor(repo.path)
    assert [door.blob("HEAD", path) for path in ("sub", "lib", "sub/file")] == [None, None, b"content\n"]
    assert door.tree_ids("HEAD", ["sub", "lib", "sub/file"]).keys() == {"sub/file"}


def test_a_revision_that_does_not_exist_is_refused_with_gits_words(repo: Repo) -> None:
    with pytest.raises(WorkspaceRefused, match="bad revision 'gone'"):
        GitDoor(repo.path).find_commits({}, until="gone")


def test_an_unborn_or_detached_head_is_refused_where_a_branch_is_needed(repo: Repo) -> None:
    repo.git("checkout", "-q", "--detach")
    assert GitDoor(repo.path).head() == repo.head
    with pytest.raises(WorkspaceRefused, match="detached"):
        GitDoor(repo.path).branch()
    repo.git("switch", "-q", "--orphan", "fresh")
    assert GitDoor(repo.path).branch() == "fresh"
    with pytest.raises(WorkspaceRefused, match="no commit yet"):
        GitDoor(repo.path).head()


def test_the_way_since_a_commit_is_told_by_parents_and_by_what_touches_a_path(repo: Repo) -> None:
    base = repo.head
    first = commit(repo, "one", "a.txt")
    repo.git("switch", "-q", "-c", "aside", base)
    aside = commit(repo, "aside", "b.txt")
    repo.git("switch", "-q", "-")
    second = commit(repo, "two", "c.txt")
    repo.git("merge", "-q", "--no-edit", "aside")
    merge, door = repo.head, GitDoor(repo.path)
    parents = door.parents_since(base)
    assert parents == {first: (base,), aside: (base,), second: (first,), merge: (second, aside)}
    assert list(parents)[-1] == merge
    assert (door.parent_of(second), door.parent_of(merge)) == (first, "")
    assert set(door.commits_touching(base, ["a.txt", "b.txt"])) >= {first, aside}
    assert second not in door.commits_touching(base, ["a.txt", "b.txt"])
    assert way_through([base, merge], parents) == [first, second, merge]
    assert way_through([base, first, merge], parents) == [first, second, merge]
    assert way_through([aside, merge], {merge: (second, aside), second: (first,), first: (base,)}) == [merge]
    repo.git("gc", "-q")
    assert GitDoor(repo.path).parent_of(second) == ""  # git is asked then
    assert GitDoor(repo.path).parents_since(base) == parents
