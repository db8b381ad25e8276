"""How does a CloudFormation request come in, and an answer go out? AWS's query protocol, over HTTP.

Rules:
- Requests are checked against the service model that botocore carries: required members, enumerations,
  lengths and patterns, with AWS's own words.
- Answers and errors are XML; no exception leaves this module except faults of ours.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator, Mapping
from typing import Any
from xml.sax.saxutils import escape

from moto.core.parse import QueryParser
from moto.core.serialize import QuerySerializer
from moto.core.utils import get_service_model

from workflow.sandbox.cloudformation import api
from workflow.sandbox.cloudformation.account import Account
from workflow.sandbox.cloudformation.errors import ServiceError, not_implemented, validation_error

Answer = tuple[int, dict[str, str], bytes]


def answer(account: Account, region: str, form: Mapping[str, str]) -> Answer:
    """(HTTP status, headers, body) for one request's form values."""
    action = form.get("Action", "")
    try:
        model = get_service_model("cloudformation")
        if action not in model.operation_names or action not in api.ACTIONS:
            raise not_implemented(f"the CloudFormation action {action or '(none)'}")
        operation_model = model.operation_model(action)
        request = QueryParser(operation_model).parse({"values": form})
        faults = list(_faults(request, operation_model.input_shape, ""))
        if faults:
            count = f"{len(faults)} validation error{'s' if len(faults) > 1 else ''} detected"
            raise validation_error(f"{count}: {'; '.join(faults)}")
        reply = QuerySerializer(operation_model).serialize(api.call(account, region, action, request))
    except ServiceError as error:
        return error_answer(error.code, error.message, error.status)
    return reply["status_code"], {"Content-Type": "text/xml"}, reply["body"].encode()


def error_answer(code: str, message: str, status: int) -> Answer:
    """An error in the query protocol's XML."""
    kind = "Sender" if status < 500 else "Receiver"
    body = (
        '<ErrorResponse xmlns="http://cloudformation.amazonaws.com/doc/2010-05-15/">'
        f"<Error><Type>{kind}</Type><Code>{escape(code)}</Code><Message>{escape(message)}</Message></Error>"
        f"<RequestId>{uuid.uuid4()}</RequestId></ErrorResponse>"
    )
    return status, {"Content-Type": "text/xml"}, body.encode()


def _faults(value: Any, shape: Any, path: str) -> Iterator[str]:
    """What the service model has against a value, in AWS's words."""
    if shape is None:
        return
    if shape.type_name == "structure":
        yield from _structure_faults(value, shape, f"{path}." if path else "")
    elif shape.type_name == "list":
        for index, member in enumerate(value, 1):
            yield from _faults(member, shape.member, f"{path}.{index}.member")
    elif shape.type_name == "string" and path != "TemplateBody":  # whose length has its own limit and message
        yield from _text_faults(value, shape.metadata, _lower(path))


def _structure_faults(value: Mapping[str, Any], shape: Any, before: str) -> Iterator[str]:
    for name in shape.required_members:
        if name not in value:
            yield _fault(None, _lower(f"{before}{name}"), "Member must not be null")
    for name, member in value.items():
        yield from _faults(member, shape.members[name], f"{before}{name}")


def _text_faults(value: str, limits: Mapping[str, Any], path: str) -> Iterator[str]:
    if "enum" in limits and value not in limits["enum"]:
        yield _fault(value, path, f"Member must satisfy enum value set: [{', '.join(limits['enum'])}]")
    if "pattern" in limits and not re.fullmatch(limits["pattern"], value, re.DOTALL):
        yield _fault(value, path, f"Member must satisfy regular expression pattern: {limits['pattern']}")
    if len(value) < limits.get("min", 0):
        yield _fault(value, path, f"Member must have length greater than or equal to {limits['min']}")
    if len(value) > limits.get("max", len(value)):
        yield _fault(value, path, f"Member must have length less than or equal to {limits['max']}")


def _fault(value: str | None, path: str, constraint: str) -> str:
    seen = "null" if value is None else f"'{value}'"
    return f"Value {seen} at '{path}' failed to satisfy constraint: {constraint}"


def _lower(path: str) -> str:
    return path[:1].lower() + path[1:]
