"""What does AWS's API look like, without a call? All that the checks know of services, operations and answers.

`ApiModels` is owned here; `workflow/doors/aws/models.py` answers it from the service models that botocore carries.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import cache
from typing import Literal, Protocol

from state.cheap_classes import dataclass

ShapeKind = Literal["structure", "list", "map", "string", "integer", "number", "boolean", "timestamp", "blob", "any"]


class ApiShape(Protocol):
    """The type of a parameter or of a part of an answer. Shapes may contain themselves.

    Attributes:
        kind: "any" is a document of which nothing is known before it is there.
        sensitive: AWS's model marks the value as a secret or as personal.
        members: of a structure, by name.
        required: names of a structure's members that must be given.
        item: of a list, or the values of a map.
        least: smallest length or value, 0 where the model has none.
        values: every value that a string may have, () where the model does not list them.
    """

    @property
    def kind(self) -> ShapeKind: ...
    @property
    def sensitive(self) -> bool: ...
    @property
    def members(self) -> Mapping[str, ApiShape]: ...
    @property
    def required(self) -> Iterable[str]: ...
    @property
    def item(self) -> ApiShape | None: ...
    @property
    def least(self) -> float: ...
    @property
    def values(self) -> Iterable[str]: ...


@dataclass(frozen=True, slots=True)
class ApiOperation:
    """One operation of a service.

    Attributes:
        service, name: as in boto3: `dynamodb`, `describe_table`.
        method: of its HTTP request.
        parameters, answer: their shapes, structures; None where there are none.
        streams: the answer is a stream of bytes or of events.
        pages: dotted names of what is put together from all pages of the answer (`DistributionList.Items`); () when
            it comes on one page.
        same_on_pages: dotted names of what each page repeats.
        page_marks: parameters that say where the next page begins.
    """

    service: str
    name: str
    method: str
    parameters: ApiShape | None
    answer: ApiShape | None
    streams: bool = False
    pages: tuple[str, ...] = ()
    same_on_pages: tuple[str, ...] = ()
    page_marks: tuple[str, ...] = ()


class ModelsOnDemand:
    """AWS's API models, gathered when the first of them is looked at: a file may ask nothing of AWS."""

    def __init__(self, gather: Callable[[], ApiModels]) -> None:
        self._models = cache(gather)

    def services(self) -> Iterable[str]:
        return self._models().services()

    def regions(self) -> Iterable[str]:
        return self._models().regions()

    def operations(self, service: str) -> Iterable[str]:
        return self._models().operations(service)

    def operation(self, service: str, name: str) -> ApiOperation:
        return self._models().operation(service, name)


class ApiModels(Protocol):
    """AWS's API models. Nothing here calls AWS or needs credentials."""

    def __hash__(self) -> int:
        """What is known of one is remembered by it."""

    def services(self) -> Iterable[str]:
        """The services' names, as in boto3."""

    def regions(self) -> Iterable[str]:
        """Every region of AWS, of all partitions."""

    def operations(self, service: str) -> Iterable[str]:
        """The operations of a service, as in boto3. Raises KeyError when there is no such service."""

    def operation(self, service: str, name: str) -> ApiOperation:
        """Raises KeyError when there is no such service or operation."""
