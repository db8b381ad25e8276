"""Which value does each parameter have? Declarations, given values and the last deployment's values.

Rules:
- Values are kept as text, as the API carries them; `typed` gives the list or the text that Ref yields.
- Types that ask an account for a value (SSM, EC2 ids) are refused by name.

Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/parameters-section-structure.html
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from workflow.sandbox.cloudformation.errors import not_implemented, validation_error

TYPES = {"String", "Number", "CommaDelimitedList", "List<Number>"}


def values_for(
    declared: Mapping[str, Mapping[str, Any]],
    given: Sequence[Mapping[str, Any]],
    previous: Mapping[str, str],
) -> dict[str, str]:
    """Each declared parameter's value, in the order of the template.

    Args:
        given: `[{"ParameterKey": ..., "ParameterValue": ... | "UsePreviousValue": True}]`.
        previous: the values of the stack's last deployment.

    Raises:
        ServiceError: ValidationError when one is unknown, missing, or breaks its declaration.
    """
    answers = {entry["ParameterKey"]: entry for entry in given}
    extra = sorted(set(answers) - set(declared))
    if extra:
        raise validation_error(f"Parameters: [{', '.join(extra)}] do not exist in the template")
    values: dict[str, str] = {}
    missing = []
    for name, declaration in declared.items():
        answer = answers.get(name, {})
        if answer.get("UsePreviousValue") and name in previous:
            values[name] = previous[name]
        elif "ParameterValue" in answer:
            values[name] = answer["ParameterValue"]
        elif "Default" in declaration:
            values[name] = as_text(declaration["Default"])
        else:
            missing.append(name)
    if missing:
        raise validation_error(f"Parameters: [{', '.join(missing)}] must have values")
    for name, declaration in declared.items():
        _check(name, declaration, values[name])
    return values


def typed(declaration: Mapping[str, Any], value: str) -> str | list[str]:
    """What `Ref` of the parameter yields."""
    if declaration.get("Type") in {"CommaDelimitedList", "List<Number>"}:
        return [item.strip() for item in value.split(",")] if value else []
    return value


def check_declaration(name: str, declaration: Mapping[str, Any]) -> None:
    """Refuse a parameter whose type is missing, unknown or beyond the sandbox."""
    kind = declaration.get("Type")
    if kind is None:
        raise validation_error(f"Template format error: Every Parameters object must contain a Type member. [{name}]")
    if kind not in TYPES:
        if str(kind).startswith(("AWS::", "List<AWS::")):
            raise not_implemented(f"the parameter type {kind} [{name}]")
        raise validation_error(f"Template format error: Unrecognized parameter type: {kind} [{name}]")


def as_text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return ",".join(map(str, value)) if isinstance(value, list) else str(value)


def _check(name: str, declaration: Mapping[str, Any], value: str) -> None:
    items = typed(declaration, value)
    for item in items if isinstance(items, list) else [items]:
        _check_item(name, declaration, item)
    if "MinLength" in declaration and len(value) < int(declaration["MinLength"]):
        raise validation_error(f"Parameter '{name}' must contain at least {declaration['MinLength']} characters")
    if "MaxLength" in declaration and len(value) > int(declaration["MaxLength"]):
        raise validation_error(f"Parameter '{name}' must contain at most {declaration['MaxLength']} characters")


def _check_item(name: str, declaration: Mapping[str, Any], item: str) -> None:
    """One of a list, or the whole value."""
    said = declaration.get("ConstraintDescription")
    allowed = [as_text(choice) for choice in declaration.get("AllowedValues", [])]
    if allowed and item not in allowed:
        raise validation_error(
            f"Parameter {name} failed to satisfy constraint: {said}"
            if said
            else f"Parameter '{name}' must be one of AllowedValues"
        )
    pattern = declaration.get("AllowedPattern")
    if pattern is not None and not re.fullmatch(pattern, item):
        reason = said or f"must match pattern {pattern}"
        raise validation_error(f"Parameter {name} failed to satisfy constraint: {reason}")
    if "Number" in declaration["Type"]:
        _check_number(name, declaration, item)


def _check_number(name: str, declaration: Mapping[str, Any], item: str) -> None:
    try:
        number = float(item)
    except ValueError:
        raise validation_error(f"Parameter '{name}' must be a number.") from None
    if "MinValue" in declaration and number < float(declaration["MinValue"]):
        raise validation_error(f"Parameter '{name}' must be a number not less than {declaration['MinValue']}")
    if "MaxValue" in declaration and number > float(declaration["MaxValue"]):
        raise validation_error(f"Parameter '{name}' must be a number not greater than {declaration['MaxValue']}")
