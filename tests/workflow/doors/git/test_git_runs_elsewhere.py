"""Whether another branch knows more of a run: git is asked only where its own files do not say that none can."""

from __future__ import annotations

import pytest

from tests.worlds.git_world import Repo
from workflow.doors.git import runs_elsewhere
from workflow.doors.git.plumbing import branch_tips, git_dir_of
from workflow.doors.git.runs_elsewhere import goes_on_elsewhere


def ahead(repo: Repo) -> str:
    """A branch that has one commit of the run more than HEAD."""
    here = repo.git("branch", "--show-current")
    repo.git("switch", "-q", "-c", "other")
    repo.git("commit", "-q", "--allow-empty", "-m", "2\n\nPhasegate-Run: tasks-1")
    tip = repo.head
    repo.git("switch", "-q", here)
    return tip


@pytest.mark.parametrize("packed", [False, True], ids=["loose", "packed"])
def test_a_branch_that_knows_more_is_found(repo: Repo, packed: bool) -> None:
    tip = ahead(repo)
    if packed:
        repo.git("pack-refs", "--all")
    found = goes_on_elsewhere(repo.path, "tasks-1")
    assert found is not None
    assert (found.sha, found.branch) == (tip, "other")
    assert branch_tips(git_dir_of(repo.path)) == {tip, repo.head}


def test_where_all_branches_are_at_head_no_git_is_started(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    repo.git("branch", "other")

    def look(*_words: object) -> None:
        raise AssertionError("git was started")

    monkeypatch.setattr(runs_elsewhere, "look", look)
    assert goes_on_elsewhere(repo.path, "tasks-1") is None


def test_a_branch_that_is_another_name_of_one_is_asked_about(repo: Repo) -> None:
    repo.git("symbolic-ref", "refs/heads/alias", "refs/heads/other")
    assert None in branch_tips(git_dir_of(repo.path))
