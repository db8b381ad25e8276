"""`init FILE.md`: a policy and an empty checks file for a runbook of one's own; what is there stays."""

from __future__ import annotations

from pathlib import Path

import pytest

from phases.stage_06.inputs.sample import sample_contract as packaged_contract
from tests.worlds.repositories import first_commit
from tests.worlds.workspaces import git
from workflow.cli.main import run

RUNBOOK = (
    '# P\n\n## Phase 1: Build\n\n- [ ] one\n\n### Exit Criteria\n\n- It is "built"\n\n## Phase 2: Ship\n\n- [ ] two\n'
)


@pytest.fixture
def place(tmp_path: Path) -> Path:
    found = tmp_path / "place"
    (found / "ops").mkdir(parents=True)
    (found / "ops" / "ship it.md").write_text(RUNBOOK)
    first_commit(found)
    return found


def test_policy_and_checks_are_sound_and_fit(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["-C", str(place), "init", "ops/ship it.md"]) == 0
    said = capsys.readouterr()
    assert said.out.splitlines() == [
        "ops/ship it.md: your runbook, left as it is",
        "phasegate.yaml: who may open which gate; as it stands, what holds without it",
        "ops/ship it.checks.yaml: what AWS and this machine are asked when a task is done; empty, with examples",
    ]
    assert f"git -C {place} add 'ops/ship it.md' phasegate.yaml 'ops/ship it.checks.yaml'" in said.err
    assert (place / "ops" / "ship it.md").read_text() == RUNBOOK
    assert git(place, "status", "--porcelain").count("??") == 2
    text = (place / "ops" / "ship it.checks.yaml").read_text()
    assert "`phasegate checks 'ops/ship it.md'` lists" in text
    assert '#    criterion: "It is \\"built\\""   # ' in text
    # the example is one: without its marks, and with the list opened, it is taken
    opened = text.replace("checks: []   #", "checks:   #").replace("\n#  ", "\n  ")
    opened = opened.split("\n# Or,")[0].rstrip("#\n ") + "\n"
    (place / "ops" / "ship it.checks.yaml").write_text(opened)
    git(place, "add", ".")
    git(place, "commit", "-q", "-m", "Checks")
    assert run(["-C", str(place), "checks", "ops/ship it.md", "--var", "table=orders"]) == 0
    told = capsys.readouterr().out
    assert "describe_table" in told and "make test" in told


@pytest.mark.slow
def test_a_run_starts_with_what_was_written(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["-C", str(place), "init", "ops/ship it.md"]) == 0
    git(place, "add", ".")
    git(place, "commit", "-q", "-m", "A policy")
    assert run(["-C", str(place), "run", "ops/ship it.md"]) == 3
    assert run(["-C", str(place), "init", "ops/ship it.md"]) == 0
    assert capsys.readouterr().out.count("is there already") == 2


def test_nothing_is_overwritten(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (place / "phasegate.yaml").write_text("default: {approvers: 2}\n")
    (place / "ops" / "checks.yaml").write_text("checks: []\n")
    assert run(["-C", str(place), "init", "ops/ship it.md"]) == 0
    assert capsys.readouterr().out.count("is there already") == 2
    assert (place / "phasegate.yaml").read_text() == "default: {approvers: 2}\n"
    assert not (place / "ops" / "ship it.checks.yaml").exists()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["init", "ops/shpi it.md"], "did you mean ops/ship it.md?"),
        (["init", "ops/ship it.md", "--runbook", "x.md"], "--runbook goes with a workflow"),
        (["init", "../x.md"], "lies outside of the repository"),
    ],
)
def test_what_is_refused_leaves_nothing(
    arguments: list[str], said: str, place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["-C", str(place), *arguments]) == 2
    assert said in capsys.readouterr().err
    assert git(place, "status", "--porcelain") == ""


def test_links_are_not_followed(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (place / "phasegate.yaml").symlink_to(place.parent / "elsewhere.yaml")
    assert run(["-C", str(place), "init", "ops/ship it.md"]) == 2
    assert not (place.parent / "elsewhere.yaml").exists()
    assert not (place / "ops" / "ship it.checks.yaml").exists()


def test_a_workflow_brings_the_sample_of_its_demo(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    contract = place / "artifacts/stage-02/migrationContract.json"
    assert run(["-C", str(place), "init", "stage-06"]) == 0
    assert not contract.exists()
    capsys.readouterr()
    assert run(["-C", str(place), "init", "stage-06", "--sample"]) == 0
    said = capsys.readouterr()
    assert "artifacts/stage-02/migrationContract.json: of the sample\n" in said.out
    assert "phasegate.yaml is there already\n" in said.out and f" {contract.relative_to(place)} " in said.err
    assert contract.read_bytes() == packaged_contract()
    contract.write_text("mine")
    assert run(["-C", str(place), "init", "stage-06", "--sample"]) == 0
    assert contract.read_text() == "mine"
    assert run(["-C", str(place), "init", "deployment-infra", "--sample"]) == 2
    assert "deployment-infra has no sample; it needs none" in capsys.readouterr().err
    assert not (place / "deployment-infra-tasks.md").exists()
    assert run(["-C", str(place), "init", "ops/ship it.md", "--sample"]) == 2
