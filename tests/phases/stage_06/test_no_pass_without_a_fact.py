"""Does any check of tasks 3.1 to 3.3, 4.1 and 5.2 pass although the answer that it rests on lacks its fact?

Each member of each answer is given a wrong value (which checks rest on it?), removed and emptied, each operation is
denied. The checks whose fact is that something is absent are a list below, with what they pass beside.
"""

from __future__ import annotations

import copy
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from phases.stage_06.stack.change_set import ChangeSet
from phases.stage_06.task_3_1_configure import _told
from phases.stage_06.task_5_1_summary import _standing
from phases.step import Check
from tests.worlds.deploying import CONTRACT, REGION, STACK, STEPS, Deploying
from tests.worlds.silence import Silence, SpoiltDoor, listen
from tests.worlds.step_world import StepWorld
from workflow.sandbox.inprocess import Sandbox

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

TASKS = ("3.2", "3.3", "4.1", "5.2")
USERS = {"tables": copy.deepcopy(CONTRACT["tables"][:1])}
PATTERNS = b"""| Pattern | Index | Key condition | Returns |
|---|---|---|---|
| AP1 | ByMail | Mail = :mail and Seen > :seen | Name |
| AP2 | ByHash | Hash = :hash | Name |
"""

# (check, operation): its fact is that AWS names nothing there; what says that the answer is one at all
ABSENCE = {
    ("Users: local indexes", "describe_table"): "Users: key schema, of the same answer",
    ("Users: other settings", "describe_table"): "TableArn, of the same answer: without it the check is not made",
    ("Users: streaming to Kinesis", "describe_kinesis_streaming_destination"): "TableName, of the same answer",
    ("Users: AP1", "describe_table"): "its own query, which found the item; a table that differs is not tried",
    ("Users: AP2", "describe_table"): "its own query, which found the item; a table that differs is not tried",
    ("Users: delete", "get_item"): "Users: put and get, by the same call with the same key a moment before",
    ("no table is lost", "describe_change_set"): "change set, of the same answer: it has changes",
    ("early validation", "describe_events"): "the event that says that its creation SUCCEEDED",
}


class Stage:
    """A deployed stage, and the world in which each of its tasks begins."""

    def __init__(self, root: Path, sandbox: Sandbox) -> None:
        deploying = Deploying(root, sandbox, contract=USERS, answers={"alarm-address": "ops@example.com"})
        deploying.write("artifacts/stage-02/dynamodb_data_model.md", PATTERNS)
        self.door = SpoiltDoor(REGION, sandbox)
        self.client = sandbox.client("dynamodb", REGION)
        self.begins: dict[str, StepWorld] = {}
        for task in STEPS:
            self.begins[task] = deploying.world.fork()
            work = deploying.run(task)
            assert not [check.name for check in work.checks if check.verdict == "fail"]

    def run(self, task: str) -> list[Check]:
        for item in self.client.scan(TableName="Users")["Items"]:  # a spoilt answer may have hidden it from its try
            self.client.delete_item(TableName="Users", Key={name: item[name] for name in ("PK", "SK")})
        world = self.begins[task].fork()
        world.aws = self.door
        return list(world.run(STEPS[task]).checks)


class Proposing:
    """Task 3.1 of one run after the other, each in an account in which nothing was proposed yet."""

    def __init__(self, root: Path, sandbox: Sandbox) -> None:
        self.deploying = Deploying(root, sandbox, contract=USERS, answers={"alarm-address": "ops@example.com"})
        self.door = SpoiltDoor(REGION, sandbox)
        self.client = sandbox.client("cloudformation", REGION)
        self.runs = 0

    def run(self) -> list[Check]:
        if self.deploying.sandbox.account.region(REGION).live(STACK) is not None:
            self.client.delete_stack(StackName=STACK)
            self.deploying.sandbox.settle(STACK, REGION)
        self.runs += 1
        self.deploying.world.new_run(f"stage-06-20260102-030405-{self.runs:04x}")
        self.deploying.world.aws = self.door
        return list(self.deploying.run("3.1").checks)


def test_no_check_of_the_proposal_passes_without_its_fact(tmp_path: Path) -> None:
    with Sandbox() as sandbox:
        proposing = Proposing(tmp_path, sandbox)
        found = listen(proposing.door, proposing.run)
    sys.stderr.write(f"3.1: {found.spoilt} answers emptied, removed or denied, {found.stopped} stopped\n")
    assert {entry for entry in found.passed if entry[:2] not in ABSENCE} == set()
    assert found.spoilt >= 20


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with Sandbox() as opened:
        yield Stage(tmp_path_factory.mktemp("silence"), opened)


@pytest.mark.parametrize("task", TASKS)
def test_no_check_passes_without_its_fact(stage: Stage, task: str) -> None:
    found: Silence = listen(stage.door, lambda: stage.run(task))
    silent = {entry for entry in found.passed if entry[:2] not in ABSENCE}
    sys.stderr.write(f"{task}: {found.spoilt} answers emptied, removed or denied, {found.stopped} stopped\n")
    assert silent == set()
    assert found.spoilt >= 20


def test_what_rests_on_an_absence_is_a_check_that_there_is(stage: Stage) -> None:
    names = {check.name for task in TASKS for check in stage.run(task)}
    names |= {"no table is lost", "early validation"}  # of 3.1
    assert {check for check, _operation in ABSENCE} <= names


def test_nothing_listed_is_no_pass() -> None:
    """A change set without changes, a stack without resources: CloudFormation names nothing, so nothing is known."""
    made = ChangeSet("arn", "name", "id", "stack", "CREATE_COMPLETE", "", "AVAILABLE", ())
    assert (_told(made, "note"), _told(made, "not-checked")) == ("note", "not-checked")
    assert _told(replace(made, changes=({"Action": "Add"},)), "note") == "pass"
    assert [check.verdict for check in _standing("CREATE_COMPLETE", [])] == ["pass", "fail"]
