"""What does the engine need to know about a type of resource? The contract of the files beside this one.

Rules:
- A type is one file with one `ResourceType` value; `RESOURCE_TYPES` in `__init__` lists them all.
- Its functions call the service APIs through `Placement.client` and let `ClientError` through: the engine
  translates it once.
- `create` and `update` check everything they can before their first call, so that a refusal leaves nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from workflow.sandbox.cloudformation.intrinsics import UNKNOWN
from workflow.sandbox.cloudformation.resource_types.shapes import Record

Properties = Mapping[str, Any]


class Placement(Protocol):
    """Where a resource lives, and the stack's tags that it inherits."""

    @property
    def region(self) -> str: ...
    @property
    def account(self) -> str: ...
    @property
    def tags(self) -> Mapping[str, str]: ...
    def client(self, service: str) -> Any: ...


def _no_faults(_properties: Properties) -> list[str]:
    return []


def _the_id(physical_id: str) -> str:
    return physical_id


def _the_name(_place: Placement, name: str, _properties: Properties) -> str:
    return name


@dataclass(frozen=True)
class ResourceType:
    """One resource type.

    Attributes:
        name: `AWS::DynamoDB::Table`.
        shape: its properties.
        custom_name: the property that names it, if it can be named.
        replaced_by: the properties whose change makes a new resource.
        attributes: what Fn::GetAtt yields.
        create: makes it under `name` and returns its physical id.
        read: its attributes, or None when there is no such resource.
        update: applies the difference between two sets of properties in place.
        delete: removes it; a resource that is gone already is fine.
        identify: the physical id that a resource of this name would have; None: not knowable before.
        faults: what is wrong with the properties as a whole.
        iam: whether it demands an IAM capability.
        max_name: the longest name that AWS accepts [characters].
        identifier: the key of ResourceIdentifier when it is imported.
        reference: what Ref yields of a physical id, where that is not the whole of it.
    """

    name: str
    shape: Record
    create: Callable[[Placement, str, Properties], str]
    read: Callable[[Placement, str], Mapping[str, str] | None]
    update: Callable[[Placement, str, Properties, Properties], None]
    delete: Callable[[Placement, str], None]
    custom_name: str | None = None
    replaced_by: frozenset[str] = frozenset()
    attributes: frozenset[str] = frozenset()
    identify: Callable[[Placement, str, Properties], str] | None = _the_name
    faults: Callable[[Properties], list[str]] = _no_faults
    iam: bool = False
    max_name: int = 255
    identifier: str | None = field(default=None)
    reference: Callable[[str], str] = _the_id

    def check(self, properties: Properties) -> tuple[dict[str, Any], list[str]]:
        """The properties as the service wants them, and what is wrong with them."""
        faults: list[str] = []
        checked = self.shape.check(dict(properties), "#", faults)
        # A property that is not known yet cannot be weighed against the others.
        if not faults and UNKNOWN not in checked.values():
            faults = self.faults(checked)
        return checked, faults


# Between the parts of a physical id that needs its owner's id, too: `api-id|route-id`.
SEPARATOR = "|"


def last_part(physical_id: str) -> str:
    """What Ref yields of a physical id that its owner's id leads."""
    return physical_id.rpartition(SEPARATOR)[2]


def tag_map(place: Placement, properties: Properties, key: str = "Tags") -> dict[str, str]:
    """The stack's tags and the resource's own, the latter winning, for a type that takes them as an object."""
    return {**place.tags, **properties.get(key, {})}


def tag_list(place: Placement, properties: Properties) -> list[dict[str, str]]:
    """The stack's tags and the resource's own, the latter winning, as `[{"Key": ..., "Value": ...}]`."""
    return [{"Key": key, "Value": value} for key, value in tags_by_key(place, properties).items()]


def tags_by_key(place: Placement, properties: Properties) -> dict[str, str]:
    """The same tags, key -> value, for services that take them so although the resource has a list."""
    own = {tag["Key"]: tag["Value"] for tag in properties.get("Tags", [])}
    return {**place.tags, **own}


def untagged(old: Properties, new: Properties) -> list[str]:
    """The keys of the tags that an update takes away."""
    kept = {tag["Key"] for tag in new.get("Tags", [])}
    return [tag["Key"] for tag in old.get("Tags", []) if tag["Key"] not in kept]
