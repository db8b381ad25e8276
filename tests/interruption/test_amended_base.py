"""Somebody amends or rebases what the run stands on: that is refused before work and commit, not condemned later.

What is typed as the refusal says goes on to a sound end.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from state.errors import WorkspaceRefused
from tests.worlds.command_world import CommandWorld
from tests.worlds.run_world import RunWorld
from workflow.audit import RunAudit, audit_workspace
from workflow.ports import Approve, ReviewView, Verdict

Rewrite = Callable[[CommandWorld], object]
ANOTHER_DATE = {**os.environ, "GIT_COMMITTER_DATE": "2020-01-01T00:00Z"}


def amended(world: CommandWorld) -> None:
    world.git("commit", "-q", "--amend", "--allow-empty", "--no-edit", **ANOTHER_DATE)


def amended_with_more(world: CommandWorld) -> None:
    (world.root / "more.txt").write_text("more")
    world.git("add", "more.txt")
    world.git("commit", "-q", "--amend", "-m", "start, and more")


def rebased(world: CommandWorld) -> None:
    world.git("rebase", "-q", "--force-rebase", "--root", **ANOTHER_DATE)


def reset_to_the_one_before(world: CommandWorld) -> None:
    world.git("reset", "-q", "--soft", "HEAD~1")


def on_another_line(world: CommandWorld) -> None:
    """Amended, and gone on upon that."""
    amended(world)
    world.git("commit", "-q", "--allow-empty", "-m", "more")


REWRITES = [amended, amended_with_more, rebased, reset_to_the_one_before, on_another_line]


@pytest.fixture
def world(tmp_path: Path) -> CommandWorld:
    """A run that waits for its first task, on the second commit."""
    world = CommandWorld(tmp_path, runbook=b"# Shed\n\n- [ ] 1. Paint\n")
    world.git("commit", "-q", "--allow-empty", "-m", "the last before the run")
    assert world("run", "tasks.md").code == 3
    return world


def audited(world: CommandWorld) -> RunAudit:
    (found,) = audit_workspace(world.root, world.run_id)
    return found


def approve_and_commit(world: CommandWorld) -> None:
    waiting = json.loads(world("status", "--json").out)["waiting_for"]["digest"]
    assert world("approve", "--digest", waiting).code == 0
    assert world("resume").code == 0


@pytest.mark.parametrize("verb", [("resume",), ("done", "--no-files")], ids=["resume", "done"])
@pytest.mark.parametrize("rewrite", REWRITES)
def test_what_the_run_began_from_is_missed_before_any_work(
    world: CommandWorld, rewrite: Rewrite, verb: tuple[str, ...]
) -> None:
    base = world.git("rev-parse", "HEAD").strip()
    rewrite(world)
    before = world.files()
    told = world(*verb)
    assert (told.code, world.files()) == (2, before)
    assert f"began from {base[:10]}, expected in the history of main, which is at " in told.error
    assert "(amended, rebased or reset)" in told.error
    assert told.next == f"git reset --keep {base[:10]}"
    world.type(told.next)
    assert world("resume").code == 3
    world.hand_in()
    approve_and_commit(world)
    assert audited(world).findings == []


@pytest.mark.parametrize("rewrite", REWRITES)
def test_the_other_way_on_ends_the_run_and_leaves_no_finding(world: CommandWorld, rewrite: Rewrite) -> None:
    rewrite(world)
    told = world("resume")
    assert f"phasegate abort {world.run_id} --reason TEXT   # or ends the run" in told.error
    assert world("abort", "--reason", "another base").code == 0
    found = audited(world)
    assert found.findings == []
    assert "base-gone" in {limit.code for limit in found.unprovable}


def test_a_base_that_is_gone_below_a_task_s_commit_is_a_finding(world: CommandWorld) -> None:
    world.hand_in()
    approve_and_commit(world)
    rebased(world)
    assert "run-base-missing" in {finding.code for finding in audited(world).findings}


def test_a_first_commit_that_was_rebased_with_the_base_is_not_taken_for_the_run_s(tmp_path: Path) -> None:
    """Nothing names it yet: it is found by its trailers, on another base."""
    world = CommandWorld(tmp_path)
    world.up_to("1.1")
    base, was = world.git("rev-parse", "HEAD~1", "HEAD").split()
    rebased(world)
    before = world.files()
    told = world("resume")
    assert (told.code, world.files()) == (2, before)
    assert f"began from {base[:10]}" in told.error
    world.git("reset", "-q", "--keep", was)
    world.goes_on_to_the_end()


@pytest.mark.parametrize("task", [0, 1], ids=["the base", "the commit before"])
def test_what_is_amended_while_a_person_looks_takes_no_commit(tmp_path: Path, task: int) -> None:
    """The approval is recorded, the commit is not made; from where the branch was before it is."""
    world = RunWorld(tmp_path)
    was = []

    def approve_on_another(_view: ReviewView) -> Verdict:
        was.append(world.git("rev-parse", "HEAD").strip())
        world.git("commit", "-q", "--amend", "--no-edit", "--date", "2001-01-01T00:00:00Z")
        return Approve("prompt")

    world.person.verdicts = [*[Approve("prompt")] * task, approve_on_another]
    with world.start() as engine, pytest.raises(WorkspaceRefused) as refused:
        engine.drive()
    assert f"{was[0][:10]}, expected in the history of main" in refused.value.message
    assert world.subjects() == ["shed task 1.1: Choose a colour"][:task]
    assert world.events(engine)[-1] == "approved"
    world.git("reset", "-q", "--keep", was[0])
    with world.reopen() as engine:
        engine.drive()
    (found,) = audit_workspace(world.root, world.run_id)
    assert found.findings == []
