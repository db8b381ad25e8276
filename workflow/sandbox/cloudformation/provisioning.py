"""How is one resource created, updated, imported or deleted? Checks, the call, and AWS's words for a failure.

Rules:
- Nothing is created over something that exists: the physical name is looked up first.
- Every service error becomes a `ResourceFailed` with the reason that the event will carry.
- Scripted faults strike before anything has happened.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from workflow.sandbox.cloudformation.errors import ResourceFailed
from workflow.sandbox.cloudformation.resource_types import RESOURCE_TYPES, ResourceType
from workflow.sandbox.cloudformation.stacks import StackResource, random_suffix
from workflow.sandbox.faults import Faults

# What a handler calls the failures of the services.
HANDLER_CODES = {
    "ResourceInUseException": "AlreadyExists",
    "ResourceAlreadyExistsException": "AlreadyExists",
    "EntityAlreadyExists": "AlreadyExists",
    "ResourceNotFoundException": "NotFound",
    "NoSuchEntity": "NotFound",
    "NotFound": "NotFound",
    "LimitExceededException": "ServiceLimitExceeded",
}


@dataclass(frozen=True)
class Site:
    """Where a resource lives: a `Placement`."""

    region: str
    account: str
    tags: Mapping[str, str]
    client: Callable[[str], Any]


def handler_message(message: str, code: str) -> str:
    """A failure as resource handlers put it into events."""
    return f'Resource handler returned message: "{message}" (RequestToken: {uuid.uuid4()}, HandlerErrorCode: {code})'


def physical_name(stack_name: str, resource: StackResource) -> str:
    """The given name, or one made of stack, logical id and a random end, as CloudFormation does."""
    resource_type = RESOURCE_TYPES[resource.type]
    given = resource.properties.get(resource_type.custom_name) if resource_type.custom_name else None
    if given is not None:
        return str(given)
    room = resource_type.max_name - 14
    return f"{stack_name}-{resource.logical_id}"[:room] + f"-{random_suffix()}"


def create(
    site: Site, stack_name: str, resource: StackResource, faults: Faults, owner: Callable[[str, str], str | None]
) -> None:
    """Make the resource; sets its physical id and attributes.

    Args:
        owner: (type, physical id) -> the id of the stack that holds it, for the message.

    Raises:
        ResourceFailed: scripted, invalid properties, name taken, or refused by the service.
    """
    resource_type = RESOURCE_TYPES[resource.type]
    _strike(faults, resource, "create")
    properties = _checked(resource_type, resource)
    name = physical_name(stack_name, resource)

    def act() -> None:
        if resource_type.identify is not None:
            identifier = resource_type.identify(site, name, properties)
            if resource_type.read(site, identifier) is not None:
                holder = owner(resource.type, identifier)
                if holder is not None:
                    raise ResourceFailed(f"{identifier} already exists in stack {holder}")
                message = f"Resource of type '{resource.type}' with identifier '{identifier}' already exists."
                raise ResourceFailed(handler_message(message, "AlreadyExists"))
        resource.physical_id = resource_type.create(site, name, properties)
        resource.managed = True
        resource.attributes = dict(resource_type.read(site, resource.physical_id) or {})

    _translated(resource, act)


def update(site: Site, old: StackResource, new: StackResource, faults: Faults) -> None:
    """Change the resource in place from `old` to `new`, which share one physical id.

    Raises:
        ResourceFailed: scripted, invalid properties, or refused by the service.
    """
    resource_type = RESOURCE_TYPES[new.type]
    _strike(faults, new, "update")
    physical_id = old.physical_id
    assert physical_id is not None
    before, _ = resource_type.check(old.properties)  # what is there is as it is, be it what no stack would make
    after = _checked(resource_type, new)

    def act() -> None:
        resource_type.update(site, physical_id, before, after)
        new.attributes = dict(resource_type.read(site, physical_id) or {})

    _translated(new, act)


def adopt(site: Site, resource: StackResource, physical_id: str, faults: Faults) -> None:
    """Bring an existing resource under the stack.

    Raises:
        ResourceFailed: scripted, invalid properties, or there is no such resource.
    """
    resource_type = RESOURCE_TYPES[resource.type]
    _strike(faults, resource, "import")
    _checked(resource_type, resource)

    def act() -> None:
        found = resource_type.read(site, physical_id)
        if found is None:
            message = f"Resource of type '{resource.type}' with identifier '{physical_id}' was not found."
            raise ResourceFailed(handler_message(message, "NotFound"))
        resource.physical_id = physical_id
        resource.managed = True
        resource.attributes = dict(found)

    _translated(resource, act)


def delete(site: Site, resource: StackResource, faults: Faults) -> None:
    """Remove the resource; one that is gone already is fine.

    Raises:
        ResourceFailed: scripted, or refused by the service (deletion protection).
    """
    _strike(faults, resource, "delete")
    if resource.physical_id is not None:
        physical_id = resource.physical_id
        _translated(resource, lambda: RESOURCE_TYPES[resource.type].delete(site, physical_id))


def replacing_properties(old: StackResource, new: StackResource) -> list[str]:
    """The changed properties that force a new resource, sorted."""
    if old.type != new.type:
        return ["Type"]
    return sorted(
        name
        for name in RESOURCE_TYPES[new.type].replaced_by
        if old.properties.get(name) != new.properties.get(name)
        # Giving a generated name explicitly, unchanged, is no change.
        and not (name == RESOURCE_TYPES[new.type].custom_name and new.properties.get(name) == old.physical_id)
    )


def _strike(faults: Faults, resource: StackResource, verb: Any) -> None:
    reason = faults.resource_failure(resource.logical_id, verb)
    if reason is not None:
        raise ResourceFailed(reason)


def _checked(resource_type: ResourceType, resource: StackResource) -> dict[str, Any]:
    properties, faults = resource_type.check(resource.properties)
    if faults:
        raise ResourceFailed(
            f"Properties validation failed for resource {resource.logical_id} with message:\n" + "\n".join(faults)
        )
    return properties


def _translated(resource: StackResource, act: Callable[[], None]) -> None:
    try:
        act()
    except ClientError as error:
        code = error.response["Error"]["Code"]
        message = error.response["Error"]["Message"]
        service = resource.type.split("::")[1]
        request_id = error.response["ResponseMetadata"].get("RequestId", "")
        text = f"{message} (Service: {service}, Status Code: 400, Request ID: {request_id})"
        raise ResourceFailed(handler_message(text, HANDLER_CODES.get(code, "InvalidRequest"))) from error
    except BotoCoreError as error:
        # botocore refuses malformed requests before they are sent; AWS would refuse the same on arrival.
        raise ResourceFailed(handler_message(str(error), "InvalidRequest")) from error
