"""What values does this YAML file hold, and where does each one stand? For files that people write by hand.

Rules:
- Nothing is guessed: a name given twice or an alias is a problem, tags that build objects are no YAML here, and a word
  that is no value (`yaml_scalars`) is refused by its place.
- Nothing is built before it is bounded: how deep it is nested and how many values it has are counted while it is read.
  How many bytes it may have is said where it is read (`state/outside_file.py`).
- Problems are collected with `file:line:column`; what cannot be read as values at all is raised before any is judged.
- What is pydantic's to say (`said`) is said in our words.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import yaml

from phases.documents.yaml_scalars import IMPLICIT, BadScalar, shortened, shown_tag, text_of, value_of
from state.errors import BadInput, Problem
from state.nearest import hint
from state.utf8 import is_utf8

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

Place = tuple[str | int, ...]  # names and numbers that lead from the top to a value
Refuse = Callable[[Sequence[Problem]], BadInput]

DEEPEST = 50  # levels of lists and mappings in one another
MOST_VALUES = 20_000  # of a file, names counted
_QUOTED = re.compile(r"'([^']*)'")  # a word that pydantic expected
# what pydantic says of a value of the wrong kind -> what was expected; numbers as its `ctx` has them
_EXPECTED = {
    "list_type": "a list",
    "dict_type": "a mapping",
    "string_type": "a text",
    "bool_type": "true or false",
    "int_type": "a whole number",
    "float_type": "a number",
    "greater_than_equal": "at least {ge}",
    "less_than_equal": "at most {le}",
    "greater_than": "more than {gt}",
    "less_than": "less than {lt}",
    "string_pattern_mismatch": "a text that matches {pattern}",
}
_PLAIN_TAGS = ("tag:yaml.org,2002:seq", "tag:yaml.org,2002:map")


class _Loader(yaml.SafeLoader):
    """PyYAML's own, which stops where a document is too deep or too large. It reads no further than it composes."""

    def __init__(self, text: str) -> None:
        self.depth = self.values = 0
        super().__init__(text)

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        self.depth += 1
        self.values += 1
        if self.depth > DEEPEST:
            raise _too_much(f"nested more than {DEEPEST} levels deep", self._here())
        if self.values > MOST_VALUES:
            raise _too_much(f"more than {MOST_VALUES:,} values", self._here())
        try:
            return super().compose_node(parent, index)
        finally:
            self.depth -= 1

    def _here(self) -> yaml.Mark:
        event: yaml.Event = self.peek_event()  # type: ignore[no-untyped-call]
        return event.start_mark  # type: ignore[return-value]  # the stubs have the mark of the C parser, too

    def fetch_flow_collection_start(self, token: object) -> None:
        # The scanner looks ahead, for a colon, and at every open bracket for each sign: that has to be bounded, too.
        if self.flow_level >= DEEPEST:
            raise _too_much(f"nested more than {DEEPEST} levels deep", self.get_mark())
        super().fetch_flow_collection_start(token)


@lru_cache(maxsize=4)
def _nodes(text: str) -> yaml.Node | None:
    """The nodes of a text, which nobody changes: each phase of a deployment reads the same files anew.

    Raises YAMLError; with its place, too, where PyYAML works something out by itself ("\\UFFFFFFFF", %YAML 999...).
    """
    loader = _Loader(text)
    try:
        node: yaml.Node | None = loader.get_single_node()
    except (ValueError, OverflowError) as error:
        raise yaml.MarkedYAMLError(problem=str(error), problem_mark=loader.get_mark()) from error
    return node


def _too_much(why: str, mark: yaml.Mark) -> yaml.YAMLError:
    return yaml.MarkedYAMLError(problem=why, problem_mark=mark)


