"""Does the conformance table have a line for every exit criterion, and name what there is?"""

from __future__ import annotations

import re
from pathlib import Path

from phases.aws_deploy import paths
from phases.aws_deploy.verify.items import ANSWERED_BY
from phases.checks.answered import plain

ROOT = Path(__file__).parents[3]
TEXT = (ROOT / "docs" / "aws-deploy-conformance.md").read_text("utf-8")
SOURCE = "\n".join(path.read_text("utf-8") for path in (ROOT / "phases" / "aws_deploy").rglob("*.py"))
CRITERION = re.compile(r"^\| (\d) \| ([^|]+) \| ([^|]+) \|$", re.MULTILINE)


def test_every_exit_criterion_has_a_line_with_the_items_that_it_rests_on() -> None:
    rows = {plain(criterion): re.findall(r"\d\.\d", rests) for _phase, criterion, rests in CRITERION.findall(TEXT)}
    assert rows == {criterion: [item.number for item in items] for criterion, items in ANSWERED_BY.items()}


def test_every_file_that_is_named_is_one_of_the_workflows() -> None:
    named = set(re.findall(r"`(\d\d-[\w-]+\.(?:md|json)|rollback-record\.md|working_log\.md)`", TEXT))
    written = {value for name, value in vars(paths).items() if name.isupper() and "/" in value}
    assert named <= {path.rpartition("/")[2] for path in written}


def test_every_call_and_question_that_is_named_is_in_the_source() -> None:
    named = re.findall(r"`([a-z][a-z0-9-]+(?: [a-z]+_[a-z_]+)?)`", TEXT)
    parts = {part for name in named for part in name.split(" ")} - {"worked", "approved"}
    assert {part for part in parts if part not in SOURCE and part.rpartition("-")[0] not in SOURCE} == set()
    assert len(parts) > 50
