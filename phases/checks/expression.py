"""What does a JMESPath expression say of an answer, and could it say anything at all?

Rules:
- An expression is held against the answer's shape before anything is called: a field that the answer never has would
  give null for ever, and "absent" would pass. Where the shape is not known (a policy document, the result of most
  functions) nothing is said.
- Of an answer on several pages only what is put together from all of them may be used.
- `parse_json(text)` opens a JSON document that AWS hands out as text (bucket, key and topic policies).
- Placeholders are filled in the parsed expression's literals and field names: an answer cannot become syntax.

Source: https://jmespath.org/specification.html
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from math import isfinite
from typing import Any, NotRequired, TypedDict, cast

from phases.checks.api_model import ApiOperation, ApiShape, ShapeKind
from phases.checks.literals import ORDERING, never_contained, never_equal, never_ordered
from phases.documents.yaml_scalars import shortened
from state.utf8 import is_utf8

Path = tuple[str, ...]
_ELEMENTS = ("sort_by", "max_by", "min_by")  # functions whose `&expression` is about the elements of the list given
_SAME_SHAPE = ("sort", "reverse", "sort_by")
_ONE_OF = ("max", "min", "max_by", "min_by")  # they give an element of the list given
_LOOKS_FOR = ("contains", "starts_with", "ends_with")
_WORDS = ("true", "false", "null")
_LITERAL = "a literal stands in backticks: `{}`"
LONGEST = 4096  # characters of an expression
DEEPEST = 100  # levels of an expression's tree, literals counted: every look at it recurses


class _Node(TypedDict):
    """A node of a parsed expression; `value` is a literal, or the name of a field or of a function."""

    type: str
    children: list[_Node]
    value: NotRequired[str]


class BadExpression(Exception):
    """Not JMESPath, or not about this answer; the message says which, in words for the person who wrote it."""


class Expression:
    """A compiled expression.

    Raises BadExpression when the text is not JMESPath.
    """

    def __init__(self, text: str) -> None:
        from jmespath import parser
        from jmespath.exceptions import JMESPathError

        self.text = text
        if len(text) > LONGEST:
            raise BadExpression(f"expected at most {LONGEST:,} characters, seen {len(text):,}")
        try:
            self._tree: object = parser.Parser().parse(text).parsed
        except (JMESPathError, ValueError) as error:  # ValueError: a number of more digits than Python reads
            raise BadExpression(f"not JMESPath: {shortened(' '.join(str(error).split()), 300)}") from error
        except RecursionError as error:
            raise BadExpression(f"nested more than {DEEPEST} levels deep") from error
        _require_sound(self._tree)

    def filled(self, fill: Callable[[str], str]) -> Expression:
        """A copy with `fill` applied to each text in its literals and to its field names."""
        copy = Expression.__new__(Expression)
        copy.text = fill(self.text)
        copy._tree = _filled(self._tree, fill)
        return copy

    def texts(self) -> Iterator[str]:
        """What `filled` would give to `fill`."""
        found: list[str] = []

        def note(text: str) -> str:
            found.append(text)
            return text

        _filled(self._tree, note)
        yield from found

    def search(self, answer: object) -> object:
        """The expression's value for this answer (JSON values). Raises BadExpression when it cannot be worked out."""
        from jmespath import Options
        from jmespath.exceptions import JMESPathError
        from jmespath.parser import ParsedResult

        try:
            return ParsedResult(self.text, self._tree).search(answer, Options(custom_functions=_functions()))
        except RecursionError as error:
            raise BadExpression("the expression does not fit the answer: the answer is nested too deeply") from error
        except (JMESPathError, ArithmeticError, ValueError) as error:  # ceil(Infinity), a slice by 0
            why = shortened(" ".join(str(error).split()), 300)
            raise BadExpression(f"the expression does not fit the answer: {why}") from error

    def require_fits(self, operation: ApiOperation) -> None:
        """Raises BadExpression when the expression asks for what this operation's answer never has, or never is."""
        never = self.leads_to(operation).never
        if never:
            raise BadExpression(never[0])

    def leads_to(self, operation: ApiOperation) -> Leads:
        """What the expression's value looks like, and which of its literals can never match.

        Raises BadExpression as `require_fits`.
        """
        reader = _Reader(operation)
        at = reader.read(cast(_Node, self._tree), _At(operation.answer, ()))
        return Leads(at.name, at.shape, tuple(reader.never), _decides(cast(_Node, self._tree)))

    def looks_at(self, operation: ApiOperation) -> tuple[list[str], list[Path]]:
        """What it looks through in this operation's answer: the members that it begins with, and the lists, by path.

        Conditions of filters are left out: what they ask for may be missing in an entry.
        """
        reader = _Reader(operation)
        reader.read(cast(_Node, self._tree), _At(operation.answer, ()))
        return list(dict.fromkeys(path[0] for path in reader.fields)), list(dict.fromkeys(reader.lists))

    def begins(self) -> list[str]:
        """The members of any JSON document that it begins with; "" for the document itself."""
        return list(dict.fromkeys(_begins(cast(_Node, self._tree))))


