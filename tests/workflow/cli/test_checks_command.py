"""`phasegate checks`: nothing is called without --run, and a failed check is exit 1."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.worlds.forked_shell import forked as phasegate
from tests.worlds.workspaces import git
from workflow.cli.main import run
from workflow.sandbox.inprocess import Sandbox

RUNBOOK = """\
# Deploy orders

## Phase 1: Infrastructure

### Exit Criteria
- The table is there
- Everybody knows

## Phase 2: Application

### Exit Criteria
- It answers
"""
CHECKS = """\
checks:
  - id: table
    name: The orders table is active
    service: dynamodb
    operation: describe_table
    parameters: {TableName: "{table}"}
    expression: Table.TableStatus
    expect: {equals: ACTIVE}
    criterion: The table is there
  - id: tables
    name: There are few tables
    service: dynamodb
    operation: list_tables
    expression: length(TableNames)
    expect: {at-most: 3}
    severity: note
"""
VAR = ("--var", "table=orders")


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "orders.md").write_text(RUNBOOK)
    (tmp_path / "orders.checks.yaml").write_text(CHECKS)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def account(place: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Sandbox]:
    """Calls that are meant for AWS end in this process."""
    with Sandbox() as sandbox:
        monkeypatch.setenv("AWS_REGION", "us-east-1")
        yield sandbox


def create_table(sandbox: Sandbox) -> None:
    sandbox.client("dynamodb").create_table(
        TableName="orders",
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
    )


WRITES = """\
checks:
  - {id: made, name: Made, command: {run: touch made, changes: true}, line: 6}
  - {id: tables, name: Tables, service: dynamodb, operation: list_tables, expression: TableNames, expect: present}
  - {id: also, name: Also, command: {run: touch also, changes: true}, line: 6}
"""


def test_a_region_that_is_missing_is_told_before_anything_is_run(
    place: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (place / "orders.checks.yaml").write_text(WRITES)
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(place / "none"))
    for more in ([], ["--json"]):
        assert run(["checks", "orders.checks.yaml", "--run", "--changes", *more]) != 0
        told = capsys.readouterr()
        assert (told.out, "region" in told.err) == ("", True)
        assert not (place / "made").exists()


def test_what_was_found_before_a_refusal_is_printed_as_json(
    place: Path, account: Sandbox, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (place / "orders.checks.yaml").write_text(WRITES)
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(place / "none"))
    monkeypatch.setenv("AWS_CONFIG_FILE", str(place / "none"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    assert run(["checks", "orders.checks.yaml", "--run", "--changes", "--json"]) != 0
    told = capsys.readouterr()
    assert [each["id"] for each in json.loads(told.out)["checks"]] == ["made"]
    assert (place / "made").exists()
    assert not (place / "also").exists()


@pytest.mark.parametrize("target", ["orders.checks.yaml", "orders.md"])
def test_a_listing_shows_what_would_be_called_and_calls_nothing(
    target: str, account: Sandbox, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["checks", target, *VAR]) == 0
    shown = capsys.readouterr().out
    assert 'calls    dynamodb describe_table {"TableName": "orders"}\n    looks    Table.TableStatus\n' in shown
    assert 'expects  "ACTIVE"' in shown
    assert "failing  is only noted" in shown
    assert ("a person attests\n    Phase 1: Everybody knows\n    Phase 2: It answers" in shown) == (
        target == "orders.md"
    )
    assert not account.calls


def test_a_listing_of_a_runbook_says_which_task_looks_at_a_check(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["checks", "orders.md", *VAR, "--json"]) == 0
    body = json.loads(capsys.readouterr().out)
    assert body["tasks"] == {"phase_1": ["table"], "phase_2": []}
    assert body["checks"][0]["expect"] == {"equals": "ACTIVE"}
    assert run(["checks", "orders.md", *VAR]) == 0
    assert "tasks    none: it is not looked at in a run" in capsys.readouterr().out


@pytest.mark.slow
def test_run_calls_and_a_failure_is_exit_1(account: Sandbox, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["checks", "orders.checks.yaml", *VAR, "--run"]) == 1
    shown = capsys.readouterr().out
    assert "fail         table  The orders table is active\n" in shown
    assert "seen not there (ResourceNotFoundException)\n             at orders.checks.yaml:2:5" in shown
    create_table(account)
    assert run(["checks", "orders.checks.yaml", *VAR, "--run"]) == 0
    assert capsys.readouterr().out.startswith("pass         table")


def test_a_failure_that_is_only_noted_is_exit_0(account: Sandbox, place: Path) -> None:
    create_table(account)
    (place / "orders.checks.yaml").write_text(CHECKS.replace("at-most: 3", "at-most: 0"))
    assert run(["checks", "orders.checks.yaml", *VAR, "--run"]) == 0


def test_run_as_json_has_what_came_of_each(account: Sandbox, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["checks", "orders.md", *VAR, "--run", "--json"]) == 1
    table, tables = json.loads(capsys.readouterr().out)["checks"]
    assert (table["state"], table["verdict"], table["answer"]) == ("failed", "fail", None)
    assert (tables["state"], tables["seen"], tables["request"]["region"]) == ("not checked", "0", "us-east-1")


@pytest.mark.parametrize(
    ("arguments", "change", "said"),
    [
        (["orders.checks.yaml"], ("", ""), "orders.checks.yaml:6:18: {table} has no value"),
        (
            ["orders.checks.yaml", *VAR, "--run"],
            ("describe_table", "delete_table"),
            "orders.checks.yaml:5:5: a check may",
        ),
        (["orders.checks.yaml", *VAR, "--run"], ("dynamodb", "dynamdb"), "orders.checks.yaml:4:5: there is no service"),
        (["orders.md", *VAR, "--run"], ("Table.T", "Table.["), "orders.checks.yaml:7:5: not JMESPath"),
        (["orders.md", *VAR], ("is there", "was there"), "orders.checks.yaml:9:5: orders.md has no exit criterion"),
        (["other.checks.yaml"], ("", ""), "checks file other.checks.yaml is not there"),
        (["other.md"], ("", ""), "runbook other.md is not there"),
        (["orders.checks.yaml", "--var", "table"], ("", ""), "--var table: expected NAME=VALUE"),
        (["orders.checks.yaml", *VAR, "--sandbox"], ("", ""), "--sandbox goes with --run"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else None,
)
def test_a_refusal_is_exit_2_with_its_place_and_nothing_is_called(
    arguments: list[str],
    change: tuple[str, str],
    said: str,
    account: Sandbox,
    place: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (place / "orders.checks.yaml").write_text(CHECKS.replace(*change))
    assert run(["checks", *arguments]) == 2
    assert said in capsys.readouterr().err
    assert not account.calls


def test_a_runbook_without_checks_says_where_they_would_stand(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (place / "orders.checks.yaml").unlink()
    assert run(["checks", "orders.md"]) == 2
    assert "orders.md has no checks: neither orders.checks.yaml nor checks.yaml is there" in capsys.readouterr().err


@pytest.mark.slow
def test_an_expired_token_pauses_and_is_no_verdict(account: Sandbox, capsys: pytest.CaptureFixture[str]) -> None:
    account.faults.expire_token()
    assert run(["checks", "orders.checks.yaml", *VAR, "--run"]) == 5
    assert "sign in again" in capsys.readouterr().err


@pytest.mark.slow
def test_the_sandbox_answers_and_what_it_lacks_is_not_checked(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q")
    lacking = CHECKS.replace("operation: list_tables", "operation: describe_table_replica_auto_scaling")
    scaling = "parameters: {TableName: x}\n    expression: TableAutoScalingDescription.TableName"
    lacking = lacking.replace("expression: length(TableNames)", scaling)
    (tmp_path / "orders.checks.yaml").write_text(lacking.replace("{at-most: 3}", "absent"))
    try:
        done = phasegate(tmp_path, "checks", "orders.checks.yaml", *VAR, "--run", "--sandbox")
    finally:
        phasegate(tmp_path, "sandbox", "stop", "--forget")
    assert done.returncode == 1, done.stderr
    assert "not-checked  tables" in done.stdout


PROFILES = """\
profiles:
  dev: {leaves-out: ["Phase 2"], lines: [6]}
  production: {}
