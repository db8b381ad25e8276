"""Is the workflow whole: every task bound by id and title, in an order that works, and light to load?"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from phases.stage_06.workflow import STAGE_06

ROOT = Path(__file__).parents[3]
SEED = ROOT.parent / "shared/seeds/stage-06-tasks.md"
FURTHER = re.compile(r"3\.2\.\d+").fullmatch  # tasks that a chain of updates puts into the runbook
TASK = re.compile(r"^  - \[ \] (\d\.\d) (.+)$", re.MULTILINE)


def test_every_task_of_the_runbook_has_its_step_and_no_step_is_left_over() -> None:
    text = STAGE_06.runbook_text().decode()
    bound = [(step.task_id, step.task_title) for step in STAGE_06.steps if step.task_id and not FURTHER(step.task_id)]
    assert sorted(bound) == sorted(TASK.findall(text))
    further = [step for step in STAGE_06.steps if FURTHER(step.task_id)]
    assert [step.task_id for step in further] == [f"3.2.{number}" for number in range(2, 44)]
    assert [step.task_title for step in STAGE_06.steps if not step.task_id] == ["Output Validation Checklist"]
    assert "## Output Validation Checklist" in text


@pytest.mark.skipif(not SEED.exists(), reason="the seed is not beside the repository")
def test_titles_are_the_seeds_own() -> None:
    bound = {(step.task_id, step.task_title) for step in STAGE_06.steps if step.task_id and not FURTHER(step.task_id)}
    assert bound == set(TASK.findall(SEED.read_text()))


def test_every_file_that_a_step_reads_was_written_before() -> None:
    written: set[str] = set()
    for step in sorted(STAGE_06.steps, key=lambda each: each.task_id or "9"):
        missing = [path for path in step.reads if path not in written]
        assert missing == [], f"{step.task_id} reads {missing}, which nobody wrote before"
        written |= set(step.writes)


@pytest.mark.slow
def test_listing_the_steps_loads_nothing_heavy() -> None:
    heavy = ["boto3", "botocore", "git", "questionary", "moto", "cfnlint", "pydantic", "yaml"]
    code = f"import sys, phases.stage_06.workflow; print([name for name in {heavy} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
