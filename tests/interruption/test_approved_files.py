"""A file that was changed after its approval is noticed by name, before anything is built on it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from phases.stage_06.paths import CONTRACT, PARAMETERS, TEMPLATE
from phases.step import AfterCrash, Check, Step, StepContext, Work, step
from state.errors import BadInput, StepFailed, Waiting
from state.event_types import Voided
from tests.worlds.run_world import RunWorld
from tests.worlds.stage_world import StageWorld
from workflow.ports import Approve, Pause, Reject, ReviewView

COLOUR = "artifacts/shed/colour.md"


@pytest.mark.slow
@pytest.mark.parametrize("now", [b"Resources: {}\n", None], ids=["edited", "deleted"])
@pytest.mark.parametrize("committed", [False, True], ids=["in the working tree", "in a commit"])
def test_a_file_of_a_committed_task_is_missed_and_brought_back(
    stage: StageWorld, now: bytes | None, committed: bool
) -> None:
    approved = (stage.root / TEMPLATE).read_bytes()
    if now is None:
        (stage.root / TEMPLATE).unlink()
    else:
        (stage.root / TEMPLATE).write_bytes(now)
    if committed:
        stage.git("commit", "-qam", "Edited")
    commit = stage.git("log", "-1", "--format=%h", "--abbrev=10", "--grep=Phasegate-Task: t2_1").strip()
    with pytest.raises(BadInput, match="changed after their approval") as refused:
        stage.take_to("3.1")
    seen = "missing" if now is None else "[0-9a-f]{7}"
    assert re.search(rf"{TEMPLATE}: task 2.1 was approved with [0-9a-f]{{7}}, now it is {seen}", str(refused.value))
    assert stage.sandbox.calls == []
    assert (stage.root / TEMPLATE).exists() == (now is not None)
    command = refused.value.next_command.split("   #")[0]
    assert command.startswith(f"git checkout {commit} -- {TEMPLATE} && phasegate resume stage-06-")
    stage.git(*command.split(" && ")[0].split()[1:])
    assert (stage.root / TEMPLATE).read_bytes() == approved
    stage.take_to("3.1")


@pytest.mark.slow
def test_all_files_that_were_changed_are_brought_back_by_one_command(stage: StageWorld) -> None:
    copy = "artifacts/stage-06/migrationContract.json"
    approved = {path: (stage.root / path).read_bytes() for path in (copy, PARAMETERS, TEMPLATE)}
    for path in approved:
        (stage.root / path).write_text("changed\n")
    with pytest.raises(BadInput, match="changed after their approval") as refused:
        stage.take_to("3.1")
    first, second, go_on = refused.value.next_command.split("   #")[0].split(" && ")
    assert first.endswith(f" -- {copy}") and second.endswith(f" -- {PARAMETERS} {TEMPLATE}")
    assert go_on.startswith("phasegate resume ")
    for each in (first, second):
        stage.git(*each.split()[1:])
    assert {path: (stage.root / path).read_bytes() for path in approved} == approved


@pytest.mark.slow
def test_a_file_that_no_later_task_reads_is_missed_on_resume_as_well(tmp_path: Path) -> None:
    world = RunWorld(tmp_path)
    with world.start() as engine:
        engine.segment()
    (world.root / COLOUR).write_text("pink\n")
    with pytest.raises(BadInput, match=f"{COLOUR}: task 1.1 was approved with"), world.reopen():
        pass
    assert (world.root / COLOUR).read_text() == "pink\n"
    world.git("checkout", "HEAD", "--", COLOUR)
    with world.reopen() as engine:
        engine.drive()
        assert engine.complete


@pytest.mark.slow
def test_a_file_edited_within_the_same_process_is_missed_by_the_task_that_reads_it(
    tmp_path: Path, built: StageWorld, stage: StageWorld
) -> None:
    def edit_the_contract(_view: ReviewView) -> Approve:
        with (stage.root / CONTRACT).open("ab") as contract:
            contract.write(b"\n")
        return Approve("prompt")

    stage.person.verdicts = [edit_the_contract]
    with pytest.raises(BadInput, match=f"{CONTRACT}: task 1.1 was approved with"):
        stage.take_to("3.2")
    assert stage.calls("ExecuteChangeSet") == 0


@pytest.mark.slow
def test_what_a_rejected_task_wrote_over_an_approved_file_is_its_own_business(stage: StageWorld) -> None:
    approved = (stage.root / PARAMETERS).read_bytes()

    def reject(_view: ReviewView) -> Reject:
        assert (stage.root / PARAMETERS).read_bytes() != approved
        return Reject("another environment, please")

    stage.person.answers["environment"] = "prod"
    stage.person.verdicts = [reject, Pause()]
    with pytest.raises(Waiting):
        stage.take_to("3.1")
    stage.take_to("3.1")
    assert stage.attempt("t3_1") == 2


class MendingWorld(RunWorld):
    """Its second task takes the first one's file in as people changed it, and is content with blue alone."""

    def steps(self) -> tuple[Step, ...]:
        first, _second, *rest = super().steps()

        @step("1.2", "Order the paint", mends=[COLOUR], after_crash=AfterCrash.REDO)
        def order_paint(ctx: StepContext) -> Work:
            """Take in the colour."""
            seen = ctx.read(COLOUR).decode().strip()
            ctx.write(COLOUR, ctx.read(COLOUR))
            return Work([Check("colour", "blue", seen, "pass" if seen == "blue" else "fail")])

        return (first, order_paint, *rest)


