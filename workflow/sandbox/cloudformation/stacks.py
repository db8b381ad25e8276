"""What does this account's CloudFormation remember? Stacks, resources, events, change sets: plain data.

Rules:
- Everything here pickles: a snapshot taken in the middle of an operation goes on where it stopped.
- Times are aware UTC; the events of one stack have strictly increasing times, so that order is never a tie.
"""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from workflow.sandbox.cloudformation.template import Template

Kind = Literal["CREATE", "UPDATE", "DELETE", "IMPORT"]
Phase = Literal["forward", "cleanup", "rollback", "rollback-cleanup"]
Verb = Literal["apply", "import", "delete", "revert", "undo-import"]


@dataclass
class Event:
    """One line of a stack's history."""

    event_id: str
    at: datetime
    logical_id: str
    physical_id: str
    type: str
    status: str
    reason: str | None
    properties: str | None
    token: str | None
    operation_id: str = ""


@dataclass(frozen=True)
class Finding:
    """What early validation has against one resource of a change set. FAIL ends it, WARN is only told."""

    logical_id: str
    type: str
    validation: str
    reason: str
    mode: Literal["FAIL", "WARN"] = "FAIL"
    path: str = ""


@dataclass
class StackResource:
    """One resource as it is deployed.

    `properties` are resolved, before coercion; `managed` says that CloudFormation holds it (as opposed to a
    resource whose creation failed, or that was deleted, which stays listed).
    """

    logical_id: str
    type: str
    deletion_policy: str
    update_replace_policy: str
    properties: dict[str, Any] = field(default_factory=dict)
    metadata: dict[str, Any] = field(default_factory=dict)
    needs: frozenset[str] = frozenset()
    physical_id: str | None = None
    attributes: dict[str, str] = field(default_factory=dict)
    status: str = ""
    reason: str | None = None
    updated_at: datetime | None = None
    managed: bool = False


@dataclass
class Deployment:
    """A template with the answers it was deployed with."""

    template: Template
    values: dict[str, str]
    tags: dict[str, str]
    capabilities: list[str]


@dataclass(frozen=True)
class Step:
    """One move of an operation. `resource` is set when it concerns another one than the listed one."""

    verb: Verb
    logical_id: str
    resource: StackResource | None = None


@dataclass
class Operation:
    """A change that is under way, one step a tick."""

    kind: Kind
    target: Deployment | None
    queue: list[Step]
    phase: Phase = "forward"
    running: Step | None = None
    before: dict[str, StackResource] = field(default_factory=dict)
    previous: Deployment | None = None
    done: list[str] = field(default_factory=list)
    replaced: list[StackResource] = field(default_factory=list)
    created: list[StackResource] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    imports: dict[str, str] = field(default_factory=dict)
    retain: frozenset[str] = frozenset()
    token: str | None = None
    change_set_id: str | None = None
    disable_rollback: bool = False
    retain_except_on_create: bool = False
    express: bool = False
    operation_id: str = ""
    drifted: dict[str, StackResource] = field(default_factory=dict)  # as deployed: what a revert began from otherwise
    moved_at: float | None = None  # by the account's clock [s]


@dataclass
class ChangeSet:
    """What would change, computed once when it is made, and whether it may still be executed."""

    change_set_id: str
    name: str
    type: Literal["CREATE", "UPDATE", "IMPORT"]
    created_at: datetime
    description: str | None
    deployment: Deployment
    changes: list[dict[str, Any]]
    outcome: str
    outcome_reason: str | None
    status: str = "CREATE_IN_PROGRESS"
    execution_status: str = "UNAVAILABLE"
    imports: dict[str, str] = field(default_factory=dict)
    disable_rollback: bool = False
    express: bool = False
    findings: tuple[Finding, ...] = ()
    operation_id: str = ""
    actual: dict[str, dict[str, Any] | None] | None = None  # of a drift-aware one: what was not as deployed

    def settle(self) -> None:
        """Show what it came to; before that it looks as a change set does while AWS works on it."""
        if self.status == "CREATE_IN_PROGRESS":
            self.status = self.outcome
            self.execution_status = "AVAILABLE" if self.outcome == "CREATE_COMPLETE" else "UNAVAILABLE"


@dataclass
class Stack:
    """One stack with its whole history."""

    stack_id: str
    name: str
    created_at: datetime
    status: str
    reason: str | None = None
    updated_at: datetime | None = None
    deleted_at: datetime | None = None
    current: Deployment | None = None
    resources: dict[str, StackResource] = field(default_factory=dict)
    outputs: list[dict[str, str]] = field(default_factory=list)
    imports: set[str] = field(default_factory=set)
    events: list[Event] = field(default_factory=list)
    change_sets: dict[str, ChangeSet] = field(default_factory=dict)
    change_set_id: str | None = None
    operation: Operation | None = None
    disable_rollback: bool = False
    retain_except_on_create: bool = False
    express: bool = False
    alias: str = ""

    def managed(self) -> dict[str, StackResource]:
        """The resources that the stack holds now."""
        return {name: resource for name, resource in self.resources.items() if resource.managed}

    def event(
        self,
        logical_id: str,
        physical_id: str | None,
        kind: str,
        status: str,
        reason: str | None = None,
        properties: str | None = None,
    ) -> None:
        """Write one event, later than every one before it."""
        at = utc_now()
        if self.events and at <= self.events[-1].at:
            at = self.events[-1].at + timedelta(milliseconds=1)
        token = self.operation.token if self.operation else None
        operation_id = self.operation.operation_id if self.operation else ""
        event_id = str(uuid.uuid4()) if kind == "AWS::CloudFormation::Stack" else f"{logical_id}-{status}-{at:%FT%TZ}"
        self.events.append(
            Event(event_id, at, logical_id, physical_id or "", kind, status, reason, properties, token, operation_id)
        )

    def enter(self, status: str, reason: str | None = None) -> None:
        """Move the stack to a status and write the event for it."""
        self.status = status
        self.reason = reason
        self.event(self.name, self.stack_id, "AWS::CloudFormation::Stack", status, reason)

    def exports(self) -> Iterator[tuple[str, str]]:
        """(name, value) of every export."""
        for output in self.outputs:
            if "ExportName" in output:
                yield output["ExportName"], output["OutputValue"]


@dataclass
class Region:
    """All stacks of one region, the deleted ones too, and the client tokens that were used."""

    name: str
    stacks: dict[str, Stack] = field(default_factory=dict)
    tokens: dict[str, tuple[str, dict[str, Any]]] = field(default_factory=dict)

    def live(self, name: str) -> Stack | None:
        """The stack of this name that is not deleted."""
        for stack in self.stacks.values():
            if stack.name == name and stack.status != "DELETE_COMPLETE":
                return stack
        return None

    def find(self, name_or_id: str) -> Stack | None:
        """By name or alias among the living, by id among all."""
        return self.stacks.get(name_or_id) or self.live(name_or_id) or self.with_alias(name_or_id)

    def with_alias(self, alias: str) -> Stack | None:
        """The living stack of this alias (SetAlias)."""
        living = (stack for stack in self.stacks.values() if stack.status != "DELETE_COMPLETE")
        return next((stack for stack in living if alias and stack.alias == alias), None)


def utc_now() -> datetime:
    """Now, to the millisecond, as the service keeps it."""
    now = datetime.now(UTC)
    return now.replace(microsecond=now.microsecond // 1000 * 1000)


def random_suffix() -> str:
    """The end of a generated physical name, as `-1K2L3M4N5O6P`."""
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
    return "".join(secrets.choice(alphabet) for _ in range(12))
