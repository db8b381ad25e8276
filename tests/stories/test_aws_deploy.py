"""A deployment in eight phases on the sandbox: as it should be, with a fault in it, and with a kill in it."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from unittest.mock import patch

import pytest

from phases.aws_deploy.workflow import AWS_DEPLOY
from state.files import sha256
from tests.worlds.forked_shell import forked as phasegate
from tests.worlds.processes import begin, end_group
from tests.worlds.sample_shop import (
    RESUME,
    RUN,
    STAGE,
    aws,
    checks,
    commit,
    edit,
    effects,
    events,
    numbered_items,
    shop,
    worked,
)
from tests.worlds.workspaces import SHARED, environment, git
from workflow.doors import clock
from workflow.doors.clock import SystemClock

pytestmark = pytest.mark.slow

SEED = SHARED / "seeds/aws-deployment-workflow.md"
TITLES = [
    "Pre-Deployment Analysis",
    "Environment Preparation",
    "Infrastructure Deployment",
    "Application Deployment",
    "Validation & Testing",
    "Monitoring Setup",
    "Rollback Preparation",
    "Post-Deployment",
]
# what nobody used in the two seconds of the watch, and in the day before: the sandbox counts no use by itself
QUIET = ("8.3 log ", "8.3 traffic ", "8.3 metric ", "database use of ")
UNUSED = ("8.3 alarm ",)  # beside traffic that nobody saw
QUIET += tuple(f"cost {number}" for number in range(1, 10))  # the third checkpoint's name says how long after it is
ITEMS = 32  # numbered items of the eight phases


def test_the_demo_goes_through_all_eight_phases_by_itself_and_looks_at_every_item(tmp_path: Path) -> None:
    done = phasegate(tmp_path, "demo", "--workflow", "aws-deploy", "--yes", "shop")
    place = tmp_path / "shop"
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[0].endswith(": complete, 8 tasks in 8 commits")
    subjects = git(place, "log", "--reverse", "--format=%s").splitlines()[1:]
    assert subjects == [f"aws-deploy task Phase {number}: {title}" for number, title in enumerate(TITLES, 1)]
    assert git(place, "status", "--porcelain") == ""
    started = worked(place)["phase_1"]["at"][:10].replace("-", "")
    assert git(place, "branch", "--show-current").strip() == f"deploy/test-{started}-shop"
    audit = phasegate(place, "audit")
    assert (audit.returncode, "findings: none" in audit.stdout) == (0, True), audit.stdout
    assert_every_item_was_looked_at(place, AWS_DEPLOY.runbook_text().decode())


def test_init_writes_a_deployment_to_fill_in_and_a_run_refuses_what_is_wrong_in_it(tmp_path: Path) -> None:
    place = tmp_path / "mine"
    place.mkdir()
    git(place, "init", "-q", "-b", "main")
    git(place, "config", "user.name", "Ada")
    git(place, "config", "user.email", "ada@example.com")
    assert phasegate(place, "init", "aws-deploy").returncode == 0
    assert {path.name for path in place.iterdir()} == {".git", "aws-deploy.md", "deployment.yaml", "phasegate.yaml"}
    commit(place, "To be filled in")

    edit(place, "deployment.yaml", "    kind: api", "    kind: app")
    again = phasegate(place, "init", "aws-deploy")
    assert "deployment.yaml is there already" in again.stdout
    assert "kind: app" in (place / "deployment.yaml").read_text("utf-8")
    for refused in (phasegate(place, "run", "aws-deploy"), phasegate(place, *RUN)):
        assert refused.returncode == 2
        assert "deployment.yaml:15:5: kind: expected 'data-pipeline', 'ai-ml' or 'api', seen 'app'" in refused.stderr
    (place / "deployment.yaml").unlink()
    assert f"phasegate -C {place} init aws-deploy" in phasegate(place, *RUN).stderr
    assert not (place / ".phasegate").exists()


@pytest.mark.skipif(not SEED.exists(), reason="not beside us")
def test_every_numbered_item_of_the_document_it_was_made_from_is_looked_at(tmp_path: Path) -> None:
    with shop(tmp_path / "shop", runbook=SEED.read_bytes()) as place:
        done = phasegate(place, *RUN)
        assert done.returncode == 0, done.stderr
        assert_every_item_was_looked_at(place, SEED.read_text("utf-8"))


def assert_every_item_was_looked_at(place: Path, runbook: str) -> None:
    """Nothing numbered is left out, and nothing is said to be checked that was not."""
    evidence = worked(place)
    items = numbered_items(runbook)
    assert len(items) == ITEMS
    looked_at = {check["name"].split(" ")[0] for phase in evidence.values() for check in phase["checks"]}
    assert items <= looked_at, sorted(items - looked_at)

    criteria = [name for phase in evidence.values() for c in phase["checks"] if (name := c["name"])[:6] == "exit: "]
    assert len(criteria) == 24
    open_ = {
        check["name"]: check["seen"]
        for phase in evidence.values()
        for check in phase["checks"]
        if check["verdict"] == "not-checked" and check["name"][:6] != "exit: "
    }
    unused = any(name.startswith("8.3 traffic ") for name in open_)  # then an alarm without data says nothing, either
    assert {name for name in open_ if not name.startswith((*QUIET, *UNUSED[:unused]))} == {
        "1.2 resources by tag",
        *(f"1.2 service {each}" for each in ("cloudwatch", "dynamodb", "iam", "lambda", "logs", "sns")),
        "1.4 permissions",
        "2.3 names",
        "2.4 configuration kept",
        "6.2 cost anomalies",
        "6.4 shop-test-errors acts",
        "6.4 shop-test-slow acts",
        "cost after the infrastructure",
        "cost after the infrastructure, by the hour",
        "cost after the application",
        "cost after the application, by the hour",
        "8.4 unused resources",
        "8.4 right-sizing",
        "8.4 right-sizing of compute",
        "8.4 data transfer",
    }
    assert sum(" after the application" in name for name in open_) == 4  # the third one says its own distance
    assert all(why.startswith("not checked: ") for why in open_.values()), open_

    manifest = json.loads((place / STAGE / "08-manifest.json").read_text())
    for file in manifest["files"]:
        assert sha256((place / file["path"]).read_bytes()) == file["sha256"]
    tag = git(place, "rev-list", "-n1", manifest["tag"]).strip()
    assert git(place, "log", "-1", "--format=%s", tag).strip().startswith("aws-deploy task Phase 3")
    assert evidence["phase_4"]["data"]["deployed_commit"] == tag
    assert evidence["phase_7"]["data"]["seconds"]["back"] > 0


def test_a_wrong_setting_is_mended_by_hand_and_a_kill_in_the_watch_changes_nothing(tmp_path: Path) -> None:
    """Found, listed, mended and then clean; killed in the watch it waits for the same moment and tells nobody twice."""
    with shop(tmp_path / "shop") as place:
        edit(place, "deploy/infrastructure.json", '"RetentionInDays": 30', '"RetentionInDays": 1')
        edit(place, "deployment.yaml", "duration: 2s", "duration: 1h")
        commit(place, "A wrong setting, and a longer watch")
        found = phasegate(place, *RUN)
        assert found.returncode == 3, found.stderr
        assert (
            "the function's log is kept for a month: expected logGroups[0].retentionInDays: 30, seen 1" in found.stderr
        )
        assert "applied-2" in found.stderr

        group = "/aws/lambda/shop-test-orders"
        again = phasegate(place, *RESUME, "--answers", answers(place, "applied-2: applied"))
        assert again.returncode == 3  # nobody mended it: the same is listed, and asked for a third time
        assert "applied-3" in again.stderr
        aws(place).call("logs", "put_retention_policy", logGroupName=group, retentionInDays=30)

        killed_in_the_watch(place, *RESUME, "--answers", answers(place, "applied-3: applied"))
        rounds = worked(place)["phase_3"]["data"]["rounds"]
        assert [len(each["discrepancies"]) for each in rounds] == [1, 1, 0]
        assert len(effects(place, "apply-")) == 1  # the team's command ran once
        assert checks(place, 3)["3.2 the function's log is kept for a month"]["verdict"] == "pass"
        (until,) = [event["answer"] for event in events(place) if event.get("question") == "watch-until"]

        early = phasegate(place, "resume", "--yes")
        assert early.returncode == 3, early.stderr  # it is not over, and nobody said --wait
        assert "the end of the watch" in early.stderr
        with time_jumps():
            done = phasegate(place, *RESUME)
        assert done.returncode == 0, done.stderr
        assert seconds(worked(place)["phase_8"]["at"]) >= seconds(until)
        assert [event["answer"] for event in events(place) if event.get("question") == "watch-until"] == [until]
        assert worked(place)["phase_8"]["attempt"] == 1
        assert effects(place, "notice-") == ["notice-sns"]
        assert len(git(place, "log", "--format=%s").splitlines()) == 8 + 2
        assert "the function's log is kept for a month" in (place / STAGE / "08-report.md").read_text("utf-8")


@contextmanager
def time_jumps() -> Iterator[None]:
    """Who waits in the block, here or in a command that is forked here, is there at once: its clock goes forward."""
    ahead = 0.0

    def sleep(seconds: float) -> None:
        nonlocal ahead
        ahead += seconds

    with (
        patch.object(clock, "time", SimpleNamespace(sleep=sleep)),
        patch.object(SystemClock, "now", lambda _clock: datetime.now(UTC) + timedelta(seconds=ahead)),
    ):
        yield


def killed_in_the_watch(place: Path, *words: str) -> None:
    process = begin(place, *words, **environment())
    try:
        assert process.stderr
        for line in process.stderr:
            if "the end of the watch" in line:
                break
        os.kill(process.pid, signal.SIGKILL)
        assert process.wait(timeout=60) == -signal.SIGKILL
    finally:
        end_group(process)


def test_a_smoke_test_that_fails_stops_the_run_and_everything_is_taken_back(tmp_path: Path) -> None:
    with shop(tmp_path / "shop") as place:
        edit(place, "app/orders.py", 'os.environ["TABLE"]', 'os.environ["TABEL"]')  # its own tests do not see it
        commit(place, "A slip")
        failed = phasegate(place, *RUN)
        assert failed.returncode == 5, failed.stderr
        assert "4.4 smoke test: orders: expected exit code 0, seen exit code 1: KeyError: 'TABEL'" in failed.stderr
        account = aws(place)
        assert account.call("dynamodb", "scan", TableName="shop-test-orders", Select="COUNT")["Count"] == 3

        back = phasegate(place, "rollback", "--reason", "orders cannot be placed", "--yes")
        assert back.returncode == 0, back.stderr
        assert effects(place, "back-") == ["back-orders", "back-catalogue", "back-infrastructure"]
        assert effects(place, "taking-back-") == ["taking-back-sns"]
        assert effects(place, "before-infrastructure-") == ["before-infrastructure-sns"]
        assert account.call("dynamodb", "list_tables")["TableNames"] == []
        assert account.call("lambda", "list_functions")["Functions"] == []
        record = (place / STAGE / "rollback-record.md").read_text("utf-8")
        assert "orders cannot be placed" in record
        assert record.index("shop-test-orders: removed") < record.index("3 items removed")
        subjects = git(place, "log", "-6", "--reverse", "--format=%s").splitlines()
        assert [subject.split(":")[0] for subject in subjects] == [f"aws-deploy rollback R{n}" for n in range(1, 7)]
        assert json.loads(phasegate(place, "status", "--json").stdout)["state"] == "rolled_back"
        assert phasegate(place, "audit").returncode == 0


def seconds(moment: str) -> float:
    return datetime.fromisoformat(moment).timestamp()


def answers(place: Path, line: str) -> str:
    path = place.parent / "answers.yaml"
    path.write_text(line + "\n")
    return str(path)
