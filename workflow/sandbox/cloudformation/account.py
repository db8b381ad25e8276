"""What belongs to the account as a whole? Its regions, ids and clients, and what several actions look up."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from workflow.sandbox.cloudformation import operation
from workflow.sandbox.cloudformation.errors import validation_error
from workflow.sandbox.cloudformation.resolution import Resolver
from workflow.sandbox.cloudformation.stacks import Deployment, Region, Stack, utc_now
from workflow.sandbox.cloudformation.steps import Ground
from workflow.sandbox.faults import Faults

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
    """

    account_id: str
    service_client: Callable[[str, str], Any]
    faults: Faults
    regions: dict[str, Region] = field(default_factory=dict)

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

    def advance(self, region: Region, stack: Stack) -> None:
        """One tick of the stack's operation, if one is under way; its change set follows."""
        ground = Ground(region, self.account_id, lambda service: self.client(region.name, service), self.faults)
        executing = stack.operation.change_set_id if stack.operation else None
        operation.advance(stack, ground)
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
