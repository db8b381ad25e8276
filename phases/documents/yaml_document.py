"""What values does this YAML file hold, and where does each one stand? For files that people write by hand.

Rules:
- Nothing is guessed: a name given twice or an alias is a problem, tags that build objects are no YAML here.
- Problems are collected with `file:line:column`; only what cannot be read as YAML at all is raised at once.
- What is pydantic's to say (`said`) is said in our words.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

import yaml

from state.errors import BadInput, Problem

Place = tuple[str | int, ...]  # names and numbers that lead from the top to a value
Refuse = Callable[[Sequence[Problem]], BadInput]


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

    Raises what `refuse` makes when the bytes are not UTF-8 or not YAML.
    """

    def __init__(
        self, data: bytes, name: str, refuse: Refuse, is_text: Callable[[Place], bool] = lambda _place: False
    ) -> None:
        self._name = name
        self._is_text = is_text
        self._marks: dict[Place, tuple[int, int]] = {}
        self._seen: set[int] = set()
        self.problems: list[Problem] = []
        try:
            self._loader = yaml.SafeLoader(data.decode("utf-8-sig"))
            node = self._loader.get_single_node()
            self.value = {} if node is None or _is_empty(node) else self._read(node, ())
        except UnicodeDecodeError as error:
            raise refuse([Problem(f"{name}:1:1", f"not UTF-8: {error.reason}")]) from error
        except yaml.YAMLError as error:
            mark = getattr(error, "problem_mark", None)
            place = f"{name}:{mark.line + 1}:{mark.column + 1}" if mark else f"{name}:1:1"
            why = getattr(error, "problem", None) or str(error).split("\n", 1)[0]
            hint = "; a value that begins with * needs quotes" if "alias" in why else ""
            raise refuse([Problem(place, f"not YAML: {why}{hint}")]) from error

    def place(self, path: Place) -> str:
        """`file:line:column` of the value at this path, or of the nearest thing around it."""
        while path not in self._marks and path:
            path = path[:-1]
        line, column = self._marks.get(path, (0, 0))
        return f"{self._name}:{line + 1}:{column + 1}"

    def places_under(self, path: Place) -> dict[Place, str]:
        """`file:line:column` of everything inside the value at this path, by its path from there."""
        depth = len(path)
        return {place[depth:]: self.place(place) for place in self._marks if place[:depth] == path}

    def problem(self, path: Place, message: str) -> Problem:
        return Problem(self.place(path), message)

    def _read(self, node: yaml.Node, path: Place) -> Any:
        self._marks.setdefault(path, (node.start_mark.line, node.start_mark.column))
        if id(node) in self._seen:
            self.problems.append(self.problem(path, "aliases are not used here: write it out"))
            return None
        self._seen.add(id(node))
        if isinstance(node, yaml.SequenceNode):
            return [self._read(item, (*path, number)) for number, item in enumerate(node.value)]
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, path)
        if self._is_text(path):
            return node.value
        return self._loader.construct_object(node)

    def _mapping(self, node: yaml.MappingNode, path: Place) -> dict[str, Any]:
        body: dict[str, Any] = {}
        for key, value in node.value:
            name = str(key.value)
            here = (*path, name)
            if name in body:
                place = f"{self._name}:{key.start_mark.line + 1}:{key.start_mark.column + 1}"
                self.problems.append(Problem(place, f"{name!r} is given twice; the first is at {self.place(here)}"))
                continue
            self._marks[here] = (key.start_mark.line, key.start_mark.column)
            body[name] = self._read(value, here)
        return body


def in_order(problems: Sequence[Problem]) -> list[Problem]:
    """The problems of one file by line and column."""
    return sorted(problems, key=lambda problem: [int(number) for number in problem.where.split(":")[-2:]])


def said(detail: Any, names: Sequence[str]) -> str:
    """One of pydantic's findings (an entry of `ValidationError.errors()`) in our words.

    Args:
        names: the settings that there are beside the one concerned.
    """
    if detail["type"] == "model_type":
        return f"expected settings, `name: value` a line, seen {detail['input']!r}"
    name = str(detail["loc"][-1])
    if detail["type"] == "extra_forbidden":
        return f"{name!r} is not a setting here; there are: {', '.join(names)}"
    if detail["type"] == "missing":
        return f"{name!r} is missing"
    return f"{name}: {detail['msg'][0].lower()}{detail['msg'][1:]}, seen {detail['input']!r}"


def _is_empty(node: yaml.Node) -> bool:
    return isinstance(node, yaml.ScalarNode) and re.fullmatch(r"~|null", node.value, re.IGNORECASE) is not None
