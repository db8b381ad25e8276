"""What does AWS's API look like? The service models that botocore carries, read from its files.

Rules:
- No client, no credentials, no network: the loader reads JSON files of the installed botocore.
- botocore is imported by the first question; a model is read once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache, cached_property
from typing import TYPE_CHECKING

from phases.checks.api_model import ApiOperation, ShapeKind

if TYPE_CHECKING:
    from botocore.model import ServiceModel, Shape
    from botocore.session import Session

_KINDS: dict[str, ShapeKind] = {
    "structure": "structure",
    "list": "list",
    "map": "map",
    "string": "string",
    "character": "string",
    "integer": "integer",
    "long": "integer",
    "float": "number",
    "double": "number",
    "boolean": "boolean",
    "timestamp": "timestamp",
    "blob": "blob",
}
# Strings in the model that botocore hands out as the JSON document in them.
# Source: botocore 1.44 handlers.py, `json_decode_policies` and `json_decode_template_body`.
_DECODED = ("policyDocumentType", "TemplateBody")


class BotocoreModels:
    """Implements phases.checks.api_model.ApiModels."""

    @cached_property
    def _session(self) -> Session:
        import botocore.session

        return botocore.session.Session()

    @cached_property
    def _services(self) -> frozenset[str]:
        return frozenset(self._session.get_component("data_loader").list_available_services("service-2"))

    @cached_property
    def _regions(self) -> frozenset[str]:
        session = self._session
        partitions = session.get_available_partitions()
        return frozenset(each for name in partitions for each in session.get_available_regions("dynamodb", name))

    def services(self) -> Iterable[str]:
        return self._services

    def regions(self) -> Iterable[str]:
        return self._regions

    def operations(self, service: str) -> Iterable[str]:
        return self._api_names(service)

    def operation(self, service: str, name: str) -> ApiOperation:
        api_name = self._api_names(service)[name]
        model = self._model(service).operation_model(api_name)
        pages = self._paginator(service, api_name)
        return ApiOperation(
            service,
            name,
            str(model.http.get("method", "POST")),
            _Shape(model.input_shape) if model.input_shape else None,
            _Shape(model.output_shape) if model.output_shape else None,
            bool(model.has_streaming_output or model.has_event_stream_output),
            _listed(pages.get("result_key")),
            _listed(pages.get("non_aggregate_keys")),
            _listed(pages.get("input_token")),
        )

    @cache  # noqa: B019 - one object asks for a handful of services
    def _model(self, service: str) -> ServiceModel:
        if service not in self._services:
            raise KeyError(service)
        return self._session.get_service_model(service)

    @cache  # noqa: B019
    def _api_names(self, service: str) -> Mapping[str, str]:
        """boto3's names of the operations, and AWS's own."""
        from botocore import xform_name

        return {xform_name(name): name for name in self._model(service).operation_names}

    def _paginator(self, service: str, api_name: str) -> Mapping[str, str | list[str]]:
        from botocore.exceptions import UnknownServiceError

        try:
            model = self._session.get_paginator_model(service)
            return dict(model.get_paginator(api_name))
        except (UnknownServiceError, ValueError):  # a service without paginators, an operation without one
            return {}


class _Shape:
    """A botocore shape as phases.checks.api_model.Shape."""

    def __init__(self, shape: Shape, name: str = "") -> None:
        self._shape = shape
        self._name = name

    @property
    def kind(self) -> ShapeKind:
        shape = self._shape
        if shape.name in _DECODED or self._name in _DECODED or shape.serialization.get("jsonvalue"):
            return "any"
        return "any" if getattr(shape, "is_document_type", False) else _KINDS[shape.type_name]

    @property
    def sensitive(self) -> bool:
        return bool(self._shape.metadata.get("sensitive"))

    @cached_property
    def members(self) -> Mapping[str, _Shape]:
        members = self._shape.members if self._shape.type_name == "structure" else {}
        return {name: _Shape(shape, name) for name, shape in members.items()}

    @property
    def required(self) -> Iterable[str]:
        return tuple(getattr(self._shape, "required_members", ()))

    @cached_property
    def item(self) -> _Shape | None:
        found = {"list": "member", "map": "value"}.get(self._shape.type_name)
        return _Shape(getattr(self._shape, found)) if found else None

    @property
    def least(self) -> float:
        return float(self._shape.metadata.get("min", 0))

    @property
    def values(self) -> Iterable[str]:
        return tuple(self._shape.metadata.get("enum", ()))


def _listed(value: str | list[str] | None) -> tuple[str, ...]:
    """botocore writes one name or a list of them."""
    return () if value is None else (value,) if isinstance(value, str) else tuple(str(name) for name in value)
