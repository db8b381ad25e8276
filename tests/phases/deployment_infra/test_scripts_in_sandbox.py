"""The module's scripts against a sandbox of AWS, by the real CLI: deployed, marked, taken back, invalidated, reported.

Not checked, since moto does not tell the truth of it: that tasks run (`services-stable` succeeds without one), and that
a circuit breaker goes back; the module's own tests have stand-ins for both.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import boto3
import pytest
import yaml

from tests.worlds.rendered_module import write_module
from tests.worlds.warm_aws import warm_aws
from workflow.sandbox import control

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(shutil.which("aws") is None, reason="not run: aws not found"),
    pytest.mark.skipif(shutil.which("curl") is None, reason="not run: curl not found"),
]
NAME = "shop-staging"


@dataclass
class Account:
    """The sandbox's account with a cluster, a service and a registry, and an application that answers, or does not."""

    module: Path
    endpoint: str
    address: str
    path: Path
    dead: set[str] = field(default_factory=set)

    def client(self, service: str) -> Any:
        keys = {"aws_access_key_id": "sandbox", "aws_secret_access_key": "sandbox"}
        return boto3.client(service, endpoint_url=self.endpoint, region_name="af-south-1", **keys)

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        given = {
            "PATH": f"{self.path}:{Path(sys.executable).parent}:{os.environ['PATH']}",
            "HOME": str(self.module),
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_DEFAULT_REGION": "af-south-1",
            "AWS_ACCESS_KEY_ID": "sandbox",
            "AWS_SECRET_ACCESS_KEY": "sandbox",
            "SMOKE_ADDRESS": self.address,
            "SMOKE_TRIES": "1",
            "SMOKE_PAUSE": "0",
        }
        return subprocess.run(["sh", *words], cwd=self.module, env=given, capture_output=True, text=True, timeout=200)

    def register(self, tag: str) -> str:
        image = f"123456789012.dkr.ecr.af-south-1.amazonaws.com/shop:{tag}"
        definition = self.client("ecs").register_task_definition(
            family=NAME,
            networkMode="awsvpc",
            requiresCompatibilities=["FARGATE"],
            cpu="512",
            memory="1024",
            containerDefinitions=[
                {"name": "app", "image": image, "essential": True, "command": ["node", "-e", "stand-in"]},
                {"name": "agent", "image": "agent:1", "essential": False},
            ],
        )
        arn: str = definition["taskDefinition"]["taskDefinitionArn"]
        return arn

    def running(self) -> str:
        (service,) = self.client("ecs").describe_services(cluster=NAME, services=["app"])["services"]
        arn: str = service["taskDefinition"]
        return arn.rpartition(":")[2]

    def described(self, revision: int) -> tuple[dict[str, Any], bool]:
        """The containers of a revision, and whether it is marked as good."""
        found = self.client("ecs").describe_task_definition(taskDefinition=f"{NAME}:{revision}", include=["TAGS"])
        good = {"key": "good", "value": "true"} in found.get("tags", [])
        return {each["name"]: each for each in found["taskDefinition"]["containerDefinitions"]}, good


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    with warm_aws(tmp_path_factory.mktemp("aws")) as path:
        yield path


