"""A task that was left out is not told as one that was done: by status, the end of the run, each face of the audit."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from tests.worlds.forked_shell import forked as phasegate
from tests.worlds.workspaces import git

pytestmark = pytest.mark.slow

RUNBOOK = """# Paint the shed

- [ ] 1. Prepare
  - [ ] 1.1 Sand the walls (optional)
  - [ ] 1.2 Wash the walls
"""
WHY = "no sandpaper"


def test_each_face_says_which_task_was_skipped_and_why(tmp_path: Path) -> None:
    place = tmp_path / "shed"
    place.mkdir()
    git(place, "init", "-q", "-b", "main")
    git(place, "config", "user.name", "Ada")
    git(place, "config", "user.email", "ada@example.com")
    (place / "shed.md").write_text(RUNBOOK)
    (place / "phasegate.yaml").write_text("default:\n  operator_may_approve: true\n")
    git(place, "add", "-A")
    git(place, "commit", "-q", "-m", "A runbook")

    phasegate(place, "run", "shed.md")
    said = phasegate(place, "done", "--skip", WHY)
    assert said.returncode == 0, said.stderr
    digest = json.loads(phasegate(place, "status", "--json").stdout)["waiting_for"]["digest"]
    said = phasegate(place, "approve", "--digest", digest)
    assert said.returncode == 0, said.stderr
    phasegate(place, "resume")
    begun = phasegate(place, "status")
    assert "1 of 2 done, 1 of them skipped" in begun.stdout
    assert phasegate(place, "done", "--no-files").returncode == 0
    digest = json.loads(phasegate(place, "status", "--json").stdout)["waiting_for"]["digest"]
    phasegate(place, "approve", "--digest", digest)
    over = phasegate(place, "resume")
    assert "complete, 2 tasks in 2 commits, 1 of them skipped\n" in over.stdout
    assert f"  skipped: 1.1 Sand the walls (optional) ({WHY})\n" in over.stdout

    tasks = json.loads(phasegate(place, "status", "--json").stdout)["tasks"]
    assert [(each["status"], each["skipped"]) for each in tasks] == [("done", WHY), ("done", None)]
    audit = json.loads(phasegate(place, "audit", "--json").stdout)["runs"][0]
    assert [(each["status"], each["skipped"]) for each in audit["tasks"]] == [("done", WHY), ("done", None)]
    assert audit["state"] == "complete"
    text = phasegate(place, "audit").stdout
    assert f"1.1 Sand the walls (optional), skipped: {WHY}\n" in text
    assert "2 of 2 done, 1 of them skipped, " in text
    rows = list(csv.DictReader(phasegate(place, "audit", "--csv").stdout.splitlines()))
    assert [(row["status"], row["skipped"]) for row in rows] == [("done", WHY), ("done", "")]
    said = phasegate(place, "audit", "--html", str(tmp_path / "audit.html"))
    assert said.returncode == 0, said.stderr
    page = (tmp_path / "audit.html").read_text()
    assert f'<span class="mark skipped">skipped</span><span class="small soft">skipped: {WHY}</span>' in page
