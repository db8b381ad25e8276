"""What would a change set do, and would it lose a table?

Rules:
- Pure but for `describe_change_set` and `change_set_names`, which read.
- What is approved is `digest`: the SHA-256 over every change with its property values, in a fixed order. Two change
  sets with one digest do the same, whatever their names.
- A change that removes a table or makes a new one in its place is a loss, even where `Retain` keeps the old one:
  the application would look at an empty table. One that CloudFormation cannot tell yet (Dynamic) may be.
- SyncWithActual takes over what somebody changed by hand (drift-aware change sets): its values are shown like others.

Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_ResourceChange.html
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypedDict

from phases.aws import Answer, AwsPort, NotFound
from phases.documents.markdown import code, code_block, table
from state.files import sha256

TABLE = "AWS::DynamoDB::Table"
GLOBAL_TABLE = "AWS::DynamoDB::GlobalTable"  # CDK's TableV2 makes it; phasegate never does
REVERT_DRIFT = "REVERT_DRIFT"  # the mode of a change set that puts back what was changed in the account
PENDING = frozenset({"CREATE_PENDING", "CREATE_IN_PROGRESS"})

# CloudFormation has no status for "nothing to do": the change set FAILED, with one of these reasons.
_EMPTY = ("didn't contain changes", "No updates are to be performed")
_WITH_VALUES = ("Modify", "SyncWithActual")
_STATIC = {"True": "yes", "Conditional": "perhaps", "False": "no"}


class ChangeTarget(TypedDict, total=False):
    """What a detail of a change is about."""

    Attribute: str
    Name: str
    Path: str
    BeforeValue: str
    AfterValue: str
    RequiresRecreation: str


class ChangeDetail(TypedDict):
    """One property that a change is about."""

    Target: ChangeTarget


class ResourceChange(TypedDict, total=False):
    """What a change set does to one resource, as far as it is read here; contexts are JSON texts."""

    Action: str
    LogicalResourceId: str
    PhysicalResourceId: str
    ResourceType: str
    Replacement: str
    PolicyAction: str
    Details: list[ChangeDetail]
    BeforeContext: str
    AfterContext: str


@dataclass(frozen=True, slots=True)
class ChangeSet:
    """A change set as described. `changes` are sorted by logical id.

    `express`: its execution ends when everything is configured, and not when it is ready (DeploymentConfig).
    `drift`: of a change set that reverts it (DeploymentMode REVERT_DRIFT), whether the stack has any; else "".
    """

    arn: str
    name: str
    stack_id: str
    stack_name: str
    status: str
    reason: str
    execution_status: str
    changes: tuple[ResourceChange, ...]
    express: bool = False
    drift: str = ""

    @property
    def empty(self) -> bool:
        """The stack already is as the template says."""
        return self.status == "FAILED" and any(words in self.reason for words in _EMPTY)

    @property
    def executable(self) -> bool:
        return self.status == "CREATE_COMPLETE" and self.execution_status == "AVAILABLE"

    @property
    def executed(self) -> bool:
        """It is being, or was, executed, by whomever."""
        return self.execution_status.startswith("EXECUTE_")

    @property
    def digest(self) -> str:
        canonical = json.dumps(_without_times(self.changes), sort_keys=True, separators=(",", ":"), default=str)
        return sha256(canonical.encode())


@dataclass(frozen=True, slots=True)
class Loss:
    """A table that would go, or be replaced by an empty one."""

    table: str
    how: str


def describe_change_set(aws: AwsPort, name: str, stack_name: str | None = None) -> ChangeSet | None:
    """The change set by ARN, or by name within a stack; None when it does not exist (any more)."""
    where = {"StackName": stack_name} if stack_name else {}
    try:
        pages = list(
            aws.pages("cloudformation", "describe_change_set", ChangeSetName=name, IncludePropertyValues=True, **where)
        )
    except NotFound:
        return None
    first = pages[0]
    if stack_name and not stack_name.startswith("arn:") and first["StackName"] != stack_name:
        return None  # the name is the alias of another stack
    return ChangeSet(
        first["ChangeSetId"],
        first["ChangeSetName"],
        first["StackId"],
        first["StackName"],
        first["Status"],
        first.get("StatusReason") or "",
        first["ExecutionStatus"],
        _changes_in(pages),
        first.get("DeploymentConfig", {}).get("Mode") == "EXPRESS",
        first.get("StackDriftStatus", "UNKNOWN") if first.get("DeploymentMode") == REVERT_DRIFT else "",
    )


def _changes_in(pages: Iterable[Answer]) -> tuple[ResourceChange, ...]:
    """The changes of resources, by logical id."""
    found = [each["ResourceChange"] for page in pages for each in page.get("Changes", []) if "ResourceChange" in each]
    return tuple(sorted(found, key=lambda change: str(change["LogicalResourceId"])))


def _without_times(value: object) -> object:
    """The changes without when drift was seen: a change set that is made again does the same at another time."""
    if isinstance(value, Mapping):
        return {key: _without_times(each) for key, each in value.items() if key != "DriftDetectionTimestamp"}
    if isinstance(value, (list, tuple)):
        return [_without_times(each) for each in value]
    return value


def change_set_names(aws: AwsPort, stack_name: str) -> list[str]:
    """The names of all change sets of a stack that were not executed; none when there is no such stack."""
    try:
        pages = list(aws.pages("cloudformation", "list_change_sets", StackName=stack_name))
    except NotFound:
        return []
    return [str(each["ChangeSetName"]) for page in pages for each in page["Summaries"]]


def table_losses(changes: Sequence[ResourceChange]) -> list[Loss]:
    """The tables that the changes remove or replace, by physical name."""
    losses = []
    for change in changes:
        if change["ResourceType"] not in (TABLE, GLOBAL_TABLE):
            continue
        name = str(change.get("PhysicalResourceId") or change["LogicalResourceId"])
        if change["Action"] == "Remove":
            losses.append(Loss(name, "leaves the stack" + _fate(change)))
        elif change["Action"] == "Dynamic":
            losses.append(Loss(name, "may be removed or replaced: CloudFormation cannot tell yet" + _fate(change)))
        elif change["Action"] == "Modify" and change.get("Replacement", "False") != "False":
            sure = "is" if change["Replacement"] == "True" else "may be"
            losses.append(Loss(name, f"{sure} replaced by a new, empty table" + _fate(change)))
    return losses


def index_changes(changes: Sequence[ResourceChange]) -> int:
    """How many of the changes add an index to a table that is there, or take one away."""
    return sum(
        change["ResourceType"] == TABLE
        and change["Action"] == "Modify"
        and any(
            detail.get("Target", {}).get("Name") == "GlobalSecondaryIndexes" for detail in change.get("Details", [])
        )
        for change in changes
    )


def changes_table(changes: Sequence[ResourceChange]) -> str:
    """One row a resource: what happens to it, whether a new one takes its place. Columns of nothing are left out."""
    header = ("Action", "Resource", "Type", "Physical id", "Replaced", "Changed")
    rows = [_row(change) for change in changes]
    kept = [at for at in range(len(header)) if at < 3 or any(row[at] != "-" for row in rows)]
    return table([header[at] for at in kept], [[row[at] for at in kept] for row in rows])


def _row(change: ResourceChange) -> tuple[str, ...]:
    physical_id = change.get("PhysicalResourceId")
    return (
        change["Action"],
        code(change["LogicalResourceId"]),
        change["ResourceType"],
        code(physical_id) if physical_id else "-",
        _STATIC[change.get("Replacement") or "False"] if change["Action"] == "Modify" else "-",
        ", ".join(code(name) for name in _changed(change)) or "-",
    )


def property_values(changes: Sequence[ResourceChange], *, template: str) -> str:
    """The values before and after of what is modified or goes; those of what is added stand in the template.

    `template`: what to call it, as Markdown.
    """
    added = sum(change["Action"] == "Add" for change in changes)
    shown = [f"### {each['LogicalResourceId']}\n\n{_values(each)}" for each in changes if each["Action"] != "Add"]
    if added:
        which = "the added resource are" if added == 1 else f"the {added} added resources are"
        shown.append(f"The values of {which} those of {template}, and are not repeated here.")
    return "\n\n".join(shown)


def _fate(change: ResourceChange) -> str:
    return f" ({change['PolicyAction']})" if change.get("PolicyAction") else ""


def _changed(change: ResourceChange) -> list[str]:
    targets = [detail["Target"] for detail in change.get("Details", [])]
    return list(dict.fromkeys(str(target.get("Name") or target["Attribute"]) for target in targets))


def _values(change: ResourceChange) -> str:
    if change["Action"] not in _WITH_VALUES:
        context = change.get("AfterContext") or change.get("BeforeContext")
        return code_block(_pretty(context), "json") if context else "No values are shown."
    targets = [detail["Target"] for detail in change.get("Details", [])]
    return table(
        ("Property", "Before", "After", "Recreates"),
        [
            (
                code(target.get("Path") or target.get("Name") or target["Attribute"]),
                code(target.get("BeforeValue") or ""),
                code(target.get("AfterValue") or ""),
                target.get("RequiresRecreation", "-"),
            )
            for target in targets
        ],
    )


def _pretty(context: str) -> str:
    return json.dumps(json.loads(context), indent=2, ensure_ascii=False)
