"""Where does an expression lead in the shape of an answer, and which of its literals can never match there?

Rules:
- A field that the answer never has would give null for ever, and "absent" would pass. Where the shape is not known (a
  policy document, the result of most functions) nothing is said.
- Of an answer on several pages only what is put together from all of them may be used.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import field
from functools import cache
from typing import Any, NotRequired, TypedDict

from phases.checks.api_model import ApiOperation, ApiShape, ShapeKind
from phases.checks.expectation import contains
from phases.checks.literals import ORDERING, never_contained, never_equal, never_ordered
from phases.documents.yaml_scalars import shortened
from state.cheap_classes import dataclass
from state.nearest import hint as did_you_mean

Path = tuple[str, ...]
_ELEMENTS = ("sort_by", "max_by", "min_by")  # functions whose `&expression` is about the elements of the list given
_SAME_SHAPE = ("sort", "reverse", "sort_by")
_ONE_OF = ("max", "min", "max_by", "min_by")  # they give an element of the list given
_LOOKS_FOR = ("contains", "starts_with", "ends_with")
_WORDS = ("true", "false", "null")
_LITERAL = "a literal stands in backticks: `{}`"


class Node(TypedDict):
    """A node of a parsed expression; `value` is a literal, or the name of a field or of a function."""

    type: str
    children: list[Node]
    value: NotRequired[str]


class BadExpression(Exception):
    """Not JMESPath, or not about this answer; the message says which, in words for the person who wrote it."""


class At:
    """Where an expression stands: on a shape (None when it is not known), at a path of the answer (None: nowhere)."""

    def __init__(self, shape: ApiShape | None, path: Path | None) -> None:
        self.shape = shape
        self.path = path

    @property
    def name(self) -> str:
        return ".".join(self.path or ()) or "the answer"

    def element(self) -> At:
        """Its elements. Raises BadExpression for what is never a list."""
        if self.shape is None or self.shape.kind == "any":
            return _UNKNOWN
        if self.shape.kind != "list":
            raise BadExpression(f"{self.name} is {_a(self.shape)}, not a list")
        return At(self.shape.item, self.path)


_UNKNOWN = At(None, None)


@dataclass(frozen=True, slots=True)
class Leads:
    """What an expression leads to.

    Attributes:
        name, shape: of its value; the shape is None where it is not known.
        never: why literals in it can never match, each a sentence.
    """

    name: str
    shape: ApiShape | None
    never: tuple[str, ...]


class LeadsReader:
    """Follows an expression through an answer's shape.

    Attributes:
        never: why literals can never match, in the order of reading.
    """

    def __init__(self, operation: ApiOperation) -> None:
        self.never: list[str] = []
        self._operation = operation
        self.fields: list[Path] = []  # that were read, and the lists that were gone through, outside of conditions
        self.lists: list[Path] = []
        self._whole = [tuple(name.split(".")) for name in (*operation.pages, *operation.same_on_pages)]

    def read(self, node: Node, at: At) -> At:
        """Where the node leads to from there."""
        follow = _FOLLOW.get(node["type"])
        return follow(self, node, at) if follow else _UNKNOWN  # a literal

    def _chain(self, node: Node, at: At) -> At:
        for child in node["children"]:
            at = self.read(child, at)
        return at

    def _here(self, _node: Node, at: At) -> At:
        return at

    def _element(self, _node: Node, at: At) -> At:
        return at.element()

    def _slice(self, _node: Node, at: At) -> At:
        at.element()
        return at

    def _flatten(self, node: Node, at: At) -> At:
        inner = self.read(node["children"][0], at)
        nested = inner.element()
        self._went_through(inner)
        return nested if nested.shape and nested.shape.kind == "list" else inner

    def _side_by_side(self, node: Node, at: At) -> At:
        for child in node["children"]:
            self.read(child, at)
        return _UNKNOWN

    def _object(self, node: Node, at: At) -> At:
        """`{a: x, b: y}`: an object with just these members."""
        members = {child["value"]: self.read(child, at).shape or _Made("any") for child in node["children"]}
        return At(_Made("structure", members=members, required=tuple(members)), None)

    def _not(self, node: Node, at: At) -> At:
        self._side_by_side(node, at)
        return At(_Made("boolean"), None)

    def _comparator(self, node: Node, at: At) -> At:
        """Both sides are read; a literal is held against the shape of the other one."""
        left, right = node["children"]
        on_left, on_right = self._side(left, at), self._side(right, at)
        if on_left is not None and on_right is not None:
            if right["type"] == "literal":
                self._compared(node["value"], on_left, right["value"])
            elif left["type"] == "literal":
                self._compared(node["value"], on_right, left["value"])
        return At(_Made("boolean"), None)

    def _side(self, node: Node, at: At) -> At | None:
        """One side of a comparison; None for a bare `true`, which is the name of a field that nothing has."""
        if node["type"] != "field" or node["value"] not in _WORDS:
            return self.read(node, at)
        word = node["value"]
        if at.shape is not None and at.shape.kind == "structure" and word in at.shape.members:
            return self.read(node, at)
        self.never.append(f"{at.name} has no field {word!r}; {_LITERAL.format(word)}")
        return None

    def _compared(self, operator: str, other: At, literal: object) -> None:
        if operator in ORDERING:
            self._note(never_ordered(other.name, other.shape, ORDERING[operator], literal))
        else:
            self._note(never_equal(other.name, other.shape, literal))

    def _note(self, why: str | None) -> None:
        if why:
            self.never.append(why)

    def _projection(self, node: Node, at: At) -> At:
        kind, children = node["type"], node["children"]
        inner = self.read(children[0], at)
        if kind == "value_projection":
            is_map = inner.shape is not None and inner.shape.kind == "map"
            element = At(inner.shape.item, inner.path) if inner.shape and is_map else _UNKNOWN
        else:
            element = inner.element()
        self._went_through(inner)
        if kind == "filter_projection":
            aside = self.fields, self.lists
            self.fields, self.lists = [], []
            self.read(children[2], element)
            self.fields, self.lists = aside
        result = self.read(children[1], element)
        # a projection gives a list of what stands at its right side: an element of it is that again
        return At(_Made("list", result.shape), result.path) if result.shape else At(None, result.path)

    def _went_through(self, at: At) -> None:
        if at.path and at.shape is not None and at.shape.kind in ("list", "map", "any"):
            self.lists.append(at.path)

    def _function(self, node: Node, at: At) -> At:
        name, arguments = node["value"], node["children"]
        self._require_function(name, len(arguments))
        first = self._arguments(name, arguments, at)
        if name in _LOOKS_FOR and arguments[1]["type"] == "literal":
            self._looked_for(name, first, arguments[1]["value"])
        return self._result(name, first)

    def _arguments(self, name: str, arguments: Sequence[Node], at: At) -> At:
        """What the first argument is."""
        first = _UNKNOWN
        for number, argument in enumerate(arguments):
            if argument["type"] == "expref":
                self.read(argument["children"][0], first.element() if name in _ELEMENTS else _UNKNOWN)
                continue
            found = self.read(argument, at)
            first = found if number == 0 else first
        return first

    def _result(self, name: str, first: At) -> At:
        """What the function makes of its first argument."""
        if name in _MAKES:
            return At(_MAKES[name], None)
        if name in _ONE_OF:
            is_list = first.shape is not None and first.shape.kind == "list"
            return first.element() if is_list else _UNKNOWN
        if name == "to_array" and first.shape:
            return first if first.shape.kind == "list" else At(_Made("list", first.shape), first.path)
        return first if name in _SAME_SHAPE else _UNKNOWN

    def _looked_for(self, name: str, inside: At, literal: object) -> None:
        shape = inside.shape
        if name != "contains" and shape is not None and shape.kind in ("list", "integer", "number", "boolean"):
            self.never.append(f"{name}() is about a text; {inside.name} is {_a(shape)}")
        else:
            self._note(never_contained(inside.name, shape, literal))

    def _require_function(self, name: str, count: int) -> None:
        table = known_functions().FUNCTION_TABLE
        if name not in table:
            raise BadExpression(f"there is no function {shortened(name)}(); there are {_some(table)}")
        signature = table[name]["signature"]
        variadic = bool(signature) and signature[-1].get("variadic", False)
        if count < len(signature) or (count > len(signature) and not variadic):
            raise BadExpression(f"{name}() takes {len(signature)} arguments, seen {count}")

    def _field(self, node: Node, at: At) -> At:
        name = node["value"]
        if at.shape is None:
            return _UNKNOWN
        if at.shape.kind == "any":  # a document: what is in it has no shape, and a place
            return _UNKNOWN if at.path is None else At(at.shape, (*at.path, name))
        if at.shape.kind == "map":
            return At(at.shape.item, None)
        if isinstance(at.shape, _Made) and name in at.shape.members:
            return At(at.shape.members[name], None)
        if isinstance(at.shape, _Made) and at.shape.kind != "list":
            hint = "; `!` binds tighter than a dot: write !(...)" if at.shape.kind == "boolean" else ""
            self.never.append(f"{_a(at.shape)} has no field {shortened(repr(name))}{hint}")
            return _UNKNOWN
        if why := _why_no_field(name, at.name, at.shape):
            raise BadExpression(why)
        path = None if at.path is None else (*at.path, name)
        if path is not None:
            self._require_whole(path)
            self.fields.append(path)
        return At(at.shape.members[name], path)

    def _require_whole(self, path: Path) -> None:
        """The path leads to, or into, something that is put together from all pages."""
        if not self._operation.pages:
            return
        if not any(path[: len(whole)] == whole[: len(path)] for whole in self._whole):
            whole = ", ".join(self._operation.pages)
            raise BadExpression(f"{'.'.join(path)} is about one page of the answer; of all pages there is: {whole}")


def _why_no_field(name: str, of: str, shape: ApiShape) -> str:
    """Why a value of AWS's answer has no field of this name; "" where it has."""
    if shape.kind != "structure":
        hint = ": write [] behind it" if shape.kind == "list" else ""
        return f"{of} is {_a(shape)}, it has no field {shortened(repr(name))}{hint}"
    if name not in shape.members:
        if name in _WORDS:
            return f"{of} has no field {shortened(repr(name))}; {_LITERAL.format(name)}"
        meant = did_you_mean(name, shape.members)
        return f"{of} has no field {shortened(repr(name))}; it has {_some(shape.members)}{meant}"
    return ""