class _At:
    """Where an expression stands: on a shape (None when it is not known), at a path of the answer (None: nowhere)."""

    def __init__(self, shape: ApiShape | None, path: Path | None) -> None:
        self.shape = shape
        self.path = path

    @property
    def name(self) -> str:
        return ".".join(self.path or ()) or "the answer"

    def element(self) -> _At:
        """Its elements. Raises BadExpression for what is never a list."""
        if self.shape is None or self.shape.kind == "any":
            return _UNKNOWN
        if self.shape.kind != "list":
            raise BadExpression(f"{self.name} is {_a(self.shape)}, not a list")
        return _At(self.shape.item, self.path)


_UNKNOWN = _At(None, None)


@dataclass(frozen=True, slots=True)
class Leads:
    """What an expression leads to.

    Attributes:
        name, shape: of its value; the shape is None where it is not known.
        never: why literals in it can never match, each a sentence.
        decides: it is true or false, and so always there.
    """

    name: str
    shape: ApiShape | None
    never: tuple[str, ...]
    decides: bool


class _Reader:
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

    def read(self, node: _Node, at: _At) -> _At:
        """Where the node leads to from there."""
        follow = _FOLLOW.get(node["type"])
        return follow(self, node, at) if follow else _UNKNOWN  # a literal

    def _chain(self, node: _Node, at: _At) -> _At:
        for child in node["children"]:
            at = self.read(child, at)
        return at

    def _here(self, _node: _Node, at: _At) -> _At:
        return at

    def _element(self, _node: _Node, at: _At) -> _At:
        return at.element()

    def _slice(self, _node: _Node, at: _At) -> _At:
        at.element()
        return at

    def _flatten(self, node: _Node, at: _At) -> _At:
        inner = self.read(node["children"][0], at)
        nested = inner.element()
        self._went_through(inner)
        return nested if nested.shape and nested.shape.kind == "list" else inner

    def _side_by_side(self, node: _Node, at: _At) -> _At:
        for child in node["children"]:
            self.read(child, at)
        return _UNKNOWN

    def _not(self, node: _Node, at: _At) -> _At:
        self._side_by_side(node, at)
        return _At(_Made("boolean"), None)

    def _comparator(self, node: _Node, at: _At) -> _At:
        """Both sides are read; a literal is held against the shape of the other one."""
        left, right = node["children"]
        on_left, on_right = self._side(left, at), self._side(right, at)
        if on_left is not None and on_right is not None:
            if right["type"] == "literal":
                self._compared(node["value"], on_left, right["value"])
            elif left["type"] == "literal":
                self._compared(node["value"], on_right, left["value"])
        return _At(_Made("boolean"), None)

    def _side(self, node: _Node, at: _At) -> _At | None:
        """One side of a comparison; None for a bare `true`, which is the name of a field that nothing has."""
        if node["type"] != "field" or node["value"] not in _WORDS:
            return self.read(node, at)
        word = node["value"]
        if at.shape is not None and at.shape.kind == "structure" and word in at.shape.members:
            return self.read(node, at)
        self.never.append(f"{at.name} has no field {word!r}; {_LITERAL.format(word)}")
        return None

    def _compared(self, operator: str, other: _At, literal: object) -> None:
        if operator in ORDERING:
            self._note(never_ordered(other.name, other.shape, ORDERING[operator], literal))
        else:
            self._note(never_equal(other.name, other.shape, literal))

    def _note(self, why: str | None) -> None:
        if why:
            self.never.append(why)

    def _projection(self, node: _Node, at: _At) -> _At:
        kind, children = node["type"], node["children"]
        inner = self.read(children[0], at)
        if kind == "value_projection":
            is_map = inner.shape is not None and inner.shape.kind == "map"
            element = _At(inner.shape.item, inner.path) if inner.shape and is_map else _UNKNOWN
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
        return _At(_Made("list", result.shape), result.path) if result.shape else _At(None, result.path)

    def _went_through(self, at: _At) -> None:
        if at.path and at.shape is not None and at.shape.kind in ("list", "map", "any"):
            self.lists.append(at.path)

    def _function(self, node: _Node, at: _At) -> _At:
        name, arguments = node["value"], node["children"]
        self._require_function(name, len(arguments))
        first = self._arguments(name, arguments, at)
        if name in _LOOKS_FOR and arguments[1]["type"] == "literal":
            self._looked_for(name, first, arguments[1]["value"])
        return self._result(name, first)

    def _arguments(self, name: str, arguments: Sequence[_Node], at: _At) -> _At:
        """What the first argument is."""
        first = _UNKNOWN
        for number, argument in enumerate(arguments):
            if argument["type"] == "expref":
                self.read(argument["children"][0], first.element() if name in _ELEMENTS else _UNKNOWN)
                continue
            found = self.read(argument, at)
            first = found if number == 0 else first
        return first

    def _result(self, name: str, first: _At) -> _At:
        """What the function makes of its first argument."""
        if name in _MAKES:
            return _At(_MAKES[name], None)
        if name in _ONE_OF:
            is_list = first.shape is not None and first.shape.kind == "list"
            return first.element() if is_list else _UNKNOWN
        if name == "to_array" and first.shape:
            return first if first.shape.kind == "list" else _At(_Made("list", first.shape), first.path)
        return first if name in _SAME_SHAPE else _UNKNOWN

    def _looked_for(self, name: str, inside: _At, literal: object) -> None:
        shape = inside.shape
        if name != "contains" and shape is not None and shape.kind in ("list", "integer", "number", "boolean"):
            self.never.append(f"{name}() is about a text; {inside.name} is {_a(shape)}")
        else:
            self._note(never_contained(inside.name, shape, literal))

    def _require_function(self, name: str, count: int) -> None:
        table = _functions().FUNCTION_TABLE
        if name not in table:
            raise BadExpression(f"there is no function {shortened(name)}(); there are {_some(table)}")
        signature = table[name]["signature"]
        variadic = bool(signature) and signature[-1].get("variadic", False)
        if count < len(signature) or (count > len(signature) and not variadic):
            raise BadExpression(f"{name}() takes {len(signature)} arguments, seen {count}")

    def _field(self, node: _Node, at: _At) -> _At:
        name = node["value"]
        if at.shape is None:
            return _UNKNOWN
        if at.shape.kind == "any":  # a document: what is in it has no shape, and a place
            return _UNKNOWN if at.path is None else _At(at.shape, (*at.path, name))
        if at.shape.kind == "map":
            return _At(at.shape.item, None)
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
        return _At(at.shape.members[name], path)

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
        hint = _LITERAL.format(name) if name in _WORDS else f"it has {_some(shape.members)}"
        return f"{of} has no field {shortened(repr(name))}; {hint}"
    return ""


