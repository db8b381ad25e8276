"""Does a check of tasks 3.2 to 5.3, or of the output validation, pass although the answer under it lacks its fact?

Each member of each answer is given a wrong value (which checks rest on it?), removed and emptied, each operation is
emptied and denied. The checks whose fact is that something is absent are a list below, with what they pass beside.
"""

from __future__ import annotations

import copy
import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from phases.aws import AwsPort
from phases.stage_06.paths import WORKING_LOG
from phases.stage_06.workflow import STAGE_06
from phases.step import Check
from state.model import PlannedTask
from tests.worlds.deploying import CONTRACT, REGION
from tests.worlds.finished_stage import PLAN
from tests.worlds.real_account import RealAccount
from tests.worlds.resting import Datum, of
from tests.worlds.silence import listen
from tests.worlds.step_world import StepWorld
from workflow.doors.aws.client import AwsDoor
from workflow.sandbox.inprocess import Sandbox

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

LAST = PLAN.tasks[-1].label
TASKS = ("3.2", "3.3", "4.1", "4.2", "5.1", "5.2", "5.3", LAST)
USERS = {"tables": copy.deepcopy(CONTRACT["tables"][:1])}
ANSWERS = {"alarm-address": "ops@example.com"}
PATTERNS = b"""| Pattern | Index | Key condition | Returns |
|---|---|---|---|
| AP1 | ByMail | Mail = :mail and Seen > :seen | Name |
| AP2 | ByHash | Hash = :hash | Name |
"""

# (check, operation), of many checks in one also the member: its fact is that AWS names nothing there; what says that
# the answer is one at all
ABSENCE: dict[tuple[str, ...], str] = {
    ("Users: local indexes", "describe_table"): "Users: key schema, of the same answer",
    ("Users: other settings", "describe_table"): "TableArn, of the same answer: without it the check is not made",
    ("Users: streaming to Kinesis", "describe_kinesis_streaming_destination"): "TableName, of the same answer",
    ("Users: AP1", "describe_table"): "its own query, which found the item; a table that differs is not tried",
    ("Users: AP2", "describe_table"): "its own query, which found the item; a table that differs is not tried",
    ("Users: delete", "get_item"): "Users: put and get, by the same call with the same key a moment before",
    (
        "Contract Compliance: live tables against the contract",
        "describe_table",
        "Table.LocalSecondaryIndexes",
    ): "key schema and indexes, of the same answer",
    **{
        (f"Access Analyzer on {role}", "validate_policy"): f"simulation of {role}: every action of the same policy"
        for role in ("Read", "Write", "Admin")
    },
}

TABLE, RESOURCES = "dynamodb describe_table", "cloudformation list_stack_resources"
NAMED = of(RESOURCES, "StackResourceSummaries[].LogicalResourceId")
INDEXES = of(TABLE, "Table.GlobalSecondaryIndexes[].IndexName")
# What a document names and its check looks for come of one answer: a wrong one shows in both.
SAID: Mapping[str, Mapping[str, tuple[Datum, ...]]] = {
    "4.2": {"indexes covered by Read": INDEXES, "tables covered by Read": of(TABLE, "Table.TableArn")},
    "5.1": {
        "table ARNs documented": of(TABLE, "Table.TableArn"),
        "live indexes documented": INDEXES,
        "stack resources documented": NAMED,
    },
    "5.3": {"tables without their live ARN": of(TABLE, "Table.TableArn")},
    LAST: {"Documentation: artifacts/stage-06/deployment-summary.md": (*INDEXES, *NAMED)},
}


class Advised(RealAccount):
    """An account that is no sandbox, in which IAM has an opinion of a policy: what it grants is allowed."""

    def call(self, service: str, operation: str, **params: Any) -> dict[str, Any]:
        if operation == "simulate_custom_policy":
            self._answers[service, operation] = {"EvaluationResults": list(_decisions(params))}
        return super().call(service, operation, **params)


def _decisions(params: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    statements = [each for text in params["PolicyInputList"] for each in json.loads(text)["Statement"]]
    for action in params["ActionNames"]:
        for arn in params["ResourceArns"]:
            granted = any(action in each["Action"] and arn in each["Resource"] for each in statements)
            decision = "allowed" if granted else "implicitDeny"
            yield {"EvalActionName": action, "EvalResourceName": arn, "EvalDecision": decision}


class Stage:
    """A stage that has come to its end, and the world in which each of its tasks begins."""

    def __init__(self, root: Path, sandbox: Sandbox) -> None:
        self.aws = AwsDoor(region=REGION, sandbox=True, session=sandbox.session(REGION))
        self.client = sandbox.client("dynamodb", REGION)
        self.begins: dict[str, tuple[StepWorld, PlannedTask]] = {}
        world = StepWorld(root, aws=self.aws, answers=ANSWERS, plan=PLAN)
        for path, data in {
            "artifacts/stage-02/migrationContract.json": json.dumps(USERS).encode(),
            "artifacts/stage-02/dynamodb_data_model.md": PATTERNS,
            WORKING_LOG: b"# Working log\n",  # the engine's, not a step's
        }.items():
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_bytes(data)
        for task in PLAN.tasks:
            self.begins[task.label] = (world.fork(), task)
            step = STAGE_06.step_for(task)
            assert step is not None
            work = world.run(step, task=task)
            assert not [check.name for check in work.checks if check.verdict == "fail"]

    def account(self, task: str) -> AwsPort:
        """The sandbox; for task 4.2 an account in which IAM answers."""
        if task != "4.2":
            return self.aws
        opinions = {("accessanalyzer", "validate_policy"): {"findings": []}, ("iam", "simulate_custom_policy"): {}}
        return Advised(self.aws, opinions)

    def run(self, label: str, port: AwsPort) -> list[Check]:
        for item in self.client.scan(TableName="Users")["Items"]:  # a spoilt answer may have hidden it from its try
            self.client.delete_item(TableName="Users", Key={name: item[name] for name in ("PK", "SK")})
        begins, task = self.begins[label]
        world, step = begins.fork(), STAGE_06.step_for(task)
        world.aws = port
        assert step is not None
        return list(world.run(step, task=task).checks)


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with Sandbox() as opened:
        yield Stage(tmp_path_factory.mktemp("silence"), opened)


LEAST = {"3.2": 10, "5.3": 5}  # most of what 3.2 reads stops it when it is spoilt; 5.3 reads little of one answer


@pytest.mark.parametrize("task", TASKS)
def test_no_check_passes_without_its_fact(stage: Stage, task: str) -> None:
    found = listen(stage.account(task), lambda port: stage.run(task, port), SAID.get(task))
    sys.stderr.write(found.told(task))
    assert found.passed_beside(ABSENCE) == set()
    assert found.spoilt >= LEAST.get(task, 20)


def test_what_rests_on_an_absence_is_a_check_that_there_is(stage: Stage) -> None:
    names = {check.name for task in TASKS for check in stage.run(task, stage.account(task))}
    assert {name for said in SAID.values() for name in said} <= names
    assert {check for check, *_where in ABSENCE} <= names
