"""What does CloudFormation find out about a change set before anything is made? Early validation, and its findings.

Rules:
- Looked at are properties against their types, and names that are taken already; what else AWS looks at (service
  quotas, Config recorders, buckets and repositories that are not empty) is scripted (`Faults.find`).
- A finding that is FAIL ends the change set: its StatusReason names the validations alone, DescribeEvents has the rest.
- A change set with DisableValidation is not looked at: what is wrong fails when the resource is made.

Sources: DescribeEvents in the API reference (OperationEvent); the words of StatusReason as AWS gives them, quoted in
https://github.com/aws/aws-cdk-cli/issues/1000, the names of the validations in
https://github.com/aws-cloudformation/rain/pull/744
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from workflow.sandbox.cloudformation.intrinsics import UNKNOWN
from workflow.sandbox.cloudformation.provisioning import Site
from workflow.sandbox.cloudformation.resource_types import RESOURCE_TYPES
from workflow.sandbox.cloudformation.stacks import Finding, StackResource

PROPERTIES = "PROPERTY_VALIDATION"
NAME_TAKEN = "NAME_CONFLICT_VALIDATION"
HOOKS = {
    PROPERTIES: "AWS::EarlyValidation::PropertyValidation",
    NAME_TAKEN: "AWS::EarlyValidation::ResourceExistenceCheck",
}


def property_findings(resource: StackResource) -> list[Finding]:
    """What is wrong with a resource's properties, one finding a fault."""
    _, faults = RESOURCE_TYPES[resource.type].check(resource.properties)
    name, kind = resource.logical_id, resource.type
    paths = [fault.partition(":")[0] for fault in faults]
    where = [f"/Resources/{name}/Properties{path.removeprefix('#')}" for path in paths]
    return [Finding(name, kind, PROPERTIES, fault, path=path) for fault, path in zip(faults, where, strict=True)]


def name_findings(added: Iterable[StackResource], site: Callable[[str], Site]) -> Iterator[Finding]:
    """The resources to be made whose name something has already; `site`: logical id -> its place."""
    for resource in added:
        kind = RESOURCE_TYPES[resource.type]
        given = resource.properties.get(kind.custom_name) if kind.custom_name else None
        if given is None or kind.identify is None or UNKNOWN in json.dumps(resource.properties):
            continue
        place = site(resource.logical_id)
        try:
            identifier = kind.identify(place, str(given), resource.properties)
            taken = kind.read(place, identifier) is not None
        except (ClientError, BotoCoreError):
            continue  # a name that the service does not even take is no name that is taken
        if taken:
            reason = f"Resource of type '{resource.type}' with identifier '{identifier}' already exists."
            yield Finding(
                resource.logical_id, resource.type, NAME_TAKEN, reason, path=f"/Resources/{resource.logical_id}"
            )


def failure(findings: Sequence[Finding]) -> str | None:
    """The StatusReason of a change set that they end; None where none does."""
    hooks = dict.fromkeys(HOOKS.get(each.validation, each.validation) for each in findings if each.mode == "FAIL")
    if not hooks:
        return None
    return (
        f"The following hook(s)/validation failed: [{', '.join(hooks)}]. To troubleshoot Early Validation errors, use "
        "the DescribeEvents API for detailed failure information."
    )


def described(finding: Finding) -> Mapping[str, Any]:
    """The finding as members of an OperationEvent."""
    return {
        "EventType": "VALIDATION_ERROR",
        "LogicalResourceId": finding.logical_id,
        "ResourceType": finding.type,
        "ValidationFailureMode": finding.mode,
        "ValidationName": finding.validation,
        "ValidationStatus": "FAILED",
        "ValidationStatusReason": finding.reason,
        "ValidationPath": finding.path,
    }
