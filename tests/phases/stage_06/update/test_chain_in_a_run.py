"""Does a chain of updates go through a whole run: each shown, approved, committed, and taken up where it was killed?"""

from __future__ import annotations

from pathlib import Path

import pytest

from state.errors import BadInput
from tests.worlds.chained_run import Killed, findings, indexes, second_run
from tests.worlds.stage_world import STACK, StageWorld
from workflow.ports import Approve, ReviewView
from workflow.runs.grow_plan import drive
from workflow.sandbox.inprocess import Sandbox


@pytest.mark.slow
def test_two_indexes_arrive_one_after_the_other_killed_between_and_resumed(tmp_path: Path, sandbox: Sandbox) -> None:
    world = StageWorld(tmp_path, sandbox)
    second_run(world)
    with world.process() as engine:
        drive(engine, lambda task: task.id == "3.1")
        assert [task.id for task in engine.plan.tasks][7:9] == ["3.2.2", "3.3"]
        page = engine.run.tasks["t3_1"].worked
        assert page is not None
        sections = {section.title: section.body for section in page.review}
        assert "Notes.Byauthor" in sections["Updates"]
        assert any(title.startswith("Edit of tasks.md") for title in sections)
    executed = world.calls("ExecuteChangeSet")

    def killed() -> None:
        if world.calls("ExecuteChangeSet") > executed:
            raise Killed

    world.clock.on_wait = killed
    with pytest.raises(Killed):
        world.take_to("3.2")  # the first update is under way
    world.clock.on_wait = None
    world.take_to("3.2")
    assert indexes(world) == ["ByTag", "Byauthor"]
    world.clock.on_wait = lambda: killed() if world.calls("ExecuteChangeSet") > executed + 1 else None
    with pytest.raises(Killed):
        world.take_to("3.2.2")
    world.clock.on_wait = None
    world.finish()
    assert world.calls("ExecuteChangeSet") == executed + 2
    assert indexes(world) == ["ByTag", "Byauthor", "Byplace"]
    assert world.stack_status() == "UPDATE_COMPLETE"
    assert findings(world) == []


@pytest.mark.slow
def test_a_process_that_dies_before_the_grown_runbook_is_written_is_finished_by_the_next(
    tmp_path: Path, sandbox: Sandbox
) -> None:
    world = StageWorld(tmp_path, sandbox)
    second_run(world)
    world.take_to("2.1")
    runbook = world.root / world.runbook
    before = runbook.read_bytes()
    world.person.verdicts = [Killed()]
    with pytest.raises(Killed):
        world.take_to("3.1")
    assert b"3.2.2" in runbook.read_bytes()
    runbook.write_bytes(before)
    world.take_to("3.1")
    assert b"- [x] 3.1 " in runbook.read_bytes()
    assert runbook.read_bytes().count(b"3.2.2 Execute update 2\n") == 1
    assert findings(world) == []


@pytest.mark.slow
def test_a_table_that_goes_with_a_later_update_is_typed_before_that_is_proposed(
    tmp_path: Path, sandbox: Sandbox
) -> None:
    world = StageWorld(tmp_path, sandbox)
    second_run(world, indexes=("author",), tables=1)
    with world.process() as engine:
        drive(engine, lambda task: task.id == "3.1")
        page = engine.run.tasks["t3_1"].worked
        assert page is not None
        assert "lets table `Tags` go" in next(each.body for each in page.review if each.title == "Updates")
    with pytest.raises(BadInput, match="confirm-replace-tags"):
        world.take_to("3.2")
    assert indexes(world) == ["ByTag", "Byauthor"]  # the first update was executed, the second is not proposed
    world.person.answers["confirm-replace-tags"] = "Tags"
    world.finish()
    assert findings(world) == []


@pytest.mark.slow
def test_a_proposed_update_that_is_gone_voids_its_approval_by_name(tmp_path: Path, sandbox: Sandbox) -> None:
    world = StageWorld(tmp_path, sandbox)
    second_run(world)
    with world.process() as engine:
        drive(engine, lambda task: task.id == "3.1")
    gone: list[str] = []

    def approve_what_goes(_view: ReviewView) -> Approve:
        for each in world.client("cloudformation").list_change_sets(StackName=STACK)["Summaries"]:
            if each["ExecutionStatus"] == "AVAILABLE":
                gone.append(each["ChangeSetName"])
                world.client("cloudformation").delete_change_set(StackName=STACK, ChangeSetName=gone[-1])
        return Approve("prompt")

    world.person.verdicts = [approve_what_goes]
    world.take_to("3.2")
    assert world.attempt("t3_2") == 2
    assert [name.rpartition("-")[2] for name in gone] == ["next"]
    assert any("next change set" in line for line in world.person.lines)
