"""What is text is shown whole to whoever approves it, whatever attributes and configuration say of it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.worlds.git_world import Repo
from workflow.doors.git.repository import GitDoor

HIDDEN = "rm -rf / # unseen\n"


def attribute(text: str) -> Callable[[Repo], None]:
    return lambda repo: void(repo.write(".gitattributes", f"{text}\n"))


def void(_: object) -> None:
    return None


def in_this_clone(repo: Repo) -> None:
    repo.write(".git/info/attributes", "*.sh -diff\n")


def of_a_driver(repo: Repo) -> None:
    repo.write(".gitattributes", "*.sh diff=ours\n")
    repo.git("config", "diff.ours.binary", "true")


def of_a_large_file(repo: Repo) -> None:
    repo.git("config", "core.bigFileThreshold", "1")


def of_a_macro(repo: Repo) -> None:
    repo.write(".gitattributes", "[attr]quiet -diff\n*.sh quiet\n")


def of_a_program(repo: Repo) -> None:
    repo.write(".gitattributes", "*.sh diff=ours\n")
    repo.git("config", "diff.ours.textconv", "true")
    repo.git("config", "diff.ours.command", "true")


HIDES = {
    "-diff": attribute("*.sh -diff"),
    "binary": attribute("*.sh binary"),
    "this clone": in_this_clone,
    "a driver": of_a_driver,
    "a macro": of_a_macro,
    "a program": of_a_program,
    "the size": of_a_large_file,
}


@pytest.mark.parametrize("how", HIDES)
@pytest.mark.parametrize("new", [True, False], ids=["new", "changed"])
def test_text_is_shown_whole(repo: Repo, how: str, new: bool) -> None:
    if not new:
        repo.write("sub/x.sh", "echo one\n")
    repo.write("plain.txt", "one\n")
    repo.commit_all()
    HIDES[how](repo)
    repo.write("sub/x.sh", HIDDEN)
    repo.write("plain.txt", "two\n")
    before = repo.index
    shown = GitDoor(repo.path).diff(["plain.txt", "sub/x.sh"], "HEAD")
    assert f"+{HIDDEN}" in shown
    assert shown.count("diff --git") == 2
    assert "+two\n" in shown
    assert f"+{HIDDEN}" in GitDoor(repo.path / "sub").diff(["x.sh"], "HEAD")
    assert repo.index == before


def test_a_deleted_text_is_shown_whole(repo: Repo) -> None:
    repo.write(".gitattributes", "*.sh -diff\n")
    repo.write("x.sh", "echo one\n")
    repo.commit_all()
    (repo.path / "x.sh").unlink()
    assert "-echo one\n" in GitDoor(repo.path).diff(["x.sh"], "HEAD")


def test_what_is_binary_is_said_to_differ(repo: Repo) -> None:
    repo.write("x.bin", b"\x89PNG\0\0\1")
    repo.write("y.bin", b"\0" * (1 << 24))
    shown = GitDoor(repo.path).diff(["x.bin", "y.bin"], "HEAD")
    assert shown.count("Binary files") == 2
    assert "\0" not in shown
