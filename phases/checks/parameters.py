"""Are these the parameters that an operation takes? Held against its model, before anything is called.

Rules:
- Names, required ones and types, at every depth; what a service says of the values is the service's to say.
- A text with a placeholder is judged when it is filled; where a number or a boolean belongs it may be a placeholder
  and nothing else.
- Which page of an answer is read is not a parameter: a check looks at all of them.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Iterator, Mapping

from phases.checks.api_model import ApiOperation, ApiShape, ShapeKind
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


def wrong_parameters(operation: ApiOperation, parameters: Mapping[str, object]) -> list[WrongParameter]:
    """What is wrong with the parameters of an operation."""
    marks = [name for name in parameters if name in operation.page_marks]
    found: list[WrongParameter] = [
        ((name,), f"{name} picks a page of the answer; a check reads all of them") for name in marks
    ]
    if operation.parameters is None:
        return found + [((name,), f"{operation.name} takes no parameters, seen {name}") for name in parameters]
    return found + list(_wrong(operation.parameters, parameters, (), operation.name))


def filled_parameters(
    operation: ApiOperation, parameters: Mapping[str, object], fill: Callable[[str], str]
) -> dict[str, object]:
    """The parameters with every text filled; a placeholder alone becomes the number or boolean that belongs there."""
    return {name: _filled(_inside(operation.parameters, name), given, fill) for name, given in parameters.items()}


def _filled(shape: ApiShape | None, given: object, fill: Callable[[str], str]) -> object:
    if isinstance(given, dict):
        return {name: _filled(_inside(shape, name), entry, fill) for name, entry in given.items()}
    if isinstance(given, list):
        return [_filled(shape.item if shape else None, entry, fill) for entry in given]
    if not isinstance(given, str):
        return given
    text = fill(given)
    return _typed(shape.kind, text) if shape is not None and is_whole(given) else text


def _inside(shape: ApiShape | None, name: str) -> ApiShape | None:
    """The shape of what has this name in a structure or a map; None when it is not known."""
    if shape is None:
        return None
    return shape.members.get(name) if shape.kind == "structure" else shape.item


def _typed(kind: ShapeKind, text: str) -> object:
    """The value that the text writes; the text itself where it is none of this kind, which `wrong_parameters` says."""
    if kind == "boolean":
        return {"true": True, "false": False}.get(text, text)
    try:
        return int(text) if kind == "integer" else float(text) if kind == "number" else text
    except ValueError:
        return text


def _wrong(shape: ApiShape, value: object, path: Path, name: str) -> Iterator[WrongParameter]:
    if shape.kind == "any":
        return
    if not _is_of(shape.kind, value):
        yield from _wrong_kind(shape, value, path, name)
        return
    if isinstance(value, dict) and shape.kind == "structure":
        yield from _wrong_members(shape, value, path, name)
    elif isinstance(value, dict | list):
        yield from _wrong_entries(shape, value, path, name)
    if isinstance(value, str | list) and len(value) < shape.least and not _has_placeholder(value):
        yield path, f"{name}: shorter than {shape.least:g}"


def _is_of(kind: ShapeKind, value: object) -> bool:
    return isinstance(value, _EXPECTED[kind][0]) and (kind == "boolean" or not isinstance(value, bool))


def _wrong_kind(shape: ApiShape, value: object, path: Path, name: str) -> Iterator[WrongParameter]:
    """A placeholder may become a number or a boolean, but nothing that has entries."""
    if not is_whole(value) or shape.kind in ("structure", "map", "list"):
        hint = "; a placeholder needs quotes" if isinstance(value, dict) and list(value.values()) == [None] else ""
        yield path, f"{name}: expected {_EXPECTED[shape.kind][1]}, seen {shortened(repr(value))}{hint}"


def _wrong_entries(
    shape: ApiShape, value: dict[str, object] | list[object], path: Path, name: str
) -> Iterator[WrongParameter]:
    if shape.item is None:
        return
    entries: Iterable[tuple[str | int, object]] = value.items() if isinstance(value, dict) else enumerate(value)
    for key, entry in entries:
        yield from _wrong(shape.item, entry, (*path, key), f"{name}[{key}]")


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
