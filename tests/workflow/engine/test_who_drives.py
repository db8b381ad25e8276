"""Who drives a step or checkpoint without a terminal is its operator; `--yes` opens steps, and never people's work."""

from __future__ import annotations

from pathlib import Path

import pytest

from phases.step import Workflow
from state.errors import BadInput, Waiting
from state.read_journal import read
from tests.worlds.approval_world import ADA, BOB, ApprovalWorld
from tests.worlds.forger import Forger
from tests.worlds.run_world import RunWorld
from workflow.cli.main import run
from workflow.engine.engine import Settings
from workflow.ports import HandIn
from workflow.runs.workflow_catalog import guided

YES = Settings(answers={"colour": "green"}, yes=True)
BY_HAND = b"# Paint\n\n- [ ] 1. Checkpoint - ensure all tests pass\n- [ ] 2. Ship\n"


class HandWorld(ApprovalWorld):
    """Nothing of its runbook is phasegate's own to do."""

    @property
    def workflow(self) -> Workflow:
        return guided("shed")


def without_terminal(root: Path, policy: str = "") -> ApprovalWorld:
    world = ApprovalWorld(root, policy=policy)
    world.person.at_terminal = False
    world.pauses()
    return world


def by_hand(root: Path, runbook: bytes, policy: str = "default: {}\n") -> ApprovalWorld:
    world = HandWorld(root)
    world.commits_files({"tasks.md": runbook.decode(), "phasegate.yaml": policy})
    return world


def test_the_operator_of_a_step_without_a_terminal_does_not_approve_it(tmp_path: Path) -> None:
    world = without_terminal(tmp_path)
    (worked,) = world.events_of("worked")
    assert (worked["terminal"], worked["policy"]["operator_may_approve"]) == (False, False)
    with pytest.raises(BadInput, match="ran this task"):
        world.approves(ADA)
    world.approves(BOB)
    assert world.state.tasks["t1_1"].status == "approved"


def test_whoever_only_started_the_run_approves_what_another_drove(tmp_path: Path) -> None:
    world = ApprovalWorld(tmp_path)
    world.person.absent = True
    world.person.at_terminal = False
    with world.start():
        pass
    with world.as_(BOB):
        world.resumes(Settings(answers={"colour": "green"}))
    with pytest.raises(BadInput, match="ran this task"):
        world.approves(BOB)
    world.approves(ADA)


def test_the_policy_may_say_otherwise(tmp_path: Path) -> None:
    world = without_terminal(tmp_path, "default: {operator_may_approve: true}\n")
    world.approves(ADA)


def test_yes_opens_what_waits_for_want_of_a_terminal_and_the_audit_agrees(tmp_path: Path) -> None:
    world = without_terminal(tmp_path)
    world.resumes(YES)
    assert {event["via"] for event in world.events_of("approved")} == {"--yes"}
    assert Forger(world.root, world.run_id).codes() == []


def test_yes_opens_nothing_that_the_policy_keeps_from_the_operator(tmp_path: Path) -> None:
    world = without_terminal(tmp_path, "default: {operator_may_approve: false}\n")
    world.resumes(YES)
    assert "ran this task" in world.said
    assert not world.events_of("approved")


def test_a_checkpoint_keeps_whether_a_terminal_was_there_when_it_was_handed_in(tmp_path: Path) -> None:
    world = by_hand(tmp_path, BY_HAND, 'tests: "true"\n')
    world.person.absent, world.person.at_terminal = True, False
    with world.start() as engine, pytest.raises(Waiting):
        engine.drive()
    (handed_in,) = world.events_of("handed-in")
    assert (handed_in["via"], handed_in["terminal"]) == ("checkpoint", False)
    with pytest.raises(BadInput, match="ran this task"):
        world.approves(ADA)


def test_yes_does_nobodys_work_by_hand_unless_it_is_a_rehearsal(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    world = RunWorld(tmp_path, runbook=b"# Paint\n\n- [ ] 1. Buy\n- [ ] 2. Ship\n")
    before = world.git("rev-parse", "HEAD")
    command = ["-C", str(world.root)]
    assert run([*command, "run", "tasks.md", "--sandbox", "--yes"]) == 3
    assert "--yes --practice" in capsys.readouterr().err
    assert (world.git("rev-parse", "HEAD"), world.boxes()) == (before, "  ")
    assert run([*command, "resume", "--practice"]) == 2
    assert run([*command, "done", "--no-files"]) == 0
    assert run([*command, "resume", "--yes"]) == 3  # what was handed in by a person waits for one
    assert world.boxes() == "  "


def test_a_rehearsal_passes_work_by_hand_and_says_so(tmp_path: Path) -> None:
    world = RunWorld(tmp_path, runbook=b"# Paint\n\n- [ ] 1. Buy\n- [ ] 2. Ship\n")
    assert run(["-C", str(world.root), "run", "tasks.md", "--sandbox", "--yes", "--practice"]) == 0
    assert world.boxes() == "xx"
    (journal,) = world.root.glob(".phasegate/*/journal.jsonl")
    vias = {event.fields["via"] for event in read(journal) if event.type in ("handed-in", "approved")}
    assert vias == {"--yes"}
    assert Forger(world.root, journal.parent.name).codes() == []


def test_done_at_a_terminal_is_handed_in_without_one(tmp_path: Path) -> None:
    world = by_hand(tmp_path, b"# Paint\n\n- [ ] 1. Buy\n- [ ] 2. Ship\n")
    with world.start() as engine:
        engine.hand_in(HandIn((), "done"), {})
    (handed_in,) = world.events_of("handed-in")
    assert handed_in["terminal"] is False
    with pytest.raises(BadInput, match="ran this task"):
        world.approves(ADA)
