"""Somebody commits everything while a gate waits: the task's own commit would be short, so it is voided by name."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from state.errors import Waiting
from tests.worlds.run_world import RunWorld
from workflow.audit import audit_workspace
from workflow.engine.engine import Settings

COLOUR = "artifacts/shed/colour.md"


@pytest.fixture
def world(tmp_path: Path) -> RunWorld:
    """A run whose first task waits for approval, with the clock of the machine: git's commits are dated by it."""
    world = RunWorld(tmp_path)
    world.clock.at = datetime.now(UTC)
    world.person.absent = True
    with world.start(Settings(answers={"colour": "green"})) as engine, pytest.raises(Waiting):
        engine.drive()
    return world


def take_all(world: RunWorld) -> str:
    world.git("add", "-A")
    world.git("commit", "-q", "-m", "all of it")
    return world.git("rev-parse", "HEAD").strip()


@pytest.mark.parametrize("approved", [False, True])
def test_what_waits_or_is_approved_is_voided_by_name(
    world: RunWorld, approved: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if approved:
        with world.reopen() as engine:
            request = engine.run.task("t1_1").request
            assert request is not None
            engine.approve(request.digest, "command", by=engine.doors.me)
    monkeypatch.setenv("GIT_COMMITTER_DATE", world.clock.now().isoformat())
    sha = take_all(world)
    world.person.absent = False
    with world.reopen(Settings(answers={"colour": "green"})) as engine:
        engine.segment()
        assert f"approval void: {COLOUR} was committed by {sha[:10]}, which is not the run's, while it waited" in (
            world.person.lines
        )
        assert engine.run.task("t1_1").attempt == 2
    (found,) = audit_workspace(world.root, None)
    assert found.findings == []


def test_a_foreign_commit_of_other_files_voids_nothing(world: RunWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_COMMITTER_DATE", world.clock.now().isoformat())
    (world.root / "notes.txt").write_text("mine\n")
    world.git("add", "notes.txt")
    world.git("commit", "-q", "-m", "notes")
    world.person.absent = False
    with world.reopen() as engine:
        engine.segment()
        assert "voided" not in world.events(engine)
    (found,) = audit_workspace(world.root, None)
    assert found.findings == []
