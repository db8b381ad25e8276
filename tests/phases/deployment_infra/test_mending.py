"""Can a run go on after a refusal, and with other answers? All tasks over one workspace, checkpoints included."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from phases.deployment_infra.answers import values_of, written_answers
from phases.deployment_infra.files import ANSWERS, CHECKPOINTS
from phases.deployment_infra.render import render_all
from phases.deployment_infra.tasks import STEPS
from phases.deployment_infra.tools import Tool
from phases.deployment_infra.workflow import DEPLOYMENT_INFRA
from phases.step import Check, Work
from tests.worlds.module_tests import module_tests_quickly
from tests.worlds.rendered_module import EXAMPLE
from tests.worlds.step_world import StepWorld
from workflow.runbook.reader import read_runbook

pytestmark = [pytest.mark.slow, pytest.mark.skipif(shutil.which("make") is None, reason="make not found")]
PLAN = read_runbook(DEPLOYMENT_INFRA.runbook_text(), name=DEPLOYMENT_INFRA.name, path=DEPLOYMENT_INFRA.runbook)
ALERTING = "terraform/modules/monitoring/alerting.tf"
# stands for any tool that refuses a line, and is content with it once it was mended
REFUSES = Tool("lint", "grep", "echo lint 1.0", f"! grep -n -H 'forbidden$' {ALERTING} /dev/null")
OTHERS = {
    "peak-load": "500",
    "tasks-maximum": "20",
    "contact": "other@example.com",
    "network-prod": "10.99.0.0/16",
    "monthly-budget": "3000",
}


@pytest.fixture(autouse=True)
def quickly(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in module_tests_quickly(tmp_path_factory.getbasetemp() / "parsed").items():
        monkeypatch.setenv(name, value)


def run_tasks(world: StepWorld, *, until: str = "18", checkpoints: bool = True) -> dict[str, Work]:
    """What each task came to, in order."""
    order = [step.task_id for step in STEPS]
    steps = STEPS[: order.index(until) + 1]
    return {step.task_id: world.run(step) for step in steps if checkpoints or step.task_id not in CHECKPOINTS}


def new_world(root: Path, answers: Mapping[str, str] = EXAMPLE) -> StepWorld:
    subprocess.run(["git", "init", "-q"], cwd=root, check=True)
    return StepWorld(root, answers=answers, run_id="deployment-infra-20260102-030405", plan=PLAN)


def finished_and_begun_anew(root: Path, monkeypatch: pytest.MonkeyPatch) -> StepWorld:
    """A module that is finished, and a run with other answers behind it; checkpoints run the module's tests only."""
    monkeypatch.setattr("phases.deployment_infra.checkpoint.TOOLS", ())
    world = new_world(root)
    run_tasks(world, checkpoints=False)
    world.new_run("deployment-infra-20260103-030405")
    world.given = {**EXAMPLE, **OTHERS}
    return world


def by_name(work: Work) -> dict[str, Check]:
    return {check.name: check for check in work.checks}


@pytest.mark.timeout(600)  # the module's own tests four times
def test_a_later_run_with_other_answers_passes_every_checkpoint(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = finished_and_begun_anew(tmp_path, monkeypatch)
    came = run_tasks(world)
    for task in CHECKPOINTS:
        assert by_name(came[task])["make test"].verdict == "pass", by_name(came[task])["make test"].seen
    left_out = [by_name(came[task]).get("files of later tasks") for task in CHECKPOINTS]
    assert [check.verdict if check else "" for check in left_out] == ["note", "note", "note", ""]
    assert left_out[0] is not None and "tests/infrastructure/test_property_09_scaling.py" in left_out[0].seen
    answered = written_answers((tmp_path / ANSWERS).read_bytes())  # in the order of the questions
    assert answered == {**EXAMPLE, **OTHERS}
    finished = render_all(values_of(answered))
    assert [path for path, content in finished.items() if (tmp_path / path).read_bytes() != content] == []


@pytest.mark.timeout(300)
def test_a_copy_that_lacks_a_fault_of_later_files_still_has_those_of_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = finished_and_begun_anew(tmp_path, monkeypatch)
    run_tasks(world, until="2.7")
    ci = tmp_path / ".github/workflows/ci.yml"
    ci.write_text(ci.read_text().replace("# v", "# w"))
    assert by_name(world.run(next(step for step in STEPS if step.task_id == "3")))["make test"].verdict == "fail"


@pytest.mark.timeout(300)
def test_a_file_that_a_tool_refuses_is_mended_shown_and_taken_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("phases.deployment_infra.checkpoint.TOOLS", (REFUSES,))
    world = new_world(tmp_path)
    run_tasks(world, checkpoints=False)
    final = STEPS[-1]
    file = tmp_path / ALERTING
    good = file.read_text()
    file.write_text(f"{good}# forbidden\n")
    lines = good.count("\n") + 1

    with monkeypatch.context() as patched:
        patched.setenv("PYTEST_ADDOPTS", "--collect-only")  # what the module's own tests say is looked at below
        refused = by_name(world.run(final))["lint"]
    assert (refused.verdict, refused.where) == ("fail", f"{ALERTING}:{lines}")
    file.write_text(f"{good}# forbidden, and here allowed\n")
    mended = world.run(final)
    checks = by_name(mended)
    assert (checks["lint"].verdict, checks["make test"].verdict) == ("pass", "pass")
    assert checks[ALERTING].verdict == "not-checked"  # no policy opens the gate behind it
    assert list(world.artifacts) == [ALERTING]
    assert (
        "+# forbidden, and here allowed" in mended.review[0].body or "-# forbidden, and here" in mended.review[0].body
    )

    file.unlink()
    gone = by_name(world.run(final, attempt=3))
    assert (gone[ALERTING].verdict, gone[ALERTING].seen) == ("fail", "is not there")
    assert not file.exists() and "make test" not in gone
