"""Does `phasegate demo --again` show what it says: nobody asked, exactly what depends, a chain that outlives a kill?"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.worlds.forked_shell import forked as phasegate
from workflow.audit import audit_workspace


@pytest.mark.slow
def test_the_demo_runs_again_and_outlives_a_kill_between_two_updates(tmp_path: Path) -> None:
    done = phasegate(tmp_path, "demo", "--workflow", "stage-06", "--again", "--yes", "shop")
    assert done.returncode == 0, done.stderr
    same, attribute, indexes = (part.splitlines() for part in done.stdout.split("stage-06-2")[1:4])
    assert "asked about: nobody was asked" in same[1]
    assert "unchanged: 1.1, 1.2," in same[2] and "3.2, 3.3" in same[2]
    assert same[3].strip() == "effects: task 3.1: create-change-set"
    assert attribute[1].strip() == "asked about: 1.1, 5.1, 5.2, 5.3, Output Validation Checklist"
    assert attribute[3].strip() == "effects: task 3.1: create-change-set"
    assert "3.2, 3.2.2, 3.3" in indexes[1]
    assert indexes[3].count("execute-change-set") == 2  # nothing twice, nothing lost
    assert "the process was killed at the beginning of task 3.2.2" in done.stderr
    runs = audit_workspace(tmp_path / "shop", None)
    assert len(runs) == 4
    assert [each.code for run in runs for each in run.findings] == []


@pytest.mark.slow
def test_a_workflow_that_shows_one_run_is_refused_before_anything_is_made(tmp_path: Path) -> None:
    done = phasegate(tmp_path, "demo", "--workflow", "aws-deploy", "--again", "shop")
    assert done.returncode == 2
    assert "shows one run" in done.stderr
    assert not (tmp_path / "shop").exists()