_FOLLOW: Mapping[str, Callable[[_Reader, _Node, _At], _At]] = {  # by the node's type
    "field": _Reader._field,
    **dict.fromkeys(("subexpression", "pipe", "index_expression"), _Reader._chain),
    **dict.fromkeys(("current", "identity"), _Reader._here),
    "index": _Reader._element,
    "slice": _Reader._slice,
    "flatten": _Reader._flatten,
    **dict.fromkeys(("projection", "filter_projection", "value_projection"), _Reader._projection),
    **dict.fromkeys(("or_expression", "and_expression"), _Reader._side_by_side),
    "not_expression": _Reader._not,
    "comparator": _Reader._comparator,
    **dict.fromkeys(("multi_select_list", "multi_select_dict"), _Reader._side_by_side),
    "key_val_pair": _Reader._chain,
    "function_expression": _Reader._function,
}


@dataclass(frozen=True, slots=True)
class _Made:
    """The shape of what an expression makes: a list of `item`, or a plain value."""

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


def _decides(node: _Node) -> bool:
    """Whether the value is true or false whatever the answer is; `<` may be null."""
    return node["type"] == "not_expression" or (node["type"] == "comparator" and node["value"] in ("eq", "ne"))


_ALL_SIDES = (
    *("comparator", "not_expression", "or_expression", "and_expression", "function_expression"),
    *("multi_select_list", "multi_select_dict"),
)


