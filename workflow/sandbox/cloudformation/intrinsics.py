"""What is the value of an expression in a template? Intrinsic functions, conditions, pseudo parameters.

Rules:
- Pure: everything outside the template is asked of a `Scope`.
- What is not known before the deployment resolves to `UNKNOWN`, the text that CloudFormation itself shows.
- A function that is not implemented is refused by name, never passed through as data.

Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference.html
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from workflow.sandbox.cloudformation import parameters
from workflow.sandbox.cloudformation.errors import not_implemented, validation_error
from workflow.sandbox.cloudformation.template import Template

UNKNOWN = "{{changeSet:KNOWN_AFTER_APPLY}}"
PSEUDO = frozenset(
    f"AWS::{name}"
    for name in ("AccountId", "NotificationARNs", "NoValue", "Partition", "Region", "StackId", "StackName", "URLSuffix")
)
_PLACEHOLDER = re.compile(r"\$\{(!?)([^}]*)\}")


class _NoValue:
    """`AWS::NoValue`: the member that holds it is left out."""


NO_VALUE = _NoValue()


class World(Protocol):
    """What the functions need from outside the template."""

    def ref(self, logical_id: str) -> Any: ...
    def get_att(self, logical_id: str, attribute: str) -> Any: ...
    def import_value(self, export: str) -> str: ...


@dataclass
class Scope:
    """One template with its parameter values, in one stack."""

    template: Template
    values: Mapping[str, str]
    pseudo: Mapping[str, str]
    world: World
    _conditions: dict[str, bool] = field(default_factory=dict)

    def condition(self, name: str) -> bool:
        """Whether a named condition holds.

        Raises:
            ServiceError: when the template declares no such condition, or it refers to itself.
        """
        if name not in self._conditions:
            if name not in self.template.conditions:
                raise validation_error(f"Template format error: Unresolved condition dependency {name}")
            # A condition that is being asked for again while it is evaluated refers to itself.
            pending = Scope(_without_condition(self.template, name), self.values, self.pseudo, self.world)
            self._conditions[name] = bool(resolve(self.template.conditions[name], pending))
        return self._conditions[name]

    def ref(self, name: str) -> Any:
        """What `Ref` yields for a parameter, a pseudo parameter or a resource."""
        if name in self.values:
            return parameters.typed(self.template.parameters[name], self.values[name])
        if name == "AWS::NoValue":
            return NO_VALUE
        if name in self.pseudo:
            return self.pseudo[name]
        return self.world.ref(name)


def _without_condition(template: Template, name: str) -> Template:
    conditions = {key: value for key, value in template.conditions.items() if key != name}
    return Template(**{**template.__dict__, "conditions": conditions})


def resolve(value: Any, scope: Scope) -> Any:
    """`value` with every intrinsic function replaced by what it yields.

    Raises:
        ServiceError: ValidationError for a malformed function, NotImplemented for one we do not have.
    """
    if isinstance(value, list):
        return [item for item in (resolve(entry, scope) for entry in value) if item is not NO_VALUE]
    if not isinstance(value, dict):
        return value
    function = function_name(value)
    if function is not None:
        return _apply(function, value[function], scope)
    members = ((key, resolve(entry, scope)) for key, entry in value.items())
    return {key: entry for key, entry in members if entry is not NO_VALUE}


def function_name(value: Mapping[str, Any]) -> str | None:
    """The intrinsic function that an object is a call of, if it is one."""
    if len(value) != 1:
        return None
    (key,) = value
    if key in {"Ref", "Condition"} or (isinstance(key, str) and key.startswith("Fn::")):
        # "Condition" is also the block of an IAM policy statement, whose value is an object.
        return key if key != "Condition" or isinstance(value[key], str) else None
    return None


def references(value: Any) -> Iterator[tuple[str, str | None]]:
    """Every (name, attribute) that an expression refers to; attribute is None for `Ref`."""
    if isinstance(value, list):
        for entry in value:
            yield from references(entry)
    elif isinstance(value, dict):
        function = function_name(value)
        argument = value[function] if function else None
        if function == "Ref" and isinstance(argument, str):
            yield argument, None
        elif function == "Fn::GetAtt":
            name, attribute = get_att_target(argument)
            yield name, attribute
        elif function == "Fn::Sub":
            yield from _sub_references(argument)
        else:
            yield from references(list(value.values()))


def _sub_references(argument: Any) -> Iterator[tuple[str, str | None]]:
    """As `references`, of the argument of an `Fn::Sub`."""
    text, local = _sub_parts(argument)
    for escaped, name in _PLACEHOLDER.findall(text):
        if not escaped and name not in local:
            resource, dot, attribute = name.partition(".")
            yield resource, attribute if dot else None
    yield from references(list(local.values()))


def get_att_target(argument: Any) -> tuple[str, str]:
    """The resource and the attribute of an `Fn::GetAtt`."""
    if isinstance(argument, str):
        argument = argument.split(".", 1)
    if not (isinstance(argument, list) and len(argument) == 2 and all(isinstance(part, str) for part in argument)):
        raise validation_error("Template error: every Fn::GetAtt object requires two non-empty parameters")
    return argument[0], argument[1]


def _sub_parts(argument: Any) -> tuple[str, dict[str, Any]]:
    if isinstance(argument, str):
        return argument, {}
    if isinstance(argument, list) and [type(part) for part in argument] == [str, dict]:
        return argument[0], argument[1]
    raise validation_error("Template error: One or more Fn::Sub intrinsic functions don't specify expected arguments.")


def _apply(function: str, argument: Any, scope: Scope) -> Any:
    if function == "Ref":
        return scope.ref(argument)
    if function == "Condition":
        return scope.condition(argument)
    if function == "Fn::GetAtt":
        return scope.world.get_att(*get_att_target(argument))
    if function == "Fn::Sub":
        return _sub(argument, scope)
    if function == "Fn::If":
        name, yes, no = _arguments(function, argument, 3)
        return resolve(yes if scope.condition(name) else no, scope)
    resolved = resolve(argument, scope)
    if function == "Fn::ImportValue":
        return scope.world.import_value(resolved)
    plain = _PLAIN.get(function)
    if plain is None:
        raise not_implemented(f"the intrinsic function {function}")
    return plain(resolved, scope)


def _arguments(function: str, argument: Any, count: int) -> list[Any]:
    if not isinstance(argument, list) or len(argument) != count:
        raise validation_error(f"Template error: every {function} object requires a list of {count} parameters.")
    return argument


def _sub(argument: Any, scope: Scope) -> str:
    text, local = _sub_parts(argument)

    def replace(match: re.Match[str]) -> str:
        escaped, name = match.groups()
        if escaped:
            return "${" + name + "}"
        name = name.strip()
        if name in local:
            value = resolve(local[name], scope)
        elif "." in name:
            value = scope.world.get_att(*name.split(".", 1))
        else:
            value = scope.ref(name)
        if not isinstance(value, (str, int, float)):
            raise validation_error(
                f"Template error: variable {name} in Fn::Sub expression does not resolve to a string"
            )
        return str(value)

    return _PLACEHOLDER.sub(replace, text)


def _join(resolved: Any, _scope: Scope) -> str:
    delimiter, parts = _arguments("Fn::Join", resolved, 2)
    if not isinstance(delimiter, str) or not isinstance(parts, list) or any(isinstance(p, (dict, list)) for p in parts):
        raise validation_error("Template error: every Fn::Join object requires a delimiter and a list of strings.")
    return delimiter.join(str(part) for part in parts)


def _select(resolved: Any, _scope: Scope) -> Any:
    index, parts = _arguments("Fn::Select", resolved, 2)
    if not str(index).isdigit() or not isinstance(parts, list) or int(index) >= len(parts):
        raise validation_error(f"Template error: Fn::Select cannot select nonexistent value at index {index}")
    return parts[int(index)]


def _split(resolved: Any, _scope: Scope) -> list[str]:
    delimiter, text = _arguments("Fn::Split", resolved, 2)
    if not delimiter or not isinstance(text, str):
        raise validation_error("Template error: every Fn::Split object requires a delimiter and a string.")
    return text.split(delimiter)


def _find_in_map(resolved: Any, scope: Scope) -> Any:
    name, top, second = _arguments("Fn::FindInMap", resolved, 3)
    try:
        return scope.template.mappings[name][top][second]
    except (KeyError, TypeError):
        raise validation_error(
            f"Template error: Unable to get mapping for {name}::{top}::{second}",
        ) from None


def _logic(name: str, resolved: Any, low: int, high: int) -> list[bool]:
    if not isinstance(resolved, list) or not low <= len(resolved) <= high:
        raise validation_error(f"Template error: every {name} object requires between {low} and {high} conditions.")
    return [bool(item) for item in resolved]


_PLAIN: Mapping[str, Any] = {
    "Fn::Join": _join,
    "Fn::Select": _select,
    "Fn::Split": _split,
    "Fn::FindInMap": _find_in_map,
    "Fn::Base64": lambda resolved, _scope: base64.b64encode(str(resolved).encode()).decode(),
    "Fn::Equals": lambda resolved, _scope: len({str(item) for item in _arguments("Fn::Equals", resolved, 2)}) == 1,
    "Fn::And": lambda resolved, _scope: all(_logic("Fn::And", resolved, 2, 10)),
    "Fn::Or": lambda resolved, _scope: any(_logic("Fn::Or", resolved, 2, 10)),
    "Fn::Not": lambda resolved, _scope: not _logic("Fn::Not", resolved, 1, 1)[0],
}
