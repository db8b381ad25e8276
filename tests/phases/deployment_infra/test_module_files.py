"""Is the module whole, and the same each time? Templates and tasks agree, the runbook is the seed, bytes are equal."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest
import yaml

from phases.deployment_infra.answers import values_of
from phases.deployment_infra.files import FILES, WRITTEN, written_by
from phases.deployment_infra.render import render, render_all
from phases.deployment_infra.tasks import STEPS
from phases.deployment_infra.titles import TITLES
from phases.deployment_infra.workflow import DEPLOYMENT_INFRA
from tests.worlds.rendered_module import EXAMPLE, OTHERS
from tests.worlds.workspaces import SHARED
from workflow.runbook.reader import read_runbook

TEMPLATES = Path(__file__).parents[3] / "phases/deployment_infra/module"


def test_every_template_is_a_file_of_a_task() -> None:
    found = {str(path.relative_to(TEMPLATES)).removesuffix(".j2") for path in TEMPLATES.rglob("*") if path.is_file()}
    assert found == set(FILES)


def test_every_task_of_the_runbook_has_its_step() -> None:
    plan = read_runbook(DEPLOYMENT_INFRA.runbook_text(), name="deployment-infra", path=DEPLOYMENT_INFRA.runbook)
    assert {task.id: task.title for task in plan.tasks} == TITLES
    assert [task.id for task in plan.tasks] == [step.task_id for step in STEPS]
    assert all(DEPLOYMENT_INFRA.step_for(task) for task in plan.tasks)
    assert [task.id for task in plan.tasks if task.kind == "checkpoint"] == ["3", "6", "9", "18"]
    assert set(WRITTEN) | {"3", "6", "9", "18"} == set(TITLES)


@pytest.mark.skipif(not SHARED.exists(), reason="the seed documents are not beside this clone")
def test_the_runbook_is_the_seed_byte_for_byte() -> None:
    assert DEPLOYMENT_INFRA.runbook_text() == (SHARED / "seeds/deployment-infra-tasks.md").read_bytes()


@pytest.mark.slow  # each file twice
@pytest.mark.parametrize("answers", [EXAMPLE, OTHERS], ids=["example", "others"])
def test_the_same_answers_give_the_same_bytes(answers: Mapping[str, str]) -> None:
    first = render_all(values_of(answers))
    again = render_all(values_of(dict(reversed(answers.items()))))
    assert {path for path in first if first[path] != again[path]} <= {"infrastructure.yaml"}
    assert render_all(values_of(answers)) == first


def test_the_last_task_of_a_file_leaves_the_finished_one() -> None:
    values = values_of(EXAMPLE)
    for path, tasks in FILES.items():
        assert render(path, values, tasks[-1]) == render(path, values)
    ci = ".github/workflows/ci.yml"
    sizes = [len(yaml.safe_load(render(ci, values, task))["jobs"]) for task in written_by(ci)]
    assert sizes == [1, 3, 4, 5]  # lint; test and infrastructure; security; build


@pytest.mark.parametrize("answers", [EXAMPLE, OTHERS], ids=["example", "others"])
def test_the_answers_are_in_a_file_of_the_module(answers: Mapping[str, str]) -> None:
    read = yaml.safe_load(render("infrastructure.yaml", values_of(answers)))
    assert read == {"answers": dict(answers)}


def test_structured_files_can_be_read_after_every_task() -> None:
    values = values_of(OTHERS)
    for path, tasks in FILES.items():
        for task in tasks:
            text = render(path, values, task).decode()
            assert text.endswith("\n") and not text.endswith("\n\n"), path
            if path.endswith((".yml", ".yaml")):
                yaml.safe_load(text)
            elif path.endswith(".json"):
                json.loads(text)
            elif path.endswith(".py"):
                compile(text, path, "exec")


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("terraform") is None, reason="terraform not found")
@pytest.mark.parametrize("answers", [EXAMPLE, OTHERS], ids=["example", "others"])
def test_terraform_finds_every_file_formatted_after_every_task(answers: Mapping[str, str], tmp_path: Path) -> None:
    values = values_of(answers)
    for path, tasks in FILES.items():
        for task in tasks if path.endswith(".tf") else ():
            place = tmp_path / task / path
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(render(path, values, task))
    command = ["terraform", "fmt", "-no-color", "-check", "-diff", "-recursive", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
