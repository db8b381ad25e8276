"""Does the conformance table have a line for every task and box of the stage's runbook, and name what there is?"""

from __future__ import annotations

import re
from pathlib import Path

from phases.stage_06 import paths
from tests.worlds.finished_stage import LAST, PLAN

TEXT = (Path(__file__).parents[3] / "docs" / "conformance-stage-06.md").read_text("utf-8")


def test_every_task_and_box_has_a_line() -> None:
    tasks = {task.id for task in PLAN.tasks if task.id}
    assert tasks == set(re.findall(r"^\| (\d\.\d) \|", TEXT.split("## Requirements")[0], re.MULTILINE))
    assert [item.title for item in LAST.items if item.title not in TEXT] == []


def test_every_artifact_is_the_evidence_of_a_line_and_no_other_is_named() -> None:
    named = set(re.findall(r"`([\w-]+\.(?:md|json|yaml))`", TEXT))
    left = {path.rpartition("/")[2] for path, _ in paths.DOCUMENTS}
    assert named == left - {"migrationContract.json"}


def test_a_line_works_or_says_why_a_person_must() -> None:
    rows = [line.split(" | ") for line in TEXT.split("## Output")[0].splitlines() if line.startswith("| ")][2:]
    assert all(len(row) == 5 for row in rows)
    assert [row for row in rows if not re.match(r"works|a person: \w+", row[-1])] == []
