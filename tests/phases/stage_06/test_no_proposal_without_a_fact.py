"""Does a check of task 3.1 pass although the answer under it lacks its fact? As for the tasks behind it.

Each run proposes to an account of its own in which nothing was proposed yet, so no other sandbox may be open.
"""

from __future__ import annotations

import copy
from pathlib import Path

import pytest

from phases.aws import AwsPort
from phases.step import Check
from tests.worlds.deploying import CONTRACT, REGION, STACK, Deploying
from tests.worlds.silence import listen, silent, told
from workflow.sandbox.inprocess import Sandbox

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

USERS = {"tables": copy.deepcopy(CONTRACT["tables"][:1])}
ANSWERS = {"alarm-address": "ops@example.com"}
ABSENCE = {
    ("no table is lost", "describe_change_set"): "change set, of the same answer: it has changes",
    ("early validation", "describe_events"): "the event that says that its creation SUCCEEDED",
}


class Proposing:
    """Task 3.1 of one run after the other, each in an account in which nothing was proposed yet."""

    def __init__(self, root: Path, sandbox: Sandbox) -> None:
        self.deploying = Deploying(root, sandbox, contract=USERS, answers=ANSWERS)
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


def test_no_check_of_the_proposal_passes_without_its_fact(tmp_path: Path) -> None:
    with Sandbox() as sandbox:
        proposing = Proposing(tmp_path, sandbox)
        names = {check.name for check in proposing.run(proposing.deploying.aws)}
        found = listen(proposing.deploying.aws, proposing.run)
    told("3.1", found)
    assert silent(found, ABSENCE) == set()
    assert found.spoilt >= 10
    assert {check for check, _operation in ABSENCE} <= names
