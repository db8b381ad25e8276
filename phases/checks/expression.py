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
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from math import isfinite
from typing import Any

from phases.checks.api_model import ApiOperation, ApiShape, ShapeKind
from phases.documents.yaml_scalars import shortened
from state.utf8 import is_utf8

Path = tuple[str, ...]
_SAME_CONTEXT = ("or_expression", "and_expression", "not_expression", "comparator", "multi_select_list")
_ELEMENTS = ("sort_by", "max_by", "min_by")  # functions whose `&expression` is about the elements of the list given
_SAME_SHAPE = ("sort", "reverse", *_ELEMENTS)
LONGEST = 4096  # characters of an expression
DEEPEST = 100  # levels of an expression's tree, literals counted: every look at it recurses


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
        """Raises BadExpression when the expression asks for what this operation's answer never has."""
        _Reader(operation).read(self._tree, _At(operation.answer, ()))


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


class _Reader:
    """Follows an expression through an answer's shape."""

    def __init__(self, operation: ApiOperation) -> None:
        self._operation = operation
        self._whole = [tuple(name.split(".")) for name in (*operation.pages, *operation.same_on_pages)]

    def read(self, node: Any, at: _At) -> _At:
        """Where the node leads to from there."""
        children = node["children"]
        match node["type"]:
            case "field":
                return self._field(node["value"], at)
            case "subexpression" | "pipe" | "index_expression":
                for child in children:
                    at = self.read(child, at)
                return at
            case "current" | "identity":
                return at
            case "index":
                return at.element()
            case "slice":
                at.element()
                return at
            case "projection" | "filter_projection" | "value_projection":
                return self._projection(node["type"], children, at)
            case "flatten":
                inner = self.read(children[0], at)
                nested = inner.element()
                return nested if nested.shape and nested.shape.kind == "list" else inner
            case kind if kind in _SAME_CONTEXT:
                for child in children:
                    self.read(child, at)
                return _UNKNOWN
            case "multi_select_dict":
                for pair in children:
                    self.read(pair["children"][0], at)
                return _UNKNOWN
            case "function_expression":
                return self._function(node["value"], children, at)
            case _:  # a literal
                return _UNKNOWN

    def _projection(self, kind: str, children: list[Any], at: _At) -> _At:
        inner = self.read(children[0], at)
        if kind == "value_projection":
            is_map = inner.shape is not None and inner.shape.kind == "map"
            element = _At(inner.shape.item, inner.path) if inner.shape and is_map else _UNKNOWN
        else:
            element = inner.element()
        if kind == "filter_projection":
            self.read(children[2], element)
        result = self.read(children[1], element)
        # a projection gives a list of what stands at its right side: an element of it is that again
        return _At(_ListOf(result.shape), result.path) if result.shape else _At(None, result.path)

    def _function(self, name: str, arguments: list[Any], at: _At) -> _At:
        self._require_function(name, len(arguments))
        first = _UNKNOWN
        for number, argument in enumerate(arguments):
            if argument["type"] == "expref":
                self.read(argument["children"][0], first.element() if name in _ELEMENTS else _UNKNOWN)
                continue
            found = self.read(argument, at)
            first = found if number == 0 else first
        if name == "to_array" and first.shape:
            return first if first.shape.kind == "list" else _At(_ListOf(first.shape), first.path)
        return first if name in _SAME_SHAPE else _UNKNOWN

    def _require_function(self, name: str, count: int) -> None:
        table = _functions().FUNCTION_TABLE
        if name not in table:
            raise BadExpression(f"there is no function {shortened(name)}(); there are {_some(table)}")
        signature = table[name]["signature"]
        variadic = bool(signature) and signature[-1].get("variadic", False)
        if count < len(signature) or (count > len(signature) and not variadic):
            raise BadExpression(f"{name}() takes {len(signature)} arguments, seen {count}")

    def _field(self, name: str, at: _At) -> _At:
        if at.shape is None or at.shape.kind == "any":
            return _UNKNOWN
        if at.shape.kind == "map":
            return _At(at.shape.item, None)
        if at.shape.kind != "structure":
            hint = ": write [] behind it" if at.shape.kind == "list" else ""
            raise BadExpression(f"{at.name} is {_a(at.shape)}, it has no field {shortened(repr(name))}{hint}")
        if name not in at.shape.members:
            literal = f"a literal stands in backticks: `{name}`" if name in ("true", "false", "null") else ""
            raise BadExpression(
                f"{at.name} has no field {shortened(repr(name))}; {literal or 'it has ' + _some(at.shape.members)}"
            )
        path = None if at.path is None else (*at.path, name)
        if path is not None:
            self._require_whole(path)
        return _At(at.shape.members[name], path)

    def _require_whole(self, path: Path) -> None:
        """The path leads to, or into, something that is put together from all pages."""
        if not self._operation.pages:
            return
        if not any(path[: len(whole)] == whole[: len(path)] for whole in self._whole):
            whole = ", ".join(self._operation.pages)
            raise BadExpression(f"{'.'.join(path)} is about one page of the answer; of all pages there is: {whole}")


@dataclass(frozen=True, slots=True)
class _ListOf:
    """The shape of a list that an expression makes."""

    item: ApiShape
    kind: ShapeKind = "list"
    sensitive: bool = False
    members: Mapping[str, ApiShape] = field(default_factory=dict)
    required: tuple[str, ...] = ()
    least: float = 0


def _require_sound(tree: object) -> None:
    """Raise BadExpression for a tree that is too deep, and for a literal that JSON does not have. Nothing recurses."""
    rest: list[tuple[object, int]] = [(tree, 1)]
    while rest:
        node, depth = rest.pop()
        if depth > DEEPEST:
            raise BadExpression(f"nested more than {DEEPEST} levels deep")
        if isinstance(node, dict):
            inside = [*node["children"], node.get("value")] if "children" in node else [*node, *node.values()]
        else:
            inside = node if isinstance(node, list) else []
        rest += [(each, depth + 1) for each in inside]
        if isinstance(node, float) and not isfinite(node):
            raise BadExpression("not JMESPath: a literal is JSON, which has no NaN and no Infinity")
        if isinstance(node, str) and not is_utf8(node):
            raise BadExpression("half a surrogate pair stands in it, which no UTF-8 can carry")


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


def _functions() -> Any:
    from jmespath import functions
    from jmespath.exceptions import JMESPathTypeError

    class Functions(functions.Functions):  # type: ignore[misc]
        @functions.signature({"types": ["string", "null"]})  # type: ignore[untyped-decorator]
        def _func_parse_json(self, text: str | None) -> Any:
            try:
                return None if text is None else json.loads(text)
            except (ValueError, RecursionError) as error:
                raise JMESPathTypeError("parse_json", "a text that is not JSON", "string", ["JSON"]) from error

    return Functions()


def _a(shape: ApiShape) -> str:
    return f"{'an' if shape.kind[0] in 'aeiou' else 'a'} {shape.kind}"


def _some(names: Any) -> str:
    listed = sorted(names)
    return ", ".join(listed[:20]) + (f" and {len(listed) - 20} more" if len(listed) > 20 else "") or "none"
