"""What do the stack actions do? Create, update, cancel and delete; describe, list, and read templates.

Rules:
- DescribeStacks and DescribeStackEvents move a stack under way on by one resource before they answer.
- A deleted stack is found by its id only.
- Reading actions answer on one page.
"""

from __future__ import annotations

from typing import Any

from workflow.sandbox.cloudformation import change_set, operation, ordering, parameters, requests, template, validation
from workflow.sandbox.cloudformation.account import Account, busy, described_parameters, described_tags, found_stack
from workflow.sandbox.cloudformation.change_set_actions import find_change_set
from workflow.sandbox.cloudformation.errors import ServiceError, validation_error
from workflow.sandbox.cloudformation.resource_types import RESOURCE_TYPES
from workflow.sandbox.cloudformation.stacks import Operation, Region, Stack, StackResource, Step

Request = dict[str, Any]


def create_stack(account: Account, region: Region, request: Request) -> dict[str, Any]:
    """Start a stack without a change set."""
    name = request["StackName"]
    if region.live(name) is not None:
        raise ServiceError("AlreadyExistsException", f"Stack [{name}] already exists")
    if request.get("OnFailure") == "DELETE":
        raise ServiceError("NotImplemented", "the phasegate sandbox does not implement OnFailure=DELETE", 501)
    deployment = requests.deployment(request, None, lambda service: account.client(region.name, service))
    stack = account.new_stack(region, name)
    order = account.order(region, stack, deployment)
    region.stacks[stack.stack_id] = stack
    operation.begin(
        stack,
        Operation(
            kind="CREATE",
            target=deployment,
            queue=[Step("apply", logical_id) for logical_id in order],
            token=request.get("ClientRequestToken"),
            disable_rollback=bool(request.get("DisableRollback")) or request.get("OnFailure") == "DO_NOTHING",
            retain_except_on_create=bool(request.get("RetainExceptOnCreate")),
        ),
    )
    return {"StackId": stack.stack_id}


def update_stack(account: Account, region: Region, request: Request) -> dict[str, Any]:
    """Start an update without a change set; the stack's change sets become obsolete."""
    stack = found_stack(region, request["StackName"])
    busy(stack, "updated")
    if stack.current is None:
        raise validation_error(f"Stack:{stack.stack_id} is in {stack.status} state and can not be updated.")
    deployment = requests.deployment(request, stack, lambda service: account.client(region.name, service))
    changes, _, _, outputs_differ = change_set.compare(stack, deployment, region, account.account_id, {})
    if not changes and not outputs_differ:
        raise validation_error("No updates are to be performed.")
    for other in stack.change_sets.values():
        other.execution_status = "OBSOLETE"
    operation.begin(
        stack,
        Operation(
            kind="UPDATE",
            target=deployment,
            queue=[Step("apply", logical_id) for logical_id in account.order(region, stack, deployment)],
            token=request.get("ClientRequestToken"),
            disable_rollback=bool(request.get("DisableRollback")),
            retain_except_on_create=bool(request.get("RetainExceptOnCreate")),
        ),
    )
    return {"StackId": stack.stack_id}


def cancel_update_stack(_account: Account, region: Region, request: Request) -> dict[str, Any]:
    """Turn an update that is under way round."""
    stack = found_stack(region, request["StackName"])
    if stack.status != "UPDATE_IN_PROGRESS" or stack.operation is None:
        raise validation_error("CancelUpdateStack cannot be called from current stack status")
    operation.cancel_update(stack)
    return {}


def delete_stack(_account: Account, region: Region, request: Request) -> dict[str, Any]:
    """Start to delete a stack; one that is not there is fine, as on AWS."""
    stack = region.find(request["StackName"])
    if stack is None or stack.status in {"DELETE_COMPLETE", "DELETE_IN_PROGRESS"}:
        return {}
    if stack.operation is not None:
        raise validation_error(f"Stack:{stack.stack_id} is in {stack.status} state and can not be deleted.")
    retained = frozenset(request.get("RetainResources", []))
    if retained and stack.status != "DELETE_FAILED":
        raise validation_error("RetainResources can only be used for a stack in the DELETE_FAILED state")
    for export, _ in stack.exports():
        users = operation.importers(region, export)
        if users:
            stack.enter("DELETE_FAILED", f"Export {export} cannot be deleted as it is in use by {', '.join(users)}")
            return {}
    operation.begin(
        stack,
        Operation(
            kind="DELETE",
            target=stack.current,
            queue=operation.deletion_steps(stack.managed().values()),
            token=request.get("ClientRequestToken"),
            retain=retained,
        ),
    )
    return {}


