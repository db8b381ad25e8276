"""`next:` and `fix:` lines that once failed as they were printed: each is typed into a shell."""

from __future__ import annotations

import subprocess
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from gates.policy import GatePolicy
from gates.policy_change import GateRules, wider
from tests.worlds.command_world import CommandWorld
from tests.worlds.workspaces import git
from workflow.cli.main import run
from workflow.doors.ssh_signature import MAKE_A_KEY
from workflow.runs.workflow_catalog import target_of


@pytest.fixture
def world(tmp_path: Path) -> CommandWorld:
    return CommandWorld(tmp_path)


def test_a_key_is_set_by_the_line_as_it_is(world: CommandWorld) -> None:
    world.type(MAKE_A_KEY)
    assert world.git("config", "--local", "user.signingkey").rstrip().endswith("/id_ed25519.pub")


def test_an_empty_repository_gets_its_first_commit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    subprocess.run(["git", "init", "-q", tmp_path], check=True)
    monkeypatch.chdir(tmp_path)
    run(["doctor"])
    told = capsys.readouterr()
    (line,) = (each for each in told.out.splitlines() if "--allow-empty" in each)
    subprocess.run(["sh", "-ec", line.split("fix: ")[-1]], check=True, capture_output=True)
    assert git(tmp_path, "log", "--format=%s").strip() == "Start"


@pytest.mark.parametrize("verb", ["status", "audit"])
def test_without_a_run_a_runbook_that_is_there_is_named(world: CommandWorld, verb: str) -> None:
    (world.root / "README.md").write_text("# Read me\n")
    assert "next: phasegate plan tasks.md   # what would run\n" in world(verb).error
    (world.root / "tasks.md").unlink()
    told = world(verb)
    assert "next: phasegate init stage-06   # puts a runbook here\n" in told.error
    world.type(told.next)


def test_a_misspelt_gate_of_ones_own_runbook_names_the_runbook(world: CommandWorld) -> None:
    (world.root / "phasegate.yaml").write_text("gates:\n  - {workflow: tasks, gate: nowhere, approvers: 2}\n")
    world.git("add", ".")
    world.git("commit", "-q", "-m", "A policy")
    told = world("run", "tasks.md")
    assert "no task of tasks is called 'nowhere'" in told.error
    assert told.next == f"(cd -- {world.root} && ${{EDITOR:-vi}} phasegate.yaml)"
    assert "   # its gates: 1.1, 1.2, 2.1\n" in told.error


def test_a_policy_that_git_does_not_know_is_shown_whole(world: CommandWorld) -> None:
    (world.root / "phasegate.yaml").write_text("default: {approvers: 1}\n")
    told = world("run", "tasks.md")
    assert told.next == f"(cd -- {world.root} && cat -- phasegate.yaml)"
    world.type(told.next)
    assert "cat -- phasegate.yaml" in world("doctor").out
    world.git("add", ".")
    world.git("commit", "-q", "-m", "A policy")
    (world.root / "phasegate.yaml").write_text("default: {approvers: 2}\n")
    assert world("run", "tasks.md").next == "git -P diff HEAD -- phasegate.yaml"


def test_a_task_without_boxes_says_so(world: CommandWorld) -> None:
    world("run", "tasks.md")
    told = world("done", "--no-files", "--box", "1=yes")
    assert f"next: phasegate resume {world.run_id}   # shows the task, which has no boxes\n" in told.error


def test_a_workflow_is_read_as_a_run_of_it_does() -> None:
    assert target_of("stage-06", "tasks.md") == "stage-06"
    assert target_of("stage-06", "a b/tasks.md") == "stage-06 --runbook 'a b/tasks.md'"
    assert target_of("shed", "shed it.md") == "'shed it.md'"


def test_times_of_a_policy_are_told_in_words() -> None:
    was = GateRules(GatePolicy(), frozenset(), frozenset())
    now = replace(was, policy=replace(was.policy, expires_after=timedelta(days=2)))
    assert list(wider(was, now)) == ["what is shown is good for 2 d instead of 24 h"]
