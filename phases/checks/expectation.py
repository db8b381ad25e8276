"""What is expected of an expression's result, and does it hold?

Rules:
- Values are JSON values and are equal as JSON has it: `1` and `true` are two things, `1` and `1.0` are one.
- What is missing (null), and an empty list, text or object are absent; anything else, `false` and `0` too, is present.
- A result of another kind than the expectation is about does not hold; it never raises.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Literal

from phases.documents.regular_expression import matches

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
        """Whether this result of an expression is as expected. Raises Undecided for a match that takes too long."""
        match self.kind:
            case "equals":
                return _same(seen, self.value)
            case "one-of":
                return any(_same(seen, value) for value in self.value)
            case "contains":
                if isinstance(seen, str):
                    return isinstance(self.value, str) and self.value in seen
                return isinstance(seen, list) and any(_same(entry, self.value) for entry in seen)
            case "at-least":
                return _is_number(seen) and seen >= self.value
            case "at-most":
                return _is_number(seen) and seen <= self.value
            case "matches":
                return isinstance(seen, str) and matches(self.value, seen)
            case "present":
                return not _is_absent(seen)
            case "absent":
                return _is_absent(seen)

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


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_absent(value: object) -> bool:
    return value is None or (isinstance(value, str | list | dict) and not value)
