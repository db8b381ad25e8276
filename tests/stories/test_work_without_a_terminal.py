"""A coding agent or a CI job does the work of a runbook: it is told what to do, hands in, and cannot approve itself."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.worlds.forked_shell import forked as phasegate
from tests.worlds.journals import journal_bytes
from tests.worlds.workspaces import git

pytestmark = pytest.mark.slow

RUNBOOK = """# Ship it

## Phase 1: Build

Write the greeting. Look with `cat greeting.txt`.

### Exit Criteria
- The greeting is friendly
- It is short

**Request permission to proceed to Phase 2**

## Phase 2: Ship

Ship it to `[place]`: `cp greeting.txt [place]`.
"""
AGENT = {"GIT_AUTHOR_NAME": "Robot", "GIT_AUTHOR_EMAIL": "robot@example.com"}


@pytest.fixture
def place(tmp_path: Path) -> Path:
    made = tmp_path / "ship"
    made.mkdir()
    git(made, "init", "-q", "-b", "main")
    git(made, "config", "user.name", "Ada")
    git(made, "config", "user.email", "ada@example.com")
    (made / "ship.md").write_text(RUNBOOK)
    git(made, "add", "-A")
    git(made, "commit", "-q", "-m", "A runbook")
    return made


def lines(done: subprocess.CompletedProcess[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_an_agent_works_a_person_approves(place: Path) -> None:
    began = phasegate(place, "run", "ship.md", "--json", **AGENT)
    assert began.returncode == 3
    told = lines(began)
    assert [line["type"] for line in told] == ["run-started", "task-started", "stopped"]
    last = told[-1]
    assert (last["waits_for"], last["state"], last["exit_code"]) == ("work", "phase_1", 3)
    assert "Write the greeting" in last["task"]["text"]
    assert last["task"]["exit_criteria"] == ["The greeting is friendly", "It is short"]
    assert last["task"]["commands"] == [{"text": "cat greeting.txt", "placeholders": []}]
    assert json.loads(phasegate(place, "status", "--json").stdout)["to_do"] == "phase_1"

    (place / "greeting.txt").write_text("Hello\n")
    forgot = phasegate(place, "done", **AGENT)
    assert forgot.returncode == 2
    assert "task Phase 1 has 1 changed file and 2 exit criteria without an answer:" in forgot.stderr
    assert "files (--path FILE, or --no-files):\n  greeting.txt\n" in forgot.stderr

    half = phasegate(place, "done", "--path", "greeting.txt", "--run", "1", "--attest", "1", **AGENT)
    assert half.returncode == 3
    assert "exit criteria (--attest N, where it holds):\n  2. It is short\n" in half.stderr

    handed = phasegate(place, "done", "--path", "greeting.txt", "--run", "all", "--attest", "all", **AGENT)
    assert handed.returncode == 0, handed.stderr
    digest = json.loads(phasegate(place, "status", "--json").stdout)["waiting_for"]["digest"]
    page = phasegate(place, "status", "--review").stdout
    assert "says Robot <robot@example.com>" in page
    assert "exit 0" in page
    assert "greeting.txt" in page

    own = phasegate(place, "approve", "--digest", digest, **AGENT)
    assert own.returncode == 2
    assert "Robot <robot@example.com> ran this task" in own.stderr
    assert phasegate(place, "approve", "--digest", digest).returncode == 0
    went_on = phasegate(place, "resume", "--json", **AGENT)
    assert went_on.returncode == 3
    assert [line["type"] for line in lines(went_on)] == ["commit-intended", "task-started", "stopped"]
    assert "Approved-by: Ada <ada@example.com>" in git(place, "log", "-1", "--format=%B")
    assert "Hello" in git(place, "show", "HEAD:greeting.txt")
    assert lines(went_on)[-1]["task"]["commands"] == [{"text": "cp greeting.txt [place]", "placeholders": ["[place]"]}]

    unsaid = phasegate(place, "done", "--no-files", "--run", "all", **AGENT)
    assert unsaid.returncode == 3
    assert "What is [place]?" in unsaid.stderr
    answers = place / ".git" / "answers.yaml"
    answers.write_text("fill-place: .git/shipped.txt\n")
    given = phasegate(place, "done", "--no-files", "--run", "all", "--answers", str(answers), **AGENT)
    assert given.returncode == 0, given.stderr
    assert (place / ".git" / "shipped.txt").read_text() == "Hello\n"
    digest = json.loads(phasegate(place, "status", "--json").stdout)["waiting_for"]["digest"]
    assert phasegate(place, "approve", "--digest", digest).returncode == 0
    end = phasegate(place, "resume", "--json", **AGENT)
    assert end.returncode == 0
    assert (lines(end)[-1]["message"], lines(end)[-1]["exit_code"]) == ("complete", 0)
    assert git(place, "status", "--porcelain") == ""
    audited = phasegate(place, "audit")
    assert audited.returncode == 0, audited.stdout


def test_the_policy_may_let_the_one_who_hands_in_approve(place: Path) -> None:
    (place / "phasegate.yaml").write_text("default:\n  operator_may_approve: true\n")
    git(place, "add", "-A")
    git(place, "commit", "-q", "-m", "Policy")
    assert phasegate(place, "run", "ship.md").returncode == 3
    assert phasegate(place, "done", "--no-files", "--attest", "all").returncode == 0
    digest = json.loads(phasegate(place, "status", "--json").stdout)["waiting_for"]["digest"]
    assert phasegate(place, "approve", "--digest", digest).returncode == 0


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--no-files", "--attest", "3"], "--attest 3: task Phase 1 has 2 exit criteria"),
        (["--no-files", "--run", "two"], "--run two: task Phase 1 has 1 command"),
        (["--path", "../elsewhere"], "lies outside of the repository"),
        (["--path", "ship.md"], "ship.md: is phasegate's own to write"),
        (["--path", "x", "--no-files"], "cannot both be given"),
        (["--skip", "no time"], "task Phase 1 is not optional"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else None,
)
def test_what_cannot_be_handed_in_is_refused_and_changes_nothing(place: Path, arguments: list[str], said: str) -> None:
    assert phasegate(place, "run", "ship.md").returncode == 3
    journal = next(place.glob(".phasegate/*/journal.jsonl"))
    before = journal_bytes(journal)
    refused = phasegate(place, "done", *arguments)
    assert refused.returncode == 2
    assert said in refused.stderr
    assert journal_bytes(journal) == before


def test_a_path_is_seen_from_where_the_command_works(place: Path) -> None:
    assert phasegate(place, "run", "ship.md").returncode == 3
    (place / "docs").mkdir()
    (place / "docs/plan.md").write_text("plan\n")
    done = phasegate(place / "docs", "done", "--path", "plan.md", "--attest", "all")
    assert done.returncode == 0, done.stderr
    assert "docs/plan.md" in phasegate(place, "status", "--review").stdout


def test_half_done_documents_are_taken_over_when_a_person_says_so(place: Path) -> None:
    (place / "tasks.md").write_text("# Tasks\n\n- [x] 1. Old\n- [-] 2. Begun\n- [ ] 3. New\n- [x] 4. Done early\n")
    git(place, "add", "-A")
    git(place, "commit", "-q", "-m", "Half done")
    refused = phasegate(place, "run", "tasks.md")
    assert refused.returncode == 2
    assert "tasks.md:4: 2 is begun ([-])" in refused.stderr
    assert not (place / ".phasegate").exists()
    (place / "answers.yaml").write_text("begun-t2: to-do\n")
    refused = phasegate(place, "run", "tasks.md", "--answers", str(place / "answers.yaml"))
    assert refused.returncode == 2
    assert "tasks.md:3: 1 Old" in refused.stderr
    assert "--adopt" in refused.stderr
    assert not (place / ".phasegate").exists()

    began = phasegate(place, "run", "tasks.md", "--answers", str(place / "answers.yaml"), "--adopt")
    assert began.returncode == 3
    status = json.loads(phasegate(place, "status", "--json").stdout)
    assert [task["status"] for task in status["tasks"]] == ["adopted", "working", "pending", "adopted"]
    for key in ("t2", "t3"):
        assert phasegate(place, "done", "--no-files", **AGENT).returncode == 0
        waiting = json.loads(phasegate(place, "status", "--json").stdout)["waiting_for"]
        assert waiting["task"] == key
        page = phasegate(place, "status", "--review").stdout
        assert ("Taken over as done" in page) is (key == "t2")
        assert ("4 Done early" in page) is (key == "t2")
        assert phasegate(place, "approve", "--digest", waiting["digest"]).returncode == 0
        ended = phasegate(place, "resume")
    assert ended.returncode == 0, ended.stderr
    assert "complete, 4 tasks in 2 commits" in ended.stdout
    assert (place / "tasks.md").read_text().count("[x]") == 4
    audited = phasegate(place, "audit")
    assert audited.returncode == 0, audited.stdout


CHECKS = """\
checks:
  - id: orders-there
    name: The table of orders exists
    service: dynamodb
    operation: list_tables
    expression: TableNames
    expect: {contains: "{table}"}
    criterion: It is short
