"""The demo of deployment-checklist: the service deployed in the sandbox, and its checklist gone through."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest

from phases.deployment_checklist.sample import TOOLS
from phases.deployment_checklist.workflow import CHECKS, RUNBOOK, runbook_text
from state.files import sha256
from tests.worlds.forked_shell import forked as phasegate
from tests.worlds.workspaces import git, workspace

pytestmark = pytest.mark.slow
SEED = "3657334aa47fa938cc89424d821f6ef36e370751b9800bf54f90596bc9982310"  # of the document as its team keeps it


def test_the_runbook_is_the_documents_bytes() -> None:
    assert sha256(runbook_text()) == SEED


def test_init_puts_the_checklist_its_checks_and_a_policy_there(tmp_path: Path) -> None:
    with workspace(tmp_path / "shop") as place:
        assert phasegate(place, "init", "deployment-checklist").returncode == 0
        assert (place / RUNBOOK).read_bytes() == runbook_text()
        assert "gate: Production Environment" in (place / "phasegate.yaml").read_text()
        listed = phasegate(place, "checks", RUNBOOK, "--var", "profile=production")
        assert (listed.returncode, CHECKS in listed.stdout) == (0, True), listed.stderr
        git(place, "add", "-A")
        git(place, "commit", "-q", "-m", "The checklist")
        planned = phasegate(place, "plan", "deployment-checklist")
        assert (planned.returncode, "17 states" in planned.stdout) == (0, True), planned.stderr
        doctor = phasegate(place, "plan", "deployment-checklist", "--strict")
        assert doctor.returncode == 0


def test_the_demo_answers_116_items_most_of_them_without_a_persons_word(tmp_path: Path) -> None:
    done = phasegate(tmp_path, "demo", "--workflow", "deployment-checklist", "--yes")
    assert done.returncode == 0, done.stderr
    place = tmp_path / "phasegate-demo-deployment-checklist"
    found = re.search(r"without a person's word: (\d+) of (\d+) \((\d+) passed, (\d+) derived, (\d+) not", done.stdout)
    assert found is not None, done.stdout
    unasked, total, passed, derived, by_profile = map(int, found.groups())
    missing = [tool for program, tool in TOOLS.items() if shutil.which(program) is None]
    assert (total, derived, by_profile) == (116, 3, 22)
    items = sum(name.partition("-box-")[1] != "" for tool in missing for name in tool.missing)
    assert unasked == passed + derived + by_profile == 96 - items
    log = (place / "artifacts/deployment-checklist/working_log.md").read_text("utf-8")
    reasons = [answer for tool in missing for name, answer in tool.missing.items() if "-box-" in name]
    assert [each for each in reasons if each.removeprefix("n/a: ") not in log] == []
    items = json.loads(phasegate(place, "status", "--json").stdout)["items"]
    assert sum(number for name, number in items.items() if name != "by-profile") == 116
    assert (items["pass"], items["derived"], items["by-profile"]) == (passed, derived, by_profile)
    ticked = items["pass"] + items["derived"] + items["attested"]
    after = (place / RUNBOOK).read_bytes()
    changed = [(a, b) for a, b in zip(runbook_text(), after, strict=True) if a != b]
    assert changed == [(ord(" "), ord("x"))] * ticked
    for line in (64, 82):
        assert f"{RUNBOOK}:{line}: nothing can make it true" in done.stderr
    audit = phasegate(place, "audit", "--json")
    assert audit.returncode == 0, audit.stdout
    (run,) = json.loads(audit.stdout)["runs"]
    assert run["findings"] == []
    seen = [item for task in run["tasks"] for item in task["items"]]
    assert {item["verdict"] for item in seen} == {"pass", "derived", "attested", "not-applicable"}
    assert all(item["seen"] for item in seen)
    assert phasegate(place, "audit", "--html", str(place / "page.html")).returncode == 0
    assert "Sessions table has TTL enabled on" in (place / "page.html").read_text("utf-8")
