"""Whole runs in a small world: gate by gate, killed, rejected, edited, refused; always re-read from disk and git."""

from __future__ import annotations

import itertools
from datetime import timedelta
from pathlib import Path

import pytest

from phases.step import Check
from state import event_types
from state.errors import BadAnswer, BadInput, Rejected, RunHeld, StepFailed, Waiting, WorkspaceRefused
from state.event_types import Answered, Approved, Voided
from state.files import Disk
from state.fold import fold
from state.read_journal import parse, read
from tests.worlds.killed_at_commit import killed_at
from tests.worlds.run_world import RUNBOOK, RunWorld
from workflow.engine.engine import Settings
from workflow.ports import Approve, Note, Pause, Reject, ReviewView

SUBJECTS = ["shed task 1.1: Choose a colour", "shed task 1.2: Order the paint", "shed task 2.1: Paint the walls"]


@pytest.fixture
def world(tmp_path: Path) -> RunWorld:
    return RunWorld(tmp_path)


def assert_complete(world: RunWorld) -> None:
    """The end state, read again from disk and git."""
    assert world.subjects() == SUBJECTS
    assert world.git("status", "--porcelain") == ""
    assert world.boxes() == "xxxxx"
    before, after = RUNBOOK, (world.root / "tasks.md").read_bytes()
    assert [new for old, new in zip(before, after, strict=True) if old != new] == [ord("x")] * 5
    log = (world.root / "artifacts/shed/working_log.md").read_text()
    assert [log.count(f"## {task} ") for task in ("1.1", "1.2", "2.1")] == [1, 1, 1]
    assert len(world.outside) == 1


def test_a_run_leaves_one_commit_a_task_and_a_clean_tree(world: RunWorld) -> None:
    with world.start() as engine:
        engine.drive()
        assert engine.complete
    assert_complete(world)
    message = world.git("log", "-1", "--format=%B", "HEAD~2")
    assert message.startswith("shed task 1.1: Choose a colour\n\nPhasegate-Run: shed-20260102-0304")
    assert "\nPhasegate-Task: t1_1\nPhasegate-Approval: " in message
    assert "\nApproved-by: Ada <ada@example.com>\n" in message
    changed = world.git("show", "--name-only", "--format=", "HEAD~2").split()
    assert sorted(changed) == sorted(
        ["tasks.md", "artifacts/shed/working_log.md", "artifacts/shed/colour.md"]
        + [f".phasegate/{world.run_id}/{name}" for name in ("journal.jsonl", "runbook.md")]
        + [".phasegate/.gitattributes"]
    )


def test_each_commits_journal_is_a_prefix_of_the_next_and_ends_with_its_intent(world: RunWorld) -> None:
    with world.start() as engine:
        engine.drive()
    path = f".phasegate/{world.run_id}/journal.jsonl"
    journals = [world.git("show", f"HEAD~{back}:{path}").encode() for back in (2, 1, 0)]
    for shorter, longer in itertools.pairwise(journals):
        assert longer.startswith(shorter)
    for data in journals:
        assert parse(data)[0][-1].type == "commit-intended"


def test_a_run_stops_after_the_task_it_was_to_stop_after_even_when_that_is_done(world: RunWorld) -> None:
    with world.start() as engine:
        engine.drive(lambda task: task.id == "1.1")
    assert world.subjects() == SUBJECTS[:1]
    with world.reopen() as engine:
        engine.drive(lambda task: task.id == "1.1")
    assert world.subjects() == SUBJECTS[:1]
    with world.reopen() as engine:
        engine.drive(lambda task: task.id == "1.2")
    assert world.subjects() == SUBJECTS[:2]


def test_parents_are_ticked_with_their_last_child(world: RunWorld) -> None:
    with world.start() as engine:
        engine.segment()
        assert world.boxes() == " x   "
        engine.segment()
        assert world.boxes() == "xxx  "


def test_without_a_person_the_run_waits_and_says_what_to_type(world: RunWorld) -> None:
    world.person.absent = True
    with world.start() as engine, pytest.raises(Waiting, match="asks: Which colour") as asked:
        engine.drive()
    assert "colour: green" in asked.value.next_command
    assert "--answers" in asked.value.next_command
    with (
        world.reopen(Settings(answers={"colour": "red"})) as engine,
        pytest.raises(Waiting, match="waits for approval") as parked,
    ):
        engine.drive()
    here = engine.run.current_task
    assert here is not None
    assert here.request is not None
    assert f"phasegate approve {world.run_id} --digest {here.request.digest[:7]}" in parked.value.next_command
    assert world.subjects() == []
    with world.reopen() as engine:
        engine.approve(here.request.digest[:7], "command", by=engine.doors.me)
        assert engine.segment().id == "1.1"
    assert world.subjects() == SUBJECTS[:1]
    assert (world.root / "artifacts/shed/colour.md").read_text() == "red\n"


