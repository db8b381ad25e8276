"""What would a change set do, and would it lose a table?

Rules:
- Pure but for `describe_change_set` and `change_set_names`, which read.
- What is approved is `digest`: the SHA-256 over every change with its property values, in a fixed order. Two change
  sets with one digest do the same, whatever their names.
- A change that removes a table or makes a new one in its place is a loss, even where `Retain` keeps the old one:
  the application would look at an empty table.

Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_ResourceChange.html
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from phases.aws import AwsPort, NotFound
from phases.documents.markdown import code, code_block, table
from state.files import sha256

TABLE = "AWS::DynamoDB::Table"
PENDING = frozenset({"CREATE_PENDING", "CREATE_IN_PROGRESS"})

# CloudFormation has no status for "nothing to do": the change set FAILED, with one of these reasons.
_EMPTY = ("didn't contain changes", "No updates are to be performed")
_STATIC = {"True": "yes", "Conditional": "perhaps", "False": "no"}


@dataclass(frozen=True, slots=True)
class ChangeSet:
    """A change set as described. `changes` are ResourceChange structures, sorted by logical id."""

    arn: str
    name: str
    stack_id: str
    stack_name: str
    status: str
    reason: str
    execution_status: str
    changes: tuple[Mapping[str, Any], ...]

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
        canonical = json.dumps(self.changes, sort_keys=True, separators=(",", ":"), default=str)
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
    changes = [each["ResourceChange"] for page in pages for each in page.get("Changes", []) if "ResourceChange" in each]
    first = pages[0]
    return ChangeSet(
        first["ChangeSetId"],
        first["ChangeSetName"],
        first["StackId"],
        first["StackName"],
        first["Status"],
        first.get("StatusReason") or "",
        first["ExecutionStatus"],
        tuple(sorted(changes, key=lambda change: str(change["LogicalResourceId"]))),
    )


def change_set_names(aws: AwsPort, stack_name: str) -> list[str]:
    """The names of all change sets of a stack that were not executed; none when there is no such stack."""
    try:
        pages = list(aws.pages("cloudformation", "list_change_sets", StackName=stack_name))
    except NotFound:
        return []
    return [str(each["ChangeSetName"]) for page in pages for each in page["Summaries"]]


def table_losses(changes: Sequence[Mapping[str, object]]) -> list[Loss]:
    """The tables that the changes remove or replace, by physical name."""
    losses = []
    for change in changes:
        if change["ResourceType"] != TABLE:
            continue
        name = str(change.get("PhysicalResourceId") or change["LogicalResourceId"])
        if change["Action"] == "Remove":
            losses.append(Loss(name, "leaves the stack" + _fate(change)))
        elif change["Action"] == "Modify" and change.get("Replacement", "False") != "False":
            sure = "is" if change["Replacement"] == "True" else "may be"
            losses.append(Loss(name, f"{sure} replaced by a new, empty table" + _fate(change)))
    return losses


def changes_table(changes: Sequence[Mapping[str, Any]]) -> str:
    """One row a resource: what happens to it, and whether a new one takes its place."""
    return table(
        ("Action", "Resource", "Type", "Physical id", "Replaced", "Changed"),
        [
            (
                change["Action"],
                code(change["LogicalResourceId"]),
                change["ResourceType"],
                code(change.get("PhysicalResourceId") or ""),
                _STATIC[change.get("Replacement") or "False"] if change["Action"] == "Modify" else "-",
                ", ".join(code(name) for name in _changed(change)) or "-",
            )
            for change in changes
        ],
    )


def property_values(changes: Sequence[Mapping[str, object]]) -> str:
    """The values: before and after for what is modified, all of them for what is added."""
    return "\n\n".join(f"### {change['LogicalResourceId']}\n\n{_values(change)}" for change in changes)


def _fate(change: Mapping[str, object]) -> str:
    return f" ({change['PolicyAction']})" if change.get("PolicyAction") else ""


def _changed(change: Mapping[str, Any]) -> list[str]:
    targets = [detail["Target"] for detail in change.get("Details", [])]
    return list(dict.fromkeys(str(target.get("Name") or target["Attribute"]) for target in targets))


def _values(change: Mapping[str, Any]) -> str:
    if change["Action"] != "Modify":
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
