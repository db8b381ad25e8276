"""Does `run --again` take a runbook's boxes back, once, as an order that is recorded, shown, committed and audited?"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from botocore.retries.standard import ExponentialBackoff

from state.errors import BadInput
from state.event_types import Answered, BoxesTakenBack
from state.fold import fold
from state.read_journal import read
from tests.worlds.stage_world import ANSWERS, StageWorld
from workflow.audit import audit_workspace
from workflow.engine.engine import Engine, Settings
from workflow.runs.begin import start
from workflow.runs.grow_plan import drive
from workflow.runs.load_plan import load_plan
from workflow.sandbox.inprocess import Sandbox

BOXES = "Boxes of tasks.md taken back"


@pytest.fixture
def sandbox(monkeypatch: pytest.MonkeyPatch) -> Iterator[Sandbox]:
    """An account in this process, in which retries do not sleep."""
    monkeypatch.setattr(ExponentialBackoff, "delay_amount", lambda _self, _context: 0)
    with Sandbox() as opened:
        yield opened


@pytest.fixture
def world(tmp_path: Path, sandbox: Sandbox) -> StageWorld:
    """A run that was deployed, and ended behind that."""
    world = StageWorld(tmp_path, sandbox)
    world.take_to("3.2")
    with world.process() as engine:
        engine.abort("enough")
    return world


def begin_again(world: StageWorld) -> Engine:
    target = load_plan(world.root, "stage-06", world.runbook)
    git_dir = world.root / ".git"
    engine = start(world.root, target, world.doors(), Settings(), sandbox=True, git_dir=git_dir, again=True)
    world.run_id = engine.run.run_id
    return engine


def events(world: StageWorld) -> list[object]:
    return list(read(world.root / ".phasegate" / world.run_id / "journal.jsonl"))


def findings(world: StageWorld) -> list[str]:
    (found,) = audit_workspace(world.root, world.run_id)
    return [f"{each.code}: {each.message}" for each in found.findings]


@pytest.mark.slow
def test_the_boxes_are_taken_back_in_the_first_commit_and_everything_is_done_again(world: StageWorld) -> None:
    former, ticked = world.run_id, (world.root / world.runbook).read_bytes()
    world.person.answers = {}
    with begin_again(world).journal:
        pass
    assert (world.root / world.runbook).read_bytes() == ticked.replace(b"[x]", b"[ ]")
    with world.process() as engine:
        drive(engine, lambda task: task.id == "1.1")
        page = engine.run.tasks["t1_1"].worked
        assert page is not None
        shown = next(each for each in page.review if each.title.startswith(BOXES))
        assert "-- [x] 1.1" in shown.body.replace("  - [x]", "- [x]")
        assert not any(check.name == "edit of the runbook" for check in page.checks)
    assert world.git("show", "HEAD", "--", world.runbook).count("\n+") > 5
    world.finish()
    found = events(world)
    (order,) = [each for each in found if isinstance(each, BoxesTakenBack)]
    assert order.before == world.git("rev-parse", f"{fold(found).start.base}:{world.runbook}").strip()  # type: ignore[arg-type]
    assert order.via == "command"
    assert fold(found).start.again == former  # type: ignore[arg-type]
    answers = {each.question: each.answer for each in found if isinstance(each, Answered)}
    assert {name: answers[name] for name in ANSWERS} == ANSWERS
    assert world.stack_status() == "CREATE_COMPLETE"  # the same contract changes nothing outside
    assert findings(world) == []


@pytest.mark.slow
def test_a_first_commit_that_ticks_what_was_ticked_leaves_the_runbook_as_it_is(world: StageWorld) -> None:
    with begin_again(world).journal:
        pass
    for _ in range(2):  # the second time only the first box is ticked, taken back, and ticked in its commit
        world.take_to("1.1")
        with world.process() as engine:
            engine.abort("enough")
        with begin_again(world).journal:
            pass
    world.take_to("1.1")
    found = [f"{each.code}: {each.message}" for run in audit_workspace(world.root, None) for each in run.findings]
    assert found == []


@pytest.mark.slow
@pytest.mark.parametrize("lost", ["event", "file"])
def test_a_process_that_dies_while_it_takes_boxes_back_is_finished_by_the_next(world: StageWorld, lost: str) -> None:
    ticked = (world.root / world.runbook).read_bytes()
    with begin_again(world).journal:
        pass
    journal = world.root / ".phasegate" / world.run_id / "journal.jsonl"
    if lost == "event":
        journal.write_bytes(journal.read_bytes().split(b"\n")[0] + b"\n")
    (world.root / world.runbook).write_bytes(ticked)
    world.take_to("1.1")
    assert sum(isinstance(each, BoxesTakenBack) for each in events(world)) == 1
    assert (world.root / world.runbook).read_text().count("[x]") == 1
    assert findings(world) == []


@pytest.mark.slow
def test_the_audit_finds_a_first_commit_that_changes_more_than_the_order_said(world: StageWorld) -> None:
    with begin_again(world).journal:
        pass
    world.take_to("1.1")
    runbook = world.root / world.runbook
    runbook.write_text(runbook.read_text().replace("- [ ] 1.2 Generate", "- [x] 1.2 Generate"))
    world.git("commit", "-q", "--amend", "--no-edit", "-a")
    assert any("1.2" in each or "runbook" in each or "mark" in each for each in findings(world))


@pytest.mark.slow
def test_boxes_that_no_run_has_ticked_are_refused_and_stay(tmp_path: Path, sandbox: Sandbox) -> None:
    world = StageWorld(tmp_path, sandbox)
    runbook = world.root / world.runbook
    runbook.write_text(runbook.read_text().replace("- [ ] 1.1", "- [x] 1.1"))
    world.git("commit", "-qam", "Ticked by hand")
    with pytest.raises(BadInput, match="no run here has ticked them"):
        begin_again(world)
    assert "- [x] 1.1" in runbook.read_text()
    assert not (world.root / ".phasegate").exists() or not list((world.root / ".phasegate").glob("stage-06-*"))
