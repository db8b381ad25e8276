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
from typing import Literal, TypeGuard

from phases.checks.local.version import is_less, is_version
from phases.documents.regular_expression import matches
from state.cheap_classes import dataclass
from state.json_values import Json

ExpectationKind = Literal[
    "equals",
    "one-of",
    "contains",
    "contains-each",
    "at-least",
    "at-most",
    "version-at-least",
    "version-at-most",
    "matches",
    "in-file",
    "present",
    "absent",
]


@dataclass(frozen=True, slots=True)
class Expectation:
    """One of the kinds, with its value.

    Attributes:
        value: equals: any JSON value; one-of: a list of them; contains: an element of a list or a part of a text;
            contains-each: a list of such, or a text whose words are meant, split at white space;
            at-least, at-most: a number; version-at-least, version-at-most: a version, held against a text that is one
            (`v1.29.4-eks-036c24b`) number by number; matches: a regular expression for the whole text;
            in-file: the path of a file of the workspace in which the text, or each text of the list, stands (judged
            by `evaluate`, which has the file); present, absent: True.
    """

    kind: ExpectationKind
    value: Json

    def holds(self, seen: object) -> bool:
        """Whether this result of an expression is as expected. Raises Undecided for a match that takes too long."""
        return _HOLDS[self.kind](seen, self.value)

    def __str__(self) -> str:
        if self.kind in ("present", "absent"):
            return self.kind
        value = json.dumps(self.value, ensure_ascii=False)
        if self.kind == "equals":
            return value
        if self.kind == "matches":
            return f"matches {self.value}"
        if self.kind == "in-file":
            return f"stands in {self.value}"
        return f"{self.kind.replace('-', ' ')} {value[1:-1] if self.kind == 'one-of' else value}"


def _same(one: object, other: object) -> bool:
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    match one, other:
        case list(), list():
            return len(one) == len(other) and all(map(_same, one, other))
        case dict(), dict():
            return one.keys() == other.keys() and all(_same(one[name], other[name]) for name in one)
    return bool(one == other)


def _is_one_of(seen: object, values: object) -> bool:
    return isinstance(values, list) and any(_same(seen, value) for value in values)


def contains(seen: object, part: object) -> bool:
    """Whether it is a list with `part` in it, or a text with it in it; `true` is not 1."""
    if isinstance(seen, str):
        return isinstance(part, str) and part in seen
    return isinstance(seen, list) and any(_same(entry, part) for entry in seen)


def each_of(value: object) -> list[object]:
    """What `contains-each` looks for: the entries of a list, the words of a text; nothing where one is blank."""
    entries = value.split() if isinstance(value, str) else value
    if not isinstance(entries, list) or any(isinstance(each, str) and not each.strip() for each in entries):
        return []
    return [*entries]


def _contains_each(seen: object, values: object) -> bool:
    """Whether each is in it; none at all is no answer."""
    sought = each_of(values)
    return bool(sought) and all(contains(seen, each) for each in sought)


def _is_at_least(seen: object, least: object) -> bool:
    return _is_number(seen) and _is_number(least) and seen >= least


def _is_at_most(seen: object, most: object) -> bool:
    return _is_number(seen) and _is_number(most) and seen <= most


def _is_version_from(seen: object, least: object) -> bool:
    return _is_version(seen) and _is_version(least) and not is_less(seen, least)


def _is_version_up_to(seen: object, most: object) -> bool:
    return _is_version(seen) and _is_version(most) and not is_less(most, seen)


def _is_version(value: object) -> TypeGuard[str]:
    return isinstance(value, str) and is_version(value)


def _matches(seen: object, pattern: object) -> bool:
    return isinstance(seen, str) and isinstance(pattern, str) and matches(pattern, seen)


def stands_in(seen: object, text: str) -> bool:
    """Whether this text, or each text of a list that is not empty, stands in `text`, not as a part of a longer word."""
    texts = seen if isinstance(seen, list) else [seen]
    return bool(texts) and all(isinstance(each, str) and _stands_in(each, text) for each in texts)


def _stands_in(each: str, text: str) -> bool:
    return bool(each.strip()) and re.search(rf"(?<![\w.-]){re.escape(each)}(?![\w-]|\.\w)", text) is not None


def _is_number(value: object) -> TypeGuard[int | float]:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_absent(value: object) -> bool:
    return value is None or (isinstance(value, str | list | dict) and not value)


_HOLDS: Mapping[ExpectationKind, Callable[[object, object], bool]] = {  # of what is seen and the expectation's value
    "equals": _same,
    "one-of": _is_one_of,
    "contains": contains,
    "contains-each": _contains_each,
    "at-least": _is_at_least,
    "at-most": _is_at_most,
    "version-at-least": _is_version_from,
    "version-at-most": _is_version_up_to,
    "matches": _matches,
    "in-file": lambda _seen, _path: False,  # without the file nothing stands in it
    "present": lambda seen, _true: not _is_absent(seen),
    "absent": lambda seen, _true: _is_absent(seen),
}