@pytest.mark.parametrize("committed", [False, True], ids=["in the working tree", "in a commit"])
def test_a_file_that_a_step_mends_may_be_changed_and_is_approved_again(tmp_path: Path, committed: bool) -> None:
    world = MendingWorld(tmp_path)
    with world.start() as engine, pytest.raises(StepFailed, match="1 of 1 checks failed"):
        engine.drive()
    (world.root / COLOUR).write_text("blue\n")
    if committed:
        world.git("commit", "-qm", "Blue", "--", COLOUR)
    with world.reopen() as engine:
        engine.segment()
        worked = engine.run.task("t1_2").worked
        assert worked is not None
        (artifact,) = worked.artifacts
        assert artifact.path == COLOUR and engine.run.is_done("t1_2")
    assert world.git("show", f"HEAD:{COLOUR}") == "blue\n"
    (world.root / COLOUR).write_text("pink\n")  # the latest approval of it counts, as everywhere
    with pytest.raises(BadInput, match=f"{COLOUR}: task 1.2 was approved with"), world.reopen():
        pass


def test_a_file_edited_between_approval_and_commit_voids_the_approval_by_name(tmp_path: Path) -> None:
    world = RunWorld(tmp_path)
    world.person.verdicts = [Pause()]
    with world.start() as engine, pytest.raises(Waiting):
        engine.drive()
    with world.reopen(work=False) as engine:
        assert engine.run.current_task and engine.run.current_task.request
        engine.approve(engine.run.current_task.request.digest, "command", by=engine.doors.me)
    (world.root / COLOUR).write_text("pink\n")
    with world.reopen() as engine:
        engine.segment()
        (voided,) = [event.changed for event in engine.journal.events if isinstance(event, Voided)]
    assert re.fullmatch(rf"{COLOUR} was [0-9a-f]{{7}}, is [0-9a-f]{{7}}", voided[0])
    assert world.git("show", f"HEAD:{COLOUR}") == "green\n"


def test_a_file_that_waits_and_is_deleted_cannot_be_approved_any_more(tmp_path: Path) -> None:
    world = RunWorld(tmp_path)
    world.person.verdicts = [Pause()]
    with world.start() as engine, pytest.raises(Waiting):
        engine.drive()
    (world.root / COLOUR).unlink()
    with world.reopen(work=False) as engine:
        request = engine.run.task("t1_1").request
        assert request is not None
        with pytest.raises(BadInput, match=r"review it again: artifacts/shed/colour\.md was \w+, is missing"):
            engine.approve(request.digest, "command", by=engine.doors.me)
        with pytest.raises(BadInput, match="waits for no verdict: it is voided"):
            engine.approve("0" * 64, "command", by=engine.doors.me)
    with world.reopen() as engine:
        engine.drive()
    assert world.git("show", f"HEAD~2:{COLOUR}") == "green\n"
