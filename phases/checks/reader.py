"""What does a checks file say? Its bytes become `Checks`, or every problem at once, each with file:line:column.

Rules:
- Nothing is called: services, operations, parameters and expressions are held against AWS's models.
- Nothing is guessed: an unknown name, a wrong kind of value, a name given twice or a YAML alias is refused.
- Only operations that `read_operations` accepts.
"""

from __future__ import annotations

import difflib
import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from shlex import quote
from typing import Any, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from phases.checks.api_model import ApiModels, ApiOperation
from phases.checks.definition import REGION, Checks, DeclaredCheck
from phases.checks.expectation import Expectation, ExpectationKind
from phases.checks.expression import BadExpression, Expression
from phases.checks.parameters import wrong_parameters
from phases.checks.read_operations import refusal
from phases.documents.regular_expression import problem_with
from phases.documents.yaml_document import Place, YamlDocument, in_order, said, seen
from state.errors import BadInput, Problem

LONGEST_WAIT = 3600  # [s] beyond it a step's durable wait is the right thing
TEXT = ("id", "name", "criterion", "tasks")  # taken as written: 3.10 is no number
KINDS: tuple[ExpectationKind, ...] = get_args(ExpectationKind)

Wrong = Callable[[Place, str], None]  # takes note of a problem at a place in the check