class YamlDocument:
    """A YAML file as plain values, and where each of them stands.

    Args:
        data: the file's bytes, UTF-8.
        name: its name in messages.
        refuse: makes the refusal from problems.
        is_text: whether the value at this place is taken as written: unquoted, YAML would make a number of 3.1, and
            the same one of 3.10.

    Attributes:
        value: the values; an empty file is an empty mapping.
        problems: names given twice, and aliases.
        written: what is no text, as it is written: place -> `yes`, which became true; `3.10`, which became 3.1.

    Raises what `refuse` makes when the bytes are not UTF-8 or not YAML, are nested too deeply, or hold a word that is
    no value.
    """

    def __init__(
        self, data: bytes, name: str, refuse: Refuse, is_text: Callable[[Place], bool] = lambda _place: False
    ) -> None:
        self._name = name
        self._is_text = is_text
        self._marks: dict[Place, tuple[int, int]] = {}
        self._order: list[Place] = []  # what is inside a value follows it
        self._ends: dict[Place, int] = {}  # where in `_order` that ends
        self._seen: set[int] = set()
        self._no_values: list[Problem] = []
        self.problems: list[Problem] = []
        self.written: dict[Place, str] = {}
        node = self._composed(data, refuse)
        self.value: Any = {} if node is None or _is_empty(node) else self._read(node, ())
        if self._no_values:
            raise refuse([*self.problems, *self._no_values])

    def place(self, path: Place) -> str:
        """`file:line:column` of the value at this path, or of the nearest thing around it."""
        while path not in self._marks and path:
            path = path[:-1]
        return self._at(*self._marks.get(path, (0, 0)))

    def places_under(self, path: Place) -> dict[Place, str]:
        """`file:line:column` of everything inside the value at this path, by its path from there."""
        depth = len(path)
        if path not in self._ends:
            return {}
        last = self._ends[path]
        first = next(at for at in range(last - 1, -1, -1) if self._order[at] == path)
        return {place[depth:]: self.place(place) for place in self._order[first:last]}

    def words(self, path: Place) -> Iterator[tuple[Place, str]]:
        """Where inside the value at this path yes, no, on or off (unquoted) became true or false, and the word."""
        for place in self.places_under(path):
            word = self.written.get((*path, *place), "").lower()
            if word in ("yes", "no", "on", "off"):
                yield place, word

    def problem(self, path: Place, message: str) -> Problem:
        return Problem(self.place(path), message)

    def _at(self, line: int, column: int) -> str:
        return f"{self._name}:{line + 1}:{column + 1}"

    def _composed(self, data: bytes, refuse: Refuse) -> yaml.Node | None:
        """The document's nodes. Raises what `refuse` makes."""
        try:
            text = data.decode("utf-8-sig")
            return _nodes(text)
        except UnicodeDecodeError as error:
            utf16 = data[:2] in (b"\xff\xfe", b"\xfe\xff")
            why = "it begins as UTF-16 does; save it as UTF-8" if utf16 else error.reason
            raise refuse([Problem(self._at(*_position(data[: error.start])), f"not UTF-8: {why}")]) from error
        except yaml.reader.ReaderError as error:  # a control character: YAML has none
            place = self._at(*_position(text[: error.position].encode()))
            raise refuse([Problem(place, f"not YAML: the character #x{error.character:02x} is not allowed")]) from error
        except yaml.YAMLError as error:
            mark = getattr(error, "problem_mark", None)
            why = shortened(str(getattr(error, "problem", None) or str(error).split("\n", 1)[0]))
            hint = "; a value that begins with * needs quotes" if "alias" in why else ""
            place = self._at(mark.line, mark.column) if mark else self._at(0, 0)
            raise refuse([Problem(place, f"not YAML: {why}{hint}")]) from error

    def _mark(self, path: Place, mark: yaml.Mark) -> None:
        if path not in self._marks:
            self._marks[path] = (mark.line, mark.column)
            self._order.append(path)

    def _read(self, node: yaml.Node, path: Place) -> object:
        self._mark(path, node.start_mark)
        try:
            return self._value(node, path)
        except BadScalar as error:
            self._no_values.append(self.problem(path, str(error)))
            return None
        finally:
            self._ends[path] = len(self._order)

    def _value(self, node: yaml.Node, path: Place) -> object:
        if id(node) in self._seen:
            self.problems.append(self.problem(path, "aliases are not used here: write it out"))
            return None
        self._seen.add(id(node))
        if isinstance(node, yaml.ScalarNode):
            if node.tag in IMPLICIT and self._is_text(path):
                return text_of(node)
            value = value_of(node)
            if not isinstance(value, str):
                self.written[path] = str(node.value)
            return value
        if node.tag not in _PLAIN_TAGS:
            raise BadScalar(f"not YAML: {shown_tag(node.tag)} is no kind of value here")
        if isinstance(node, yaml.SequenceNode):
            return [self._read(item, (*path, number)) for number, item in enumerate(node.value)]
        return self._mapping(node, path)

    def _mapping(self, node: yaml.Node, path: Place) -> dict[str, object]:
        body: dict[str, object] = {}
        for key, value in node.value:
            if not isinstance(key, yaml.ScalarNode) or not is_utf8(key.value):
                raise BadScalar("a name that is no text stands in it")
            name = str(key.value)
            here = (*path, name)
            if name in body:
                place = self._at(key.start_mark.line, key.start_mark.column)
                first = self.place(here)
                self.problems.append(Problem(place, f"{shortened(repr(name))} is given twice; the first is at {first}"))
                continue
            self._mark(here, key.start_mark)
            body[name] = self._read(value, here)
        return body


