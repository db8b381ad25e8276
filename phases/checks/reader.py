"""What does a checks file say? Its bytes become `Checks`, or every problem at once, each with file:line:column.

Rules:
- Nothing is called: services, operations, parameters and expressions are held against AWS's models.
- Nothing is guessed: an unknown name, a wrong kind of value, a name given twice or a YAML alias is refused.
- Only operations that `read_operations` accepts.
- A check asks AWS, or looks at one thing of this machine (`local/settings.py`); never both.
"""

from __future__ import annotations

import difflib
import hashlib
import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import zip_longest
from typing import TYPE_CHECKING, Any, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator
from typing_extensions import TypedDict

from phases.checks.api_model import ApiModels, ApiOperation
from phases.checks.definition import REGION, Checks, Declared, DeclaredCheck, Severity
from phases.checks.expectation import Expectation, ExpectationKind
from phases.checks.expression import BadExpression, Expression, Leads
from phases.checks.literals import never_expected
from phases.checks.local.local_check import LocalCheck
from phases.checks.local.settings import (
    CannotHoldSettings,
    CommandSettings,
    EnvironmentSettings,
    FileSettings,
    FollowsSettings,
    LocalSettings,
    SignOffSettings,
    ToolSettings,
    read_look,
)
from phases.checks.parameters import wrong_parameters
from phases.checks.placeholders import NAME as PLACEHOLDER
from phases.checks.profile_settings import ProfileSettings, read_profiles, wrong_profiles
from phases.checks.read_operations import refusal
from phases.documents.regular_expression import problem_with
from phases.documents.yaml_document import Place, YamlDocument, in_order, said, seen
from state.errors import BadInput, Problem
from state.path_word import path_word

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

LONGEST_WAIT = 3600  # [s] beyond it a step's durable wait is the right thing
TEXT = ("id", "name", "criterion", "tasks", "item", "beside", "waits-for")  # taken as written: 3.10 is no number
LOCAL = ("tool", "command", "file", "virtual-environment", "follows-from", "sign-off", "cannot-hold")
LOCAL_TEXT = ("run", "at-least", "at-most", "path", "fields", "contains", "lacks", "tasks", "why")
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
    in_file: str | None = Field(default=None, alias="in-file")
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
    service: str = ""
    operation: str = ""
    parameters: dict[str, object] = {}
    expression: str = Field(default="", min_length=1)
    expect: _Expect | None = None
    tool: ToolSettings | None = None
    command: CommandSettings | None = None
    file: FileSettings | None = None
    virtual_environment: EnvironmentSettings | None = Field(default=None, alias="virtual-environment")
    follows_from: FollowsSettings | None = Field(default=None, alias="follows-from")
    sign_off: SignOffSettings | None = Field(default=None, alias="sign-off")
    cannot_hold: CannotHoldSettings | None = Field(default=None, alias="cannot-hold")
    within: int = Field(default=0, ge=0, le=LONGEST_WAIT)
    every: int = Field(default=10, ge=1, le=LONGEST_WAIT)
    severity: Literal["fail", "note"] = "fail"
    waits_for: str = Field(default="", alias="waits-for")
    region: str = Field(default="", pattern=rf"^({REGION}|\{{[a-z][a-z0-9-]*\}})$")
    tasks: list[str] = []
    criterion: str = ""
    line: int = Field(default=0, ge=1)
    item: str = ""
    beside: str = ""


_LOCAL_MODELS: Mapping[str, type[LocalSettings]] = {
    "tool": ToolSettings,
    "command": CommandSettings,
    "file": FileSettings,
    "virtual-environment": EnvironmentSettings,
    "follows-from": FollowsSettings,
    "sign-off": SignOffSettings,
    "cannot-hold": CannotHoldSettings,
}


