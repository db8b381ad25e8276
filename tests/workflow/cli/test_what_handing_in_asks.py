"""`status` and a run that pauses say what handing a task in asks for beside its files, and list it by number."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.worlds.command_world import CommandWorld

pytestmark = pytest.mark.slow

FILES = "--path FILE"
BOXES = ", and --box N=yes for each box"
CRITERIA = ", and --attest N for each exit criterion"
FIELDS = ", and --answers FILE for its fields"


def runbook(*lines: str) -> bytes:
    return "\n".join(
        ["# Release", "", "## Phase 1: Deploy", *lines, "", "## Phase 2: Close", "- Close it", ""]
    ).encode()


@pytest.mark.parametrize(
    ("lines", "asked"),
    [
        (["- Do it"], ""),
        (["- [ ] Announced"], BOXES),
        (["- Do it", "", "### Exit Criteria", "- It answers"], CRITERIA),
        (["- Deployed by: ____"], FIELDS),
        (["- [ ] Announced", "- By: ____", "", "### Exit Criteria", "- It answers"], BOXES + CRITERIA + FIELDS),
        (["- [ ] Announced", "", "### Exit Criteria", "- [ ] It answers"], BOXES),
    ],
)
def test_all_that_is_asked_is_named_behind_the_command(tmp_path: Path, lines: list[str], asked: str) -> None:
    world = CommandWorld(tmp_path, runbook=runbook(*lines))
    paused = world("run", "tasks.md")
    assert paused.code == 3
    assert f"{FILES}   # when it is done; --no-files where it left none{asked}\n" in paused.error
    told = world("status")
    assert f"{FILES}   # hands it in{asked}, for somebody else to approve\n" in told.out + told.error


def test_criteria_are_listed_by_the_numbers_that_attest_takes_but_for_boxes(tmp_path: Path) -> None:
    criteria = ["- [ ] It is announced", "- It answers", "- Nobody complains"]
    world = CommandWorld(tmp_path, runbook=runbook("- Do it", "", "### Exit Criteria", *criteria))
    assert world("run", "tasks.md").code == 3
    assert "exit criteria:\n  2. It answers\n  3. Nobody complains\n" in world("status").out
    assert world("done", "--no-files", "--box", "1=yes", "--attest", "2", "--attest", "3").code == 0
    assert "exit criteria:" not in world("status").out
