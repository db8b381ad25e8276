"""Verdicts from another process while a question stands here: one writer at a time, nothing lost or doubled."""

from __future__ import annotations

import fcntl
from collections.abc import Callable
from pathlib import Path

import pytest

from state import journal as journal_module
from state.errors import BadInput, JournalDamaged, Rejected, RunHeld, Waiting
from tests.worlds.approval_world import ADA, BOB, ApprovalWorld
from workflow.ports import Approve, Elsewhere, Note, Pause, Reject, ReviewView, Verdict

SUBJECTS = ["shed task 1.1: Choose a colour", "shed task 1.2: Order the paint", "shed task 2.1: Paint the walls"]
Meanwhile = Callable[[ReviewView], Verdict]


@pytest.fixture
def world(tmp_path: Path) -> ApprovalWorld:
    return ApprovalWorld(tmp_path)


def while_it_stands(world: ApprovalWorld, act: Callable[[], object], verdict: Verdict) -> None:
    """The first question of the run stands while `act` happens elsewhere; then it is answered here."""

    def review(view: ReviewView) -> Verdict:
        assert not view.decided()
        act()
        return verdict

    world.person.verdicts = [review]


def first_task(world: ApprovalWorld) -> None:
    with world.start() as engine:
        engine.segment()


def test_an_approval_from_elsewhere_takes_the_question_away(world: ApprovalWorld) -> None:
    noticed = []

    def review(view: ReviewView) -> Verdict:
        world.approves(BOB)
        noticed.append(view.decided())
        return Elsewhere()

    world.person.verdicts = [review]
    first_task(world)
    assert noticed == [True]
    assert world.subjects() == SUBJECTS[:1]
    assert f"Approved-by: {BOB}" in world.git("log", "-1", "--format=%B")
    assert f"from elsewhere: approved by {BOB}" in world.person.lines


@pytest.mark.parametrize("late", [Reject("no"), Approve("prompt"), Note("hm")], ids=["reject", "approve", "note"])
def test_a_verdict_that_comes_too_late_is_not_recorded(late: Verdict, world: ApprovalWorld) -> None:
    while_it_stands(world, lambda: world.approves(BOB), late)
    first_task(world)
    (approved,) = world.events_of("approved")
    assert approved["by"]["git"] == BOB
    assert world.events_of("rejected") == []
    assert "your verdict came too late and is not recorded" in world.person.lines


def test_a_reject_from_elsewhere_sends_the_task_back_to_work(world: ApprovalWorld) -> None:
    def rejects() -> None:
        with world.as_(BOB), world.reopen(work=False) as engine:
            engine.reject("not that green")

    while_it_stands(world, rejects, Elsewhere())
    first_task(world)
    assert [event["attempt"] for event in world.events_of("task-started")] == [1, 2]
    assert world.subjects() == SUBJECTS[:1]


def test_the_second_of_two_approves_here_after_the_first_did_elsewhere(tmp_path: Path) -> None:
    world = ApprovalWorld(tmp_path, policy="default: {approvers: 2}\n")
    while_it_stands(world, lambda: world.approves(BOB), Approve("prompt"))
    first_task(world)
    assert [event["by"]["git"] for event in world.events_of("approved")] == [BOB, ADA]
    assert [event["admits"] for event in world.events_of("approved")] == [False, True]
    assert world.subjects()[1:] == SUBJECTS[:1]


def test_after_the_first_of_two_approvals_the_question_is_put_again(tmp_path: Path) -> None:
    world = ApprovalWorld(tmp_path, policy="default: {approvers: 2}\n")
    world.person.verdicts = [Approve("prompt"), Pause()]
    with world.start() as engine, pytest.raises(Waiting, match="1 approval of"):
        engine.segment()
    again = world.person.views[1]
    assert again.approved_by == [ADA]
    assert "has approved this already" in again.refusal


def test_who_may_not_approve_is_told_so_with_the_question(tmp_path: Path) -> None:
    world = ApprovalWorld(tmp_path, policy="default: {operator_may_approve: false}\n")
    while_it_stands(world, lambda: world.approves(BOB), Elsewhere())
    first_task(world)
    assert "ran this task" in world.person.views[0].refusal


