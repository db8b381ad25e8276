"""How does one resource take one step? Create, change, replace, import, delete, put back.

Rules:
- `start` writes the IN_PROGRESS events and makes the call; `finish`, a tick later, writes the event that ends it.
- A failed create, change or import raises `StepFailed`, which turns the operation round; a failed delete or
  put-back is recorded and the operation goes on.
- `Retain` keeps a resource, unless it was made by this very operation and the policy (or the operation) says
  RetainExceptOnCreate. What a resource that stays depends on stays too.

Sources:
- policies: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-attribute-deletionpolicy.html
- RetainExceptOnCreate: https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_ExecuteChangeSet.html
"""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from workflow.sandbox.cloudformation import provisioning
from workflow.sandbox.cloudformation.errors import ResourceFailed, ServiceError
from workflow.sandbox.cloudformation.provisioning import Site
from workflow.sandbox.cloudformation.resolution import Resolver
from workflow.sandbox.cloudformation.resource_types import RESOURCE_TYPES
from workflow.sandbox.cloudformation.stacks import Operation, Region, Stack, StackResource, Step
from workflow.sandbox.faults import Faults


class StepFailed(Exception):
    """A resource could not be created, changed or imported: `status` and `reason` go into its event."""

    def __init__(self, resource: StackResource, status: str, reason: str) -> None:
        super().__init__(reason)
        self.resource = resource
        self.status = status
        self.reason = reason


@dataclass(frozen=True)
class Ground:
    """What an operation works on besides its stack."""

    region: Region
    account: str
    client: Callable[[str], Any]
    faults: Faults

    def site(self, stack: Stack, logical_id: str) -> Site:
        """The place of one resource, with the tags that CloudFormation puts on everything it makes.

        Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-resource-tags.html
        """
        tags = {
            "aws:cloudformation:stack-name": stack.name,
            "aws:cloudformation:stack-id": stack.stack_id,
            "aws:cloudformation:logical-id": logical_id,
        }
        return Site(self.region.name, self.account, tags, self.client)

    def resolver(self, stack: Stack) -> Resolver:
        """The deployment that the stack's operation aims at, seen against what is there now."""
        assert stack.operation is not None and stack.operation.target is not None
        return Resolver(stack.operation.target, stack, self.region, self.account, stack.resources)

    def owner(self, kind: str, physical_id: str) -> str | None:
        """The id of the stack that holds a resource."""
        for stack in self.region.stacks.values():
            for resource in stack.managed().values():
                if (resource.type, resource.physical_id) == (kind, physical_id):
                    return stack.stack_id
        return None


def mark(
    stack: Stack, resource: StackResource, status: str, reason: str | None = None, *, with_properties: bool = False
) -> None:
    resource.status = status
    resource.reason = reason
    properties = json.dumps(resource.properties) if with_properties else None
    stack.event(resource.logical_id, resource.physical_id, resource.type, status, reason, properties)
    resource.updated_at = stack.events[-1].at


def start(stack: Stack, operation: Operation, step: Step, ground: Ground) -> bool:
    """Start a step; False when there is nothing left to finish.

    Raises:
        StepFailed: when the resource could not be created, changed or imported.
    """
    starters = {
        "apply": _start_apply,
        "import": _start_import,
        "delete": _start_delete,
        "revert": _start_revert,
        "undo-import": _start_undo_import,
    }
    return starters[step.verb](stack, operation, step, ground)


def _start_apply(stack: Stack, operation: Operation, step: Step, ground: Ground) -> bool:
    name = step.logical_id
    old = operation.before.get(name)
    old = old if old is not None and old.managed else None
    new = _resolved(stack, operation, name, old, ground)
    if old is None:
        return _create(stack, operation, new, ground)
    recreate = provisioning.replacing_properties(old, new)
    if recreate:
        return _replace(stack, operation, old, new, ground)
    new.physical_id, new.attributes, new.managed = old.physical_id, old.attributes, True
    new.status, new.updated_at = old.status, old.updated_at
    if new.properties == old.properties:
        # Policies and metadata are CloudFormation's own: nothing to call, no event.
        stack.resources[name] = new
        operation.done.append(name)
        return False
    mark(stack, new, "UPDATE_IN_PROGRESS", with_properties=True)
    try:
        provisioning.update(ground.site(stack, name), old, new, ground.faults)
    except ResourceFailed as error:
        raise StepFailed(old, "UPDATE_FAILED", error.reason) from error
    stack.resources[name] = new
    return True


def _resolved(
    stack: Stack, operation: Operation, name: str, old: StackResource | None, ground: Ground
) -> StackResource:
    try:
        return ground.resolver(stack).resource(name)
    except ServiceError as error:
        verb = "IMPORT" if name in operation.imports else "UPDATE" if old else "CREATE"
        assert operation.target is not None
        kind = operation.target.template.resources[name].type
        failed = copy.deepcopy(old) if old else StackResource(name, kind, "Delete", "Delete")
        raise StepFailed(failed, f"{verb}_FAILED", error.message) from error


def _create(stack: Stack, operation: Operation, new: StackResource, ground: Ground) -> bool:
    stack.resources[new.logical_id] = new
    mark(stack, new, "CREATE_IN_PROGRESS", with_properties=True)
    try:
        provisioning.create(ground.site(stack, new.logical_id), stack.name, new, ground.faults, ground.owner)
    except ResourceFailed as error:
        raise StepFailed(new, "CREATE_FAILED", error.reason) from error
    operation.created.append(new)
    mark(stack, new, "CREATE_IN_PROGRESS", "Resource creation Initiated", with_properties=True)
    return True