def _begins(node: _Node) -> Iterator[str]:
    """The fields that are read of where the node stands; "" where all of that is looked at."""
    match node["type"]:
        case "field":
            yield node["value"]
        case "current" | "identity":
            yield ""
        case "literal" | "expref":
            return
        case kind if kind in _ALL_SIDES:
            for child in node["children"]:
                yield from _begins(child)
        case _:  # a chain or a projection: what it goes on to stands on what it begins with, `@` apart
            first, *rest = node["children"]
            while rest and node["type"] in ("subexpression", "pipe") and first["type"] in ("current", "identity"):
                first, *rest = rest
            yield from _begins(first)


def _require_sound(tree: object) -> None:
    """Raise BadExpression for a tree that is too deep, and for a literal that JSON does not have. Nothing recurses."""
    rest: list[tuple[object, int]] = [(tree, 1)]
    while rest:
        node, depth = rest.pop()
        if depth > DEEPEST:
            raise BadExpression(f"nested more than {DEEPEST} levels deep")
        rest += [(each, depth + 1) for each in _inside(node)]
        if isinstance(node, float) and not isfinite(node):
            raise BadExpression("not JMESPath: a literal is JSON, which has no NaN and no Infinity")
        if isinstance(node, str) and not is_utf8(node):
            raise BadExpression("half a surrogate pair stands in it, which no UTF-8 can carry")


def _inside(node: object) -> list[object]:
    """What a node of the tree, or a literal in it, holds: names of a literal's fields count as well."""
    if isinstance(node, dict):
        return [*node["children"], node.get("value")] if "children" in node else [*node, *node.values()]
    return node if isinstance(node, list) else []


def _filled(node: object, fill: Callable[[str], str]) -> object:
    if not isinstance(node, dict) or "type" not in node:
        return node
    copy = {**node, "children": [_filled(child, fill) for child in node["children"]]}
    if node["type"] == "literal":
        copy["value"] = _filled_value(node["value"], fill)
    elif node["type"] == "field":
        copy["value"] = fill(node["value"])
    return copy


def _filled_value(value: object, fill: Callable[[str], str]) -> object:
    if isinstance(value, str):
        return fill(value)
    if isinstance(value, list):
        return [_filled_value(entry, fill) for entry in value]
    if isinstance(value, dict):
        return {name: _filled_value(entry, fill) for name, entry in value.items()}
    return value


@cache
def _functions() -> Any:
    from jmespath import functions
    from jmespath.exceptions import JMESPathTypeError

    class Functions(functions.Functions):  # type: ignore[misc]
        @functions.signature({"types": ["string", "null"]})  # type: ignore[untyped-decorator]
        def _func_parse_json(self, text: str | None) -> object:
            try:
                return None if text is None else json.loads(text)
            except (ValueError, RecursionError) as error:
                raise JMESPathTypeError("parse_json", "a text that is not JSON", "string", ["JSON"]) from error

    return Functions()


def _a(shape: ApiShape) -> str:
    return f"{'an' if shape.kind[0] in 'aeiou' else 'a'} {shape.kind}"


def _some(names: Iterable[str]) -> str:
    listed = sorted(names)
    return ", ".join(listed[:20]) + (f" and {len(listed) - 20} more" if len(listed) > 20 else "") or "none"
