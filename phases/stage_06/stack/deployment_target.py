"""Where does the deployment go, and is the way free? Account, region, stack name and table names, looked at together.

Rules:
- A stack that phasegate did not make is never touched, a table that stands outside the stack never taken over unasked:
  everything in the way is named at once.
- What cannot be deployed to fails the attempt, so that the next one asks for region and stack name again.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Literal

from phases.account import CallerIdentity, caller_identity
from phases.aws import AwsPort, NoCredentials, NoRegion, Unreachable
from phases.contract.model import Contract
from phases.stage_06.live.live_tables import describe_table
from phases.stage_06.stack.change_set import change_set_names
from phases.stage_06.stack.deployment_questions import (
    NO_ADDRESS,
    alarm_address,
    environment,
    project,
    region,
    stack_name,
)
from phases.stage_06.stack.stacks import REVIEW, UPDATABLE, Stack, StackAlias, find_stack, run_of, stack_resources
from phases.stage_06.template.alarms import EMAIL_PARAMETER
from phases.step import StepContext
from state.errors import Problem, StepFailed

PROJECT_PARAMETER, ENVIRONMENT_PARAMETER = "Project", "Environment"  # of the template


@dataclass(frozen=True, slots=True)
class StackTarget:
    """Where the deployment goes and as what.

    Attributes:
        caller: the ARN that makes the calls.
        project: "" where the template has no place for it: it was made before that was asked.
        alarm_address: "" for nobody.
        kind: CREATE for a new stack, UPDATE for one that phasegate made.
        outside: tables of the contract that are there already, and not in the stack (`existing_tables.py`).
    """

    account: str
    caller: str
    region: str
    project: str
    environment: str
    alarm_address: str
    stack_name: str
    kind: Literal["CREATE", "UPDATE"]
    outside: tuple[str, ...] = ()

    @property
    def parameters(self) -> dict[str, str]:
        """The template's parameters."""
        project = {PROJECT_PARAMETER: self.project} if self.project else {}
        return {**project, ENVIRONMENT_PARAMETER: self.environment, EMAIL_PARAMETER: self.alarm_address}


def ask_target(ctx: StepContext, contract: Contract, parameters: Collection[str]) -> StackTarget:
    """Ask for the target and look whether it is free; `parameters` are the template's.

    Raises StepFailed when the region cannot be reached, or when the stack name belongs to somebody else.
    """
    aws = ctx.aws.at(ctx.ask(region(ctx)))
    identity = _caller(ctx, aws)
    said_project = ctx.ask(project(ctx)) if PROJECT_PARAMETER in parameters else ""
    said_environment, said_address, name = ctx.ask(environment()), ctx.ask(alarm_address()), ctx.ask(stack_name(ctx))
    stack = _stack_named(ctx, aws, name)
    new = stack is None or stack.status == REVIEW
    in_stack = set() if new else {str(each.get("PhysicalResourceId")) for each in stack_resources(aws, name)}
    problems = list(_stack_problems(ctx, aws, stack))
    if problems:
        problems += _table_problems(aws, contract, in_stack)
        raise StepFailed(
            f"stack {name} cannot be deployed to {aws.region} in account {identity['Account']}",
            problems=problems,
            next_command=f"phasegate resume {ctx.run_id}   # asks for region and stack name again",
        )
    return StackTarget(
        account=identity["Account"],
        caller=identity["Arn"],
        region=aws.region,
        project=said_project,
        environment=said_environment,
        alarm_address="" if said_address == NO_ADDRESS else said_address,
        stack_name=name,
        kind="CREATE" if new else "UPDATE",
        outside=tuple(problem.where for problem in _table_problems(aws, contract, in_stack)),
    )


def _stack_named(ctx: StepContext, aws: AwsPort, name: str) -> Stack | None:
    """The stack of this very name."""
    try:
        return find_stack(aws, name)
    except StackAlias as error:
        raise StepFailed(
            f"stack {name} cannot be deployed to {aws.region}",
            problems=[
                Problem(name, f"is the alias of another stack, {error.stack}; take that one's name, or a new one")
            ],
            next_command=f"phasegate resume {ctx.run_id}   # asks for region and stack name again",
        ) from error


def _caller(ctx: StepContext, aws: AwsPort) -> CallerIdentity:
    """Who we are in that region."""
    try:
        return caller_identity(aws)
    except (Unreachable, NoRegion) as error:
        raise _wrong_region(ctx, aws, error.message) from error
    except NoCredentials as error:
        if error.code and aws.region != _configured_region(ctx):  # AWS's answer for a region that is not enabled
            raise _wrong_region(ctx, aws, error.message) from error
        raise


def _configured_region(ctx: StepContext) -> str:
    try:
        return ctx.aws.region
    except NoRegion:
        return ""


def _wrong_region(ctx: StepContext, aws: AwsPort, why: str) -> StepFailed:
    return StepFailed(
        f"region {aws.region} cannot be deployed to: {why}",
        next_command=f"phasegate resume {ctx.run_id}   # asks for the region again",
    )


def _stack_problems(ctx: StepContext, aws: AwsPort, stack: Stack | None) -> Iterator[Problem]:
    if stack is None:
        return
    if stack.status == REVIEW:
        foreign = [each for each in change_set_names(aws, stack.name) if not run_of(ctx, each)]
        if foreign:
            yield Problem(stack.name, f"has change sets of somebody else: {', '.join(foreign)}")
    elif not stack.made_by_phasegate:
        yield Problem(stack.name, f"is the name of a stack that phasegate did not make ({stack.status})")
    elif stack.under_way:
        yield Problem(stack.name, f"is busy with another operation ({stack.status}); wait until it has settled")
    elif stack.status not in UPDATABLE:
        yield Problem(stack.name, f"is {stack.status}, which cannot be updated; delete the stack or take another name")


def _table_problems(aws: AwsPort, contract: Contract, in_stack: set[str]) -> Iterator[Problem]:
    for table in contract.tables:
        live = describe_table(aws, table.name) if table.name not in in_stack else None
        if live is not None:
            yield Problem(table.name, f"exists already outside this stack: {live['TableArn']}, {live['TableStatus']}")
