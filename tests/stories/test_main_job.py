"""The main job: one command, from a migration contract to verified tables and documents, in one commit a task."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from phases.contract.reader import read_contract
from tests.worlds import workspaces
from tests.worlds.forked_shell import forked as phasegate
from tests.worlds.workspaces import ROOT, SAMPLE, SHARED, git, workspace
from workflow.doors.aws.client import AwsDoor
from workflow.runbook.reader import read_runbook

pytestmark = pytest.mark.slow

RUN = ("run", "stage-06", "--runbook", "tasks.md", "--sandbox", "--yes")
ARTIFACTS = {
    "06_working_log.md",
    "access-and-security.md",
    "application-integration-guide.md",
    "contract-validation.md",
    "deployment-config.md",
    "deployment-parameters.json",
    "deployment-results.md",
    "deployment-summary.md",
    "deployment-validation.md",
    "dynamodb-infrastructure.yaml",
    "migrationContract.json",
    "production-features.md",
    "sample-iam-policy.json",
}
OURS = (ROOT / "phases/stage_06/runbook.md", SAMPLE)
SEEDS = (SHARED / "seeds/stage-06-tasks.md", SHARED / "contracts/published-migrationContract.json")


@pytest.fixture(scope="module")
def ours(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, subprocess.CompletedProcess[str]]]:
    """Our runbook and contract after a whole run of the installed command, and what it said; nobody changes it."""
    with workspace(tmp_path_factory.mktemp("ours") / "shop", contract=OURS[1], runbook=OURS[0]) as place:
        yield place, workspaces.phasegate(place, *RUN)


def test_the_main_job(ours: tuple[Path, subprocess.CompletedProcess[str]]) -> None:
    assert_done(*ours, *OURS)


@pytest.mark.skipif(not SEEDS[0].exists(), reason="not beside us")
def test_the_main_job_on_the_published_runbook_and_contract(tmp_path: Path) -> None:
    with workspace(tmp_path / "shop", contract=SEEDS[1], runbook=SEEDS[0]) as place:
        assert_done(place, phasegate(place, *RUN), *SEEDS)


def assert_done(place: Path, done: subprocess.CompletedProcess[str], runbook: Path, contract: Path) -> None:
    assert (done.returncode, "complete, 14 tasks in 14 commits\n" in done.stdout) == (0, True), done.stderr
    assert git(place, "status", "--porcelain") == ""

    before, after = runbook.read_bytes(), (place / "tasks.md").read_bytes()
    changed = [(old, new) for old, new in zip(before, after, strict=True) if old != new]
    assert changed == [(ord(" "), ord("x"))] * 29
    assert b"\n- [ ]" not in after

    plan = read_runbook(before, name="stage-06", path="tasks.md")
    wanted = [task.commit_message or "stage-06: Output Validation Checklist" for task in plan.tasks]
    assert git(place, "log", "--reverse", "--format=%s").splitlines()[1:] == wanted

    stage = place / "artifacts/stage-06"
    assert {path.name for path in stage.iterdir()} == ARTIFACTS
    assert (stage / "migrationContract.json").read_bytes() == contract.read_bytes()
    assert_tables_equal_contract(place, contract)


def assert_tables_equal_contract(place: Path, contract: Path) -> None:
    """Read back by hand, not by the code under test: every key, type, index and projection."""
    endpoint = json.loads(phasegate(place, "sandbox", "status", "--json").stdout)["endpoint_url"]
    aws = AwsDoor(endpoint_url=endpoint, sandbox=True)
    wanted = read_contract(contract.read_bytes(), path="contract").tables
    assert sorted(aws.call("dynamodb", "list_tables")["TableNames"]) == sorted(table.name for table in wanted)
    for table in wanted:
        live = aws.call("dynamodb", "describe_table", TableName=table.name)["Table"]
        types = {entry["AttributeName"]: entry["AttributeType"] for entry in live["AttributeDefinitions"]}
        assert types == {key.name: key.type for key in table.key_attributes()}
        assert names(live["KeySchema"]) == [key.name for key in (table.pk, table.sk) if key]
        indexes = {index["IndexName"]: index for index in live.get("GlobalSecondaryIndexes", [])}
        assert set(indexes) == {index.name for index in table.indexes}
        for index in table.indexes:
            seen = indexes[index.name]
            assert names(seen["KeySchema"]) == [key.name for key in (*index.pks, *index.sks)]
            assert seen["Projection"]["ProjectionType"] == index.projection
            assert sorted(seen["Projection"].get("NonKeyAttributes", [])) == sorted(index.projected)
        assert live["DeletionProtectionEnabled"] is True
        assert live["BillingModeSummary"]["BillingMode"] == "PAY_PER_REQUEST"
        backups = aws.call("dynamodb", "describe_continuous_backups", TableName=table.name)
        recovery = backups["ContinuousBackupsDescription"]["PointInTimeRecoveryDescription"]
        assert recovery["PointInTimeRecoveryStatus"] == "ENABLED"
        assert aws.call("dynamodb", "scan", TableName=table.name)["Count"] == 0  # no probe item is left


def names(schema: list[dict[str, str]]) -> list[str]:
    order = {"HASH": 0, "RANGE": 1}
    return [entry["AttributeName"] for entry in sorted(schema, key=lambda entry: order[entry["KeyType"]])]


def test_two_runs_on_the_same_contract_differ_in_ids_and_times_only(
    ours: tuple[Path, subprocess.CompletedProcess[str]], tmp_path: Path
) -> None:
    (tmp_path / "two").mkdir()
    with workspace(tmp_path / "two" / "shop") as place:  # the project is called as its directory is
        done = phasegate(place, "run", "stage-06", "--sandbox", "--yes")
        assert done.returncode == 0, done.stderr
        one, two = written(ours[0]), written(place)
    assert one.keys() == two.keys() == ARTIFACTS
    assert [name for name in one if one[name] != two[name]] == []


def written(place: Path) -> dict[str, str]:
    """The artifacts of a run by name, without its ids and times."""
    return {path.name: without_ids(path.read_text("utf-8")) for path in (place / "artifacts/stage-06").iterdir()}


def without_ids(text: str) -> str:
    for pattern in (
        r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}",  # AWS's ids
        r"-[0-9A-Z]{12}\b",  # the end of a physical name
        r"\b[0-9a-f]{64}\b",  # digests of texts with ids in them
        r"digest `[0-9a-f]{12}`",
        r"\d{8}-\d{6}(-[0-9a-f]{8})?\b",  # of the run's start
        r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?( ?UTC|Z|\+00:00)?",
        r"127\.0\.0\.1:\d+|localhost:\d+",  # the sandbox's port
    ):
        text = re.sub(pattern, "*", text)
    return text


def test_nobody_is_asked_without_a_terminal_and_answers_come_from_a_file(tmp_path: Path) -> None:
    with workspace(tmp_path / "shop") as place:
        assert phasegate(place, "run", "stage-06", "--sandbox", "--yes", "--until", "2.1").returncode == 0
        asked = phasegate(place, "resume")
        assert asked.returncode == 3
        assert "echo 'region: us-east-1' >> answers.yaml" in asked.stderr
        answers = tmp_path / "answers.yaml"
        answers.write_text(
            "region: eu-west-1\nproject: shop\nenvironment: test\nalarm-address: ops@example.com\nstack-name: shop\n"
        )
        waiting = phasegate(place, "resume", "--answers", str(answers))
        assert waiting.returncode == 3
        page = phasegate(place, "status", "--review").stdout
        assert "| Add | `CustomersTable` | AWS::DynamoDB::Table |" in page
        assert "ops@example.com" in page
        digest = json.loads(phasegate(place, "status", "--json").stdout)["waiting_for"]["digest"]
        refused = phasegate(place, "approve", "--digest", digest[:7])  # whoever drives it without a terminal
        assert refused.returncode == 2, refused.stderr
        bob = {"GIT_AUTHOR_NAME": "Bob", "GIT_AUTHOR_EMAIL": "bob@example.com"}
        assert phasegate(place, "approve", "--digest", digest[:7], **bob).returncode == 0
        assert phasegate(place, "resume", "--until", "3.1").returncode == 0
        assert git(place, "log", "-1", "--format=%s").strip().startswith("stage-06 task 3.1: ")
        assert phasegate(place, "resume", "--yes").returncode == 0
        assert "eu-west-1" in (place / "artifacts/stage-06/deployment-results.md").read_text("utf-8")
        assert git(place, "status", "--porcelain") == ""
