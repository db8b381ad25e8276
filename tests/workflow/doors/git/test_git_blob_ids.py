"""The blob id that a file would get: always git's own, and without a process where nothing changes the bytes."""

from __future__ import annotations

import pytest

from tests.worlds.git_world import RUNBOOK, Repo, verb_of
from workflow.doors.git.repository import GitDoor

LF, CRLF = b"one\ntwo\n", b"one\r\ntwo\r\n"
FILTER = ("filter.shout.clean", "tr a-z A-Z")

# what, attributes, configuration, content, whether git is asked
PLAIN = [
    ("a file like any other", "", (), LF, False),
    ("an empty file", "", (), b"", False),
    ("bytes that are no text", "", (), bytes(range(256)), False),
    ("CR without LF", "", ("core.autocrlf", "true"), b"one\rtwo\n\r", False),
    ("CR LF", "", (), CRLF, True),
    ("CR LF under autocrlf", "", ("core.autocrlf", "input"), CRLF, True),
    ("LF under autocrlf", "", ("core.autocrlf", "true"), LF, False),
    ("CR LF of a text", "* text", (), CRLF, True),
    ("LF that is checked out as CR LF", "* text eol=crlf", (), LF, False),
    ("CR LF that is binary", "* binary", (), CRLF, True),
    ("a filter", "*.md filter=shout", FILTER, LF, True),
    ("a filter that nobody defined", "*.md filter=lfs", (), LF, True),
    ("a filter in a macro", "[attr]loud filter=shout\n*.md loud", FILTER, LF, True),
    ("a filter for others", "*.txt filter=shout", FILTER, LF, False),
    ("a filter taken back", "* filter=shout\n*.md -filter", FILTER, LF, False),
    ("an ident", "*.md ident", (), b"$Id: 1234$\n", True),
    ("an encoding", "*.md working-tree-encoding=UTF-16LE", (), "zwölf\n".encode("utf-16-le"), True),
]


def started(door: GitDoor, path: str) -> tuple[dict[str, str], list[str]]:
    """The id, and the git commands that were started for it once git was asked about the path."""
    told: list[str] = []
    door._git._on_process = lambda when, argv: told.append(verb_of(argv)) if when == "before" else None
    return door.object_ids([path]), told


@pytest.mark.parametrize(
    ("attributes", "config", "content", "asked"), [case[1:] for case in PLAIN], ids=[case[0] for case in PLAIN]
)
def test_it_is_gits_and_costs_a_process_only_where_bytes_may_change(
    repo: Repo, attributes: str, config: tuple[str, ...], content: bytes, asked: bool
) -> None:
    repo.write(".gitattributes", attributes + "\n")
    repo.commit_all("attributes")
    if config:
        repo.git("config", *config)
    repo.write("dir/it.md", content)
    door = GitDoor(repo.path)
    door.preflight(["dir/it.md"], RUNBOOK, resuming=True)
    ids, told = started(door, "dir/it.md")
    assert ids == {"dir/it.md": repo.git("hash-object", "dir/it.md")}
    assert told == (["hash-object"] if asked else [])
    sha = door.commit(["dir/it.md"], "1.1\n")
    assert door.tree_ids(sha, ["dir/it.md"]) == ids


@pytest.mark.parametrize("place", ["dir/.gitattributes", ".git/info/attributes", "../global"])
def test_attributes_are_found_wherever_git_looks_for_them(repo: Repo, place: str) -> None:
    repo.git("config", *FILTER)
    repo.git("config", "core.attributesFile", str(repo.path.parent / "global"))
    repo.write(place, "*.md filter=shout\n")
    repo.write("dir/it.md", LF)
    door = GitDoor(repo.path / "dir")
    assert door.object_ids(["it.md"]) == {"it.md": repo.git("hash-object", "dir/it.md")}
    assert door.object_ids(["it.md"]) != {"it.md": repo.git("hash-object", "--no-filters", "dir/it.md")}


def test_many_files_at_once_each_get_their_own(repo: Repo) -> None:
    repo.git("config", *FILTER)
    repo.write(".gitattributes", "*.loud filter=shout\n")
    paths = ["a.md", "b.loud", "c ü.md", "d.crlf", "e.loud", "f.md"]
    for number, path in enumerate(paths):
        repo.write(path, f"line {number}".encode() + (b"\r\n" if path == "d.crlf" else b"\n"))
    assert GitDoor(repo.path).object_ids([*paths, "nowhere"]) == {path: repo.git("hash-object", path) for path in paths}


def test_attributes_that_a_task_commits_hold_for_the_next(repo: Repo) -> None:
    repo.git("config", *FILTER)
    door = GitDoor(repo.path)
    repo.write("it.md", LF)
    before = door.object_ids(["it.md"])
    repo.write(".gitattributes", "*.md filter=shout\n")
    door.commit([".gitattributes"], "1.1\n")
    after = door.object_ids(["it.md"])
    assert after != before
    assert door.tree_ids(door.commit(["it.md"], "1.2\n"), ["it.md"]) == after


def test_attributes_edited_behind_our_back_are_seen_as_a_difference_and_then_asked_for(repo: Repo) -> None:
    repo.git("config", *FILTER)
    door = GitDoor(repo.path)
    repo.write("it.md", LF)
    intended, parent = door.object_ids(["it.md"]), repo.head
    repo.write(".git/info/attributes", "*.md filter=shout\n")
    sha = door.commit(["it.md"], "1.1\n")
    assert door.tree_ids(sha, ["it.md"]) != intended
    door.undo_commit(sha, parent, ["it.md"])
    again = door.object_ids(["it.md"])
    assert door.tree_ids(door.commit(["it.md"], "1.1\n"), ["it.md"]) == again


def test_a_run_that_comes_back_asks_for_attributes_anew(repo: Repo) -> None:
    repo.git("config", *FILTER)
    door = GitDoor(repo.path)
    repo.write("it.md", LF)
    door.preflight(["it.md"], RUNBOOK, resuming=True)
    repo.write(".git/info/attributes", "*.md filter=shout\n")
    door.preflight(["it.md"], RUNBOOK, resuming=True)
    assert door.object_ids(["it.md"]) == {"it.md": repo.git("hash-object", "it.md")}
