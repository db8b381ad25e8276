"""Which stack stands under a name, and may this run change it?

Rules:
- A stack is ours when it carries the tag that every stack made by phasegate carries, or when it is nothing yet but
  change sets of this run, or of earlier ones of this repository. Anything else belongs to somebody, whatever its name.
- Names and tokens of what a run does in CloudFormation come from run, task and attempt, so that a resumed run finds
  what it did: `operation_name`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypedDict

from phases.aws import AwsError, AwsPort, NotFound
from phases.stage_06.stack.last_update import last_update
from phases.step import StepContext
from state.errors import StepFailed

OURS = {"Key": "ManagedBy", "Value": "phasegate"}  # the same for every run: a changing tag would change every table
IMPORT = "import"  # the end of the names of what adopts tables
NEXT = "next"  # the end of the names of what is proposed behind an update
REVIEW = "REVIEW_IN_PROGRESS"  # a stack that is nothing yet but change sets

# What a change set may be made for. Source: "Stack status codes", AWS CloudFormation User Guide.
UPDATABLE = frozenset(
    {
        "CREATE_COMPLETE",
        "UPDATE_COMPLETE",
        "UPDATE_ROLLBACK_COMPLETE",
        "IMPORT_COMPLETE",
        "IMPORT_ROLLBACK_COMPLETE",
    }
)
DEPLOYED = frozenset({"CREATE_COMPLETE", "UPDATE_COMPLETE", "IMPORT_COMPLETE"})

# As `operation_name` makes them: run, task, attempt, and what it does.
_OPERATION = re.compile(r"phasegate-(?P<run>[a-zA-Z0-9-]+)(?:-\d+){2,3}-a\d+(?:-[a-z-]+)?")
_BUSY = re.compile(r"\bis in \w+_IN_PROGRESS\b|\bin progress\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Stack:
    """A stack as DescribeStacks shows it. `outputs`: output name -> value; `tags`: key -> value.

    `express`: its last operation ended when everything was configured: CREATE_COMPLETE does not mean ready.
    """

    stack_id: str
    name: str
    status: str
    reason: str
    outputs: Mapping[str, str]
    parameters: Mapping[str, str]
    tags: Mapping[str, str]
    express: bool = False

    @property
    def under_way(self) -> bool:
        return self.status.endswith("_IN_PROGRESS") and self.status != REVIEW

    @property
    def made_by_phasegate(self) -> bool:
        return self.tags.get(OURS["Key"]) == OURS["Value"]


class StackAlias(StepFailed):
    """What was taken for the name of a stack is the alias of another one, which nobody may change by mistake."""

    def __init__(self, alias: str, stack: str) -> None:
        super().__init__(
            f"{alias} is no stack's name: expected a stack called {alias} or none, seen the alias of stack {stack}",
            next_command="phasegate resume   # with the name of the stack itself, or one that is free",
        )
        self.stack = stack


def find_stack(aws: AwsPort, name_or_id: str) -> Stack | None:
    """The stack, or None. By name only a living one is found, by id a deleted one too.

    Raises StackAlias when another stack answers to the name.
    Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_SetAlias.html
    """
    try:
        found = aws.call("cloudformation", "describe_stacks", StackName=name_or_id)["Stacks"][0]
    except NotFound:
        return None
    if not name_or_id.startswith("arn:") and found["StackName"] != name_or_id:
        raise StackAlias(name_or_id, str(found["StackId"]))
    return Stack(
        found["StackId"],
        found["StackName"],
        found["StackStatus"],
        found.get("StackStatusReason") or "",
        {output["OutputKey"]: output["OutputValue"] for output in found.get("Outputs", [])},
        {each["ParameterKey"]: each.get("ParameterValue", "") for each in found.get("Parameters", [])},
        {tag["Key"]: tag["Value"] for tag in found.get("Tags", [])},
        found.get("DeploymentConfig", {}).get("Mode") == "EXPRESS",
    )


def require_stack(ctx: StepContext, aws: AwsPort) -> Stack:
    """The stack that task 3.2 deployed. Raises StepFailed when it was deleted since, or is not settled and well."""
    deployed = last_update(ctx)
    stack = find_stack(aws, deployed["stack_id"])
    if stack is None or stack.status.startswith("DELETE_"):
        raise StepFailed(
            f"stack {deployed['stack_name']} was deleted after task 3.2 deployed it: expected "
            f"{deployed['stack_status']}, seen {stack.status if stack else 'no such stack'}",
            next_command=f"phasegate abort {ctx.run_id} --reason TEXT   # it cannot deploy again: start a new run",
        )
    if stack.status not in UPDATABLE:
        raise StepFailed(
            f"stack {stack.name} was changed after task 3.2 deployed it: expected {deployed['stack_status']}, seen "
            f"{stack.status} {stack.reason}".rstrip(),
            next_command=f"phasegate resume {ctx.run_id}   # when it is settled and well",
        )
    return stack


class StackResource(TypedDict, total=False):
    """One of the StackResourceSummaries of a stack, as far as it is read here."""

    LogicalResourceId: str
    PhysicalResourceId: str
    ResourceType: str
    ResourceStatus: str


def stack_resources(aws: AwsPort, stack: str) -> list[StackResource]:
    """The StackResourceSummaries of a stack, in CloudFormation's order."""
    pages = aws.pages("cloudformation", "list_stack_resources", StackName=stack)
    return [summary for page in pages for summary in page["StackResourceSummaries"]]


def run_prefix(ctx: StepContext) -> str:
    """What the names of everything that this run does in CloudFormation begin with."""
    return re.sub(r"[^a-zA-Z0-9]+", "-", f"phasegate-{ctx.run_id}-")


def run_of(ctx: StepContext, name: str) -> str:
    """The run of this repository, this one or an earlier, that an operation or a change set is named after; else "".

    The journal of such a run is in the workspace: a name alone proves nothing, another clone's runs have such names.
    """
    found = _OPERATION.fullmatch(name)
    if found is None:
        return ""
    run_id = found["run"]
    return run_id if run_id == ctx.run_id or ctx.exists(f".phasegate/{run_id}/journal.jsonl") else ""


def task_prefix(ctx: StepContext) -> str:
    """The same for the current task; an attempt's number follows."""
    return f"{run_prefix(ctx)}{ctx.task.id.replace('.', '-')}-a"


def operation_name(ctx: StepContext, what: str = "") -> str:
    """Name and token of an operation: `phasegate-stage-06-20260102-030405-3-1-a1`, then `-` and what it does.

    Source: CreateChangeSet and ExecuteChangeSet take `[a-zA-Z0-9][-a-zA-Z0-9]*`, at most 128 characters.
    """
    return f"{task_prefix(ctx)}{ctx.attempt}{f'-{what}' if what else ''}"


def refuse_when_busy(error: AwsError, stack_name: str, run_id: str) -> None:
    """Raise StepFailed, with what to do, when an error says that the stack is being changed by somebody else."""
    if error.code in ("OperationInProgressException", "ValidationError", "InvalidChangeSetStatus") and _BUSY.search(
        error.reason
    ):
        raise StepFailed(
            f"stack {stack_name} is busy with another operation, so nothing was changed; AWS says: {error.reason}",
            next_command=(
                f"aws cloudformation describe-stacks --stack-name {stack_name} --query 'Stacks[0].StackStatus'\n"
                f"      phasegate resume {run_id}   # when it has settled"
            ),
        ) from error