def _replace(stack: Stack, operation: Operation, old: StackResource, new: StackResource, ground: Ground) -> bool:
    mark(
        stack,
        new,
        "UPDATE_IN_PROGRESS",
        "Requested update requires the creation of a new physical resource; hence creating one.",
        with_properties=True,
    )
    custom_name = RESOURCE_TYPES[new.type].custom_name
    given = new.properties.get(custom_name) if custom_name else None
    try:
        if given is not None and old.type == new.type and given == old.properties.get(custom_name or ""):
            raise ResourceFailed(
                "CloudFormation cannot update a stack when a custom-named resource requires replacing. "
                f"Rename {given} and update the stack again."
            )
        provisioning.create(ground.site(stack, new.logical_id), stack.name, new, ground.faults, ground.owner)
    except ResourceFailed as error:
        raise StepFailed(old, "UPDATE_FAILED", error.reason) from error
    stack.resources[new.logical_id] = new
    operation.created.append(new)
    operation.replaced.append(old)
    mark(stack, new, "UPDATE_IN_PROGRESS", "Resource creation Initiated", with_properties=True)
    return True


def _start_import(stack: Stack, operation: Operation, step: Step, ground: Ground) -> bool:
    name = step.logical_id
    new = _resolved(stack, operation, name, None, ground)
    physical_id = operation.imports[name]
    stack.resources[name] = new
    new.physical_id = physical_id
    mark(stack, new, "IMPORT_IN_PROGRESS", "Resource import started.", with_properties=True)
    try:
        owner = ground.owner(new.type, physical_id)
        if owner is not None:
            raise ResourceFailed(f"{physical_id} already exists in stack {owner}")
        provisioning.adopt(ground.site(stack, name), new, physical_id, ground.faults)
    except ResourceFailed as error:
        raise StepFailed(new, "IMPORT_FAILED", error.reason) from error
    operation.created.append(new)
    return True


def _start_delete(stack: Stack, operation: Operation, step: Step, ground: Ground) -> bool:
    resource = step.resource
    assert resource is not None
    dependents = [r for r in stack.resources.values() if r.managed and resource.logical_id in r.needs]
    if dependents and operation.kind in {"CREATE", "DELETE"}:
        return False
    if _is_kept(operation, resource):
        mark(stack, resource, "DELETE_SKIPPED")
        resource.managed = False
        return False
    if resource.physical_id is None:
        # Its creation failed: there is nothing to delete, and CloudFormation says so.
        mark(stack, resource, "DELETE_COMPLETE")
        return False
    mark(stack, resource, "DELETE_IN_PROGRESS")
    try:
        provisioning.delete(ground.site(stack, resource.logical_id), resource, ground.faults)
    except ResourceFailed as error:
        mark(stack, resource, "DELETE_FAILED", error.reason)
        operation.failed.append(resource.logical_id)
        return False
    return True


def _is_kept(operation: Operation, resource: StackResource) -> bool:
    if resource.logical_id in operation.retain:
        return True
    made_now = resource in operation.created
    if operation.phase == "cleanup" and resource in operation.replaced:
        return resource.update_replace_policy != "Delete"
    if made_now and resource.logical_id in {old.logical_id for old in operation.replaced}:
        # The new half of a replacement that is being taken back: the old one is the one that is kept.
        return False
    if resource.deletion_policy == "RetainExceptOnCreate" or operation.retain_except_on_create:
        return resource.deletion_policy != "Delete" and not made_now
    return resource.deletion_policy == "Retain"


def _start_revert(stack: Stack, operation: Operation, step: Step, ground: Ground) -> bool:
    name = step.logical_id
    old = operation.before.get(name)
    current = stack.resources[name]
    if old is None or not old.managed:
        return False
    stack.resources[name] = old
    if current.physical_id == old.physical_id and current.properties == old.properties and name not in operation.failed:
        return False
    mark(stack, old, "UPDATE_IN_PROGRESS")
    if current.physical_id == old.physical_id and current.properties != old.properties:
        try:
            provisioning.update(ground.site(stack, name), current, old, ground.faults)
        except ResourceFailed as error:
            mark(stack, old, "UPDATE_FAILED", error.reason)
            operation.failed.append(name)
            return False
    return True


def _start_undo_import(stack: Stack, operation: Operation, step: Step, _ground: Ground) -> bool:
    resource = stack.resources.pop(step.logical_id)
    resource.managed = False
    mark(stack, resource, "IMPORT_ROLLBACK_COMPLETE")
    return False


def finish(stack: Stack, operation: Operation, step: Step) -> None:
    """The event that ends the step in progress."""
    if step.verb == "delete":
        resource = step.resource
        assert resource is not None
        resource.managed = False
        mark(stack, resource, "DELETE_COMPLETE")
        return
    resource = stack.resources[step.logical_id]
    if step.verb == "import":
        mark(stack, resource, "IMPORT_COMPLETE", "Resource import completed.")
    else:
        mark(stack, resource, resource.status.replace("IN_PROGRESS", "COMPLETE"))
    if step.verb in {"apply", "import"}:
        operation.done.append(step.logical_id)
