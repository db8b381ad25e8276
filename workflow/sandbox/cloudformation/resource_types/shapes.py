"""Is a property's value of the right shape? The little schema language of the resource types.

Rules:
- `check` returns the value as the service wants it ("5" becomes 5, as CloudFormation does) and adds a
  message per fault; it never raises.
- Messages are those of CloudFormation's own property validation, with the JSON path: `#/BillingMode: ...`.
- A value that is not known before the deployment passes.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from workflow.sandbox.cloudformation.intrinsics import UNKNOWN


class Shape(Protocol):
    """What a value must look like."""

    def check(self, value: Any, path: str, faults: list[str]) -> Any: ...


def _unknown(value: Any) -> bool:
    return isinstance(value, str) and UNKNOWN in value


def _json_type(value: Any) -> str:
    names = {dict: "JSONObject", list: "JSONArray", bool: "Boolean", str: "String", int: "Integer", float: "Number"}
    return names.get(type(value), type(value).__name__)


@dataclass(frozen=True)
class Text:
    """A string; numbers and booleans are turned into text."""

    enum: tuple[str, ...] = ()
    min_length: int = 0
    max_length: int | None = None
    pattern: str | None = None

    def check(self, value: Any, path: str, faults: list[str]) -> Any:
        if _unknown(value):
            return value
        if isinstance(value, (dict, list)) or value is None:
            faults.append(f"{path}: expected type: String, found: {_json_type(value)}")
            return value
        text = str(value).lower() if isinstance(value, bool) else str(value)
        faults += [f"{path}: {fault}" for fault in self._faults(text)]
        return text

    def _faults(self, text: str) -> Iterator[str]:
        if self.enum and text not in self.enum:
            yield f"{text} is not a valid enum value, expected one of [{', '.join(self.enum)}]"
        if len(text) < self.min_length:
            yield f"expected minLength: {self.min_length}, actual: {len(text)}"
        if self.max_length is not None and len(text) > self.max_length:
            yield f"expected maxLength: {self.max_length}, actual: {len(text)}"
        if self.pattern is not None and not re.search(self.pattern, text):
            yield f"string [{text}] does not match pattern {self.pattern}"


@dataclass(frozen=True)
class Number:
    """A number, whole unless `fraction`; digits in text are accepted."""

    minimum: float | None = None
    enum: tuple[int, ...] = ()
    fraction: bool = False
    maximum: float | None = None

    def check(self, value: Any, path: str, faults: list[str]) -> Any:
        if _unknown(value):
            return value
        wanted = "Number" if self.fraction else "Integer"
        if isinstance(value, bool) or not isinstance(value, (int, float, str)):
            faults.append(f"{path}: expected type: {wanted}, found: {_json_type(value)}")
            return value
        try:
            number = float(value) if self.fraction else int(value)
        except ValueError:
            faults.append(f"{path}: expected type: {wanted}, found: {_json_type(value)}")
            return value
        faults += [f"{path}: {fault}" for fault in self._faults(number)]
        return number

    def _faults(self, number: float) -> Iterator[str]:
        if self.minimum is not None and number < self.minimum:
            yield f"{number} is not greater or equal to {self.minimum:g}"
        if self.maximum is not None and number > self.maximum:
            yield f"{number} is not less or equal to {self.maximum:.15g}"
        if self.enum and number not in self.enum:
            yield f"{number} is not a valid enum value"


@dataclass(frozen=True)
class Flag:
    """A boolean; "true" and "false" are accepted."""

    def check(self, value: Any, path: str, faults: list[str]) -> Any:
        if _unknown(value) or isinstance(value, bool):
            return value
        if value in ("true", "false"):
            return value == "true"
        faults.append(f"{path}: expected type: Boolean, found: {_json_type(value)}")
        return value


@dataclass(frozen=True)
class Json:
    """A JSON document, as an object or as text; text is returned."""

    def check(self, value: Any, path: str, faults: list[str]) -> Any:
        if _unknown(value):
            return value
        if isinstance(value, dict):
            return json.dumps(value)
        if isinstance(value, str):
            try:
                json.loads(value)
            except ValueError as error:
                faults.append(f"{path}: not a JSON document: {error}")
            return value
        faults.append(f"{path}: expected type: JSONObject, found: {_json_type(value)}")
        return value


@dataclass(frozen=True)
class ListOf:
    """A list, every entry of one shape."""

    item: Shape
    max_items: int | None = None

    def check(self, value: Any, path: str, faults: list[str]) -> Any:
        if _unknown(value):
            return value
        if not isinstance(value, list):
            faults.append(f"{path}: expected type: JSONArray, found: {_json_type(value)}")
            return value
        if self.max_items is not None and len(value) > self.max_items:
            faults.append(f"{path}: expected maximum item count: {self.max_items}, found: {len(value)}")
        return [self.item.check(entry, f"{path}/{index}", faults) for index, entry in enumerate(value)]


@dataclass(frozen=True)
class MapOf:
    """An object whose keys are the author's own, every value of one shape."""

    item: Shape
    keys: str = ".*"

    def check(self, value: Any, path: str, faults: list[str]) -> Any:
        if _unknown(value):
            return value
        if not isinstance(value, dict):
            faults.append(f"{path}: expected type: JSONObject, found: {_json_type(value)}")
            return value
        for name in value:
            if not re.fullmatch(self.keys, name):
                faults.append(f"{path}: extraneous key [{name}] is not permitted")
        return {name: self.item.check(entry, f"{path}/{name}", faults) for name, entry in value.items()}


@dataclass(frozen=True)
class Record:
    """An object with known members; a member AWS knows and the sandbox does not is refused as such."""

    members: Mapping[str, Shape]
    required: frozenset[str] = frozenset()
    beyond_sandbox: frozenset[str] = field(default_factory=frozenset)

    def check(self, value: Any, path: str, faults: list[str]) -> Any:
        if _unknown(value):
            return value
        if not isinstance(value, dict):
            faults.append(f"{path}: expected type: JSONObject, found: {_json_type(value)}")
            return value
        for name in sorted(self.required - set(value)):
            faults.append(f"{path}: required key [{name}] not found")
        checked = {}
        for name, entry in value.items():
            if name in self.members:
                checked[name] = self.members[name].check(entry, f"{path}/{name}", faults)
            elif name in self.beyond_sandbox:
                faults.append(f"{path}: the phasegate sandbox does not implement key [{name}]")
            else:
                faults.append(f"{path}: extraneous key [{name}] is not permitted")
        return checked


TAG_MAP = MapOf(Text())
TAGS = ListOf(Record({"Key": Text(min_length=1), "Value": Text()}, frozenset({"Key", "Value"})))
