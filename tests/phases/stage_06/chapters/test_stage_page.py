"""Is docs/stage-06.md still what the workflow does?"""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from phases.documents.markdown import code_blocks
from phases.stage_06 import paths
from phases.stage_06.output_validation import BOXES
from phases.stage_06.stack.deployment_questions import alarm_address, environment, project, region, stack_name
from phases.stage_06.workflow import STAGE_06
from tests.worlds.step_world import StepWorld

PAGE = (Path(__file__).parents[4] / "docs" / "stage-06.md").read_text()


def rows(section: str) -> dict[str, list[str]]:
    """The first cell of each row of the section's table -> the row's cells."""
    text = PAGE.split(f"## {section}\n", 1)[1].split("\n## ", 1)[0]
    cells = [
        [cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines() if line.startswith("|")
    ]
    return {row[0]: row for row in cells[2:]}


def test_every_task_is_listed_with_what_it_leaves() -> None:
    listed = rows("What each task does and leaves")

    ids = [step.task_id or step.task_title for step in STAGE_06.steps]
    further = [each for each in ids if re.fullmatch(r"3\.2\.\d+", each)]  # one row stands for all of them
    assert further[0] == "3.2.2"
    assert list(listed) == [f"{each}, ..." if each == further[0] else each for each in ids if each not in further[1:]]
    named = set(re.findall(r"`([\w.-]+\.(?:json|yaml|md))`", PAGE))
    written = {path.rsplit("/", 1)[1] for step in STAGE_06.steps for path in step.writes}
    assert written | {paths.WORKING_LOG.rsplit("/", 1)[1]} <= named


def test_every_box_is_explained() -> None:
    assert [name.casefold() for name in rows("The output validation")] == list(BOXES)


@pytest.mark.slow
def test_the_answers_file_answers_the_questions_of_a_deployment(tmp_path: Path, world: StepWorld) -> None:
    answers = yaml.safe_load(code_blocks(PAGE, "yaml")[0])
    ctx = world.ctx()
    questions = [region(ctx), project(ctx), environment(), alarm_address(), stack_name(ctx)]

    assert list(answers) == [question.name for question in questions]
    assert [question.problem_with(answers[question.name]) for question in questions] == [None] * 5
    assert all(f"`{question.name}`" in rows("Questions, and answering them beforehand") for question in questions)
