"""What would a deployment change? The Changes of a change set, with the values before and after.

Rules:
- Pure: reads the stack, touches nothing.
- A property that depends on something not made yet is shown as `{{changeSet:KNOWN_AFTER_APPLY}}`, and its
  change as Dynamic.
- Values and contexts are always computed; DescribeChangeSet leaves them out unless they are asked for.

Source for the shapes: ResourceChange in the CloudFormation API reference,
https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_ResourceChange.html
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from workflow.sandbox.cloudformation.drift import Actual, annotated, as_they_are
from workflow.sandbox.cloudformation.early_validation import property_findings
from workflow.sandbox.cloudformation.errors import validation_error
from workflow.sandbox.cloudformation.intrinsics import UNKNOWN, references
from workflow.sandbox.cloudformation.resolution import Resolver
from workflow.sandbox.cloudformation.resource_types import RESOURCE_TYPES
from workflow.sandbox.cloudformation.stacks import Deployment, Finding, Region, Stack, StackResource

NO_CHANGES = "The submitted information didn't contain changes. Submit different information to create a change set."
ATTRIBUTES = {
    "DeletionPolicy": "deletion_policy",
    "UpdateReplacePolicy": "update_replace_policy",
    "Metadata": "metadata",
}


def compare(
    stack: Stack,
    target: Deployment,
    region: Region,
    account: str,
    imports: Mapping[str, str],
    actual: Actual | None = None,
) -> tuple[list[dict[str, Any]], list[StackResource], list[Finding], bool]:
    """The changes, what would be added, what is wrong with properties, and whether the outputs would differ.

    Args:
        imports: logical id -> physical id of the resources that an IMPORT brings in.
        actual: what is live of resources that are not as they were deployed, where that is compared.

    Raises:
        ServiceError: when the template does not resolve in this stack.
    """
    deployed = stack.managed()
    existing = as_they_are(deployed, actual or {})
    pending = {name for name in target.template.resources if name not in existing}
    resolver = Resolver(target, stack, region, account, existing, preview=pending)
    changes: list[dict[str, Any]] = []
    added: list[StackResource] = []
    findings: list[Finding] = []
    wanted = resolver.wanted()
    for name in wanted:
        new = resolver.resource(name)
        findings += property_findings(new)
        old = existing.get(name)
        if old is None:
            added += [] if name in imports else [new]
            changes.append(_added(new, imports.get(name)))
            continue
        change = _modified(old, new, stack.current, target)
        if change is not None:
            changes.append(change)
            if change["Replacement"] != "False":
                pending.add(name)
    changes += [_removed(old) for name, old in existing.items() if name not in wanted]
    if actual is not None:
        changes = [annotated(change, deployed, actual) for change in changes]
        added = [new for new in added if new.logical_id not in deployed]
    return changes, added, findings, resolver.outputs() != stack.outputs


def check_import(
    changes: list[dict[str, Any]], target: Deployment, imports: Mapping[str, str], *, outputs_differ: bool
) -> None:
    """Refuse an IMPORT that would also do something else, outputs among it.

    Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/import-resources.html
    and, for the answer about outputs, https://github.com/awslabs/aws-security-assessment-solution/issues/6

    Raises:
        ServiceError: ValidationError, naming the resources.
    """
    unprotected = sorted(name for name in imports if not target.template.resources[name].has_deletion_policy)
    if unprotected:
        raise validation_error(
            f"Resources [{', '.join(unprotected)}] to import must have a DeletionPolicy attribute in the template"
        )
    others = sorted(change["LogicalResourceId"] for change in changes if change["Action"] != "Import")
    if others:
        raise validation_error(
            "As part of the import operation, you cannot modify or add or delete resources "
            f"[{', '.join(others)}]; only resources to import may change"
        )
    if outputs_differ:
        raise validation_error("As part of the import operation, you cannot modify or add [Outputs]")


def _added(new: StackResource, imported: str | None) -> dict[str, Any]:
    change: dict[str, Any] = {
        "Action": "Add" if imported is None else "Import",
        "LogicalResourceId": new.logical_id,
        "ResourceType": new.type,
        "Scope": [],
        "Details": [],
        "AfterContext": _context(new),
    }
    if imported is not None:
        change["PhysicalResourceId"] = imported
    return change


def _removed(old: StackResource) -> dict[str, Any]:
    return {
        "PolicyAction": "Delete" if old.deletion_policy == "Delete" else "Retain",
        "Action": "Remove",
        "LogicalResourceId": old.logical_id,
        "PhysicalResourceId": old.physical_id,
        "ResourceType": old.type,
        "Scope": [],
        "Details": [],
        "BeforeContext": _context(old),
    }


def _modified(
    old: StackResource, new: StackResource, before: Deployment | None, after: Deployment
) -> dict[str, Any] | None:
    details = _property_details(old, new, before, after) + _attribute_details(old, new)
    replacement = "True" if old.type != new.type else _replacement(details)
    if not details and replacement == "False":
        return None
    change = {
        "Action": "Modify",
        "LogicalResourceId": new.logical_id,
        "PhysicalResourceId": old.physical_id,
        "ResourceType": new.type,
        "Replacement": replacement,
        "Scope": sorted({detail["Target"]["Attribute"] for detail in details}),
        "Details": details,
        "BeforeContext": _context(old),
        "AfterContext": _context(new),
    }
    if replacement != "False":
        kept = old.update_replace_policy != "Delete"
        change["PolicyAction"] = "ReplaceAndRetain" if kept else "ReplaceAndDelete"
    return change


def _property_details(
    old: StackResource, new: StackResource, before: Deployment | None, after: Deployment
) -> list[dict[str, Any]]:
    """A detail for each property that differs."""
    kind = RESOURCE_TYPES[new.type]
    replaced_by = kind.replaced_by if old.type == new.type else frozenset(new.properties)
    details = []
    for name in sorted({*old.properties, *new.properties}):
        if old.properties.get(name) == new.properties.get(name):
            continue
        if name == kind.custom_name and new.properties.get(name) == old.physical_id:
            continue
        attribute = "Tags" if name == "Tags" else "Properties"
        dynamic = UNKNOWN in json.dumps(new.properties.get(name))
        details.append(_detail(attribute, name, old, new, name in replaced_by, dynamic, before, after))
    return details


def _attribute_details(old: StackResource, new: StackResource) -> list[dict[str, Any]]:
    """A detail for each attribute of the resource, its policies among them, that differs."""
    details = []
    for attribute, field in ATTRIBUTES.items():
        if getattr(old, field) != getattr(new, field):
            target = {"Attribute": attribute, "RequiresRecreation": "Never"}
            target["BeforeValue"], target["AfterValue"] = _text(getattr(old, field)), _text(getattr(new, field))
            details.append({"Target": target, "Evaluation": "Static", "ChangeSource": "DirectModification"})
    return details


def _replacement(details: list[dict[str, Any]]) -> str:
    """Whether these changes replace the resource: `Conditional` where that hangs on values not known yet."""
    replacing = {each["Evaluation"] for each in details if each["Target"]["RequiresRecreation"] == "Always"}
    return "True" if "Static" in replacing else "Conditional" if replacing else "False"


def _detail(
    attribute: str,
    name: str,
    old: StackResource,
    new: StackResource,
    recreates: bool,
    dynamic: bool,
    before: Deployment | None,
    after: Deployment,
) -> dict[str, Any]:
    target = {
        "Attribute": attribute,
        "Name": name,
        "RequiresRecreation": "Always" if recreates else "Never",
        "Path": f"/Properties/{name}",
        "AttributeChangeType": "Modify",
    }
    if name in old.properties:
        target["BeforeValue"] = _text(old.properties[name])
    else:
        target["AttributeChangeType"] = "Add"
    if name in new.properties:
        target["AfterValue"] = _text(new.properties[name])
    else:
        target["AttributeChangeType"] = "Remove"
    source, cause = _source(name, new.logical_id, before, after)
    detail: dict[str, Any] = {
        "Target": target,
        "Evaluation": "Dynamic" if dynamic else "Static",
        "ChangeSource": source,
    }
    if cause is not None:
        detail["CausingEntity"] = cause
    return detail


def _source(name: str, logical_id: str, before: Deployment | None, after: Deployment) -> tuple[str, str | None]:
    """Whether the template's author, a parameter or another resource caused the change."""
    expression = after.template.resources[logical_id].properties.get(name)
    earlier = before.template.resources.get(logical_id) if before else None
    if before is None or earlier is None or earlier.properties.get(name) != expression:
        return "DirectModification", None
    for reference, attribute in references(expression):
        if reference in after.values:
            if before.values.get(reference) != after.values[reference]:
                return "ParameterReference", reference
        elif reference in after.template.resources:
            if attribute is None:
                return "ResourceReference", reference
            return "ResourceAttribute", f"{reference}.{attribute}"
    return "DirectModification", None


def _context(resource: StackResource) -> str:
    context: dict[str, Any] = {"Properties": resource.properties}
    if resource.metadata:
        context["Metadata"] = resource.metadata
    for attribute in ("DeletionPolicy", "UpdateReplacePolicy"):
        policy = getattr(resource, ATTRIBUTES[attribute])
        if policy != "Delete":
            context[attribute] = policy
    return json.dumps(context)


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)
