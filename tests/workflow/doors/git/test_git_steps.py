"""What a step may do with branches, pushes and tags: twice without harm, never by force, refused in git's own words."""

from __future__ import annotations

import pytest

from state.errors import StepFailed
from tests.worlds.git_world import RUNBOOK, Repo
from workflow.doors.git.step_git import StepGitDoor

DEPLOY = "deploy/dev-2026-01-02-api"


@pytest.fixture
def origin(repo: Repo) -> Repo:
    """A bare repository beside `repo`, its remote `origin`."""
    bare = repo.path.parent / "origin.git"
    repo.git("init", "-q", "--bare", "-b", "main", str(bare))
    repo.git("remote", "add", "origin", str(bare))
    repo.git("push", "-q", "origin", "main")
    return Repo(bare)


def test_a_branch_is_started_at_head_and_takes_what_is_not_committed_along(repo: Repo) -> None:
    repo.write("theirs.txt", "staged\n")
    repo.git("add", "theirs.txt")
    repo.write(RUNBOOK, "- [x] 1.1 Begin\n")
    before, door = repo.index, StepGitDoor(repo.path)
    door.start_branch(DEPLOY)
    door.start_branch(DEPLOY)
    assert (door.branch(), repo.git("branch", "--show-current")) == (DEPLOY, DEPLOY)
    assert repo.git("rev-parse", "main") == repo.head == door.head()
    assert repo.index == before


def test_a_branch_that_is_there_already_at_head_is_switched_to(repo: Repo) -> None:
    repo.git("branch", DEPLOY)  # as a kill between making and switching leaves it
    StepGitDoor(repo.path).start_branch(DEPLOY)
    assert repo.git("branch", "--show-current") == DEPLOY


def test_a_branch_that_is_there_elsewhere_is_refused_with_where_it_is(repo: Repo) -> None:
    repo.git("branch", DEPLOY)
    repo.write("theirs.txt", "two\n")
    repo.commit_all()
    with pytest.raises(
        StepFailed, match=rf"branch {DEPLOY} exists at [0-9a-f]{{10}}, and the run is at {repo.head[:10]}"
    ):
        StepGitDoor(repo.path).start_branch(DEPLOY)
    assert repo.git("branch", "--show-current") == "main"


@pytest.mark.parametrize("name", ["two words", "-f", "a..b", "@{-1}", "", "x.lock"])
def test_what_is_no_branch_name_is_refused(repo: Repo, name: str) -> None:
    repo.git("switch", "-q", "-c", "other")
    with pytest.raises(StepFailed, match="is no name for a branch"):
        StepGitDoor(repo.path).start_branch(name)
    assert repo.git("branch", "--show-current") == "other"


def test_a_branch_is_pushed_and_then_followed(repo: Repo, origin: Repo) -> None:
    door = StepGitDoor(repo.path)
    assert list(door.remotes()) == ["origin"]
    door.start_branch(DEPLOY)
    assert door.remote_head("origin", DEPLOY) is None
    door.push("origin", DEPLOY)
    door.push("origin", DEPLOY)
    assert door.remote_head("origin", DEPLOY) == repo.head == origin.git("rev-parse", DEPLOY)
    assert repo.git("rev-parse", "--abbrev-ref", "@{upstream}") == f"origin/{DEPLOY}"


def test_a_remote_that_has_more_is_never_overwritten(repo: Repo, origin: Repo) -> None:
    repo.write("theirs.txt", "ours\n")
    repo.commit_all()
    repo.git("push", "-q", "origin", "main")
    theirs = origin.git("rev-parse", "main")
    repo.git("reset", "-q", "--hard", "HEAD~1")
    repo.write("theirs.txt", "other\n")
    repo.commit_all()
    repo.git("config", "remote.origin.push", "+refs/heads/*:refs/heads/*")
    with pytest.raises(StepFailed, match=r"(?s)main was not pushed to origin: .*(rejected|non-fast-forward)"):
        StepGitDoor(repo.path).push("origin", "main")
    assert origin.git("rev-parse", "main") == theirs


