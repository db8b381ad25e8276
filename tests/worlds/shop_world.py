"""A small deployment that a test can take through the phases, and spoil on the way.

    shop.resources()                 # a table, a role, a log group, a topic and an alarm, as they should be
    shop.ready_for("Phase 4")        # plans it, and leaves what the phases in between would have left
    work = shop.run("Phase 4")

Its commands are `echo`s that write into `log`, outside of the repository: what ran, and in which order.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import yaml

from phases.aws_deploy import paths
from phases.aws_deploy.act.archive import ARTIFACTS
from phases.aws_deploy.recover.backups import back_up
from phases.aws_deploy.verify import items
from phases.aws_deploy.verify.resources import configuration_of, tagged
from phases.aws_deploy.workflow import AWS_DEPLOY
from phases.step import Check, Step, Work
from state.files import sha256
from state.model import PlannedTask
from tests.worlds.reached import REACHED, keep
from tests.worlds.repositories import first_commit
from tests.worlds.step_world import StepWorld
from workflow.doors.aws.client import AwsDoor
from workflow.runbook.reader import read_runbook
from workflow.sandbox.faults import Faults
from workflow.sandbox.inprocess import Sandbox

REGION = "us-east-1"
STEPS: Mapping[str, Step] = {step.task_id: step for step in AWS_DEPLOY.steps}
PLAN = read_runbook(AWS_DEPLOY.runbook_text(), name="aws-deploy", path=AWS_DEPLOY.runbook)
TASKS = {task.id: task for task in PLAN.tasks}
TAGS = {"project": "shop"}
TOPIC = f"arn:aws:sns:{REGION}:123456789012:shop-notices"
TRUST = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}],
}


def role_policy(*actions: str) -> str:
    statement = {"Effect": "Allow", "Action": list(actions), "Resource": "arn:aws:dynamodb:*:*:table/shop-orders"}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


class OneDoor(AwsDoor):
    """Keeps its clients when it is asked for the region that it is in: making them is slow."""

    def at(self, region: str) -> AwsDoor:
        return self if region == REGION else super().at(region)


class ShopWorld:
    """See the module.

    Attributes:
        world: where its steps run; its `lines` are the progress shown.
        said: what deployment.yaml says; `write` puts a changed one into the workspace.
    """

    def __init__(self, root: Path, sandbox: Sandbox) -> None:
        self.root, self.sandbox = root, sandbox
        self.log = root.parent / "log"
        self.log.touch()
        self.made = 0  # calls that made its resources, when nothing was called before
        root.mkdir()
        self.aws = OneDoor(region=REGION, sandbox=True, session=sandbox.session(REGION))
        self.world = StepWorld(root, aws=self.aws, run_id="aws-deploy-20260102-030405", plan=PLAN)
        self.world.clock.at = datetime.now(UTC)
        self.world.patient = True
        self.said: dict[str, Any] = {
            "name": "shop",
            "environment": "test",
            "region": REGION,
            "components": [self.component("stock", "data-pipeline"), self.component("orders", "api")],
            "commands": {name: self.logs(name) for name in ("quality", "test", "build", "integration", "security")},
            "inventory": {"tags": TAGS, "services": ["dynamodb", "iam"], "names": "shop-*"},
            "configuration": {"files": ["test.env"], "naming": "shop-[a-z]+"},
            "backups": {"dynamodb_tables": ["shop-orders"]},
            "watch": {
                "log_groups": ["shop-log"],
                "alarms": ["shop-errors"],
                "metrics": [{"namespace": "Shop", "name": "Errors", "limit": 1}],
                "traffic": [{"namespace": "Shop", "name": "Orders"}],
                "after_deployment": "0s",
                "duration": "24h",
            },
            "performance": [
                {"name": about, "about": about, "limit": 20, "command": "echo measuring; echo 12.5"}
                for about in ("database", "transfer", "response")
            ],
            "monitoring": {"alarms": [{"name": "shop-errors"}]},
            "notification": {"sns_topic": TOPIC},
            "contacts": {"support": "a case", "escalation": "Ada", "critical": "go back"},
        }
        self.put("test.env", "TABLE=shop-orders\n")
        self.put("deployment.yaml", yaml.safe_dump(self.said, sort_keys=False))
        first_commit(root, "A deployment")

    # --- the repository -------------------------------------------------------------------------------------------

    def component(self, name: str, kind: str) -> dict[str, Any]:
        return {
            "name": name,
            "kind": kind,
            "deploy": self.logs(f"deploy {name}"),
            "smoke_test": self.logs(f"smoke {name}"),
            "rollback": self.logs(f"back {name} in $PHASEGATE_ENVIRONMENT"),
        }

    def logs(self, words: str) -> str:
        """A command that says so in the log, wherever the repository lies."""
        return f'echo "{words}" >> ../{self.log.name}'

    def ran(self) -> list[str]:
        return self.log.read_text().splitlines()

    def put(self, path: str, text: str) -> None:
        (self.root / path).parent.mkdir(parents=True, exist_ok=True)
        (self.root / path).write_text(text)

    def change(self, **settings: Any) -> None:
        """Put other settings into deployment.yaml, and commit it."""
        self.said |= settings
        self.put("deployment.yaml", yaml.safe_dump(self.said, sort_keys=False))
        self.commit("Another deployment")

    def git(self, *words: str) -> str:
        return subprocess.run(["git", "-C", str(self.root), *words], check=True, capture_output=True, text=True).stdout

    def commit(self, message: str) -> str:
        self.git("add", "-A")
        self.git("commit", "-q", "--allow-empty", "-m", message)
        return self.git("rev-parse", "HEAD").strip()

    # --- the account ----------------------------------------------------------------------------------------------

    def client(self, service: str) -> Any:
        return self.sandbox.client(service, REGION)

    def resources(self) -> None:
        alone = not self.sandbox.calls
        tags = [{"Key": key, "Value": value} for key, value in TAGS.items()]
        self.client("dynamodb").create_table(
            TableName="shop-orders",
            BillingMode="PAY_PER_REQUEST",
            Tags=tags,
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        )
        self.client("dynamodb").put_item(TableName="shop-orders", Item={"id": {"S": "1"}})
        self.client("iam").create_role(RoleName="shop-role", AssumeRolePolicyDocument=json.dumps(TRUST))
        self.permit("dynamodb:GetItem")
        self.client("logs").create_log_group(logGroupName="shop-log", tags=TAGS)
        self.client("logs").create_log_stream(logGroupName="shop-log", logStreamName="one")
        self.client("sns").create_topic(Name="shop-notices", Attributes={"KmsMasterKeyId": "alias/aws/sns"}, Tags=tags)
        self.client("sns").subscribe(TopicArn=TOPIC, Protocol="email", Endpoint="ada@example.com")
        self.alarm()
        self.use()
        self.made = len(self.sandbox.calls) if alone else 0

    def use(self, at: datetime | None = None, orders: int = 3) -> None:
        """Somebody uses the shop at that moment: its log has an event, its metric a datapoint."""
        moment = at or self.world.clock.at
        self.log_line("INFO an order was taken", moment)
        data = {"MetricName": "Orders", "Value": orders, "Timestamp": moment.replace(second=0, microsecond=0)}
        self.client("cloudwatch").put_metric_data(Namespace="Shop", MetricData=[data])

    def permit(self, *actions: str) -> None:
        self.client("iam").put_role_policy(
            RoleName="shop-role", PolicyName="orders", PolicyDocument=role_policy(*actions)
        )

    def alarm(self, name: str = "shop-errors", **fields: Any) -> None:
        body = {
            "MetricName": "Errors",
            "Namespace": "Shop",
            "Statistic": "Sum",
            "Period": 60,
            "EvaluationPeriods": 1,
            "Threshold": 1,
            "ComparisonOperator": "GreaterThanThreshold",
            "AlarmActions": [TOPIC],
        }
        self.client("cloudwatch").put_metric_alarm(AlarmName=name, **{**body, **fields})

    def log_line(self, message: str, at: datetime | None = None) -> None:
        event = {"timestamp": int((at or datetime.now(UTC)).timestamp() * 1000), "message": message}
        self.client("logs").put_log_events(logGroupName="shop-log", logStreamName="one", logEvents=[event])

    # --- the phases -----------------------------------------------------------------------------------------------

    def run(self, phase: str, *, attempt: int | None = None) -> Work:
        return self.world.run(STEPS[phase], attempt=attempt, task=TASKS[phase])

    def take_back(self) -> Mapping[str, Work]:
        """Run the steps of the way back that are not done, as long as their checks are good; what each came to."""
        works: dict[str, Work] = {}
        self.world.give_data("R1", {"reason": "it is broken"})
        for step in AWS_DEPLOY.rollback:
            task = PlannedTask(
                f"rollback_{step.task_id[1:]}", step.task_id, step.task_title, "rollback", 9, (), "", 0, 0
            )
            if self.world.is_done(task):
                continue
            works[step.task_id] = self.world.run(step, task=task)
            if failed(works[step.task_id]):
                break
        return works

    def planned(self, **settings: Any) -> None:
        """Put other settings into deployment.yaml as if they had been planned so from the beginning."""
        self.change(**settings)
        planning = StepWorld(self.root, aws=self.aws, answers=self.world.given, run_id=self.world.run_id, plan=PLAN)
        planning.clock.at = self.world.clock.at
        self.world.give_data("Phase 1", planning.run(STEPS["Phase 1"], task=TASKS["Phase 1"]).data)
        self.log.write_text("")

    def ready_for(self, phase: str) -> None:
        """Run phase 1, and leave what the others before `phase` would have left: it takes a fifth of the time.

        Shops that begin alike get there once a process (`tests/worlds/reached.py`); the time is now, all the same.
        """
        key = self._beginning(phase) if self._untouched else ""
        if key in REACHED:
            shutil.rmtree(self.root)
            REACHED[key].again(self.root, self.sandbox, self.world)
            self.world.clock.at = datetime.now(UTC)
            self.use()
            return
        self._get_ready(phase)
        if key:
            keep(key, self.root, self.sandbox, self.world)

    @property
    def _untouched(self) -> bool:
        """Whether nothing has happened but that the resources were made, so that all that is to come is known."""
        account = len(self.sandbox.calls) == self.made and self.sandbox.faults == Faults()
        return account and self.made > 0 and self.world.aws is self.aws and self.world.begun == 1

    def _beginning(self, phase: str) -> str:
        files = (path for path in sorted(self.root.rglob("*")) if path.is_file() and ".git" not in path.parts)
        held = [(path.relative_to(self.root).as_posix(), path.stat().st_mode, path.read_bytes()) for path in files]
        committed = self.git("log", "--format=%s"), self.git("status", "--porcelain")
        return sha256(repr((phase, self.world.given, self.world.defaults, held, committed)).encode())

    def _get_ready(self, phase: str) -> None:
        work = self.run("Phase 1")
        assert not failed(work), failed(work)
        if phase > "Phase 2":
            ctx = self.world.begin(TASKS["Phase 2"])
            _check, backup = back_up(ctx, self.aws, "shop-orders", items.BACKUPS)
            self.world.give_data("Phase 2", {"backups": [backup] if backup else []})
            found = configuration_of(self.aws, tagged(self.aws, TAGS), str)
            self.put(paths.SNAPSHOT, json.dumps(found))
        deployed = self.commit("As far as it went")
        cost = [["after it", "looked at", "nothing"]]
        left: dict[str, Mapping[str, Any]] = {
            "Phase 3": {"rounds": [{"round": 1, "discrepancies": []}], "cost": cost},
            "Phase 4": {
                "deployed_commit": deployed,
                "seconds": {"deploy stock": 1.5},
                "cost": cost,
                "deployed_at": self.world.clock.at.isoformat(),
            },
            "Phase 5": {"performance": [["5.2 response times: response", "at most 20 ms", "12.5 ms"]]},
            "Phase 7": {"rehearsed_in": "test", "seconds": {"back": 2.5, "data": 1.0, "forward": 3.0}},
        }
        for name, data in left.items():
            if name < phase:
                self.world.give_data(name, data)
        self.log.write_text("")
        if phase > "Phase 7":
            for path in ARTIFACTS:
                if not (self.root / path).exists():
                    self.put(path, "{}\n")
            self.commit("Everything but the end")


def check(work: Work, name: str) -> Check:
    (found,) = [check for check in work.checks if check.name == name]
    return found


def failed(work: Work) -> list[str]:
    """The failed checks, exit criteria (which follow from them) apart."""
    return [each.name for each in work.checks if each.verdict == "fail" and not each.name.startswith("exit: ")]