class _Lookup(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    service: str
    operation: str
    parameters: dict[str, object] = {}
    expression: str = Field(min_length=1)
    region: str = Field(default="", pattern=rf"^({REGION}|\{{[a-z][a-z0-9-]*\}})$")


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    checks: list[_Check]
    profiles: dict[str, ProfileSettings] = {}
    lookups: dict[str, _Lookup] = {}


def read_checks(data: bytes, path: str, models: ApiModels, *, under_way: bool = False) -> Checks:
    """The checks in the bytes of a checks file; placeholders are still to be filled (`Checks.filled`).

    Args:
        path: the file's path, for messages.
        under_way: a run of 0.1 has begun with this file: literals that can never match, which 0.1 took, are `doubts`.

    Raises BadInput with every problem, each at `path:line:column`.
    """
    document = YamlDocument(data, path, lambda problems: _refused(path, problems), _is_text)
    problems = list(document.problems)
    given = document.value.get("checks") if isinstance(document.value, dict) else None
    raw = given if isinstance(given, list) else []
    file = _validated(document, problems)
    doubts: list[Problem] = [] if under_way else problems
    checks = [
        _read(document, number, *entry, models, problems, doubts)
        for number, entry in enumerate(zip_longest(raw, file.checks))
    ]
    lookups = [_read_lookup(document, name, each, models, problems) for name, each in file.lookups.items()]
    problems += [*_repeated(document, raw), *_wrong_companions(document, raw), *wrong_profiles(document, file.profiles)]
    if problems:
        raise _refused(path, problems)
    whole = _with_companions(checks, [entry.beside for entry in file.checks])
    known = read_profiles(document, file.profiles)
    found = tuple(each for each in lookups if each is not None)
    return Checks(path, hashlib.sha256(data).hexdigest(), whole, tuple(in_order(doubts)), known, found)


def _validated(document: YamlDocument, problems: list[Problem]) -> _File:
    """What the document says; with problems, which go into the list, no check and nothing else."""
    try:
        return _File.model_validate(document.value)
    except ValidationError as error:
        problems += [document.problem(detail["loc"], _said(detail)) for detail in error.errors()]
        return _File(checks=[])


def _noting(document: YamlDocument, here: Place, problems: list[Problem]) -> Wrong:
    """Puts problems at places below `here` into the list."""

    def wrong(path: Place, message: str) -> None:
        problems.append(document.problem((*here, *path), message))

    return wrong


def _read_lookup(
    document: YamlDocument, name: str, entry: _Lookup, models: ApiModels, problems: list[Problem]
) -> DeclaredCheck | None:
    """What is looked up for the placeholder of this name, as a check that something is there; None with problems."""
    here: Place = ("lookups", name)

    wrong = _noting(document, here, problems)
    if not re.fullmatch(PLACEHOLDER, name):
        wrong((), f"lookups: {seen(name)} is no name of a placeholder")
        return None
    given: dict[str, object] = {**entry.model_dump(), "expect": "present"}
    asked = _read_asked(given, models, wrong, wrong)
    if asked is None:
        return None
    return DeclaredCheck(
        id=name,
        name=name,
        place=document.place(here),
        places=document.places_under(here),
        parameters=entry.parameters,
        region=entry.region,
        **asked,
    )


def _with_companions(checks: Sequence[Declared | None], beside: Sequence[str]) -> tuple[Declared, ...]:
    """The checks, each with the one that it names as standing beside it."""
    asked = {check.id: check for check in checks if isinstance(check, DeclaredCheck)}
    return tuple(
        replace(check, beside=asked.get(other)) if isinstance(check, DeclaredCheck) else check
        for check, other in zip(checks, beside, strict=True)
        if check
    )


def _read(
    document: YamlDocument,
    number: int,
    raw: object,
    entry: _Check | None,
    models: ApiModels,
    problems: list[Problem],
    doubts: list[Problem],
) -> Declared | None:
    """The check, or None when it has problems: pydantic's are known already, the others are looked for in any case.

    `doubts` takes what can never match.
    """
    here: Place = ("checks", number)

    wrong = _noting(document, here, problems)
    given = raw if isinstance(raw, dict) else {}
    for path, word in document.words(here):
        wrong(path, f"{word} is true or false to YAML: write that, or quotes for a text")
    common = _common(document, here, entry) if entry is not None else None
    local = [name for name in LOCAL if name in given]
    if local:
        return _read_local(local, given, common, wrong)
    _judge_present(raw, wrong)
    asked = _read_asked(given, models, wrong, _noting(document, here, doubts))
    if entry is None or common is None or asked is None:
        return None
    return DeclaredCheck(parameters=entry.parameters, region=entry.region, **asked, **common)


def _judge_present(raw: object, wrong: Wrong) -> None:
    """Whether all is there that a check which asks AWS needs; of what is no check at all, pydantic speaks."""
    if not isinstance(raw, dict):
        return
    for name in ("service", "operation", "expression", "expect"):
        if name not in raw:
            wrong((name,), f"{name!r} is missing")


class _Asked(TypedDict):
    """What is asked of AWS, held against its models (`DeclaredCheck`)."""

    operation: ApiOperation
    expression: Expression
    expect: Expectation


def _read_asked(given: Mapping[str, object], models: ApiModels, wrong: Wrong, doubt: Wrong) -> _Asked | None:
    """What a check asks of AWS, or None when it has problems; `doubt` takes note of what can never match."""
    operation = _operation(given.get("service"), given.get("operation"), models, wrong)
    _judge_parameters(given.get("parameters", {}), operation, wrong)
    expression, leads = _expression(given.get("expression"), operation, wrong)
    expect = _expectation(given.get("expect"), wrong)
    for path, message in _never(leads, expect):
        doubt(path, message)
    if expect is None or operation is None or expression is None:
        return None
    return _Asked(operation=operation, expression=expression, expect=expect)


class _Common(TypedDict):
    """What every check has (`Declared`)."""

    id: str
    name: str
    within: int
    every: int
    severity: Severity
    waits_for: str
    tasks: tuple[str, ...]
    criterion: str
    line: int
    item: str
    place: str
    places: dict[Place, str]


def _common(document: YamlDocument, here: Place, entry: _Check) -> _Common:
    return _Common(
        id=entry.id,
        name=entry.name,
        within=entry.within,
        every=entry.every,
        severity=entry.severity,
        waits_for=entry.waits_for,
        tasks=tuple(entry.tasks),
        criterion=entry.criterion,
        line=entry.line,
        item=entry.item,
        place=document.place((*here, "id")),
        places=document.places_under(here),
    )


def _read_local(
    local: Sequence[str], given: Mapping[str, object], common: _Common | None, wrong: Wrong
) -> LocalCheck | None:
    """A check of this machine, or None when it has problems."""
    setting = local[0]
    for path, message in _misplaced(local, given):
        wrong(path, message)
    expression, _leads = _expression(given.get("expression"), None, wrong)
    expect = _expectation(given["expect"], wrong) if "expect" in given else None
    for path, message in _not_for_a_look(setting, given, expect):
        wrong(path, message)
    settings = _settings(given[setting], _LOCAL_MODELS[setting])
    look = read_look(settings, wrong) if settings is not None else None
    if look is None or common is None or ("expect" in given and expect is None):
        return None
    return LocalCheck(look=look, expression=expression, expect=expect, **common)


def _misplaced(local: Sequence[str], given: Mapping[str, object]) -> Iterator[tuple[Place, str]]:
    """What a check of this machine has beside the one thing that it looks at, and does not belong there."""
    setting, *more = local
    for name in more:
        yield (name,), f"a check looks at one thing: seen {setting} and {name}"
    for name in ("service", "operation", "parameters", "region", "beside"):
        if name in given:
            yield (name,), f"a check of {setting} asks nothing of AWS: {name} belongs into a check of its own"
    if setting not in ("command", "file"):
        for name in ("expression", "expect"):
            if name in given:
                yield (name,), f"{name} does not go with {setting}, which says by itself what is expected"


def _not_for_a_look(
    setting: str, given: Mapping[str, object], expect: Expectation | None
) -> Iterator[tuple[Place, str]]:
    """Why what is expected cannot be judged of this machine: half of it is missing, or only AWS's answers have it."""
    if "expression" in given and "expect" not in given:
        yield ("expression",), "an expression needs `expect`"
    if setting == "file" and "expect" in given and "expression" not in given:
        yield ("expect",), "of a file, write `contains` or `lacks`, or an expression over its JSON"
    if expect is not None and expect.kind == "in-file":
        yield ("expect", "in-file"), "in-file is about an answer of AWS"
    if expect is not None and expect.kind == "absent":
        yield ("expect",), "absent would also hold where nothing was looked at: write what must be there"


def _settings(given: object, model: type[LocalSettings]) -> LocalSettings | None:
    """None where pydantic has something to say, which is known already."""
    try:
        return model.model_validate(given)
    except ValidationError:
        return None


def _judge_parameters(parameters: object, operation: ApiOperation | None, wrong: Wrong) -> None:
    if operation is not None and isinstance(parameters, dict):
        for path, message in wrong_parameters(operation, parameters):
            wrong(("parameters", *path), message)
    _judge_json(parameters, ("parameters",), wrong)


def _expression(text: object, operation: ApiOperation | None, wrong: Wrong) -> tuple[Expression | None, Leads | None]:
    """The expression, and what it leads to where its operation is known."""
    if not isinstance(text, str) or not text:
        return None, None
    try:
        expression = Expression(text)
        return expression, expression.leads_to(operation) if operation is not None else None
    except BadExpression as error:
        wrong(("expression",), str(error))
        return None, None


def _never(leads: Leads | None, expect: Expectation | None) -> Iterator[tuple[Place, str]]:
    """What in the expression, or of its value, can never match; and what always would."""
    if leads is None:
        return
    for why in leads.never:
        yield ("expression",), why
    if expect is None:
        return
    if expect.kind == "present" and leads.decides:
        yield ("expect",), "a comparison is true or false, and both are present: write `expect: {equals: true}`"
        return
    unmet = never_expected(expect.kind, expect.value, leads.name, leads.shape)
    if unmet:
        yield ("expect", expect.kind), unmet


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


def _expectation(raw: object, wrong: Wrong) -> Expectation | None:
    try:
        _Expect.model_validate(raw)
    except ValidationError:
        return None
    given: dict[str, Any] = raw if isinstance(raw, dict) else {str(raw): True}  # as written: 3 stays 3
    if len(given) != 1:
        seen = ", ".join(given) or "nothing"
        wrong(("expect",), f"expected exactly one of {', '.join(KINDS)}, seen {seen}")
        return None
    kind = next(each for each in KINDS if each in given)
    value = given[kind]
    if value is None:
        wrong(("expect", kind), f"{kind}: expected a value; for what is missing write `expect: absent`")
        return None
    _judge_json(value, ("expect", kind), wrong)
    if kind == "matches" and (why := problem_with(value)):
        wrong(("expect", kind), f"not a regular expression: {why}")
    return Expectation(kind, value)


def _judge_json(value: object, place: Place, wrong: Wrong) -> None:
    for path, text in _not_json(value):
        wrong((*place, *path), f"{text} is not a value of JSON; write it in quotes")


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


def _wrong_companions(document: YamlDocument, raw: Sequence[object]) -> Iterator[Problem]:
    """A companion is another check of the file, and expects something that is there."""
    given = [(number, entry) for number, entry in enumerate(raw) if isinstance(entry, dict)]
    expected = {str(entry.get("id")): entry.get("expect") for _number, entry in given}
    for number, entry in given:
        beside = entry.get("beside")
        if not isinstance(beside, str):
            continue
        here = ("checks", number, "beside")
        if beside not in expected or beside == entry.get("id"):
            yield document.problem(here, f"beside: expected the id of another check of this file, seen {seen(beside)}")
        elif expected[beside] is None:
            yield document.problem(here, f"beside: {beside} says nothing of what AWS answers; expected one that does")
        elif expected[beside] in ("absent", {"absent": True}):
            yield document.problem(here, f"beside: {beside} expects what is absent itself; expected one that is there")


def _is_text(place: Place) -> bool:
    if len(place) > 3 and place[2] in LOCAL:
        return place[3] in LOCAL_TEXT
    if place[:1] == ("profiles",):
        return len(place) == 4 and place[2] in ("values", "leaves-out")
    return len(place) in (3, 4) and place[2] in TEXT


def _said(detail: ErrorDetails) -> str:
    loc, given = detail["loc"], seen(detail["input"])
    match detail["type"], loc[-1:]:
        case "missing", ("checks",) if len(loc) == 1:
            return "'checks' is missing: expected a list of checks"
        case _, ("region",):
            return f"region: expected a region such as eu-west-1, seen {given}"
        case "string_pattern_mismatch", ("id",):
            return f"id: expected small letters, digits and hyphens, seen {given}"
        case "model_type" | "dict_type", ("expect",):
            return f"expect: expected present, absent or one of {', '.join(KINDS[:-2])}, seen {given}"
    return said(detail, [field.alias or name for name, field in _model_at(loc).model_fields.items()])


def _model_at(place: Place) -> type[BaseModel]:
    """The model of the settings around a place in the file."""
    if len(place) > 3 and place[2] in _LOCAL_MODELS:
        return _LOCAL_MODELS[str(place[2])]
    if place[:1] == ("profiles",):
        return ProfileSettings if len(place) > 2 else _File
    if place[:1] == ("lookups",):
        return _Lookup if len(place) > 2 else _File
    if "expect" in place:
        return _Expect
    return _Check if len(place) > 1 else _File


def _near(name: str, names: Sequence[str]) -> str:
    near = difflib.get_close_matches(name, names, 3, 0.6)
    return f"; did you mean {', '.join(near)}?" if near else ""


def _refused(path: str, problems: Sequence[Problem]) -> BadInput:
    return BadInput(
        f"the checks in {path} are refused, so nothing is called",
        problems=in_order(problems),
        next_command=f"$EDITOR {path_word(path)}   # docs/checks.md has every setting",
    )