checks:
  - {id: boxed, name: The box of production, file: {path: boxed}, line: 6}
  - {id: other, name: The other box, file: {path: other}, line: 5}
  - {id: second, name: The second phase, file: {path: second}, tasks: ["Phase 2*"]}
  - {id: alone, name: Of no task, file: {path: alone}}
"""
SHIPPED = """\
# Ship

## Phase 1: Build

- [ ] Built
- [ ] Signed

## Phase 2: Ship

- [ ] Shipped
"""


@pytest.fixture
def shipped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "ship.md").write_text(SHIPPED)
    (tmp_path / "ship.checks.yaml").write_text(PROFILES.replace('"Phase 2"', '"Phase 2*"'))
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("target", ["ship.md", "ship.checks.yaml"])
@pytest.mark.parametrize("run_it", [False, True])
def test_what_a_profile_leaves_out_is_asked_of_nobody(
    target: str, run_it: bool, shipped: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = ["checks", target, *(["--run"] if run_it else []), "--json", "--var"]
    run([*asked, "profile=dev"])
    shown = json.loads(capsys.readouterr().out)
    assert [each["id"] for each in shown["checks"]] == ["other", "alone"]
    assert (shown["profile"], shown["left_out"]) == ("dev", ["boxed", "second"])
    run([*asked, "profile=production"])
    shown = json.loads(capsys.readouterr().out)
    assert [each["id"] for each in shown["checks"]] == ["boxed", "other", "second", "alone"]
    assert (shown["profile"], shown["left_out"]) == ("production", [])


def test_what_a_profile_leaves_out_is_told(shipped: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["checks", "ship.md", "--run", "--var", "profile=dev"]) == 1
    shown = capsys.readouterr().out
    assert "not-applicable boxed  The box of production: by profile dev" in shown
    assert "fail         boxed" not in shown


@pytest.mark.parametrize(
    ("name", "told"),
    [("prodution", "; did you mean production?"), ("qa", "expected dev or production")],
)
@pytest.mark.parametrize("target", ["ship.md", "ship.checks.yaml"])
def test_a_profile_that_is_none_is_refused_by_name(
    target: str, name: str, told: str, shipped: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["checks", target, "--run", "--var", f"profile={name}"]) == 2
    refusal = capsys.readouterr().err
    assert f"ship.checks.yaml has no profile '{name}'" in refusal
    assert told in refusal
    assert "phasegate checks ship.checks.yaml --var profile=" in refusal


def test_a_file_without_profiles_has_none_to_choose(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["checks", "orders.md", *VAR, "--var", "profile=dev"]) == 2
    assert "has no profile 'dev': it has no profiles" in capsys.readouterr().err


def test_a_profile_without_the_runbook_that_it_is_about_is_refused(
    shipped: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (shipped / "ship.md").unlink()
    assert run(["checks", "ship.checks.yaml", "--run", "--var", "profile=dev"]) == 2
    assert "'ship.md' is not there" in capsys.readouterr().err
    assert run(["checks", "ship.checks.yaml", "--run", "--var", "profile=production"]) == 1
