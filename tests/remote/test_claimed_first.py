"""What changes a run that is shared claims it first, in a clone that never did so, too; where nobody answers, not."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.worlds.approval_world import ADA, BOB, CAROL, Keys
from tests.worlds.two_people import At, TwoPeople
from tests.worlds.workspaces import git
from workflow.doors.git.meeting_place import GitRemote

pytestmark = pytest.mark.slow

THREE = "# Release\n\n- [ ] 1. Build it\n- [ ] 2. Ship it\n- [ ] 3. Tell it\n"


@pytest.fixture
def world(tmp_path: Path, keys: Keys) -> TwoPeople:
    return TwoPeople(tmp_path, keys, runbook=THREE, signers=(BOB, CAROL), runners=(ADA, BOB))


def at_the_second(world: TwoPeople) -> tuple[str, At]:
    """Ada's run stands at its second task, and Bob's clone has its branch merged, and never resumed it."""
    run = world.waits()
    world.bob("approve", run, "--remote", "--digest", str(world.waiting()["digest"]))
    world.ada("resume", run, code=3)
    world.bob.git("pull", "-q", "--ff-only", "origin", f"phasegate/{run}")
    return run, world.bob


def test_work_in_a_clone_that_only_merged_the_branch_is_done_at_the_remote(world: TwoPeople) -> None:
    run, bob = at_the_second(world)
    bob("done", run, "--no-files")
    assert world.refs() == [f"refs/heads/phasegate/{run}", f"refs/phasegate/waiting/{run}"]
    assert "by Bob" in world.ada("status", run, "--remote")
    assert "went on" in world.ada("done", run, "--no-files", code=2) or world.waiting()["task"].startswith("t2 ")
    assert git(world.origin, "log", "--format=%s", f"phasegate/{run}").count("Ship it") == 0


@pytest.mark.parametrize("words", [("done", "--no-files"), ("abort", "--reason", "old"), ("note", "old"), ("resume",)])
def test_a_clone_that_is_behind_a_run_that_is_over_is_refused_and_told_to_merge(
    world: TwoPeople, words: tuple[str, ...]
) -> None:
    run, bob = at_the_second(world)
    for _ in range(2):
        world.ada("done", run, "--no-files")
        bob("approve", run, "--remote", "--digest", str(world.waiting()["digest"]))
        world.ada("resume", run, code=3 if _ == 0 else 0)
    for at in (bob, world.ada):
        at.git("reset", "-q", "--hard", "HEAD~1" if at is world.ada else "HEAD")
        before = at.git("rev-parse", "HEAD")
        verb, *rest = words
        said = at(verb, run, *rest, code=2)
        assert "is over on remote origin, or shared no longer" in said and "merge --ff-only FETCH_HEAD" in said
        assert at.git("rev-parse", "HEAD") == before


def test_where_the_remote_does_not_answer_only_what_was_never_shared_goes_on(world: TwoPeople) -> None:
    run, bob = at_the_second(world)
    world.origin.rename(world.origin.with_name("away.git"))
    said = bob("done", run, "--no-files", code=2)
    assert "is shared (" in said and "remote origin does not answer" in said and f"resume {run}" in said
    bob.git("update-ref", "-d", f"refs/remotes/origin/phasegate/{run}")
    assert "its journal has a verdict through a remote" in bob("done", run, "--no-files", code=2)


def test_a_run_that_was_begun_here_and_never_shared_asks_no_remote(
    world: TwoPeople, monkeypatch: pytest.MonkeyPatch
) -> None:
    def asked(*_given: object) -> None:
        raise AssertionError("a remote was asked")

    monkeypatch.setattr(GitRemote, "look", asked)
    world.ada("run", "release.md", code=3)
    world.ada("done", "--no-files")
    world.ada("abort", "--reason", "no more")


def test_a_run_that_came_by_git_alone_goes_on_where_the_remote_has_nothing_of_it(world: TwoPeople) -> None:
    world.ada("run", "release.md", code=3)
    run = str(world.ada.json("status")["run"])
    shutil.copytree(world.ada.root / f".phasegate/{run}", world.bob.root / f".phasegate/{run}")
    world.bob("note", run, "mine now")
    assert world.refs() == []


def test_what_was_taken_off_the_remote_goes_on_in_the_clone_that_took_it_off(world: TwoPeople) -> None:
    run, bob = at_the_second(world)
    world.ada("share", run, "--stop")
    assert "taken off remote origin by another clone" in bob("done", run, "--no-files", code=2)
    world.ada("done", run, "--no-files")
    assert world.refs() == [f"refs/heads/phasegate/{run}"]


def test_a_run_that_is_over_at_the_remote_is_rolled_back_where_all_of_it_is(world: TwoPeople) -> None:
    run, bob = at_the_second(world)
    world.ada("done", run, "--no-files")
    bob("approve", run, "--remote", "--digest", world.digest)
    world.ada("resume", run, code=3)
    world.ada("done", run, "--no-files")
    bob("approve", run, "--remote", "--digest", world.digest)
    world.ada("resume", run)
    said = world.ada("rollback", run, "--reason", "it broke", code=3)
    assert "taken off" not in said
    assert "taken off" not in world.ada("resume", run, code=3)