def test_a_commit_is_told_once_when_it_is_made(world: RunWorld) -> None:
    with world.start() as engine:
        engine.segment()
    told = [line for line in world.person.lines if line.startswith("1.1 committed as ")]
    assert len(told) == 1
    world.person.verdicts = [Pause()]
    with world.reopen() as engine, pytest.raises(Waiting):
        engine.drive()
    with world.reopen() as engine, pytest.raises(Waiting):
        world.person.verdicts = [Pause()]
        engine.drive()
    assert [line for line in world.person.lines if line.startswith("1.1 committed as ")] == told


def test_a_resumed_run_does_not_ask_again(world: RunWorld) -> None:
    world.person.verdicts = [Pause()]
    with world.start() as engine, pytest.raises(Waiting):
        engine.drive()
    with world.reopen() as engine:
        engine.drive()
    assert world.person.asked == [("colour", "green")]
    assert_complete(world)


def test_an_answer_given_before_the_process_died_is_not_asked_again(world: RunWorld) -> None:
    class DiesOnce(Disk):
        dead = False

        def write_atomic(self, path: Path, data: bytes, *, sync: bool = True) -> None:
            if path.name == "colour.md" and not self.dead:
                self.dead = True
                raise KeyboardInterrupt("killed")
            super().write_atomic(path, data, sync=sync)

    world.disk = DiesOnce()
    with world.start() as engine, pytest.raises(KeyboardInterrupt):
        engine.drive()
    with world.reopen() as engine:
        engine.drive()
        assert engine.run.task("t1_1").attempt == 1
    assert world.person.asked == [("colour", "green")]
    assert_complete(world)


def test_what_changed_while_nobody_looked_is_never_shown(world: RunWorld) -> None:
    world.person.verdicts = [Pause()]
    with world.start() as engine, pytest.raises(Waiting):
        engine.segment()
    (world.root / "artifacts/shed/colour.md").write_text("pink\n")
    with world.reopen() as engine:
        engine.segment()
    assert [view.place.attempt for view in world.person.views] == [1, 2]
    assert world.git("show", "HEAD:artifacts/shed/colour.md") == "green\n"


def test_a_rejected_task_goes_back_to_work_and_the_reason_is_in_the_log(world: RunWorld) -> None:
    world.person.verdicts = [Reject("not that green")]
    with world.start() as engine:
        engine.drive()
    assert [name for name, _ in world.person.asked] == ["colour", "colour"]
    assert "attempt 1 rejected by Ada <ada@example.com>: not that green" in (
        world.root / "artifacts/shed/working_log.md"
    ).read_text("utf-8")
    assert_complete(world)


def test_a_note_is_written_down_and_the_question_stands(world: RunWorld) -> None:
    world.person.verdicts = [Note("asked the neighbours")]
    with world.start() as engine:
        engine.drive()
    assert "asked the neighbours" in (world.root / "artifacts/shed/working_log.md").read_text("utf-8")
    assert_complete(world)


def test_what_is_shown_is_what_the_digest_covers(world: RunWorld) -> None:
    with world.start() as engine:
        engine.segment()
    (view,) = world.person.views
    assert view.message == SUBJECTS[0]
    assert view.answers == {"colour": "green"}
    assert [artifact.path for artifact in view.worked.artifacts] == ["artifacts/shed/colour.md"]
    assert set(view.paths) == set(world.git("show", "--name-only", "--format=").split())
    assert view.request.digest in world.git("log", "-1", "--format=%B")


def test_an_artifact_edited_while_the_question_stands_is_not_committed(world: RunWorld) -> None:
    def edit_then_approve(view: ReviewView) -> Approve:
        (world.root / "artifacts/shed/colour.md").write_text("pink\n")
        return Approve("prompt")

    world.person.verdicts = [edit_then_approve]
    with world.start() as engine:
        engine.segment()
        voided = [event for event in engine.journal.events if isinstance(event, Voided)]
        kinds = world.events(engine)
    assert len(voided) == 1
    assert kinds.index("voided") < kinds.index("approved")  # a yes to bytes that are gone is not even recorded
    assert voided[0].changed[0].startswith("artifacts/shed/colour.md was ")
    assert world.git("show", "HEAD:artifacts/shed/colour.md") == "green\n"


