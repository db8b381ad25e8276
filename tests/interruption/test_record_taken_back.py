"""A commit of others that takes the run's own record back is named, and what is printed puts it right."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.worlds.command_world import CommandWorld, Told
from tests.worlds.journals import last_file

pytestmark = pytest.mark.slow

Take = Callable[[CommandWorld], None]


@pytest.fixture
def world(tmp_path: Path) -> CommandWorld:
    """Two of three tasks are committed."""
    world = CommandWorld(tmp_path)
    world.up_to("1.2")
    return world


def revert(world: CommandWorld) -> None:
    world.git("revert", "--no-edit", "HEAD")


def revert_with_work_on_top(world: CommandWorld) -> None:
    revert(world)
    (world.root / "other").write_text("x")
    world.git("add", "other")
    world.git("commit", "-qm", "Other work")


def remove_a_part(world: CommandWorld) -> None:
    world.git("rm", "-q", str(last_file(world.journal)))
    world.git("commit", "-qm", "Tidy up")


def remove_from_the_index(world: CommandWorld) -> None:
    world.git("rm", "-rq", "--cached", f".phasegate/{world.run_id}")
    world.git("commit", "-qm", "Tidy up")


def merge_and_keep_the_older_side(world: CommandWorld) -> None:
    run = world.git("rev-parse", "HEAD").strip()
    world.git("reset", "-q", "--hard", "HEAD~1")
    world.git("commit", "-q", "--allow-empty", "-m", "Side")
    world.git("merge", "-q", "-s", "ours", "--no-edit", run)


def move_the_branch(world: CommandWorld) -> None:
    world.git("reset", "-q", "--hard", "HEAD~1")


def move_the_branch_with_work_on_top(world: CommandWorld) -> None:
    move_the_branch(world)
    world.git("commit", "-q", "--allow-empty", "-m", "Other work")


def move_the_branch_before_the_run(world: CommandWorld) -> None:
    world.git("reset", "-q", "--hard", "HEAD~2")


COMMITS = [
    revert,
    revert_with_work_on_top,
    remove_a_part,
    remove_from_the_index,
    merge_and_keep_the_older_side,
]
MOVES = [move_the_branch, move_the_branch_with_work_on_top, move_the_branch_before_the_run]


def name_of(take: Take) -> str:
    return take.__name__.replace("_", " ")


def put_right(world: CommandWorld, told: Told) -> None:
    """What the message says works as typed, and the run goes on to its end, each task once."""
    world.type(told.next)
    end = world("resume", "--yes", "--practice")
    assert end.code == 0, end.error
    assert ": complete, 3 of 3 done" in world("status").out
    assert world.git("log", "--format=%(trailers:key=Phasegate-Task)").count("Phasegate-Task") == 3
    assert "[ ]" not in (world.root / "tasks.md").read_text()


@pytest.mark.parametrize("take", COMMITS, ids=name_of)
def test_the_commit_is_named_and_what_is_printed_brings_the_record_back(world: CommandWorld, take: Take) -> None:
    run = world.run_id
    before = world.git("rev-parse", "HEAD")
    take(world)
    made = world.git("rev-list", "--reverse", "--first-parent", f"{before.strip()}..HEAD").split()
    by = made[0][:10] if take is not merge_and_keep_the_older_side else made[-1][:10]
    files = world.files()
    for verb in (["resume"], ["note", "hm"], ["abort", "--reason", "over"], ["approve", "--digest", "0000000"]):
        told = world(*verb)
        assert (told.code, f"commit {by} (" in told.error) == (1, True), told.error
    shown = json.loads(world("status", "--json").out)
    assert f"commit {by}" in shown["record_lost"]
    assert shown["next"][0].startswith("git ")
    assert "it does not go on: commit" in world("status").out
    assert f"commit {by}" in world("runs").out
    for verb in (["log"], ["status", "--review"]):
        told = world(*verb)
        assert (told.code, f"commit {by} (" in told.error) == (1, True)
    assert world.files() == files
    put_right(world, world("resume", run))


@pytest.mark.parametrize("take", MOVES, ids=name_of)
def test_a_branch_that_was_moved_to_before_a_commit_of_the_run_is_told_of(world: CommandWorld, take: Take) -> None:
    lost = world.git("rev-parse", "--short=10", "HEAD").strip()
    take(world)
    told = world("resume")
    assert f"the branch was moved from commit {lost} of the run" in told.error
    assert f"{lost} of the run" in "".join(world("status")[1:])
    put_right(world, told)


def test_a_complete_run_that_is_reverted_is_not_approved_as_done(world: CommandWorld) -> None:
    assert world("resume", "--yes", "--practice").code == 0
    revert(world)
    for verb in (["approve", "--digest", "0000000"], ["resume"]):
        told = world(*verb)
        assert (told.code, "took back or changed what the run committed" in told.error) == (1, True)
    world.type(told.next)
    assert ": complete, 3 of 3 done" in world("status").out


def test_a_copy_of_one_of_its_commits_is_named_as_that(world: CommandWorld) -> None:
    revert(world)
    world.git("cherry-pick", "HEAD~1")
    told = world("resume", "--yes", "--practice")
    assert (told.code, "a copy of one of its commits" in told.error) == (2, True)
    put_right(world, told)


def test_others_commits_that_leave_the_record_alone_are_no_such_thing(world: CommandWorld) -> None:
    world.git("commit", "-q", "--allow-empty", "-m", "Other work")
    assert json.loads(world("status", "--json").out)["record_lost"] is None
    assert world("resume", "--yes", "--practice").code == 0