def test_a_hook_that_refuses_a_push_is_heard(repo: Repo, origin: Repo) -> None:
    repo.hook("pre-push", "echo not on a Friday, token=hunter2 >&2; exit 1")
    with pytest.raises(StepFailed, match=r"not on a Friday, token=\*\*\*"):
        StepGitDoor(repo.path).push("origin", "main")


@pytest.mark.parametrize("ref", ["+main", "main:other", "--all", "--delete", "nowhere", ""])
def test_only_branches_and_tags_that_are_there_are_pushed(repo: Repo, origin: Repo, ref: str) -> None:
    with pytest.raises(StepFailed, match="there is no branch and no tag"):
        StepGitDoor(repo.path).push("origin", ref)
    assert origin.git("for-each-ref", "--format=%(refname)") == "refs/heads/main"


@pytest.mark.parametrize("remote", ["elsewhere", "--upload-pack=touch x", "."])
def test_only_remotes_that_are_there_are_talked_to(repo: Repo, remote: str) -> None:
    door = StepGitDoor(repo.path)
    for talk in (lambda: door.push(remote, "main"), lambda: door.remote_head(remote, "main")):
        with pytest.raises(StepFailed, match=r"there is no remote .* there are: none"):
            talk()


def test_what_git_says_of_an_address_has_no_secret_in_it(repo: Repo) -> None:
    repo.git("remote", "add", "origin", "http://ada:hunter2@127.0.0.1:9/x.git")
    with pytest.raises(StepFailed) as refused:
        StepGitDoor(repo.path).push("origin", "main")
    assert "hunter2" not in refused.value.message
    assert "127.0.0.1" in refused.value.message


def test_a_tag_is_annotated_made_once_and_never_moved(repo: Repo, origin: Repo) -> None:
    door, first = StepGitDoor(repo.path), repo.head
    assert door.tag_target("v1") is None
    door.tag("v1", "# the first", first)
    door.tag("v1", "# the first", "HEAD")
    assert door.tag_target("v1") == first
    assert repo.git("cat-file", "-t", "v1") == "tag"
    assert repo.git("tag", "-l", "--format=%(contents)", "v1") == "# the first"
    door.push("origin", "v1")
    assert origin.git("rev-parse", "v1^{commit}") == first
    repo.write("theirs.txt", "two\n")
    repo.commit_all()
    with pytest.raises(StepFailed, match=rf"tag v1 is on {first[:10]}, expected {repo.head[:10]}; tags are not moved"):
        door.tag("v1", "again", "HEAD")
    assert door.tag_target("v1") == first


@pytest.mark.parametrize(("name", "sha"), [("v 1", "HEAD"), ("v1", "nowhere"), ("-d", "HEAD"), ("v1", "--all")])
def test_a_tag_that_cannot_be_is_refused(repo: Repo, name: str, sha: str) -> None:
    with pytest.raises(StepFailed):
        StepGitDoor(repo.path).tag(name, "message", sha)
    assert repo.git("tag") == ""


def test_commits_and_changes_since_are_told_oldest_first_and_from_the_workspace(repo: Repo) -> None:
    base = repo.head
    repo.write("b.txt")
    first = repo.commit_all("one")
    repo.write("sub/a.txt")
    repo.write("not committed.txt")
    repo.git("add", "sub")
    repo.git("commit", "-q", "-m", "two")
    door = StepGitDoor(repo.path)
    assert list(door.commits(base)) == [(first, "one"), (repo.head, "two")]
    assert list(door.changed_since(base)) == ["b.txt", "sub/a.txt"]
    assert list(StepGitDoor(repo.path / "sub").changed_since(base)) == ["../b.txt", "a.txt"]
    assert list(door.changed_since("HEAD")) == list(door.commits("HEAD")) == []
