"""A start that died before its first event was on the disk has begun nothing, and leaves nothing behind."""

from __future__ import annotations

from pathlib import Path

import pytest

from state.errors import PhasegateError
from state.find_runs import find_runs, find_unbegun
from tests.worlds.run_world import RunWorld


@pytest.fixture
def world(tmp_path: Path) -> RunWorld:
    return RunWorld(tmp_path)


@pytest.mark.parametrize("torn", [b"", b'{"v":2,"seq":0'], ids=["nothing written", "half a line written"])
def test_the_next_start_takes_its_leavings_away(world: RunWorld, torn: bytes) -> None:
    dead = world.root / ".phasegate" / "shed-20260102-030400"
    dead.mkdir(parents=True)
    (dead / "journal.jsonl").write_bytes(torn)
    (dead / "runbook.md").write_bytes(b"# Paint")
    assert find_runs(world.root) == []
    assert find_unbegun(world.root) == [dead.name]
    with world.start() as engine:
        engine.drive()
    assert not dead.exists()
    assert world.git("status", "--porcelain") == ""


def test_a_directory_without_a_journal_that_holds_something_is_not_ours_to_remove(world: RunWorld) -> None:
    kept = world.root / ".phasegate" / "notes"
    kept.mkdir(parents=True)
    (kept / "runbook.md").write_bytes(b"mine")
    assert find_unbegun(world.root) == []


def test_a_journal_that_git_knows_was_emptied_by_somebody_and_stays(world: RunWorld) -> None:
    with world.start() as engine:
        engine.segment()
    directory = world.root / ".phasegate" / world.run_id
    (directory / "journal.jsonl").write_bytes(b"")
    with pytest.raises(PhasegateError), world.start():
        pass
    assert sorted(path.name for path in directory.iterdir()) == ["journal.jsonl", "runbook.md"]


def test_a_holder_file_that_a_power_cut_emptied_is_no_obstacle(world: RunWorld) -> None:
    with world.start() as engine:
        engine.segment()
    (world.root / ".git" / "phasegate" / f"{world.run_id}.holder").write_bytes(b"")
    with world.reopen() as engine:
        engine.drive()
        assert engine.complete


def test_an_empty_directory_that_is_no_runs_stays(world: RunWorld) -> None:
    own = [world.root / ".phasegate" / name for name in ("extra", "two\nlines", "20260102-030405")]
    for each in own:
        each.mkdir(parents=True)
    died = world.root / ".phasegate" / "shed-20260102-030400"
    died.mkdir()
    with world.start() as engine:
        engine.drive()
    assert [each.is_dir() for each in own] == [True, True, True]
    assert not died.exists()


def test_an_unbegun_journal_below_a_name_of_two_lines_is_taken_away(world: RunWorld) -> None:
    dead = world.root / ".phasegate" / "shed\n2-20260102-030400"
    dead.mkdir(parents=True)
    (dead / "journal.jsonl").write_bytes(b"")
    with world.start() as engine:
        engine.drive()
    assert not dead.exists()