@pytest.fixture
def account(tmp_path: Path, path: Path) -> Iterator[Account]:
    home = tmp_path / "phasegate" / "sandbox"
    info = control.start(home)
    dead: set[str] = set()

    class Application(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(503 if self.path in dead else 200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None: ...

    with ThreadingHTTPServer(("127.0.0.1", 0), Application) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            module = write_module(tmp_path / "module")
            made = Account(module, info.endpoint_url, f"http://127.0.0.1:{server.server_port}", path, dead)
            ecs = made.client("ecs")
            made.client("ecr").create_repository(repositoryName="shop")
            ecs.create_cluster(clusterName=NAME)
            made.register("first")
            ecs.create_service(cluster=NAME, serviceName="app", taskDefinition=f"{NAME}:1", desiredCount=0)
            yield made
        finally:
            server.shutdown()
            thread.join()
            control.stop(home)


def test_versions_are_deployed_marked_and_taken_back(account: Account) -> None:
    for commit in ("aaa", "bbb"):
        done = account.run("scripts/deploy.sh", "staging", commit)
        assert done.returncode == 0, done.stderr
    assert account.running() == "3"
    containers, good = account.described(3)
    assert good and containers["app"]["image"].endswith("/shop:bbb") and "command" not in containers["app"]
    assert containers["agent"]["image"] == "agent:1"
    assert not account.described(1)[1]

    account.dead.add("/health")
    done = account.run("scripts/deploy.sh", "staging", "ccc")
    assert done.returncode == 1 and "/health does not answer" in done.stderr and "going back to" in done.stderr
    assert (account.running(), account.described(4)[1]) == ("3", False)
    account.dead.clear()

    done = account.run("scripts/rollback.sh", "staging", "ccc")  # as CD does behind a deployment that failed
    assert (done.returncode, "nothing to go back from" in done.stdout) == (0, True), done.stderr
    assert account.running() == "3"
    done = account.run("scripts/rollback.sh", "staging", "bbb")
    assert done.returncode == 0, done.stderr
    assert account.running() == "2"
    done = account.run("scripts/rollback.sh", "staging")
    assert done.returncode == 1 and "nothing was changed" in done.stderr
    assert account.running() == "2"


def test_a_rollback_to_the_same_version_is_refused(account: Account) -> None:
    for _ in range(2):
        assert account.run("scripts/deploy.sh", "staging", "aaa").returncode == 0
    assert account.running() == "3"
    done = account.run("scripts/rollback.sh", "staging")
    assert done.returncode == 1 and "there is no good version before" in done.stderr
    assert account.running() == "3"


def test_an_environment_that_is_not_there_changes_nothing(account: Account) -> None:
    done = account.run("scripts/deploy.sh", "production", "aaa")
    assert done.returncode != 0
    assert account.running() == "1"
    assert account.client("ecs").list_task_definitions(familyPrefix=NAME)["taskDefinitionArns"] != []


def test_the_edge_is_invalidated(account: Account) -> None:
    cloudfront = account.client("cloudfront")
    custom = {"HTTPPort": 80, "HTTPSPort": 443, "OriginProtocolPolicy": "https-only"}
    origin = {"Id": "app", "DomainName": "shop.example.com", "CustomOriginConfig": custom}
    behavior = {
        "TargetOriginId": "app",
        "ViewerProtocolPolicy": "https-only",
        "MinTTL": 0,
        "ForwardedValues": {"QueryString": False, "Cookies": {"Forward": "none"}},
    }
    config = {
        "CallerReference": "1",
        "Comment": "",
        "Enabled": True,
        "Origins": {"Quantity": 1, "Items": [origin]},
        "DefaultCacheBehavior": behavior,
    }
    made = cloudfront.create_distribution(DistributionConfig=config)["Distribution"]["Id"]
    done = account.run("scripts/invalidate.sh", made)
    assert done.returncode == 0, done.stderr
    (invalidation,) = cloudfront.list_invalidations(DistributionId=made)["InvalidationList"]["Items"]
    asked = cloudfront.get_invalidation(DistributionId=made, Id=invalidation["Id"])["Invalidation"]
    assert asked["InvalidationBatch"]["Paths"]["Items"] == ["/*"]
    assert account.run("scripts/invalidate.sh", "E0NOTTHERE").returncode != 0


@pytest.mark.parametrize(("days", "sent"), [(7, 1.0), (9, 0.0)])
def test_a_backup_is_reported_while_its_restore_is_recent(account: Account, days: int, sent: float) -> None:
    """The steps of the workflow that look and report; moto has no restore jobs, so that their list stands there."""
    ended = datetime.now(UTC) - timedelta(days=days)
    job = {"Status": "COMPLETED", "ValidationStatus": "SUCCESSFUL", "CompletionDate": ended.isoformat()}
    (account.module / "restore-jobs.json").write_text(json.dumps({"RestoreJobs": [job]}))
    workflow = yaml.safe_load((account.module / ".github/workflows/backup-verification.yml").read_text())
    look, report = [step["run"] for step in workflow["jobs"]["verify"]["steps"][-2:]]
    done = account.run("-ec", f"{look}\n{report}")
    assert (done.returncode == 0) == (sent > 0), done.stderr
    now = datetime.now(UTC)
    points = account.client("cloudwatch").get_metric_statistics(
        Namespace="shop-prod/Backup",
        MetricName="Verified",
        StartTime=now - timedelta(days=1),
        EndTime=now + timedelta(minutes=1),
        Period=86400,
        Statistics=["Sum"],
    )["Datapoints"]
    assert sum(point["Sum"] for point in points) == sent