class _Expect(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    equals: object = None
    one_of: list[object] | None = Field(default=None, alias="one-of", min_length=1)
    contains: object = None
    at_least: float | None = Field(default=None, alias="at-least", allow_inf_nan=False)
    at_most: float | None = Field(default=None, alias="at-most", allow_inf_nan=False)
    matches: str | None = None
    present: Literal[True] | None = None
    absent: Literal[True] | None = None

    @model_validator(mode="before")
    @classmethod
    def _word(cls, given: object) -> object:
        return {given: True} if given in ("present", "absent") else given


class _Check(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    id: str = Field(pattern=r"^[a-z][a-z0-9-]*$")
    name: str = Field(min_length=1)
    service: str
    operation: str
    parameters: dict[str, Any] = {}
    expression: str = Field(min_length=1)
    expect: _Expect
    within: int = Field(default=0, ge=0, le=LONGEST_WAIT)
    every: int = Field(default=10, ge=1, le=LONGEST_WAIT)
    severity: Literal["fail", "note"] = "fail"
    region: str = Field(default="", pattern=rf"^({REGION}|\{{[a-z][a-z0-9-]*\}})$")
    tasks: list[str] = []
    criterion: str = ""


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    checks: list[_Check]


def read_checks(data: bytes, path: str, models: ApiModels) -> Checks:
    """The checks in the bytes of a checks file; placeholders are still to be filled (`Checks.filled`).

    Args:
        path: the file's path, for messages.

    Raises BadInput with every problem, each at `path:line:column`.
    """
    document = YamlDocument(data, path, lambda problems: _refused(path, problems), _is_text)
    problems = list(document.problems)
    given = document.value.get("checks") if isinstance(document.value, dict) else None
    raw = given if isinstance(given, list) else []
    sound: list[_Check | None] = [None] * len(raw)
    try:
        sound = list(_File.model_validate(document.value).checks)
    except ValidationError as error:
        problems += [document.problem(detail["loc"], _said(detail)) for detail in error.errors()]
    checks = [
        _read(document, number, *entry, models, problems) for number, entry in enumerate(zip(raw, sound, strict=True))
    ]
    problems += _repeated(document, raw)
    if problems:
        raise _refused(path, problems)
    return Checks(path, hashlib.sha256(data).hexdigest(), tuple(check for check in checks if check))


def _read(
    document: YamlDocument, number: int, raw: Any, entry: _Check | None, models: ApiModels, problems: list[Problem]
) -> DeclaredCheck | None:
    """The check, or None when it has problems: pydantic's are known already, the others are looked for in any case."""
    here: Place = ("checks", number)

    def wrong(path: Place, message: str) -> None:
        problems.append(document.problem((*here, *path), message))

    given = raw if isinstance(raw, dict) else {}
    operation = _operation(given.get("service"), given.get("operation"), models, wrong)
    parameters = given.get("parameters", {})
    if operation is not None and isinstance(parameters, dict):
        for path, message in wrong_parameters(operation, parameters):
            wrong(("parameters", *path), message)
    for path, text in _not_json(parameters):
        wrong(("parameters", *path), f"{text} is not a value of JSON; write it in quotes")
    expression = _expression(given.get("expression"), operation, wrong)
    expect = _expectation(given.get("expect"), wrong)
    for path, word in document.words(here):
        wrong(path, f"{word} is true or false to YAML: write that, or quotes for a text")
    if entry is None or expect is None or operation is None or expression is None:
        return None
    return DeclaredCheck(
        id=entry.id,
        name=entry.name,
        operation=operation,
        parameters=entry.parameters,
        expression=expression,
        expect=expect,
        within=entry.within,
        every=entry.every,
        severity=entry.severity,
        region=entry.region,
        tasks=tuple(entry.tasks),
        criterion=entry.criterion,
        place=document.place((*here, "id")),
        places=document.places_under(here),
    )


def _expression(text: object, operation: ApiOperation | None, wrong: Wrong) -> Expression | None:
    if not isinstance(text, str) or not text:
        return None
    try:
        expression = Expression(text)
        if operation is not None:
            expression.require_fits(operation)
    except BadExpression as error:
        wrong(("expression",), str(error))
        return None
    return expression


def _operation(service: object, name: object, models: ApiModels, wrong: Wrong) -> ApiOperation | None:
    if not isinstance(service, str) or not isinstance(name, str):
        return None
    services = list(models.services())
    if service not in services:
        wrong(("service",), f"there is no service {seen(service)} in boto3{_near(service, services)}")
        return None
    operations = list(models.operations(service))
    if name not in operations:
        wrong(("operation",), f"{service} has no operation {seen(name)} in boto3{_near(name, operations)}")
        return None
    operation = models.operation(service, name)
    why = refusal(operation, operations)
    if why:
        wrong(("operation",), why)
        return None
    return operation


def _expectation(raw: Any, wrong: Wrong) -> Expectation | None:
    try:
        _Expect.model_validate(raw)
    except ValidationError:
        return None
    given: dict[str, Any] = raw if isinstance(raw, dict) else {raw: True}  # as written: 3 stays 3
    if len(given) != 1:
        seen = ", ".join(given) or "nothing"
        wrong(("expect",), f"expected exactly one of {', '.join(KINDS)}, seen {seen}")
        return None
    kind = next(each for each in KINDS if each in given)
    value = given[kind]
    if value is None:
        wrong(("expect", kind), f"{kind}: expected a value; for what is missing write `expect: absent`")
        return None
    for path, text in _not_json(value):
        wrong(("expect", kind, *path), f"{text} is not a value of JSON; write it in quotes")
    if kind == "matches" and (why := problem_with(value)):
        wrong(("expect", kind), f"not a regular expression: {why}")
    return Expectation(kind, value)


def _not_json(value: object, path: Place = ()) -> Iterator[tuple[Place, str]]:
    """What YAML reads as something that JSON does not have: dates, sets, NaN."""
    if isinstance(value, dict):
        for name, entry in value.items():
            yield from _not_json(entry, (*path, name))
    elif isinstance(value, list):
        for number, entry in enumerate(value):
            yield from _not_json(entry, (*path, number))
    else:
        try:
            json.dumps(value, allow_nan=False)
        except (TypeError, ValueError):
            yield path, str(value)


def _repeated(document: YamlDocument, raw: Sequence[object]) -> Iterator[Problem]:
    for setting in ("id", "name"):
        first: dict[str, int] = {}
        for number, entry in enumerate(raw):
            value = entry.get(setting) if isinstance(entry, dict) else None
            if not isinstance(value, str):
                continue
            if value in first:
                place = document.place(("checks", first[value], setting))
                yield document.problem(
                    ("checks", number, setting), f"{setting} {seen(value)} is given twice; the first is at {place}"
                )
            first.setdefault(value, number)


def _is_text(place: Place) -> bool:
    return len(place) in (3, 4) and place[2] in TEXT


def _said(detail: Any) -> str:
    loc = detail["loc"]
    if detail["type"] == "missing" and loc == ("checks",):
        return "'checks' is missing: expected a list of checks"
    if loc[-1:] == ("region",):
        return f"region: expected a region such as eu-west-1, seen {seen(detail['input'])}"
    if loc[-1:] == ("id",) and detail["type"] == "string_pattern_mismatch":
        return f"id: expected small letters, digits and hyphens, seen {seen(detail['input'])}"
    if loc[-1:] == ("expect",) and detail["type"] in ("model_type", "dict_type"):
        return f"expect: expected present, absent or one of {', '.join(KINDS[:-2])}, seen {seen(detail['input'])}"
    model = _Expect if "expect" in loc else _Check if len(loc) > 1 else _File
    return said(detail, [field.alias or name for name, field in model.model_fields.items()])


def _near(name: str, names: Sequence[str]) -> str:
    near = difflib.get_close_matches(name, names, 3, 0.6)
    return f"; did you mean {', '.join(near)}?" if near else ""


def _refused(path: str, problems: Sequence[Problem]) -> BadInput:
    return BadInput(
        f"the checks in {path} are refused, so nothing is called",
        problems=in_order(problems),
        next_command=f"$EDITOR {quote(path)}   # docs/checks.md has every setting",
    )
