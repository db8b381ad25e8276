"""What is expected of an expression's result, and does it hold?

Rules:
- Values are JSON values and are equal as JSON has it: `1` and `true` are two things, `1` and `1.0` are one.
- What is missing (null), and an empty list, text or object are absent; anything else, `false` and `0` too, is present.
- A result of another kind than the expectation is about does not hold; it never raises.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

ExpectationKind = Literal["equals", "one-of", "contains", "at-least", "at-most", "matches", "present", "absent"]


@dataclass(frozen=True, slots=True)
class Expectation:
    """One of the kinds, with its value.

    Attributes:
        value: equals: any JSON value; one-of: a list of them; contains: an element of a list or a part of a text;
            at-least, at-most: a number; matches: a regular expression for the whole text; present, absent: True.
    """

    kind: ExpectationKind
    value: Any

    def holds(self, seen: Any) -> bool:
        """Whether this result of an expression is as expected."""
        return _HOLDS[self.kind](seen, self.value)

    def __str__(self) -> str:
        if self.kind in ("present", "absent"):
            return self.kind
        value = json.dumps(self.value, ensure_ascii=False)
        if self.kind == "equals":
            return value
        if self.kind == "matches":
            return f"matches {self.value}"
        return f"{self.kind.replace('-', ' ')} {value[1:-1] if self.kind == 'one-of' else value}"


def _same(one: object, other: object) -> bool:
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(_same(a, b) for a, b in zip(one, other, strict=True))
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(_same(one[name], other[name]) for name in one)
    return bool(one == other)


def _contains(seen: object, value: object) -> bool:
    if isinstance(seen, str):
        return isinstance(value, str) and value in seen
    return isinstance(seen, list) and any(_same(entry, value) for entry in seen)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_absent(value: object) -> bool:
    return value is None or (isinstance(value, str | list | dict) and not value)


# kind -> whether what was seen is as the value says
_HOLDS: Mapping[ExpectationKind, Callable[[Any, Any], bool]] = {
    "equals": _same,
    "one-of": lambda seen, values: any(_same(seen, value) for value in values),
    "contains": _contains,
    "at-least": lambda seen, least: _is_number(seen) and seen >= least,
    "at-most": lambda seen, most: _is_number(seen) and seen <= most,
    "matches": lambda seen, pattern: isinstance(seen, str) and re.fullmatch(pattern, seen, re.DOTALL) is not None,
    "present": lambda seen, _value: not _is_absent(seen),
    "absent": lambda seen, _value: _is_absent(seen),
}
