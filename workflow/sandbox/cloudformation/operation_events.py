"""What does DescribeEvents answer? The events of a stack by operation, those of making its change sets among them.

Rules:
- By change set it takes the ARN alone, or a name with its stack's.
- A stack under way moves on first, as with DescribeStackEvents; a change set that was not looked at yet is under way.

Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DescribeEvents.html
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from workflow.sandbox.cloudformation.account import Account, found_stack
from workflow.sandbox.cloudformation.change_set_actions import find_change_set
from workflow.sandbox.cloudformation.early_validation import described
from workflow.sandbox.cloudformation.errors import validation_error
from workflow.sandbox.cloudformation.stacks import ChangeSet, Event, Region, Stack

_TYPES = {"CREATE": "CREATE_STACK", "UPDATE": "UPDATE_STACK", "IMPORT": "UPDATE_STACK", "DELETE": "DELETE_STACK"}
_TURNED = "ROLLBACK"


def describe_events(account: Account, region: Region, request: dict[str, Any]) -> dict[str, Any]:
    """The events that were asked for, newest first; with Filters.FailedEvents those of failures alone."""
    events = _asked_for(account, region, request)
    if request.get("Filters", {}).get("FailedEvents"):
        events = [event for event in events if _is_failure(event)]
    return {"OperationEvents": sorted(events, key=lambda event: event["Timestamp"], reverse=True)}


def _asked_for(account: Account, region: Region, request: dict[str, Any]) -> list[dict[str, Any]]:
    """The events of the change set, the stack or the operation; raises ServiceError where none of these is named."""
    if request.get("ChangeSetName"):
        stack, found = find_change_set(region, request)
        return list(_of_change_set(stack, found))
    if request.get("StackName"):
        stack = found_stack(region, request["StackName"])
        account.advance(region, stack)
        return list(_of_stack(stack))
    if request.get("OperationId"):
        everything = (event for stack in region.stacks.values() for event in _of_stack(stack))
        events = [event for event in everything if event["OperationId"] == request["OperationId"]]
        if not events:
            raise validation_error(f"Operation {request['OperationId']} does not exist")
        return events
    raise validation_error("One of ChangeSetName, OperationId or StackName must be specified")


def _is_failure(event: dict[str, Any]) -> bool:
    return event["EventType"] != "STACK_EVENT" or str(event.get("ResourceStatus", "")).endswith("_FAILED")


def _of_stack(stack: Stack) -> Iterator[dict[str, Any]]:
    for found in stack.change_sets.values():
        yield from _of_change_set(stack, found)
    for event in stack.events:
        if event.operation_id:
            yield _of_event(stack, event)


def _of_change_set(stack: Stack, found: ChangeSet) -> Iterator[dict[str, Any]]:
    """How its creation went, and each finding."""
    status = {"CREATE_COMPLETE": "SUCCEEDED", "FAILED": "FAILED"}.get(found.status, "IN_PROGRESS")
    common = {
        "StackId": stack.stack_id,
        "OperationId": found.operation_id,
        "OperationType": "CREATE_CHANGESET",
        "Timestamp": found.created_at,
    }
    yield {
        **common,
        "EventId": f"{found.operation_id}-{status}",
        "EventType": "STACK_EVENT",
        "OperationStatus": status,
        "StartTime": found.created_at,
    }
    for number, finding in enumerate(found.findings if status != "IN_PROGRESS" else (), start=1):
        yield {**common, **described(finding), "EventId": f"{found.operation_id}-finding-{number}"}


def _of_event(stack: Stack, event: Event) -> dict[str, Any]:
    kind = next((name for name in _TYPES if event.status.startswith(name)), "UPDATE")
    failed = event.status.endswith("_FAILED")
    return {
        "EventId": event.event_id,
        "StackId": stack.stack_id,
        "OperationId": event.operation_id,
        "OperationType": "ROLLBACK" if _TURNED in event.status else _TYPES[kind],
        "EventType": "PROVISIONING_ERROR" if failed and event.type != "AWS::CloudFormation::Stack" else "STACK_EVENT",
        "LogicalResourceId": event.logical_id,
        "PhysicalResourceId": event.physical_id,
        "ResourceType": event.type,
        "Timestamp": event.at,
        "ResourceStatus": event.status,
        "ResourceStatusReason": event.reason,
        "ClientRequestToken": event.token,
    }
