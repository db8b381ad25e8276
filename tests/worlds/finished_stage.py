"""The whole stage on the sample contract, run step by step up to its last task, the output validation."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from phases.stage_06 import paths
from phases.stage_06.output_validation import validate_outputs
from phases.stage_06.workflow import STAGE_06, runbook_text
from phases.step import Check
from tests.worlds.deployed_world import REGION, SAMPLE, SOURCE
from tests.worlds.reached import REACHED, keep
from tests.worlds.step_world import StepWorld
from workflow.doors.aws.client import AwsDoor
from workflow.runbook.reader import read_runbook
from workflow.sandbox.inprocess import Sandbox

PLAN = read_runbook(runbook_text(), name="stage-06", path="tasks.md")
LAST = PLAN.tasks[-1]


def finished_stage(root: Path, sandbox: Sandbox) -> StepWorld:
    """Every task of the runbook but the last, each without a failing check; once a process (`reached.py`)."""
    world = StepWorld(root, aws=AwsDoor(region=REGION, sandbox=True, session=sandbox.session(REGION)), plan=PLAN)
    key = "" if sandbox.calls else "finished stage"
    if key in REACHED:
        REACHED[key].again(root, sandbox, world)
        return world
    world.copy_in(SAMPLE, SOURCE)
    (root / paths.WORKING_LOG).parent.mkdir(parents=True)
    (root / paths.WORKING_LOG).write_text("# Working log\n")  # the engine's, not a step's
    for task in PLAN.tasks[:-1]:
        step = STAGE_06.step_for(task)
        assert step is not None, f"task {task.label} is bound to no step"
        assert failed(world.run(step, task=task).checks) == []
    if key:
        keep(key, root, sandbox, world)
    return world


def look(world: StepWorld, *titles: str) -> list[Check]:
    """The checks of these boxes only."""
    items = tuple(item for item in LAST.items if item.title in titles)
    assert len(items) == len(titles)
    return list(world.run(validate_outputs, task=LAST._replace(items=items)).checks)


def failed(checks: Sequence[Check]) -> list[str]:
    return [check.name for check in checks if check.verdict == "fail"]
