"""git is asked a line each, so a name with a line feed would be two questions: its entry is read from the tree."""

from __future__ import annotations

from tests.worlds.git_world import Repo
from workflow.doors.git.repository import GitDoor


def test_such_a_name_is_not_asked_for_and_the_others_are_answered(repo: Repo) -> None:
    for name in ("a", "b", "a\nb", "c"):
        repo.write(name, f"{name}\n")
    repo.commit_all("names")
    repo.git("gc", "--quiet")  # packed, so that git itself is asked
    door = GitDoor(repo.path)
    head = repo.git("rev-parse", "HEAD")
    wanted = {name: repo.git("rev-parse", f"HEAD:{name}") for name in ("a", "a\nb", "c")}
    assert door.tree_ids(head, ["a", "a\nb", "c"]) == wanted
    assert door.blob(head, "c\nHEAD:a") is None
    assert door.blob(head, "a") == b"a\n"
