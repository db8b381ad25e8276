"""Two runs of stage-06 in one repository: each runbook's artifacts have a place of their own, and neither mixes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from botocore.retries.standard import ExponentialBackoff

from phases.stage_06 import paths
from phases.stage_06.paths import CONTRACT_SOURCES
from phases.stage_06.workflow import runbook_text, sample
from state.files import sha256
from tests.worlds.command_world import CommandWorld
from tests.worlds.stage_world import StageWorld
from workflow.audit import audit_workspace
from workflow.engine.commit_message import commit_message
from workflow.runs.load_plan import load_plan
from workflow.runs.workflow_catalog import KNOWN, MOVED, find_workflow, placed
from workflow.sandbox.inprocess import Sandbox

BELOW = "shop/infra/tasks.md"
PLACE = "artifacts/shop-infra-tasks"
OF_THE_ROOT = re.compile(rb"artifacts/stage-06\b")


@pytest.fixture
def sandbox(monkeypatch: pytest.MonkeyPatch) -> Iterator[Sandbox]:
    monkeypatch.setattr(ExponentialBackoff, "delay_amount", lambda _self, _context: 0)
    with Sandbox() as opened:
        yield opened


def beside(world: StageWorld, runbook: str) -> StageWorld:
    """Another run in the same repository, of a runbook that is committed there."""
    other = StageWorld.__new__(StageWorld)
    other.__dict__.update(world.__dict__)
    other.run_id, other.runbook = "", runbook
    (world.root / runbook).parent.mkdir(parents=True, exist_ok=True)
    (world.root / runbook).write_bytes(runbook_text())
    world.git("add", runbook)
    world.git("commit", "-q", "-m", "A second runbook")
    return other


def finish(world: StageWorld) -> None:
    with world.process() as engine:
        engine.drive()
        assert engine.complete


@pytest.mark.slow
def test_two_stages_go_on_side_by_side_and_the_audit_finds_both_sound(tmp_path: Path, sandbox: Sandbox) -> None:
    first = StageWorld(tmp_path, sandbox)
    first.take_to("1.2")
    second = beside(first, BELOW)
    second.take_to("1.3")  # while the first one is not finished
    first.take_to("2.1")
    finish(second)
    finish(first)
    names = {Path(path).name for path, _ in paths.DOCUMENTS}
    for place in (paths.STAGE, PLACE):
        assert {each.name for each in (first.root / place).iterdir()} == names
    assert not [each.name for each in (first.root / PLACE).iterdir() if OF_THE_ROOT.search(each.read_bytes())]
    for world, place in ((first, paths.STAGE), (second, PLACE)):
        log = world.git("log", "--format=%H", f"--grep=Phasegate-Run: {world.run_id}").split()
        changed = {
            line
            for commit in log
            for line in world.git("show", "--format=", "--name-only", commit).splitlines()
            if line.startswith("artifacts/")
        }
        assert changed == {f"{place}/{name}" for name in names}
    audits = audit_workspace(first.root, None)
    assert [(each.findings, each.done) for each in audits] == [([], 14), ([], 14)]


def test_only_what_lies_in_one_place_is_refused_beside_a_run_that_is_not_over(tmp_path: Path) -> None:
    world = CommandWorld(tmp_path)
    for path in ("tasks.md", "other.md", "a/tasks.md", "a-b/c.md", "a/b-c.md"):
        (world.root / path).parent.mkdir(exist_ok=True)
        (world.root / path).write_bytes(runbook_text())
    (world.root / "a-b/c.md").write_text("# Guided\n\n- [ ] 1. First\n- [ ] 2. Second\n")
    contract = world.root / "artifacts/stage-02/migrationContract.json"
    contract.parent.mkdir(parents=True)
    contract.write_bytes(sample()[CONTRACT_SOURCES[0]])
    world.git("add", "-A")
    world.git("commit", "-q", "-m", "Runbooks")
    # without an answer it waits at its first gate: exit 3
    for runbook in ("tasks.md", "a/tasks.md"):
        assert world("run", "stage-06", "--sandbox", "--runbook", runbook).code == 3
    for runbook, seen in (("other.md", "tasks.md"), ("a/tasks.md", "a/tasks.md")):
        told = world("run", "stage-06", "--sandbox", "--runbook", runbook)
        assert (told.code, f"of {seen} (stage-06) is not finished" in told.error) == (2, True)
    assert world("run", "a-b/c.md").code == 3
    before = world.git("status", "--porcelain")
    told = world("run", "stage-06", "--sandbox", "--runbook", "a/b-c.md")
    assert told.code == 2
    assert "a/b-c.md would keep its artifacts in artifacts/a-b-c, where those of run" in told.error
    assert world.git("status", "--porcelain") == before
    world.type(told.next)
    told = world("run", "stage-06", "--sandbox", "--runbook", "a/b-c-2.md")
    assert told.code == 3


def test_a_runbook_by_hand_keeps_away_from_the_place_of_a_moved_workflow(tmp_path: Path) -> None:
    world = CommandWorld(tmp_path)
    (world.root / "a").mkdir()
    (world.root / "a-b").mkdir()
    (world.root / "a/b-c.md").write_bytes(runbook_text())
    (world.root / "a-b/c.md").write_text("# Guided\n\n- [ ] 1. First\n- [ ] 2. Second\n")
    contract = world.root / "artifacts/stage-02/migrationContract.json"
    contract.parent.mkdir(parents=True)
    contract.write_bytes(sample()[CONTRACT_SOURCES[0]])
    world.git("add", "-A")
    world.git("commit", "-q", "-m", "Runbooks")
    assert load_plan(world.root, "a-b/c.md", None).workflow.name == "a-b-c"
    assert world("run", "stage-06", "--sandbox", "--runbook", "a/b-c.md").code == 3
    assert load_plan(world.root, "a-b/c.md", None).workflow.name == f"a-b-c-{sha256(b'a-b/c.md')[:4]}"


@pytest.mark.parametrize(
    ("runbook", "slug"),
    [
        (".kiro/specs/login/tasks.md", "kiro-specs-login-tasks"),
        ("stage/06.md", f"stage-06-{sha256(b'stage/06.md')[:4]}"),  # what the root has
        ("aws/deploy.md", f"aws-deploy-{sha256(b'aws/deploy.md')[:4]}"),
    ],
)
def test_a_moved_workflow_says_where_its_files_are_and_the_default_message_has_the_slug(
    tmp_path: Path, runbook: str, slug: str
) -> None:
    (tmp_path / runbook).parent.mkdir(parents=True)
    (tmp_path / runbook).write_bytes(runbook_text())
    plan, workflow, *_ = load_plan(tmp_path, "stage-06", runbook)
    assert workflow.log == f"artifacts/{slug}/06_working_log.md"
    assert workflow.rollback_plan == f"artifacts/{slug}/rollback-plan.md"
    written = {path for step in (*workflow.steps, *workflow.rollback) for path in (*step.reads, *step.writes)}
    assert {path.rpartition("/")[0] for path in written} == {f"artifacts/{slug}"}
    task = plan.tasks[0]
    assert commit_message(plan, task) == task.commit_message  # spelled out in the runbook
    assert commit_message(plan, task._replace(commit_message="")) == f"{slug} task 1.1: {task.title}"
    assert commit_message(replace(plan, grammar=1), task._replace(commit_message="")).startswith("stage-06 task 1.1: ")


def test_at_the_root_and_in_runs_of_0_1_the_files_are_where_they_were() -> None:
    for name in KNOWN:
        workflow = find_workflow(name)
        assert placed(workflow, "tasks.md", 2) is workflow
        assert placed(workflow, "a/tasks.md", 1) is workflow
        assert all(step.place("artifacts/stage-06/x") == "artifacts/stage-06/x" for step in workflow.steps)
    assert {name: find_workflow(name).log.rpartition("/")[0] for name in MOVED} == MOVED
