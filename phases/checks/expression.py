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

from collections.abc import Callable, Iterator
from math import isfinite
from typing import cast

from phases.checks.api_model import ApiOperation
from phases.checks.leads import At, BadExpression, Leads, LeadsReader, Node, Path, known_functions
from phases.documents.yaml_scalars import shortened
from state.utf8 import is_utf8

LONGEST = 4096  # characters of an expression
DEEPEST = 100  # levels of an expression's tree, literals counted: every look at it recurses


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
            return ParsedResult(self.text, self._tree).search(answer, Options(custom_functions=known_functions()))
        except RecursionError as error:
            raise BadExpression("the expression does not fit the answer: the answer is nested too deeply") from error
        except TypeError as error:  # jmespath.py 1.1.0 asks Python for `1 < 'a'` (findings/jmespath-answers.sh)
            raise BadExpression("the expression does not fit the answer: a number is compared with a text") from error
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
        reader = LeadsReader(operation)
        at = reader.read(cast(Node, self._tree), At(operation.answer, ()))
        return Leads(at.name, at.shape, tuple(reader.never))

    def looks_at(self, operation: ApiOperation) -> tuple[list[str], list[Path]]:
        """What it looks through in this operation's answer: the members that it begins with, and the lists, by path.

        Conditions of filters are left out: what they ask for may be missing in an entry.
        """
        reader = LeadsReader(operation)
        reader.read(cast(Node, self._tree), At(operation.answer, ()))
        return list(dict.fromkeys(path[0] for path in reader.fields)), list(dict.fromkeys(reader.lists))

    @property
    def decides(self) -> bool:
        """Whether its value is true or false, whatever the answer is."""
        return _decides(cast(Node, self._tree))

    @property
    def counts(self) -> bool:
        """Whether its value is a number of things, or true or false: nothing of what it counts stands in it."""
        node = cast(Node, self._tree)
        return _decides(node) or (node["type"] == "function_expression" and node["value"] == "length")

    @property
    def reads(self) -> bool:
        """Whether its value can depend on the answer."""
        return _reads(cast(Node, self._tree))

    def begins(self) -> list[str]:
        """The members of any JSON document that it begins with; "" for the document itself."""
        return list(dict.fromkeys(_begins(cast(Node, self._tree))))


_DECIDING = ("contains", "starts_with", "ends_with")
_CHAINS = ("subexpression", "pipe", "index_expression")  # their value is that of the last part


def _decides(node: Node) -> bool:
    """Whether the value is true or false whatever the answer is, by the outermost node; `<` may be null, too."""
    kind, children = node["type"], node["children"]
    if kind in ("or_expression", "and_expression"):
        return all(_decides(each) for each in children)
    if kind in _CHAINS:
        return _decides(children[-1])
    if kind == "literal":
        return isinstance(node["value"], bool)
    return kind in ("not_expression", "comparator") or (kind == "function_expression" and node["value"] in _DECIDING)


def _reads(node: Node) -> bool:
    """Whether the value can depend on the answer: a chain that begins with, or ends in, literals alone does not."""
    kind, children = node["type"], node["children"]
    if kind in ("field", "current", "identity"):
        return True
    if kind in _CHAINS:
        return all(_reads(each) or each["type"] in ("index", "slice") for each in children)
    if kind in ("projection", "filter_projection", "value_projection", "flatten"):
        return _reads(children[0])
    return any(_reads(each) for each in children)


_ALL_SIDES = (
    *("comparator", "not_expression", "or_expression", "and_expression", "function_expression"),
    *("multi_select_list", "multi_select_dict"),
)


def _begins(node: Node) -> Iterator[str]:
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
