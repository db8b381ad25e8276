"""A journal that was deleted is missed although other runs are there: nobody is told another run's state for it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.worlds.command_world import YES, CommandWorld
from tests.worlds.run_world import RUNBOOK

pytestmark = pytest.mark.slow


@pytest.fixture
def two(tmp_path: Path) -> tuple[CommandWorld, str]:
    """The run of tasks.md is complete, that of shed.md is at its second task; returns the latter's id, too."""
    world = CommandWorld(tmp_path)
    (world.root / "shed.md").write_bytes(RUNBOOK)
    world.git("add", ".")
    world.git("commit", "-q", "-m", "Another runbook")
    assert world("run", "tasks.md", *YES).code == 0
    done = world.run_id
    assert world("run", "shed.md", *YES, "--until", "1.1").code == 0
    (under_way,) = {path.name for path in (world.root / ".phasegate").glob("*/")} - {done}
    return world, under_way


@pytest.mark.parametrize("how", ["the journal", "the directory", "the journal's content"])
@pytest.mark.parametrize("verb", [["resume"], ["status"], ["log"], ["approve", "--digest", "0123456"], ["note", "hm"]])
def test_it_is_missed_beside_another_run_and_brought_back_as_told(
    two: tuple[CommandWorld, str], how: str, verb: list[str]
) -> None:
    world, lost = two
    directory = world.root / ".phasegate" / lost
    if how == "the directory":
        shutil.rmtree(directory)
    elif how == "the journal":
        (directory / "journal.jsonl").unlink()
    else:
        (directory / "journal.jsonl").write_bytes(b"")
    before, last = world.files(), world.git("rev-parse", "--short=10", "HEAD").strip()
    told = world(*verb)
    assert told.code == 1
    assert f".phasegate/{lost}/journal.jsonl is gone or empty, but commits of run {lost} are here" in told.error
    assert told.next == f"git checkout {last} -- .phasegate/{lost}"
    assert world.files() == before
    world.type(told.next)
    assert world("resume", "--yes", "--practice").out.startswith(f"{lost}: complete")


def test_a_finished_run_whose_journal_is_gone_stops_no_run_that_is_named(two: tuple[CommandWorld, str]) -> None:
    world, under_way = two
    (done,) = {path.name for path in (world.root / ".phasegate").glob("*/")} - {under_way}
    shutil.rmtree(world.root / ".phasegate" / done)
    told = world("resume", "--yes", "--practice")
    assert (told.code, f"phasegate status {under_way}" in told.error) == (1, True)
    assert world("resume", under_way, "--yes", "--practice").code == 0


def test_a_run_whose_deletion_was_committed_is_not_asked_for_again(two: tuple[CommandWorld, str]) -> None:
    world, under_way = two
    (done,) = {path.name for path in (world.root / ".phasegate").glob("*/")} - {under_way}
    world.git("rm", "-rq", f".phasegate/{done}")
    world.git("commit", "-q", "-m", "Tidy up")
    assert world("resume", "--yes", "--practice").code == 0


def test_what_is_no_run_in_the_tree_is_passed_over(two: tuple[CommandWorld, str]) -> None:
    world, _ = two
    (world.root / ".phasegate/notes").mkdir()
    (world.root / ".phasegate/notes/of-mine.txt").write_text("mine")
    world.git("add", ".")
    world.git("commit", "-q", "-m", "Notes")
    shutil.rmtree(world.root / ".phasegate/notes")
    assert world("status").code == 0