def in_order(problems: Sequence[Problem]) -> list[Problem]:
    """The problems of one file by line and column."""
    return sorted(problems, key=lambda problem: [int(number) for number in problem.where.split(":")[-2:]])


def said(detail: ErrorDetails, names: Sequence[str]) -> str:
    """One of pydantic's findings (an entry of `ValidationError.errors()`) in our words.

    Args:
        names: the settings that there are beside the one concerned.
    """
    kind = detail["type"]
    if kind == "model_type":
        return f"expected settings, `name: value` a line, seen {seen(detail['input'])}"
    name = named(detail["loc"])
    if kind == "extra_forbidden":
        return f"{shortened(repr(name))} is not a setting here; there are: {', '.join(names)}{hint(name, names)}"
    if kind == "missing":
        return f"{name!r} is missing"
    meant = hint(str(detail["input"]), _QUOTED.findall(detail["ctx"]["expected"])) if kind == "literal_error" else ""
    return f"{name}: {_expected(detail)}, seen {seen(detail['input'])}{meant}"


def named(loc: Place) -> str:
    """The setting at this place, as a message calls it: `when`, or `when, entry 2` for a value of a list."""
    setting = next((str(part) for part in reversed(loc) if isinstance(part, str)), "the file")
    return f"{setting}, entry {loc[-1] + 1}" if loc and isinstance(loc[-1], int) else setting


def _expected(detail: ErrorDetails) -> str:
    """What was expected in the place of a value."""
    words, numbers = _EXPECTED.get(detail["type"]), detail.get("ctx", {})
    if words is not None:
        return f"expected {words.format_map(numbers)}"
    message = detail["msg"].removeprefix("Value error, ")
    if message.startswith("Input should be"):
        return f"expected{message.removeprefix('Input should be')}"
    return f"{message[0].lower()}{message[1:]}"


def seen(value: object) -> str:
    """A value for a message: as Python writes it, and no longer than a line."""
    return shortened(repr(value))


def _position(before: bytes) -> tuple[int, int]:
    """Line and column, from 0, of what comes after these bytes."""
    return before.count(b"\n"), len(before.rpartition(b"\n")[2].decode("utf-8-sig", "replace"))


def _is_empty(node: yaml.Node) -> bool:
    return (
        isinstance(node, yaml.ScalarNode)
        and node.style is None
        and re.fullmatch(r"~|null", node.value, re.I) is not None
    )
