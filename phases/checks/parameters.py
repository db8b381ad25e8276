"""Are these the parameters that an operation takes? Held against its model, before anything is called.

Rules:
- Names, required ones and types, at every depth; what a service says of the values is the service's to say.
- A text with a placeholder is judged when it is filled; where a number or a boolean belongs it may be a placeholder
  and nothing else.
- Which page of an answer is read is not a parameter: a check looks at all of them.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from typing import Any

from phases.checks.api_model import ApiOperation, ApiShape
from phases.checks.placeholders import Path, is_whole, names_in
from phases.documents.yaml_scalars import shortened

WrongParameter = tuple[Path, str]  # where in the parameters, and what is wrong

_EXPECTED: dict[str, tuple[type | tuple[type, ...], str]] = {
    "structure": (dict, "`Name: value` lines"),
    "map": (dict, "`name: value` lines"),
    "list": (list, "a list"),
    "string": (str, "a text"),
    "integer": (int, "a whole number"),
    "number": ((int, float), "a number"),
    "boolean": (bool, "true or false"),
    "timestamp": (str, "a time in quotes"),
    "blob": (str, "a text"),
}


def wrong_parameters(operation: ApiOperation, parameters: dict[str, Any]) -> list[WrongParameter]:
    """What is wrong with the parameters of an operation."""
    marks = [name for name in parameters if name in operation.page_marks]
    found: list[WrongParameter] = [
        ((name,), f"{name} picks a page of the answer; a check reads all of them") for name in marks
    ]
    if operation.parameters is None:
        return found + [((name,), f"{operation.name} takes no parameters, seen {name}") for name in parameters]
    return found + list(_wrong(operation.parameters, parameters, (), operation.name))


def typed(shape: ApiShape | None, template: Any, value: Any) -> Any:
    """The filled value, as a number or a boolean where the template was one placeholder and the shape asks for it."""
    if shape is None:
        return value
    if isinstance(value, dict):
        inner = shape.members if shape.kind == "structure" else dict.fromkeys(value, shape.item)
        return {name: typed(inner.get(name), template[name], entry) for name, entry in value.items()}
    if isinstance(value, list):
        return [typed(shape.item, old, new) for old, new in zip(template, value, strict=True)]
    if not is_whole(template):
        return value
    if shape.kind == "boolean":
        return {"true": True, "false": False}.get(value, value)
    try:
        return int(value) if shape.kind == "integer" else float(value) if shape.kind == "number" else value
    except ValueError:
        return value  # said by `wrong_parameters`


def _wrong(shape: ApiShape, value: Any, path: Path, name: str) -> Iterator[WrongParameter]:
    if shape.kind == "any":
        return
    kinds, expected = _EXPECTED[shape.kind]
    fits = isinstance(value, kinds) and (shape.kind == "boolean" or not isinstance(value, bool))
    if not fits:
        if not is_whole(value) or shape.kind in ("structure", "map", "list"):
            hint = "; a placeholder needs quotes" if isinstance(value, dict) and list(value.values()) == [None] else ""
            yield path, f"{name}: expected {expected}, seen {shortened(repr(value))}{hint}"
    elif shape.kind == "structure":
        yield from _wrong_members(shape, value, path, name)
    elif shape.kind in ("list", "map") and shape.item is not None:
        entries = value.items() if isinstance(value, dict) else enumerate(value)
        for key, entry in entries:
            yield from _wrong(shape.item, entry, (*path, key), f"{name}[{key}]")
    if fits and isinstance(value, str | list) and len(value) < shape.least and not _has_placeholder(value):
        yield path, f"{name}: shorter than {shape.least:g}"


def _wrong_members(shape: ApiShape, value: dict[str, object], path: Path, name: str) -> Iterator[WrongParameter]:
    for key, entry in value.items():
        if key in shape.members:
            yield from _wrong(shape.members[key], entry, (*path, key), key)
            continue
        near = difflib.get_close_matches(key, shape.members, 1, 0.6)
        hint = f"did you mean {near[0]}?" if near else f"it takes {', '.join(shape.members) or 'none'}"
        yield (*path, key), f"{name} has no parameter {shortened(repr(key))}; {hint}"
    for key in shape.required:
        if key not in value:
            yield path, f"{name} needs the parameter {key}"


def _has_placeholder(value: object) -> bool:
    return isinstance(value, str) and bool(names_in(value))