def test_a_fact_outside_that_drifts_voids_the_approval(world: RunWorld) -> None:
    def drift(view: ReviewView) -> Approve:
        world.seen_outside = "sold out"
        return Approve("prompt")

    world.person.verdicts = [Approve("prompt"), drift]
    with world.start() as engine:
        engine.segment()
        engine.segment()
        voided = [event.changed for event in engine.journal.events if isinstance(event, Voided)]
    assert voided == [("paint was in stock, is sold out",)]


def test_a_runbook_edited_by_hand_stops_the_run_and_shows_the_difference(world: RunWorld) -> None:
    with world.start() as engine:
        engine.segment()
        text = (world.root / "tasks.md").read_text()
        (world.root / "tasks.md").write_text(text.replace("Paint the walls", "Paint the roof"))
        with pytest.raises(BadInput, match=r"changed by hand(.|\n)*-  - \[ \] 2.1 Paint the walls"):
            engine.segment()
    assert world.subjects() == SUBJECTS[:1]


def test_failed_checks_close_the_gate(world: RunWorld) -> None:
    world.failing = [Check("is legal", "allowed", "forbidden", "fail")]
    with world.start() as engine, pytest.raises(StepFailed, match="1 of 2 checks failed") as failed:
        engine.drive()
    assert "is legal: expected allowed, seen forbidden" in str(failed.value)
    assert world.subjects() == []
    world.failing = []
    with world.reopen() as engine:
        engine.drive()
    assert_complete(world)


def test_an_approval_must_name_what_was_shown(world: RunWorld) -> None:
    world.person.verdicts = [Pause()]
    with world.start() as engine:
        with pytest.raises(Waiting):
            engine.segment()
        for digest in (
            "0000000",
            "",
            (engine.run.current_task.request.digest[:6] if engine.run.current_task.request else ""),
        ):  # type: ignore[union-attr]
            with pytest.raises(BadInput, match="the approval names"):
                engine.approve(digest, "command", by=engine.doors.me)
    assert world.subjects() == []


def test_nothing_to_approve_is_said(world: RunWorld) -> None:
    with world.start() as engine, pytest.raises(BadInput, match="waits for no verdict: it is ready"):
        engine.approve("0" * 64, "command", by=engine.doors.me)


def test_what_expired_counts_as_rejected(world: RunWorld) -> None:
    world.person.verdicts = [Pause()]
    with world.start() as engine, pytest.raises(Waiting):
        engine.segment()
    world.clock.at += timedelta(hours=25)
    with world.reopen() as engine:
        engine.segment()
        assert [event.reason for event in engine.journal.events if isinstance(event, event_types.Rejected)] == [
            "nobody decided before 2026-01-03 03:04 UTC"
        ]


def test_yes_takes_defaults_and_opens_gates_and_says_so(world: RunWorld) -> None:
    world.person.absent = True
    with world.start(Settings(yes=True, practice=True)) as engine:
        engine.drive()
        assert {event.approval.via for event in engine.journal.events if isinstance(event, Approved)} == {"--yes"}
        assert [event.via for event in engine.journal.events if isinstance(event, Answered)] == ["default"]
    assert_complete(world)


def test_an_answer_that_is_not_allowed_is_refused_and_costs_nothing(world: RunWorld) -> None:
    with (
        world.start(Settings(answers={"colour": "blue"})) as engine,
        pytest.raises(BadAnswer, match="one of green, red"),
    ):
        engine.drive()
    with world.reopen(Settings(answers={"colour": "red"})) as engine:
        engine.drive()
        assert engine.run.task("t1_1").attempt == 1
    assert_complete(world)


def test_ctrl_c_pauses_and_resume_goes_on(world: RunWorld) -> None:
    world.person.verdicts = [Approve("prompt"), KeyboardInterrupt()]
    with world.start() as engine, pytest.raises(KeyboardInterrupt):
        engine.drive()
    with world.reopen() as engine:
        engine.drive()
    assert_complete(world)


def test_a_hook_that_refuses_leaves_the_approval_standing(world: RunWorld) -> None:
    hook = world.root / ".git/hooks/pre-commit"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\necho no commits on fridays >&2\nexit 1\n")
    hook.chmod(0o755)
    with world.start() as engine, pytest.raises(StepFailed, match="no commits on fridays"):
        engine.drive()
    assert world.subjects() == []
    hook.unlink()
    with world.reopen() as engine:
        engine.drive()
    assert len(world.person.views) == 3
    assert_complete(world)


