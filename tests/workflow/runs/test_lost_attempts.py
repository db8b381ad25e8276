"""A run whose files are gone from this clone is named, its attempts count, and the next run's approvers are told."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from unittest import mock

import pytest

from tests.worlds.command_world import CommandWorld
from workflow.audit import audit_workspace
from workflow.runs.kept_attempts import kept_at, read_kept

pytestmark = pytest.mark.slow
JOB = b"# Job\n\n- [ ] 1. First\n- [ ] 2. Second\n"
WHY = "contains a backdoor"


@pytest.fixture
def world(tmp_path: Path) -> CommandWorld:
    return CommandWorld(tmp_path, runbook=JOB)


def run_of(world: CommandWorld) -> str:
    (name,) = [each.name for each in (world.root / ".phasegate").iterdir() if each.is_dir()]
    return name


def rejected(world: CommandWorld) -> str:
    """A run whose only attempt was rejected."""
    assert world("run", "tasks.md").code == 3
    world.hand_in()
    assert world("reject", "--reason", WHY).code == 0
    return run_of(world)


def approved(world: CommandWorld) -> None:
    world.hand_in()
    digest = json.loads(world("status", "--json").out)["waiting_for"]["digest"]
    assert world("approve", "--digest", digest).code == 0


def cleaned(world: CommandWorld) -> None:
    world.git("clean", "-fdq")


def removed(world: CommandWorld) -> None:
    shutil.rmtree(world.root / ".phasegate")


def journal_removed(world: CommandWorld) -> None:
    (world.root / ".phasegate" / run_of(world) / "journal.jsonl").unlink()


@pytest.mark.parametrize("lose", [cleaned, removed, journal_removed])
def test_a_run_without_a_commit_that_is_gone_is_named_by_whatever_looks_for_it(
    world: CommandWorld, lose: Callable[[CommandWorld], None]
) -> None:
    run = rejected(world)
    lose(world)
    for command in (["status"], ["resume"], ["audit"], ["status", run], ["resume", run], ["log", run], ["audit", run]):
        told = world(*command)
        assert told.code == 1, (command, told)
        assert f"run {run} of tasks.md was here: 1 attempt, 1 rejection" in told.error
        assert WHY in told.error and told.next == "phasegate run tasks.md"
    listed = world("runs")
    assert f"run {run} of tasks.md was here" in listed.out + listed.error


def test_the_approvers_of_the_next_run_are_told_and_then_nothing_else_tells(world: CommandWorld) -> None:
    run = rejected(world)
    cleaned(world)
    assert world("run", "tasks.md").code == 3
    world.hand_in()
    page = world("status", "--review").out
    assert f"run {run} of tasks.md was here: 1 attempt, 1 rejection" in page and WHY in page
    assert run not in world("runs").out
    digest = json.loads(world("status", "--json").out)["waiting_for"]["digest"]
    assert world("approve", "--digest", digest).code == 0
    assert world("resume", "--until", "1").code == 0
    (found,) = audit_workspace(world.root, None)
    assert found.findings == []
    assert WHY in (world.root / ".phasegate" / found.run / "journal.jsonl").read_text()


def test_what_another_runbook_lost_is_told_by_audit_and_runs_alone(world: CommandWorld) -> None:
    (world.root / "other.md").write_bytes(JOB)
    world.git("add", "-A")
    world.git("commit", "-q", "-m", "Another")
    run = rejected(world)
    cleaned(world)
    assert world("run", "other.md").code == 3
    approved(world)
    assert world("resume", "--until", "1").code == 0
    (found,) = audit_workspace(world.root, None)
    assert found.findings == []
    assert [each.message for each in found.unprovable if each.code == "run-gone"] == [
        f"run {run} of tasks.md was here: 1 attempt, 1 rejection, as far as is known; no file and no commit has it"
    ]


def test_a_part_of_the_journal_that_is_gone_leaves_a_note(world: CommandWorld) -> None:
    """The way on that the refusal prints does not make the rejection vanish."""
    assert world("run", "tasks.md").code == 3
    approved(world)
    assert world("resume", "--until", "1").code == 0
    run = run_of(world)
    assert world("resume").code == 3
    world.hand_in()
    assert world("reject", "--reason", WHY).code == 0
    cleaned(world)
    told = world("resume")
    assert told.code == 1 and "is gone" in told.error
    world.type(told.next)
    assert world("resume").code == 3
    world.hand_in()
    assert WHY in world("status", "--review").out
    approvals = json.loads(world("status", "--json").out)["waiting_for"]["digest"]
    assert world("approve", "--digest", approvals).code == 0
    assert world("resume").code == 0
    (found,) = audit_workspace(world.root, run)
    assert found.findings == []


def test_a_run_that_was_aborted_or_lies_elsewhere_is_not_gone(world: CommandWorld) -> None:
    rejected(world)
    world.git("stash", "-u", "-q")
    told = world("status")
    assert told.next == "git stash pop"
    world.git("stash", "pop", "-q")
    assert world("status").code == 0
    assert world("abort", "--reason", "thrown away").code == 0
    world.git("reset", "-q", "--hard", "HEAD~1")
    shutil.rmtree(world.root / ".phasegate", ignore_errors=True)
    assert "was here" not in world("runs").out


def test_a_run_of_another_branch_or_worktree_is_not_gone(world: CommandWorld, tmp_path: Path) -> None:
    world.git("switch", "-q", "-c", "side")
    rejected(world)
    world.git("add", "-A")
    world.git("commit", "-q", "-m", "By hand")
    world.git("switch", "-q", "main")
    assert "was here" not in world("runs").out + world("runs").error
    world.git("worktree", "add", "-q", str(tmp_path / "beside"), "-b", "beside")
    assert "was here" not in world("-C", str(tmp_path / "beside"), "runs").out


def test_attempts_of_agents_are_counted_on_in_the_next_run(world: CommandWorld) -> None:
    from state.fold import fold
    from workflow.runs.find_run import events_of
    from workflow.runs.lost_attempts import attempts_before

    rejected(world)
    assert world("resume").code == 3
    world.hand_in()
    assert world("reject", "--reason", WHY).code == 0
    cleaned(world)
    assert world("run", "tasks.md").code == 3
    events = events_of(world.root, run_of(world))
    assert attempts_before(world.root, fold(events), events, "t1") == 2
    assert attempts_before(world.root, fold(events), events, "t2") == 0


def test_what_is_kept_is_emptied_by_the_commit(world: CommandWorld) -> None:
    run = rejected(world)
    at = kept_at(world.root / ".git", run)
    kept = read_kept(at)
    assert kept is not None and [each.type for each in kept.attempts] == ["rejected"]
    with mock.patch.dict(os.environ):
        assert world("resume").code == 3
    approved(world)
    assert world("resume", "--until", "1").code == 0
    kept = read_kept(at)
    assert kept is not None and (kept.attempts, kept.committed) == ((), True)
    at.write_text("{")
    assert read_kept(at) is None