def test_a_run_aborted_elsewhere_ends_here_and_nothing_is_written(world: ApprovalWorld) -> None:
    def aborts() -> None:
        with world.reopen(work=False) as engine:
            engine.abort("the shed burned down")

    while_it_stands(world, aborts, Approve("prompt"))
    with world.start() as engine, pytest.raises(Rejected, match="was aborted"):
        engine.drive()
    assert world.events_of("approved") == []
    assert world.git("status", "--porcelain") == "?? artifacts/\n"


@pytest.mark.slow
@pytest.mark.parametrize("segments", [1, 2, 3], ids=["the task", "the next task too", "the whole run"])
def test_a_run_that_another_process_took_further_goes_on_from_there(segments: int, world: ApprovalWorld) -> None:
    def drives() -> None:
        world.person.verdicts = [Approve("prompt")] * segments
        with world.reopen() as other:
            for _ in range(segments):
                other.segment()

    while_it_stands(world, drives, Elsewhere())
    with world.start() as engine:
        engine.drive()
        assert engine.complete
    assert world.subjects() == SUBJECTS
    assert world.git("status", "--porcelain") == ""
    assert len(world.outside) == 1


def test_what_another_process_left_is_looked_at_before_going_on(world: ApprovalWorld) -> None:
    def drives_and_edits() -> None:
        world.person.verdicts = [Approve("prompt")]
        with world.reopen() as other:
            other.segment()
        (world.root / "artifacts/shed/colour.md").write_text("pink\n")

    while_it_stands(world, drives_and_edits, Elsewhere())
    with world.start() as engine, pytest.raises(BadInput, match="changed after their approval"):
        engine.drive()


def test_a_run_that_another_process_keeps_is_held(world: ApprovalWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journal_module, "RETAKE", 0.01)
    with world.start() as engine, world.journal.open("rb") as other:
        while_it_stands(world, lambda: fcntl.flock(other, fcntl.LOCK_EX), Approve("prompt"))
        before = world.journal.read_bytes()
        with pytest.raises(RunHeld, match="is held by another process"):
            engine.segment()
        assert world.journal.read_bytes().startswith(before)
        assert world.events_of("approved") == []
        with pytest.raises(ValueError, match="the journal's lock was given up"):
            engine.open_run.record("noted", text="without the lock")


def replaced(path: Path) -> None:
    data = path.read_bytes()
    path.unlink()
    path.write_bytes(data)


SPOIL: dict[str, Callable[[Path], object]] = {
    "a byte changed": lambda path: path.write_bytes(path.read_bytes().replace(b'"Ada', b'"Eda', 1)),
    "a line cut off": lambda path: path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[:-1])),
    "replaced by its copy": replaced,
    "deleted": lambda path: path.unlink(),
    "a line that is no event": lambda path: path.write_bytes(path.read_bytes() + b"{}\n"),
}


@pytest.mark.parametrize("spoil", SPOIL.values(), ids=SPOIL)
def test_a_journal_that_was_not_only_appended_to_is_refused(
    spoil: Callable[[Path], object], world: ApprovalWorld
) -> None:
    while_it_stands(world, lambda: spoil(world.journal), Approve("prompt"))
    with world.start() as engine, pytest.raises(JournalDamaged):
        engine.segment()
    assert world.subjects() == []


def test_a_line_torn_by_an_approver_that_died_is_cut_off(world: ApprovalWorld) -> None:
    while_it_stands(
        world, lambda: world.journal.write_bytes(world.journal.read_bytes() + b'{"v":2,"seq"'), Approve("prompt")
    )
    first_task(world)
    assert world.subjects() == SUBJECTS[:1]


def test_what_expired_while_the_question_stood_is_rejected(world: ApprovalWorld) -> None:
    from datetime import timedelta

    def waits() -> None:
        world.clock.at += timedelta(hours=25)

    while_it_stands(world, waits, Approve("prompt"))
    first_task(world)
    assert world.events_of("rejected")[0]["reason"].startswith("nobody decided before")
    assert [event["attempt"] for event in world.events_of("approved")] == [2]
