"""Does a check of task 3.1, which proposes what is to be deployed, pass although the answer under it lacks its fact?

As tests/phases/stage_06/test_no_pass_without_a_fact.py asks of the tasks after it, in an account of its own.
"""

from __future__ import annotations

import copy
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from phases.aws import AwsPort
from phases.stage_06.stack.change_set import ChangeSet
from phases.stage_06.task_3_1_configure import _told
from phases.stage_06.task_5_1_summary import _standing
from phases.step import Check
from tests.worlds.deploying import CONTRACT, REGION, STACK, Deploying
from tests.worlds.silence import listen
from workflow.sandbox.inprocess import Sandbox

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

USERS = {"tables": copy.deepcopy(CONTRACT["tables"][:1])}
ABSENCE: dict[tuple[str, ...], str] = {  # (check, operation): what says that the answer is one, as in that file
    ("no table is lost", "describe_change_set"): "change set, of the same answer: it has changes",
    ("early validation", "describe_events"): "the event that says that its creation SUCCEEDED",
}


class Proposing:
    """Task 3.1 of one run after the other, each in an account in which nothing was proposed yet."""

    def __init__(self, root: Path, sandbox: Sandbox) -> None:
        self.deploying = Deploying(root, sandbox, contract=USERS, answers={"alarm-address": "ops@example.com"})
        self.client = sandbox.client("cloudformation", REGION)
        self.runs = 0

    def run(self, port: AwsPort) -> list[Check]:
        if self.deploying.sandbox.account.region(REGION).live(STACK) is not None:
            self.client.delete_stack(StackName=STACK)
            self.deploying.sandbox.settle(STACK, REGION)
        self.runs += 1
        self.deploying.world.new_run(f"stage-06-20260102-030405-{self.runs:04x}")
        self.deploying.world.aws = port
        return list(self.deploying.run("3.1").checks)


def test_no_check_of_the_proposal_passes_without_its_fact(tmp_path: Path, sandbox: Sandbox) -> None:
    proposing = Proposing(tmp_path, sandbox)
    found = listen(proposing.deploying.aws, proposing.run)
    sys.stderr.write(found.told("3.1"))
    assert found.passed_beside(ABSENCE) == set()
    assert found.spoilt >= 10
    assert {check for check, _operation in ABSENCE} <= {check.name for check in proposing.run(proposing.deploying.aws)}


def test_nothing_listed_is_no_pass() -> None:
    """A change set without changes, a stack without resources: CloudFormation names nothing, so nothing is known."""
    made = ChangeSet("arn", "name", "id", "stack", "CREATE_COMPLETE", "", "AVAILABLE", ())
    assert (_told(made, "note"), _told(made, "not-checked")) == ("note", "not-checked")
    assert _told(replace(made, changes=({"Action": "Add"},)), "note") == "pass"
    assert [check.verdict for check in _standing("CREATE_COMPLETE", [])] == ["pass", "fail"]