_FOLLOW: Mapping[str, Callable[[LeadsReader, Node, At], At]] = {  # by the node's type
    "field": LeadsReader._field,
    **dict.fromkeys(("subexpression", "pipe", "index_expression"), LeadsReader._chain),
    **dict.fromkeys(("current", "identity"), LeadsReader._here),
    "index": LeadsReader._element,
    "slice": LeadsReader._slice,
    "flatten": LeadsReader._flatten,
    **dict.fromkeys(("projection", "filter_projection", "value_projection"), LeadsReader._projection),
    **dict.fromkeys(("or_expression", "and_expression"), LeadsReader._side_by_side),
    "not_expression": LeadsReader._not,
    "comparator": LeadsReader._comparator,
    "multi_select_list": LeadsReader._side_by_side,
    "multi_select_dict": LeadsReader._object,
    "key_val_pair": LeadsReader._chain,
    "function_expression": LeadsReader._function,
}


@dataclass(frozen=True, slots=True)
class _Made:
    """The shape of what an expression makes: a list of `item`, an object of `members`, or a plain value."""

    kind: ShapeKind
    item: ApiShape | None = None
    sensitive: bool = False
    members: Mapping[str, ApiShape] = field(default_factory=dict)
    required: tuple[str, ...] = ()
    least: float = 0
    values: tuple[str, ...] = ()