def describe_stacks(account: Account, region: Region, request: Request) -> dict[str, Any]:
    """One stack, or all that are not deleted; a stack under way moves on by one resource first."""
    if request.get("StackName"):
        shown = [found_stack(region, request["StackName"])]
    else:
        shown = [stack for stack in region.stacks.values() if stack.status != "DELETE_COMPLETE"]
    for stack in shown:
        account.advance(region, stack)
    return {"Stacks": [_described(stack) for stack in reversed(shown)]}


def _described(stack: Stack) -> dict[str, Any]:
    current = stack.current
    return {
        "StackId": stack.stack_id,
        "StackName": stack.name,
        "ChangeSetId": stack.change_set_id,
        "Description": current.template.description if current else None,
        "Parameters": described_parameters(current) if current else [],
        "CreationTime": stack.created_at,
        "DeletionTime": stack.deleted_at,
        "LastUpdatedTime": stack.updated_at,
        "RollbackConfiguration": {},
        "StackStatus": stack.status,
        "StackStatusReason": stack.reason,
        "DisableRollback": stack.disable_rollback,
        "RetainExceptOnCreate": stack.retain_except_on_create,
        "NotificationARNs": [],
        "Capabilities": current.capabilities if current else [],
        "Outputs": stack.outputs,
        "Tags": described_tags(current.tags) if current else [],
        "EnableTerminationProtection": False,
        "DriftInformation": {"StackDriftStatus": "NOT_CHECKED"},
        "DeploymentConfig": {"Mode": "EXPRESS" if stack.express else "STANDARD"},
        "AliasName": stack.alias or None,
    }


def describe_stack_events(account: Account, region: Region, request: Request) -> dict[str, Any]:
    """The stack's events, newest first; a stack under way moves on by one resource first."""
    stack = found_stack(region, request["StackName"])
    account.advance(region, stack)
    return {
        "StackEvents": [
            {
                "StackId": stack.stack_id,
                "EventId": event.event_id,
                "StackName": stack.name,
                "LogicalResourceId": event.logical_id,
                "PhysicalResourceId": event.physical_id,
                "ResourceType": event.type,
                "Timestamp": event.at,
                "ResourceStatus": event.status,
                "ResourceStatusReason": event.reason,
                "ResourceProperties": event.properties,
                "ClientRequestToken": event.token,
                "OperationId": event.operation_id or None,
            }
            for event in reversed(stack.events)
        ]
    }


def _summary(stack: Stack, resource: StackResource, time_key: str) -> dict[str, Any]:
    return {
        "StackName": stack.name,
        "StackId": stack.stack_id,
        "LogicalResourceId": resource.logical_id,
        "PhysicalResourceId": resource.physical_id,
        "ResourceType": resource.type,
        time_key: resource.updated_at,
        "ResourceStatus": resource.status,
        "ResourceStatusReason": resource.reason,
        "DriftInformation": {"StackResourceDriftStatus": "NOT_CHECKED"},
    }


def describe_stack_resources(_account: Account, region: Region, request: Request) -> dict[str, Any]:
    """The resources of a stack, or of the stack that holds a physical id; narrowed by a logical id."""
    stack = _stack_of(region, request)
    only = request.get("LogicalResourceId")
    return {
        "StackResources": [
            _summary(stack, resource, "Timestamp")
            for resource in stack.resources.values()
            if only in (None, resource.logical_id)
        ]
    }


def _stack_of(region: Region, request: Request) -> Stack:
    if request.get("StackName"):
        return found_stack(region, request["StackName"])
    physical_id = request.get("PhysicalResourceId")
    for stack in region.stacks.values():
        if any(resource.physical_id == physical_id for resource in stack.managed().values()):
            return stack
    raise validation_error(f"Stack for {physical_id} does not exist")


def describe_stack_resource(_account: Account, region: Region, request: Request) -> dict[str, Any]:
    """One resource of a stack."""
    stack = found_stack(region, request["StackName"])
    resource = stack.resources.get(request["LogicalResourceId"])
    if resource is None:
        raise validation_error(f"Resource {request['LogicalResourceId']} does not exist for stack {stack.name}")
    return {"StackResourceDetail": _summary(stack, resource, "LastUpdatedTimestamp")}


