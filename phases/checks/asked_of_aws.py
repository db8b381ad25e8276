"""What does a check ask of AWS, held against AWS's models? Operation, parameters, expression, and what is expected.

Nothing is called. `wrong` takes note of each problem, by its path in the check; `doubt` of what can never match.
"""

from __future__ import annotations

import difflib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from typing_extensions import TypedDict

from phases.checks.api_model import ApiModels, ApiOperation
from phases.checks.expectation import Expectation, each_of
from phases.checks.expression import Expression
from phases.checks.file_settings import KINDS, VERSIONS, ExpectSettings, sound_part
from phases.checks.leads import BadExpression, Leads
from phases.checks.literals import never_expected
from phases.checks.local.version import is_version
from phases.checks.parameters import wrong_parameters
from phases.checks.placeholders import names_in
from phases.checks.read_operations import COUNTED, refusal
from phases.documents.regular_expression import problem_with
from phases.documents.yaml_document import Place, seen

Wrong = Callable[[Place, str], None]


class Asked(TypedDict):
    """What is asked of AWS, held against its models (`DeclaredCheck`)."""

    operation: ApiOperation
    expression: Expression
    expect: Expectation


def read_asked(given: Mapping[str, object], models: ApiModels, wrong: Wrong, doubt: Wrong) -> Asked | None:
    """What a check asks of AWS, or None when it has problems; `doubt` takes note of what can never match."""
    operation = _operation(given.get("service"), given.get("operation"), models, wrong)
    _judge_parameters(given.get("parameters", {}), operation, wrong)
    expression, leads = read_expression(given.get("expression"), operation, wrong)
    expect = read_expectation(given.get("expect"), wrong)
    for path, message in (*_never(leads, expect), *says_nothing(expression, expect)):
        doubt(path, message)
    if expect is None or operation is None or expression is None:
        return None
    if (operation.service, operation.name) in COUNTED and not expression.counts:
        what = f"{operation.service} {operation.name} hands out data, of which a check may only count"
        wrong(("expression",), f"{what}: expected length(...) or a comparison, seen {seen(expression.text)}")
        return None
    return Asked(operation=operation, expression=expression, expect=expect)


def _judge_parameters(parameters: object, operation: ApiOperation | None, wrong: Wrong) -> None:
    if operation is not None and isinstance(parameters, dict):
        for path, message in wrong_parameters(operation, parameters):
            wrong(("parameters", *path), message)
    _judge_json(parameters, ("parameters",), wrong)


def read_expression(
    text: object, operation: ApiOperation | None, wrong: Wrong
) -> tuple[Expression | None, Leads | None]:
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
    unmet = never_expected(expect.kind, expect.value, leads.name, leads.shape)
    if unmet:
        yield ("expect", expect.kind), unmet


def says_nothing(expression: Expression | None, expect: Expectation | None) -> Iterator[tuple[Place, str]]:
    """What holds, or does not, whatever the answer is."""
    if expression is None:
        return
    if not expression.reads:
        yield ("expression",), "it reads nothing of the answer: expected a field of it, seen literals alone"
    elif expect is not None and expect.kind in ("present", "absent") and expression.decides:
        word = "true" if expect.kind == "present" else "false"
        text = f"a comparison is true or false, and both are present: write `expect: {{equals: {word}}}`"
        yield ("expect",), text


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


def read_expectation(raw: object, wrong: Wrong) -> Expectation | None:
    if isinstance(raw, dict):
        sound = sound_part(ExpectSettings, raw)
        known = sound.model_fields_set if sound is not None else ()
        names = {field.alias or name for name, field in ExpectSettings.model_fields.items() if name in known}
        given: dict[str, Any] = {name: value for name, value in raw.items() if name in names}  # as written: 3 stays 3
        if raw and not given:
            return None
    elif raw in ("present", "absent"):
        given = {str(raw): True}
    else:
        return None
    if len(given) != 1:
        all_given = ", ".join(given) or "nothing"
        wrong(("expect",), f"expected exactly one of {', '.join(KINDS)}, seen {all_given}")
        return None
    kind = next(each for each in KINDS if each in given)
    value = given[kind]
    if value is None:
        wrong(("expect", kind), f"{kind}: expected a value; for what is missing write `expect: absent`")
        return None
    _judge_json(value, ("expect", kind), wrong)
    if kind == "contains-each" and not each_of(value):
        wrong(("expect", kind), f"{kind}: expected a list with something in it or a text of words, seen {seen(value)}")
    if kind in VERSIONS and not names_in(value) and not is_version(value):
        wrong(("expect", kind), f"{kind}: expected a version such as 1.29, seen {seen(value)}")
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


def _near(name: str, names: Sequence[str]) -> str:
    near = difflib.get_close_matches(name, names, 3, 0.6)
    return f"; did you mean {', '.join(near)}?" if near else ""