_MAKES: Mapping[str, ApiShape] = {  # function -> the shape of its result, whatever it is given
    **dict.fromkeys(("contains", "starts_with", "ends_with"), _Made("boolean")),
    **dict.fromkeys(("sum", "avg", "abs", "ceil", "floor", "to_number"), _Made("number")),
    **dict.fromkeys(("to_string", "join", "type"), _Made("string")),
    "length": _Made("integer"),
    "keys": _Made("list", _Made("string")),
}


def _a(shape: ApiShape) -> str:
    return f"{'an' if shape.kind[0] in 'aeiou' else 'a'} {shape.kind}"


def _some(names: Iterable[str]) -> str:
    listed = sorted(names)
    return ", ".join(listed[:20]) + (f" and {len(listed) - 20} more" if len(listed) > 20 else "") or "none"


@cache
def known_functions() -> Any:
    """JMESPath's functions, `contains` as `{contains: V}` has it, and `parse_json`."""
    from jmespath import functions
    from jmespath.exceptions import JMESPathTypeError

    class Functions(functions.Functions):  # type: ignore[misc]
        @functions.signature({"types": ["array", "string"]}, {"types": []})  # type: ignore[untyped-decorator]
        def _func_contains(self, among: object, sought: object) -> bool:
            return contains(among, sought)  # jmespath.py 1.1.0 has true in [1], and raises TypeError for 1 in a text

        @functions.signature({"types": ["string", "null"]})  # type: ignore[untyped-decorator]
        def _func_parse_json(self, text: str | None) -> object:
            try:
                return None if text is None else json.loads(text)
            except (ValueError, RecursionError) as error:
                raise JMESPathTypeError("parse_json", "a text that is not JSON", "string", ["JSON"]) from error

    return Functions()