def test_a_hook_that_changes_what_was_approved_has_its_commit_taken_back(world: RunWorld) -> None:
    hook = world.root / ".git/hooks/pre-commit"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\necho tidy >> artifacts/shed/colour.md\ngit add artifacts/shed/colour.md\n")
    hook.chmod(0o755)
    with world.start() as engine, pytest.raises(StepFailed, match=r"colour\.md was changed"):
        engine.drive()
    assert world.subjects() == []
    assert world.boxes() == "     "
    hook.unlink()
    with world.reopen() as engine:
        engine.drive()
    assert_complete(world)


def test_a_hook_that_rewrites_the_message_has_its_commit_taken_back(world: RunWorld) -> None:
    hook = world.root / ".git/hooks/commit-msg"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\nsed -i.bak '1s/^/[JIRA-1] /' \"$1\"\n")
    hook.chmod(0o755)
    with world.start() as engine, pytest.raises(StepFailed, match=r"message was changed to '\[JIRA-1\] shed task"):
        engine.drive()
    assert world.subjects() == []
    hook.unlink()
    with world.reopen() as engine:
        engine.drive()
    assert_complete(world)


def test_a_commit_made_by_a_process_that_died_is_found_not_repeated(world: RunWorld) -> None:
    killed_at(world, made=True)
    assert fold(read(world.root / ".phasegate" / world.run_id / "journal.jsonl")).task("t1_1").status == "committing"
    with world.reopen() as engine:
        engine.drive()
    assert_complete(world)


def test_an_effect_whose_record_was_lost_is_found_not_repeated(world: RunWorld) -> None:
    with world.start() as engine:
        engine.segment()
        real = engine.journal.append

        def lose_the_record(type_: str, at: object, **fields: object) -> object:
            if type_ == "effect-done":
                raise KeyboardInterrupt("killed")
            return real(type_, at, **fields)  # type: ignore[arg-type]

        engine.journal.append = lose_the_record  # type: ignore[method-assign, assignment]
        with pytest.raises(KeyboardInterrupt):
            engine.segment()
    assert len(world.outside) == 1
    with world.reopen() as engine:
        engine.drive()
    assert_complete(world)


def test_a_run_is_held_by_one_process(world: RunWorld) -> None:
    with world.start(), pytest.raises(RunHeld, match="is held by process"), world.reopen():
        pass


def test_an_aborted_run_is_over_and_its_journal_is_committed(world: RunWorld) -> None:
    with world.start() as engine:
        engine.segment()
        engine.abort("the shed burned down")
        with pytest.raises(Rejected, match="was aborted"):
            engine.segment()
        with pytest.raises(BadInput, match="is over"):
            engine.note("too late")
    assert world.subjects() == [SUBJECTS[0], f"shed: abort run {world.run_id}"]
    assert world.git("status", "--porcelain") == ""
    with world.reopen(), pytest.raises(BadInput, match="is over: aborted"):
        engine.abort("again")


def test_two_runs_do_not_mix_their_commits(tmp_path: Path) -> None:
    world = RunWorld(tmp_path)
    (world.root / "other.txt").write_text("mine\n")
    world.git("add", "other.txt")
    with world.start() as engine:
        engine.drive()
    assert world.git("status", "--porcelain") == "A  other.txt\n"
    assert "other.txt" not in world.git("log", "--name-only", "--format=")


def test_a_switched_branch_is_refused(world: RunWorld) -> None:
    with world.start() as engine:
        engine.segment()
    world.git("switch", "-q", "-c", "elsewhere")
    with pytest.raises(BadInput, match="commits to branch main, elsewhere is checked out"), world.reopen():
        pass


def test_a_half_done_runbook_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    world = RunWorld(tmp_path, runbook=RUNBOOK.replace(b"[ ] 1.1", b"[x] 1.1"))
    with pytest.raises(BadInput, match=r"1\.1 are begun or ticked"), world.start():
        pass
    assert not (world.root / ".phasegate").exists()


def test_a_box_in_a_state_that_nobody_knows_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    world = RunWorld(tmp_path, runbook=RUNBOOK.replace(b"[ ] 1.1", b"[?] 1.1"))
    with pytest.raises(BadInput, match=r"unknown-state: the box of 1\.1 is '\?'"), world.start():
        pass
    assert not (world.root / ".phasegate").exists()


def test_a_dirty_artifact_is_refused_before_anything_is_written(world: RunWorld) -> None:
    (world.root / "artifacts/shed").mkdir(parents=True)
    (world.root / "artifacts/shed/colour.md").write_text("mine")
    with pytest.raises(WorkspaceRefused, match=r"artifacts/shed/colour\.md"), world.start():
        pass
    assert not (world.root / ".phasegate").exists()
