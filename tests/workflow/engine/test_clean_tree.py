"""A check that the working tree is clean judges it without the run's own files; a box that does not apply, with a
reason, is looked at by nothing, and its approver sees both."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.worlds.command_world import CommandWorld, Told

pytestmark = pytest.mark.slow
RUNBOOK = b"""# Release

## Before
- [ ] Working tree is clean
- [ ] Version bumped

## After
- [ ] No uncommitted changes
"""
HAND_WRITTEN = """\
checks:
  - {id: clean, name: Clean, command: {run: git status --porcelain}, expect: {equals: ""}, line: 4}
  - {id: empty, name: Empty, command: {run: 'test -z "$(git status -s)"', changes: true}, line: 8}
"""
TOLD = "nothing can make it true: {}: a run's own files are in the tree; leave them out: git status "


def world_of(tmp_path: Path, checks: str = "") -> CommandWorld:
    world = CommandWorld(tmp_path, runbook=RUNBOOK)
    (world.root / "phasegate.yaml").write_text("default: {operator_may_approve: true}\n")
    if checks:
        (world.root / "tasks.checks.yaml").write_text(checks)
    else:
        assert world("checks", "--suggest", "tasks.md", "--write").code == 0
    world.git("add", ".")
    world.git("commit", "-q", "-m", "What judges")
    return world


def approve(world: CommandWorld) -> Told:
    digest = json.loads(world("status", "--json").out)["waiting_for"]["digest"]
    return world("approve", "--digest", digest)


def test_what_is_proposed_passes_inside_of_a_run_and_finds_what_is_changed(tmp_path: Path) -> None:
    world = world_of(tmp_path)
    proposed = (world.root / "tasks.checks.yaml").read_text()
    assert proposed.count("git status --porcelain -- :/ ':!.phasegate' ':!artifacts/tasks' ':!tasks.md'") == 2
    assert world("run", "tasks.md").code == 3
    (world.root / "left.txt").write_text("x")
    told = world("done", "--no-files", "--box", "2=yes")
    assert told.code != 0
    (world.root / "left.txt").unlink()
    assert world("done", "--no-files", "--box", "2=yes").code == 0
    assert approve(world).code == 0
    assert world("resume").code == 3
    assert world("done", "--no-files").code == 0  # the reports and the journal of the first task are there
    assert approve(world).code == 0
    assert world("resume").code == 0
    assert b"[ ]" not in (world.root / "tasks.md").read_bytes()


def test_what_is_written_by_hand_and_can_never_pass_is_told_when_the_run_begins(tmp_path: Path) -> None:
    told = world_of(tmp_path, HAND_WRITTEN)("run", "tasks.md")
    lines = [line for line in told.error.splitlines() if "nothing can make it true" in line]
    assert [line.partition(": ")[2].partition("--")[0].rstrip() for line in lines] == [
        TOLD.format("Working tree is clean").rstrip(),
        (TOLD.format("No uncommitted changes") + "-s").rstrip(),
    ]
    assert "-- :/ ':!.phasegate' ':!artifacts'" in lines[0]


def test_a_box_that_does_not_apply_is_looked_at_by_nothing(tmp_path: Path) -> None:
    world = world_of(tmp_path, HAND_WRITTEN)
    assert world("run", "tasks.md").code == 3
    assert world("done", "--no-files", "--box", "1=yes", "--box", "2=yes").code == 5
    told = world("done", "--no-files", "--box", "1=n/a:no tree of ours", "--box", "2=yes")
    assert told.code == 0, told.error
    page = world("status", "--review").out
    assert "no tree of ours" in page
    assert "not looked at: what it answers does not apply" in page
    assert approve(world).code == 0
    assert world("resume").code == 3
    boxes = [line for line in (world.root / "tasks.md").read_text().splitlines() if line.startswith("- [")]
    assert boxes[:2] == ["- [ ] Working tree is clean", "- [x] Version bumped"]
    answers = world.root.parent / "answers.yaml"
    answers.write_text('after-box-1: "n/a: nothing is left"\n')
    assert world("done", "--no-files", "--answers", str(answers)).code == 0
    assert approve(world).code == 0
    assert world("resume").code == 0
    assert world("audit").code == 0


def test_a_policy_never_opens_a_gate_by_what_does_not_apply(tmp_path: Path) -> None:
    world = world_of(tmp_path, HAND_WRITTEN)
    (world.root / "phasegate.yaml").write_text("default: {opened_by_policy: true}\n")
    world.git("commit", "-qam", "A policy")
    assert world("run", "tasks.md").code == 3
    assert world("done", "--no-files", "--box", "1=n/a:no tree of ours", "--box", "2=yes").code == 0
    assert world("resume").code == 3
    assert json.loads(world("status", "--json").out)["waiting_for"]["digest"]
    assert world.subjects() == ["What judges", "A policy"]
