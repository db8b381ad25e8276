"""What do the change-set actions do? Create, describe, list, delete, execute.

Rules:
- A change set is computed when it is created, and looks CREATE_IN_PROGRESS until it is first described: a
  caller that does not poll fails here as it would on AWS.
- One without changes, or that early validation fails, ends FAILED with the reason; it cannot be executed.
- Executing one discards the stack's other change sets, as they are no longer valid.

Sources: CreateChangeSet, DescribeChangeSet, ExecuteChangeSet in
https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_Operations.html
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any, Literal

from workflow.sandbox.cloudformation import change_set, drift, early_validation, operation, requests
from workflow.sandbox.cloudformation.account import Account, busy, described_parameters, described_tags, found_stack
from workflow.sandbox.cloudformation.errors import ServiceError, validation_error
from workflow.sandbox.cloudformation.resource_types import RESOURCE_TYPES
from workflow.sandbox.cloudformation.stacks import (
    ChangeSet,
    Deployment,
    Finding,
    Operation,
    Region,
    Stack,
    StackResource,
    Step,
    utc_now,
)

Request = dict[str, Any]
ChangeSetType = Literal["CREATE", "UPDATE", "IMPORT"]
KEPT_OUT = ("BeforeContext", "AfterContext")
KEPT_OUT_OF_TARGETS = ("Path", "BeforeValue", "AfterValue", "AttributeChangeType")


def create_change_set(account: Account, region: Region, request: Request) -> dict[str, Any]:
    """Compute what would change and keep it; a CREATE for a new name makes the stack in REVIEW_IN_PROGRESS."""
    kind: ChangeSetType = request.get("ChangeSetType", "UPDATE")
    name = request["StackName"]
    stack = region.find(name)
    _check_request(request, kind, stack)
    deployment = requests.deployment(request, stack, lambda service: account.client(region.name, service))
    stack = account.new_stack(region, name) if stack is None else stack
    if any(existing.name == request["ChangeSetName"] for existing in stack.change_sets.values()):
        raise ServiceError("AlreadyExistsException", f"ChangeSet {request['ChangeSetName']} already exists")
    imports = _imports(request, kind, deployment)
    actual = _actual(account, region, stack) if request.get("DeploymentMode") == drift.REVERT_DRIFT else None
    changes, added, findings, outputs_differ = change_set.compare(
        stack, deployment, region, account.account_id, imports, actual
    )
    if kind == "IMPORT":
        change_set.check_import(changes, deployment, imports, outputs_differ=outputs_differ)
    if request.get("ImportExistingResources"):
        _refuse_imports(account, region, stack, added)
    if request.get("DisableValidation"):
        findings = []
    else:
        findings += _findings_in_account(account, region, stack, changes, added)
    reason = early_validation.failure(findings) or _nothing_to_do(changes, outputs_differ=outputs_differ)
    config = request.get("DeploymentConfig", {})
    made = ChangeSet(
        change_set_id=account.arn(region, f"changeSet/{request['ChangeSetName']}/{uuid.uuid4()}"),
        name=request["ChangeSetName"],
        type=kind,
        created_at=utc_now(),
        description=request.get("Description"),
        deployment=deployment,
        changes=changes if reason is None else [],
        outcome="CREATE_COMPLETE" if reason is None else "FAILED",
        outcome_reason=reason,
        imports=imports,
        disable_rollback=request.get("OnStackFailure") == "DO_NOTHING" or bool(config.get("DisableRollback")),
        express=config.get("Mode") == "EXPRESS",
        findings=tuple(findings),
        actual=actual,
        operation_id=str(uuid.uuid4()),
    )
    _keep(made, stack, region)
    return {"Id": made.change_set_id, "StackId": stack.stack_id}


def _actual(account: Account, region: Region, stack: Stack) -> drift.Actual:
    """What is not as it was deployed, read when the change set is made."""
    site = account.ground(region).site
    return drift.drifted(stack.managed(), lambda logical_id: site(stack, logical_id))


def _refuse_imports(account: Account, region: Region, stack: Stack, added: Sequence[StackResource]) -> None:
    """Refuse a change set that would import what exists; where nothing of these names does, the setting does nothing.

    Source: ImportExistingResources in https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_CreateChangeSet.html
    """
    site = account.ground(region).site
    taken = list(early_validation.name_findings(added, lambda logical_id: site(stack, logical_id)))
    if taken:
        message = "the phasegate sandbox does not implement ImportExistingResources of what exists: "
        raise ServiceError("NotImplemented", message + ", ".join(each.logical_id for each in taken), 501)


def _findings_in_account(
    account: Account, region: Region, stack: Stack, changes: Sequence[dict[str, Any]], added: Sequence[StackResource]
) -> list[Finding]:
    """Names that are taken already, and what the account is told to find."""
    site = account.ground(region).site
    taken = early_validation.name_findings(added, lambda logical_id: site(stack, logical_id))
    told = account.faults.findings_of({each["LogicalResourceId"]: each["ResourceType"] for each in changes})
    return [*taken, *told]


def _keep(made: ChangeSet, stack: Stack, region: Region) -> None:
    """Keep the change set with its stack, and that, where nobody has seen it yet, in its region."""
    if stack.stack_id not in region.stacks:
        region.stacks[stack.stack_id] = stack
        stack.enter("REVIEW_IN_PROGRESS", "User Initiated")
    stack.change_sets[made.change_set_id] = made


def _nothing_to_do(changes: Sequence[object], *, outputs_differ: bool) -> str | None:
    """The reason for which a change set without changes fails; None for one with any."""
    return None if changes or outputs_differ else change_set.NO_CHANGES


def _check_request(request: Request, kind: ChangeSetType, stack: Stack | None) -> None:
    """Refuse a change set that does not fit whether the stack is there, and what the sandbox cannot do."""
    name = request["StackName"]
    there = stack is not None and stack.status != "REVIEW_IN_PROGRESS"
    if kind == "CREATE" and there:
        raise validation_error(
            f"Stack [{name}] already exists and cannot be created again with the changeSet "
            f"[{request['ChangeSetName']}]."
        )
    if request.get("DeploymentMode") == drift.REVERT_DRIFT and kind != "UPDATE":
        raise validation_error("DeploymentMode REVERT_DRIFT can only be used with ChangeSetType UPDATE")
    if kind == "UPDATE" and not there:
        raise validation_error(f"Stack [{name}] does not exist")
    if request.get("OnStackFailure") == "DELETE":
        raise ServiceError("NotImplemented", "the phasegate sandbox does not implement OnStackFailure=DELETE", 501)
    if stack is not None and there:
        busy(stack, "updated")


def _imports(request: Request, kind: ChangeSetType, deployment: Deployment) -> dict[str, str]:
    """Logical id -> physical id of what is to be imported, checked against template and types."""
    if kind != "IMPORT":
        if request.get("ResourcesToImport"):
            raise validation_error("ResourcesToImport can only be used with ChangeSetType IMPORT")
        return {}
    imports = {}
    for entry in request.get("ResourcesToImport", []):
        name, type_name = entry["LogicalResourceId"], entry["ResourceType"]
        declared = deployment.template.resources.get(name)
        if declared is None or declared.type != type_name:
            raise validation_error(f"Resources [{name}] to import of type {type_name} are missing from the template")
        identifier = RESOURCE_TYPES[type_name].identifier
        if identifier is None or set(entry["ResourceIdentifier"]) != {identifier}:
            raise validation_error(
                f"Resource identifiers for {name} must be [{identifier}], "
                f"seen [{', '.join(sorted(entry['ResourceIdentifier']))}]"
            )
        imports[name] = entry["ResourceIdentifier"][identifier]
    if not imports:
        raise validation_error("ResourcesToImport must name at least one resource when ChangeSetType is IMPORT")
    return imports


def find_change_set(region: Region, request: Request) -> tuple[Stack, ChangeSet]:
    """The change set by ARN, or by its name and its stack's.

    Raises:
        ServiceError: ChangeSetNotFound.
    """
    name = request["ChangeSetName"]
    for stack in region.stacks.values():
        if name in stack.change_sets:
            return stack, stack.change_sets[name]
    if name.startswith("arn:"):
        raise ServiceError("ChangeSetNotFound", f"ChangeSet [{name}] does not exist", 404)
    if not request.get("StackName"):
        raise validation_error("StackName must be specified if ChangeSetName is not specified as an ARN.")
    stack = found_stack(region, request["StackName"])
    for candidate in stack.change_sets.values():
        if candidate.name == name:
            return stack, candidate
    raise ServiceError("ChangeSetNotFound", f"ChangeSet [{name}] does not exist", 404)


def describe_change_set(account: Account, region: Region, request: Request) -> dict[str, Any]:
    """The change set with its changes; values and contexts only when IncludePropertyValues asks for them.

    The first call after it was created shows CREATE_IN_PROGRESS, every later one what it came to.
    """
    stack, found = find_change_set(region, request)
    shown = found.status
    described: dict[str, Any] = {
        "ChangeSetName": found.name,
        "ChangeSetId": found.change_set_id,
        "StackId": stack.stack_id,
        "StackName": stack.name,
        "Description": found.description,
        "CreationTime": found.created_at,
        "ExecutionStatus": found.execution_status,
        "Status": shown,
        "Capabilities": found.deployment.capabilities,
        "Parameters": described_parameters(found.deployment),
        "Tags": described_tags(found.deployment.tags),
        "NotificationARNs": [],
        "RollbackConfiguration": {},
        "IncludeNestedStacks": False,
        "DeploymentConfig": {"Mode": "EXPRESS" if found.express else "STANDARD"},
        "Changes": [],
    }
    if found.actual is not None:
        drifted = "DRIFTED" if found.actual else "IN_SYNC"
        described |= {"DeploymentMode": drift.REVERT_DRIFT, "StackDriftStatus": drifted}
    if shown == "CREATE_IN_PROGRESS":
        found.settle()
        return described
    described["StatusReason"] = found.outcome_reason
    with_values = bool(request.get("IncludePropertyValues"))
    described["Changes"] = [
        {"Type": "Resource", "ResourceChange": change if with_values else _without_values(change)}
        for change in found.changes
    ]
    return described


def _without_values(change: dict[str, Any]) -> dict[str, Any]:
    details = []
    for detail in change["Details"]:
        target = {key: value for key, value in detail["Target"].items() if key not in KEPT_OUT_OF_TARGETS}
        details.append({**detail, "Target": target})
    return {**{key: value for key, value in change.items() if key not in KEPT_OUT}, "Details": details}


def list_change_sets(_account: Account, region: Region, request: Request) -> dict[str, Any]:
    """The stack's change sets, without their changes."""
    stack = found_stack(region, request["StackName"])
    return {
        "Summaries": [
            {
                "StackId": stack.stack_id,
                "StackName": stack.name,
                "ChangeSetId": found.change_set_id,
                "ChangeSetName": found.name,
                "ExecutionStatus": found.execution_status,
                "Status": found.status,
                "StatusReason": None if found.status == "CREATE_IN_PROGRESS" else found.outcome_reason,
                "CreationTime": found.created_at,
                "Description": found.description,
                "IncludeNestedStacks": False,
            }
            for found in stack.change_sets.values()
        ]
    }


