"""What belongs to the account as a whole? Its regions, ids and clients, and what several actions look up."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from workflow.sandbox.cloudformation import operation
from workflow.sandbox.cloudformation.errors import validation_error
from workflow.sandbox.cloudformation.resolution import Resolver
from workflow.sandbox.cloudformation.stacks import Deployment, Operation, Region, Stack, utc_now
from workflow.sandbox.cloudformation.steps import Ground
from workflow.sandbox.faults import Faults
from workflow.sandbox.moto_table_settings import ready_after

SECONDS_A_TICK = 5.0
MOST_TICKS = 2_000  # at a time: more than a stack of 500 resources takes to go up and back
UNREADY_POLLS = 2  # of DescribeTable, after an operation in EXPRESS
# A stack in one of these has something under way, and refuses a second change.
SETTLED_FOR_UPDATE = {
    "CREATE_COMPLETE",
    "UPDATE_COMPLETE",
    "UPDATE_ROLLBACK_COMPLETE",
    "IMPORT_COMPLETE",
    "IMPORT_ROLLBACK_COMPLETE",
    "REVIEW_IN_PROGRESS",
}


@dataclass
class Account:
    """The CloudFormation of one account.

    Attributes:
        service_client: (region, service) -> a boto3 client of the other services in this account.
        clock: the time [s], by which stacks move on between two polls; a clock that stands still leaves it to polls.
    """

    account_id: str
    service_client: Callable[[str, str], Any]
    faults: Faults
    regions: dict[str, Region] = field(default_factory=dict)
    clock: Callable[[], float] = lambda: 0.0

    def region(self, name: str) -> Region:
        """The region, made on first use."""
        return self.regions.setdefault(name, Region(name))

    def client(self, region: str, service: str) -> Any:
        """A client of another service in one region."""
        return self.service_client(region, service)

    def arn(self, region: Region, rest: str) -> str:
        """A CloudFormation ARN."""
        return f"arn:aws:cloudformation:{region.name}:{self.account_id}:{rest}"

    def new_stack(self, region: Region, name: str) -> Stack:
        """A stack that nobody has seen yet."""
        return Stack(self.arn(region, f"stack/{name}/{uuid.uuid4()}"), name, utc_now(), "REVIEW_IN_PROGRESS")

    def order(self, region: Region, stack: Stack, deployment: Deployment) -> list[str]:
        """The logical ids of a deployment, in the order in which they are made."""
        return Resolver(deployment, stack, region, self.account_id, stack.resources).wanted()

    def _ticks(self, stack: Stack) -> int:
        """How far the operation under way is to move on now, at least by one step."""
        if stack.operation is None:
            return 0
        now, before = self.clock(), stack.operation.moved_at
        stack.operation.moved_at = now
        passed = 0.0 if before is None else now - before  # negative where somebody set the clock back
        return 1 + min(MOST_TICKS, max(0, int(passed / SECONDS_A_TICK)))

    def ground(self, region: Region) -> Ground:
        """What an operation in this region works on."""
        return Ground(region, self.account_id, lambda service: self.client(region.name, service), self.faults)

    def _leave_unready(self, region: Region, done: Operation) -> None:
        """EXPRESS ends an operation when all is configured: the tables that it made are not ready for some polls."""
        tables = [made.physical_id for made in done.created if made.type == "AWS::DynamoDB::Table" and made.managed]
        for name in tables:
            if name is not None:
                ready_after(self.account_id, region.name, name, UNREADY_POLLS)

    def advance(self, region: Region, stack: Stack) -> None:
        """One tick of the stack's operation, if one is under way, and one more for each SECONDS_A_TICK since the last
        poll: a waiter that looks twice a minute sees the end as soon. Its change set follows.
        """
        under_way = stack.operation
        executing = under_way.change_set_id if under_way else None
        for _ in range(self._ticks(stack)):
            operation.advance(stack, self.ground(region))
        if under_way is not None and under_way.express and stack.operation is None:
            self._leave_unready(region, under_way)
        if executing in stack.change_sets and stack.operation is None:
            well = stack.status.endswith("_COMPLETE") and "ROLLBACK" not in stack.status
            stack.change_sets[executing].execution_status = "EXECUTE_COMPLETE" if well else "EXECUTE_FAILED"


def found_stack(region: Region, name_or_id: str) -> Stack:
    """The stack, or "Stack with id X does not exist"."""
    stack = region.find(name_or_id)
    if stack is None:
        raise validation_error(f"Stack with id {name_or_id} does not exist")
    return stack


def busy(stack: Stack, verb: str) -> None:
    """Refuse to change a stack that is not settled.

    Raises:
        ServiceError: "Stack:arn is in ROLLBACK_COMPLETE state and can not be updated."
    """
    if stack.operation is not None or stack.status not in SETTLED_FOR_UPDATE:
        raise validation_error(f"Stack:{stack.stack_id} is in {stack.status} state and can not be {verb}.")


def described_parameters(deployment: Deployment) -> list[dict[str, str]]:
    """The parameters as the Describe actions show them; NoEcho ones masked."""
    shown = []
    for name, value in deployment.values.items():
        hidden = str(deployment.template.parameters[name].get("NoEcho", "false")).lower() == "true"
        shown.append({"ParameterKey": name, "ParameterValue": "****" if hidden else value})
    return shown


def described_tags(tags: dict[str, str]) -> list[dict[str, str]]:
    """The tags as the Describe actions show them."""
    return [{"Key": key, "Value": value} for key, value in tags.items()]