"""


def test_a_check_beside_the_runbook_answers_a_criterion_and_closes_the_gate(place: Path) -> None:
    (place / "ship.checks.yaml").write_text(CHECKS.replace("list_tables", "create_table"))
    refused = phasegate(place, "run", "ship.md", "--sandbox")
    assert refused.returncode == 2
    assert "ship.checks.yaml:5:5: a check may not" in refused.stderr
    assert not (place / ".phasegate").exists()

    (place / "ship.checks.yaml").write_text(CHECKS)
    git(place, "add", "ship.checks.yaml")
    git(place, "commit", "-qm", "Checks")
    try:
        assert phasegate(place, "run", "ship.md", "--sandbox").returncode == 3
        asked = phasegate(place, "done", "--no-files", "--attest", "1")
        assert (asked.returncode, "is about {table}" in asked.stderr) == (3, True)
        (place / "answers.yaml").write_text("table: orders\n")
        answers = ("--answers", str(place / "answers.yaml"))
        failed = phasegate(place, "done", "--no-files", "--attest", "1", *answers)
        assert failed.returncode == 5, failed.stderr
        assert "The table of orders exists" in failed.stderr
        url = json.loads(phasegate(place, "sandbox", "status", "--json").stdout)["endpoint_url"]
        make_orders(url)
        good = phasegate(place, "done", "--no-files", "--attest", "1", *answers)
        assert good.returncode == 0, good.stderr
        page = phasegate(place, "status", "--review").stdout
        assert "pass: The table of orders exists" in page
        assert "The greeting is friendly: yes, says Ada" in page
        assert (place / "artifacts/ship/phase_1_checks.md").exists()
    finally:
        phasegate(place, "sandbox", "stop", "--forget")


def make_orders(url: str) -> None:
    import boto3

    client = boto3.client(
        "dynamodb", endpoint_url=url, region_name="us-east-1", aws_access_key_id="x", aws_secret_access_key="x"
    )
    key = {"AttributeName": "id", "AttributeType": "S"}
    client.create_table(
        TableName="orders",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[key],
        BillingMode="PAY_PER_REQUEST",
    )