def delete_change_set(_account: Account, region: Region, request: Request) -> dict[str, Any]:
    """Forget a change set; one that is gone already is fine, as on AWS."""
    try:
        stack, found = find_change_set(region, request)
    except ServiceError as error:
        if error.code == "ChangeSetNotFound":
            return {}
        raise
    if found.execution_status == "EXECUTE_IN_PROGRESS":
        raise ServiceError(
            "InvalidChangeSetStatus", f"ChangeSet [{found.change_set_id}] cannot be deleted while it is executed"
        )
    del stack.change_sets[found.change_set_id]
    return {}


def execute_change_set(account: Account, region: Region, request: Request) -> dict[str, Any]:
    """Start what the change set says. The stack is in progress when this returns; polls move it on."""
    stack, found = find_change_set(region, request)
    if found.execution_status != "AVAILABLE":
        made = found.status == "CREATE_COMPLETE"
        state = f"execution status of [{found.execution_status}]" if made else f"status of [{found.status}]"
        raise ServiceError(
            "InvalidChangeSetStatus", f"ChangeSet [{found.change_set_id}] cannot be executed in its current {state}"
        )
    busy(stack, "updated")
    stack.change_sets = {found.change_set_id: found}
    found.execution_status = "EXECUTE_IN_PROGRESS"
    verb: Literal["apply", "import"] = "import" if found.type == "IMPORT" else "apply"
    order = account.order(region, stack, found.deployment)
    operation.begin(
        stack,
        Operation(
            kind=found.type,
            target=found.deployment,
            queue=[Step(verb, name) for name in order if verb == "apply" or name in found.imports],
            imports=found.imports,
            token=request.get("ClientRequestToken"),
            change_set_id=found.change_set_id,
            disable_rollback=bool(request.get("DisableRollback")) or found.disable_rollback,
            express=found.express,
            retain_except_on_create=bool(request.get("RetainExceptOnCreate")),
        ),
    )
    if stack.operation is not None and found.actual:
        # from where things are, and back to there where it fails: then they are drifted as before
        before = stack.operation.before
        stack.operation.drifted = {name: before[name] for name in found.actual}
        stack.operation.before = drift.as_they_are(before, found.actual)
    return {}
