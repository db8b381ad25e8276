"""What do the parts of an API have in common? Found by the API's id and their own, changed member by member."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from workflow.sandbox.cloudformation.resource_types.model import (
    SEPARATOR,
    Placement,
    Properties,
    ResourceType,
    last_part,
)
from workflow.sandbox.cloudformation.resource_types.shapes import Record


def found(look: Callable[[], Mapping[str, Any]]) -> Mapping[str, Any] | None:
    """What a call answers, or None when there is no such thing."""
    try:
        return look()
    except ClientError as error:
        if error.response["Error"]["Code"] == "NotFoundException":
            return None
        raise


def changes(old: Properties, new: Properties, defaults: Mapping[str, Any]) -> dict[str, Any]:
    """The members to send in an update: those that differ, and what AWS has in place of those taken out."""
    differing = {key for key in {*old, *new} if old.get(key) != new.get(key)} - {"Tags"}
    return {key: new.get(key, defaults.get(key, "")) for key in sorted(differing)}


@dataclass(frozen=True)
class Part:
    """A part of an API that the service gives an id: a route, an integration, an authorizer, a deployment.

    Attributes:
        what: its name in the calls, as in `create_route`.
        key: the member that holds its id, as `RouteId`.
        defaults: what a property goes back to when it is taken out of the template.
        demanded: the properties that the call to create it demands and the template need not have.
    """

    what: str
    key: str
    defaults: Mapping[str, Any]
    demanded: frozenset[str] = frozenset()

    def create(self, place: Placement, _name: str, properties: Properties) -> str:
        """The ids of the API and of the part, as `api-id|part-id`; Ref yields the latter."""
        given = {**{key: self.defaults[key] for key in self.demanded}, **properties}
        made = getattr(place.client("apigatewayv2"), f"create_{self.what}")(**given)
        return f"{properties['ApiId']}{SEPARATOR}{made[self.key]}"

    def update(self, place: Placement, physical_id: str, old: Properties, new: Properties) -> None:
        """Change in place whatever differs."""
        changed = changes(old, new, self.defaults)
        if changed:
            getattr(place.client("apigatewayv2"), f"update_{self.what}")(**self._named(physical_id), **changed)

    def read(self, place: Placement, physical_id: str) -> Mapping[str, str] | None:
        """Its id."""
        look = getattr(place.client("apigatewayv2"), f"get_{self.what}")
        there = found(lambda: look(**self._named(physical_id)))
        return None if there is None else {self.key: last_part(physical_id)}

    def delete(self, place: Placement, physical_id: str) -> None:
        """Remove it; what went away with its API is fine."""
        if self.read(place, physical_id) is not None:
            getattr(place.client("apigatewayv2"), f"delete_{self.what}")(**self._named(physical_id))

    def _named(self, physical_id: str) -> dict[str, str]:
        api, _, part = physical_id.partition(SEPARATOR)
        return {"ApiId": api, self.key: part}

    def resource_type(
        self, name: str, shape: Record, faults: Callable[[Properties], list[str]] | None = None
    ) -> ResourceType:
        """The type of this part."""
        return ResourceType(
            name=name,
            shape=shape,
            create=self.create,
            read=self.read,
            update=self.update,
            delete=self.delete,
            replaced_by=frozenset({"ApiId"}),
            attributes=frozenset({self.key}),
            identify=None,
            faults=faults or (lambda _properties: []),
            reference=last_part,
        )
