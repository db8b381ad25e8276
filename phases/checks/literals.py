"""Can this literal ever match what it is compared with? By the shape of AWS's answer, before anything is called.

Rules:
- Values are equal as JSON has it: a port is a number, so `FromPort=='22'` holds for no answer; nor does `=='true'`, a
  word that AWS never gives, or a list that is compared with one of its elements.
- `<`, `<=`, `>`, `>=` are about numbers. Python's JMESPath orders texts as well, which says something of times alone.
- null may be compared with anything: it is what is missing.
- A text with a placeholder is judged by nobody before it is filled; where the shape is not known, nothing is said.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from difflib import get_close_matches
from typing import TYPE_CHECKING

from phases.checks.api_model import ApiShape
from phases.checks.expectation import each_of
from phases.documents.yaml_scalars import shortened
from state.nearest import hint

if TYPE_CHECKING:
    from phases.checks.expectation import ExpectationKind

ORDERING = {"lt": "<", "lte": "<=", "gt": ">", "gte": ">="}
_JSON: dict[str, tuple[type | tuple[type, ...], str]] = {  # a shape's kind -> the JSON values that it has
    "structure": (dict, "an object"),
    "map": (dict, "an object"),
    "list": (list, "a list"),
    "string": (str, "a text"),
    "timestamp": (str, "a time, as text"),
    "integer": (int, "a whole number"),
    "number": ((int, float), "a number"),
    "boolean": (bool, "true or false"),
}
_NUMBERS = ("integer", "number")
_TEXTS = ("string", "timestamp")


def never_equal(name: str, shape: ApiShape | None, literal: object, *, in_yaml: bool = False) -> str | None:
    """Why no value of this shape is ever equal to the literal, or to what is in it; None where one may be.

    Args:
        name: of what has the shape, for the message.
    """
    if shape is None or literal is None or shape.kind not in _JSON:
        return None
    if isinstance(literal, str) and has_placeholder(literal):
        return None
    if not _is_of_kind(shape.kind, literal):
        words = _JSON[shape.kind][1]
        return f"{name} is {words}, which is never equal to {written(literal)}{_meant(shape, literal, in_yaml)}"
    if isinstance(literal, list):
        whys = (never_equal(f"an element of {name}", shape.item, each, in_yaml=in_yaml) for each in literal)
        return next(filter(None, whys), None)
    if isinstance(literal, dict):
        return _never_member(name, shape, literal, in_yaml=in_yaml)
    return _never_of_enum(name, shape, literal)


def _never_member(name: str, shape: ApiShape, literal: Mapping[str, object], *, in_yaml: bool) -> str | None:
    """Why an object of this shape is never equal to this one, by one of its members."""
    if shape.kind == "structure" and shape.members:
        for key in literal:
            if key not in shape.members:
                has = ", ".join(list(shape.members)[:8])
                return f"{name} has no field {shortened(repr(key))}; it has {has}{hint(key, shape.members)}"
        if set(shape.required) == set(shape.members) and (left := [k for k in shape.members if k not in literal]):
            return f"{name} has {', '.join(left)}, too: an object without it is never equal"
    of = {key: shape.members.get(key) if shape.kind == "structure" else shape.item for key in literal}
    whys = (never_equal(f"{name}.{key}", of[key], each, in_yaml=in_yaml) for key, each in literal.items())
    return next(filter(None, whys), None)


def _is_of_kind(kind: str, literal: object) -> bool:
    if isinstance(literal, bool):
        return kind == "boolean"
    whole = kind == "integer" and isinstance(literal, float) and literal.is_integer()
    return whole or isinstance(literal, _JSON[kind][0])


def never_ordered(name: str, shape: ApiShape | None, operator: str, literal: object) -> str | None:
    """Why `<` and its like say nothing here; None where they may."""
    is_time = shape is not None and shape.kind == "timestamp" and isinstance(literal, str)
    if has_placeholder(literal) or is_time:
        return None
    if not _is_of_kind("number", literal):
        hint = f": write `{literal}` in backticks" if isinstance(literal, str) and _number(literal) is not None else ""
        return f"{operator} compares numbers, seen {written(literal)}{hint}"
    if shape is not None and _is_other(shape, _NUMBERS):
        return f"{operator} compares numbers; {name} is {_JSON[shape.kind][1]}"
    return None


def _is_other(shape: ApiShape, kinds: Collection[str]) -> bool:
    """Whether the shape is known, and of none of these kinds."""
    return shape.kind in _JSON and shape.kind not in kinds


def never_contained(name: str, shape: ApiShape | None, literal: object, *, in_yaml: bool = False) -> str | None:
    """Why the literal is never in a list, or a part of a text, of this shape."""
    if shape is None or has_placeholder(literal):
        return None
    if shape.kind == "list":
        return never_equal(f"an element of {name}", shape.item, literal, in_yaml=in_yaml)
    if shape.kind in _TEXTS:
        is_text = isinstance(literal, str)
        return None if is_text else f"{name} is {_JSON[shape.kind][1]}, of which {written(literal)} is no part"
    return f"{name} is {_JSON[shape.kind][1]}, which contains nothing" if shape.kind in _JSON else None


def never_expected(kind: ExpectationKind, value: object, name: str, shape: ApiShape | None) -> str | None:
    """Why an expectation never holds, or always does, for a result of this shape; None where that is open."""
    if shape is None:
        return None
    if kind == "equals":
        return never_equal(name, shape, value, in_yaml=True)
    if kind == "one-of" and isinstance(value, list):
        whys = [never_equal(name, shape, each, in_yaml=True) for each in value]  # one that may match is enough
        return whys[0] if whys and all(whys) else None
    if kind == "contains":
        return never_contained(name, shape, value, in_yaml=True)
    if kind == "contains-each":
        whys = [never_contained(name, shape, each, in_yaml=True) for each in each_of(value)]  # all of them have to be
        return next(filter(None, whys), None)
    return _never_of_kind(kind, name, shape)


def _never_of_kind(kind: ExpectationKind, name: str, shape: ApiShape) -> str | None:
    """Why an expectation of this kind is about nothing that has the shape."""
    if kind in ("matches", "version-at-least", "version-at-most") and _is_other(shape, _TEXTS):
        return f"{kind} is about a text; {name} is {_JSON[shape.kind][1]}"
    if kind in ("at-least", "at-most") and _is_other(shape, _NUMBERS):
        hint = "; length() counts" if shape.kind == "list" else ""
        return f"{kind} is about a number; {name} is {_JSON[shape.kind][1]}{hint}"
    return None


def has_placeholder(literal: object) -> bool:
    """Whether a text in the literal is still to be filled."""
    if isinstance(literal, str):
        return "{" in literal
    if isinstance(literal, list):
        return any(has_placeholder(each) for each in literal)
    return isinstance(literal, dict) and any(has_placeholder(each) for each in literal.values())


def written(literal: object) -> str:
    """As people would write it: the text 'x', the number 3, true."""
    if isinstance(literal, bool):
        return "true" if literal else "false"
    if isinstance(literal, str):
        return f"the text {shortened(repr(literal))}"
    if isinstance(literal, int | float):
        return f"the number {literal}"
    return "null" if literal is None else f"a{' list' if isinstance(literal, list) else 'n object'}"


def _is_plain(shape: ApiShape, literal: str) -> bool:
    """Whether the text is a value of this shape, but for its quotes."""
    return literal.lower() in ("true", "false") if shape.kind == "boolean" else _number(literal) is not None


def _meant(shape: ApiShape, literal: object, in_yaml: bool) -> str:
    """What was probably meant, as it is typed in an expression, or in YAML, where a backtick begins no value."""
    if in_yaml and isinstance(literal, str) and (shape.kind in _NUMBERS or shape.kind == "boolean"):
        return f"; write it without quotes: {literal.lower()}" if _is_plain(shape, literal) else ""
    if shape.kind in _NUMBERS and isinstance(literal, str) and _number(literal) is not None:
        return f"; a number stands in backticks, without quotes: `{literal}`"
    if shape.kind == "boolean" and isinstance(literal, str) and literal.lower() in ("true", "false"):
        return f"; write `{literal.lower()}` in backticks, without quotes"
    if shape.kind == "string" and isinstance(literal, int | float):
        return f"; write '{str(literal).lower()}' in quotes"
    if shape.kind == "list":
        return "; contains() looks for an element"
    return ""


def _never_of_enum(name: str, shape: ApiShape, literal: object) -> str | None:
    values = list(shape.values)
    if not values or not isinstance(literal, str) or literal in values:
        return None
    near = get_close_matches(literal.upper(), [value.upper() for value in values], 1, 0.6)
    meant = next((f"; did you mean {value}?" for value in values if near and value.upper() == near[0]), "")
    listed = ", ".join(values[:8]) + (f" and {len(values) - 8} more" if len(values) > 8 else "")
    return f"{name} is never {shortened(repr(literal))}; it is one of {listed}{meant}"


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None
