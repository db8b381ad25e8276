"""A process was killed between `commit-intended` and its commit: what may others do now? Nothing gets in between."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from state.errors import BadInput, StepFailed
from state.position import Outcome
from tests.worlds.killed_at_commit import killed_at
from tests.worlds.run_world import RunWorld
from workflow.audit import audit_workspace
from workflow.engine.engine import Engine
from workflow.ports import HandIn


@pytest.fixture
def world(tmp_path: Path) -> RunWorld:
    return RunWorld(tmp_path)


def require_whole(world: RunWorld) -> None:
    """The run goes to its end without another approval of what was approved, and its audit finds nothing."""
    with world.reopen() as engine:
        engine.drive()
        assert engine.complete
        assert "voided" not in world.events(engine)
        assert [event.type for event in engine.journal.events].count("approved") == 3
    (found,) = audit_workspace(world.root, None)
    assert (found.findings, found.state) == ([], "complete")


@pytest.mark.slow
@pytest.mark.parametrize("made", [False, True])
def test_a_note_comes_after_the_commit_which_is_made_first(world: RunWorld, made: bool) -> None:
    killed_at(world, "t1_1", made=made)
    with world.reopen(work=False) as engine:
        engine.note("the tin is open")
        assert world.events(engine)[-2:] == ["commit-intended", "noted"]
        assert engine.run.task("t1_1").status == "done"
    assert world.subjects() == ["shed task 1.1: Choose a colour"]
    require_whole(world)
    log = (world.root / "artifacts/shed/working_log.md").read_text()
    assert log.index("## 1.2 ") < log.index("the tin is open") < log.index("## 2.1 ")


@pytest.mark.slow
def test_a_note_on_the_last_task_is_refused_and_changes_nothing(world: RunWorld) -> None:
    killed_at(world, "t2_1")
    path = world.root / ".phasegate" / world.run_id / "journal.jsonl"
    before = path.read_bytes(), world.git("rev-parse", "HEAD")
    with world.reopen(work=False) as engine, pytest.raises(BadInput, match="takes no more notes") as refused:
        engine.note("too late")
    assert f"phasegate resume {world.run_id}" in str(refused.value.next_command)
    assert (path.read_bytes(), world.git("rev-parse", "HEAD")) == before
    require_whole(world)


VERBS: dict[str, Callable[[Engine], object]] = {
    "approve": lambda engine: engine.approve("0" * 64, "command", by=engine.doors.me),
    "approve it again": lambda engine: engine.approve(
        engine.run.task("t1_1").approvals[0].digest, "command", by=engine.doors.me
    ),
    "reject": lambda engine: engine.reject("no"),
    "done": lambda engine: engine.hand_in(HandIn((), "command"), {}),
}


@pytest.mark.slow
@pytest.mark.parametrize("verb", VERBS.values(), ids=VERBS)
def test_a_verdict_or_work_is_refused_and_changes_nothing(world: RunWorld, verb: Callable[[Engine], object]) -> None:
    killed_at(world, "t1_1")
    path = world.root / ".phasegate" / world.run_id / "journal.jsonl"
    before = path.read_bytes()
    with world.reopen(work=False) as engine:
        engine.resolve_commit()
        with pytest.raises(BadInput):
            verb(engine)
    assert path.read_bytes() == before
    require_whole(world)


@pytest.mark.slow
@pytest.mark.parametrize("made", [False, True])
def test_an_abort_and_a_rollback_end_what_was_intended_and_are_sound(world: RunWorld, made: bool) -> None:
    killed_at(world, "t1_2", made=made)
    with world.start_rollback() as engine:
        engine.drive()
        assert engine.outcome is Outcome.ROLLED_BACK
    (found,) = audit_workspace(world.root, None)
    assert (found.findings, found.state) == ([], "rolled_back")


def test_an_amendment_into_a_merge_is_taken_back(world: RunWorld) -> None:
    killed_at(world, "t1_1", made=True)
    tree, base = world.git("rev-parse", "HEAD^{tree}").strip(), world.git("rev-parse", "HEAD^").strip()
    side = world.git("commit-tree", f"{base}^{{tree}}", "-p", base, "-m", "side").strip()
    message = world.git("log", "-1", "--format=%B")
    made = world.git("commit-tree", tree, "-p", base, "-p", side, "-m", message).strip()
    world.git("reset", "-q", "--hard", made)
    with pytest.raises(StepFailed, match="with 2 parents"), world.reopen():
        pass
    assert world.git("rev-parse", "HEAD").strip() == base
