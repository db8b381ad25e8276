"""A deployment that a test can take through tasks 3.1 to 5.2, and spoil on the way."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from phases.contract.model import Contract
from phases.contract.reader import read_contract
from phases.stage_06 import paths
from phases.stage_06 import task_3_1_configure as configure
from phases.stage_06 import task_3_2_deploy as deploy
from phases.stage_06 import task_3_3_validation as validation
from phases.stage_06 import task_4_1_production as production
from phases.stage_06 import task_5_2_validation as contract_validation
from phases.stage_06.template.template import render
from phases.step import Check, Step, Work
from state.errors import StepFailed
from state.files import sha256
from tests.worlds.reached import REACHED, keep
from tests.worlds.step_world import StepWorld
from workflow.doors.aws.client import AwsDoor
from workflow.sandbox.faults import Faults
from workflow.sandbox.inprocess import Sandbox

REGION = "eu-west-1"
STACK = "dynamodb-migration-stack-20260102-030405"
STEPS: dict[str, Step] = {
    step.task_id: step
    for module in (configure, deploy, validation, production, contract_validation)
    for step in module.STEPS
    if step.task_id.count(".") == 1  # a chain of updates is driven by a whole run
}

# All key types, a table without sort key and without index, every projection.
CONTRACT: dict[str, Any] = {
    "tables": [
        {
            "table": "Users",
            "type": "single-entity",
            "source_table": "users",
            "pk": "PK",
            "sk": "SK",
            "attributes": [
                {"name": name, "type": kind, "source_table": "users", "source_column": name.lower()}
                for name, kind in (("PK", "S"), ("SK", "N"), ("Mail", "S"), ("Seen", "N"), ("Hash", "B"), ("Name", "S"))
            ],
            "gsis": [
                {"index_name": "ByMail", "pk": "Mail", "sk": "Seen", "projection": "ALL"},
                {
                    "index_name": "ByHash",
                    "pk": "Hash",
                    "sk": None,
                    "projection": "INCLUDE",
                    "projected_attributes": ["Name"],
                },
            ],
            "satisfies": ["AP1", "AP2"],
            "estimated_item_size_bytes": 1500,
        },
        {
            "table": "audit-log",
            "type": "single-entity",
            "source_table": "audit",
            "pk": "Digest",
            "sk": None,
            "attributes": [{"name": "Digest", "type": "B", "source_table": "audit", "source_column": "digest"}],
            "gsis": [],
            "satisfies": [],
            "estimated_item_size_bytes": 100,
        },
    ]
}


class Deploying:
    """`Deploying(root, sandbox).up_to("3.2")` runs tasks 3.1 and 3.2; `run("3.3")` one of them.

    Those that begin alike get there once a process (`tests/worlds/reached.py`).

    Attributes:
        world: where its steps run; its `lines` are the progress shown.
    """

    def __init__(
        self,
        root: Path,
        sandbox: Sandbox,
        contract: Mapping[str, Any] = CONTRACT,
        answers: Mapping[str, str] | None = None,
    ) -> None:
        self.sandbox = sandbox
        self.root = root
        self.aws = AwsDoor(region=REGION, sandbox=True, session=sandbox.session(REGION))
        self.world = StepWorld(root, aws=self.aws, answers=answers)
        self.write(paths.PARAMETERS, b"[]\n")
        self.take_contract(contract)

    def take_contract(self, contract: Mapping[str, Any]) -> None:
        """Put a contract into the workspace, with its template."""
        data = json.dumps(contract).encode()
        self.contract: Contract = read_contract(data, path=paths.CONTRACT)
        self.write(paths.CONTRACT, data)
        self.write(paths.TEMPLATE, render(self.contract))

    def write(self, path: str, data: bytes) -> None:
        (self.root / path).parent.mkdir(parents=True, exist_ok=True)
        (self.root / path).write_bytes(data)

    def text(self, path: str) -> str:
        return (self.root / path).read_text()

    def run(self, task: str, *, attempt: int | None = None) -> Work:
        return self.world.run(STEPS[task], attempt=attempt)

    def up_to(self, last: str) -> Work:
        """Run the tasks from 3.1 on; all of their checks must be good."""

        def get_there() -> Work:
            for task in STEPS:
                work = self.run(task)
                assert not failed(work), f"task {task}"
                if task == last:
                    return work
            raise AssertionError(f"no task {last}")

        came = self._once(f"up to {last}", get_there)
        assert isinstance(came, Work)
        return came

    def fails_at(self, resource: str, reason: str = "the quota is used up") -> StepFailed:
        """Run tasks 3.1 and 3.2, whose first attempt is rolled back when it makes this resource."""

        def fail() -> StepFailed:
            self.up_to("3.1")
            self.sandbox.faults.fail_resource(resource, reason)
            with pytest.raises(StepFailed) as failure:
                self.run("3.2")
            return failure.value

        came = self._once(f"fails at {resource}: {reason}", fail)
        assert isinstance(came, StepFailed)
        return came

    def _once(self, what: str, get_there: Callable[[], Work | StepFailed]) -> Work | StepFailed:
        """Get there, or go on from where another one, that began alike, got."""
        if not self._untouched:
            return get_there()
        begun = [
            self.root.name,
            self.world.given,
            self.world.defaults,
            self.text(paths.CONTRACT),
        ]  # the name is offered
        key = sha256(json.dumps([what, *begun]).encode())
        if key in REACHED:
            REACHED[key].again(self.root, self.sandbox, self.world)
        else:
            came = get_there()
            assert self.sandbox.faults == Faults()
            keep(key, self.root, self.sandbox, self.world, came)
        return REACHED[key].came  # type: ignore[no-any-return]

    @property
    def _untouched(self) -> bool:
        """Whether nothing has happened yet, so that all that is to come is in what was given."""
        made = type(self) is Deploying and self.world.aws is self.aws and not self.world.patient
        return made and not self.sandbox.calls and self.sandbox.faults == Faults() and self.world.begun == 1

    def witness(self) -> dict[str, str]:
        """What the approval of 3.1 rests on now."""
        step = STEPS["3.1"]
        assert step.witness is not None
        return dict(step.witness(self.world.ctx()))

    def client(self, service: str) -> Any:
        return self.sandbox.client(service, REGION)

    def stack_status(self) -> str:
        return str(self.client("cloudformation").describe_stacks(StackName=STACK)["Stacks"][0]["StackStatus"])


def failed(work: Work) -> list[Check]:
    return [check for check in work.checks if check.verdict == "fail"]


def failed_names(work: Work) -> set[str]:
    return {check.name for check in failed(work)}