def list_stack_resources(_account: Account, region: Region, request: Request) -> dict[str, Any]:
    """The resources of a stack, in short."""
    stack = found_stack(region, request["StackName"])
    return {
        "StackResourceSummaries": [
            _summary(stack, resource, "LastUpdatedTimestamp") for resource in stack.resources.values()
        ]
    }


def list_stacks(_account: Account, region: Region, request: Request) -> dict[str, Any]:
    """Every stack, the deleted ones too, newest first; narrowed by status."""
    wanted = request.get("StackStatusFilter")
    return {
        "StackSummaries": [
            {
                "StackId": stack.stack_id,
                "StackName": stack.name,
                "TemplateDescription": stack.current.template.description if stack.current else None,
                "CreationTime": stack.created_at,
                "LastUpdatedTime": stack.updated_at,
                "DeletionTime": stack.deleted_at,
                "StackStatus": stack.status,
                "StackStatusReason": stack.reason,
                "DriftInformation": {"StackDriftStatus": "NOT_CHECKED"},
            }
            for stack in reversed(region.stacks.values())
            if not wanted or stack.status in wanted
        ]
    }


def list_exports(_account: Account, region: Region, _request: Request) -> dict[str, Any]:
    """Every export of the region."""
    return {
        "Exports": [
            {"ExportingStackId": stack.stack_id, "Name": name, "Value": value}
            for stack in region.stacks.values()
            for name, value in stack.exports()
        ]
    }


def list_imports(_account: Account, region: Region, request: Request) -> dict[str, Any]:
    """The stacks that import an export."""
    users = operation.importers(region, request["ExportName"])
    if not users:
        raise validation_error(f"Export '{request['ExportName']}' is not imported by any stack.")
    return {"Imports": users}


def get_template(_account: Account, region: Region, request: Request) -> dict[str, Any]:
    """The template as it was given, of the stack or of one of its change sets."""
    if request.get("ChangeSetName"):
        _, found = find_change_set(region, request)
        return {"TemplateBody": found.deployment.template.text, "StagesAvailable": ["Original", "Processed"]}
    stack = found_stack(region, request["StackName"])
    if stack.current is None:
        return {"TemplateBody": "", "StagesAvailable": ["Original", "Processed"]}
    return {"TemplateBody": stack.current.template.text, "StagesAvailable": ["Original", "Processed"]}


def get_template_summary(account: Account, region: Region, request: Request) -> dict[str, Any]:
    """What a template declares and demands."""
    if request.get("StackName"):
        stack = found_stack(region, request["StackName"])
        if stack.current is None:
            raise validation_error(f"Stack {stack.name} has no template: it is in {stack.status}")
        found = stack.current.template
    else:
        found = requests.request_template(request, None, lambda service: account.client(region.name, service))
    validation.check(found)
    capabilities = validation.required_capabilities(found)
    types: dict[str, list[str]] = {}
    for name in ordering.creation_order(ordering.dependencies(found)):
        types.setdefault(found.resources[name].type, []).append(name)
    return {
        **_declared(found),
        "ResourceTypes": list(types),
        "ResourceIdentifierSummaries": [
            {"ResourceType": kind, "LogicalResourceIds": names, "ResourceIdentifiers": [identifier]}
            for kind, names in types.items()
            if (identifier := RESOURCE_TYPES[kind].identifier) is not None
        ],
        "Version": "2010-09-09",
        "Capabilities": capabilities,
    }


def validate_template(account: Account, region: Region, request: Request) -> dict[str, Any]:
    """Whether a template could be deployed at all, and what it declares."""
    found = requests.request_template(request, None, lambda service: account.client(region.name, service))
    validation.check(found)
    return {**_declared(found), "Capabilities": validation.required_capabilities(found)}


def _declared(found: template.Template) -> dict[str, Any]:
    capabilities = validation.required_capabilities(found)
    reason = None
    if capabilities:
        types = sorted({entry.type for entry in found.resources.values() if RESOURCE_TYPES[entry.type].iam})
        reason = f"The following resource(s) require capabilities: [{', '.join(types)}]"
    return {
        "Description": found.description,
        "CapabilitiesReason": reason,
        "Parameters": [
            {
                "ParameterKey": name,
                "DefaultValue": parameters.as_text(declared["Default"]) if "Default" in declared else None,
                "ParameterType": declared["Type"],
                "NoEcho": str(declared.get("NoEcho", "false")).lower() == "true",
                "Description": declared.get("Description"),
            }
            for name, declared in found.parameters.items()
        ],
    }
