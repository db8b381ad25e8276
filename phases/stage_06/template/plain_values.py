"""What values does a template hold? Read straight from the parser's events: without nodes, and without their places.

Rules:
- Plain YAML only: names and values, lists, short forms (`!Ref x`). For anything else (an alias, a tag of YAML's own, a
  name that is no scalar, a second document, what is no YAML at all) there is no answer here: PyYAML is to say what that
  means, and where it stands.
- What a word without quotes means is PyYAML's to say, too: once for each word.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import yaml

DEEPEST = 100  # levels of lists and mappings in one another
_PLAIN_TAGS = frozenset(f"tag:yaml.org,2002:{kind}" for kind in ("str", "int", "float", "bool", "null"))
_BOTH = (True, False)  # PyYAML's word for a scalar without quotes and tag


class NotPlain(Exception):
    """There is more in it than values: whoever asks has PyYAML read it."""


def plain_values(data: bytes, loader: Any, long_form: Callable[[str, object], object]) -> object:
    """The values of a YAML text, as `yaml.load` gives them with this loader class; `long_form` makes those of a tag.

    Raises NotPlain where that may be another value than it looks like, or none.
    """
    try:
        parser = loader(data)
        try:
            return _Reader(parser, long_form).document()
        finally:
            parser.dispose()
    except yaml.YAMLError as error:
        raise NotPlain from error


class _Reader:
    def __init__(self, parser: Any, long_form: Callable[[str, object], object]) -> None:
        self._loader = parser
        self._next: Callable[[], Any] = parser.get_event
        self._long_form = long_form
        self._words: dict[str, object] = {}  # of the words without quotes: what each means

    def document(self) -> object:
        self._pass(yaml.StreamStartEvent)
        self._pass(yaml.DocumentStartEvent)
        value = self._value(self._next(), DEEPEST)
        self._pass(yaml.DocumentEndEvent)
        self._pass(yaml.StreamEndEvent)
        return value

    def _pass(self, kind: type[yaml.Event]) -> None:
        if type(self._next()) is not kind:
            raise NotPlain

    def _value(self, event: Any, depth: int) -> object:
        """The value that begins with this event; `depth` levels may be inside of it."""
        kind = type(event)
        if kind is yaml.AliasEvent or event.anchor is not None or not depth:
            raise NotPlain
        tag = event.tag
        if tag is not None and (tag[0] != "!" or len(tag) == 1):
            raise NotPlain
        if kind is yaml.ScalarEvent:
            if tag is not None:
                return self._long_form(tag[1:], event.value)
            return self._word(event.value) if event.implicit == _BOTH else event.value
        value = self._list(depth - 1) if kind is yaml.SequenceStartEvent else self._mapping(depth - 1)
        return value if tag is None else self._long_form(tag[1:], value)

    def _list(self, depth: int) -> list[object]:
        values = []
        while type(event := self._next()) is not yaml.SequenceEndEvent:
            values.append(self._value(event, depth))
        return values

    def _mapping(self, depth: int) -> dict[object, object]:
        values = {}
        while type(event := self._next()) is not yaml.MappingEndEvent:
            if type(event) is not yaml.ScalarEvent or event.tag is not None:
                raise NotPlain
            name = self._value(event, depth)
            values[name] = self._value(self._next(), depth)
        return values

    def _word(self, word: str) -> object:
        try:
            return self._words[word]
        except KeyError:
            tag = self._loader.resolve(yaml.ScalarNode, word, _BOTH)
            if tag not in _PLAIN_TAGS:  # `<<`, say, which brings in another mapping
                raise NotPlain from None
            meaning = self._loader.construct_object(yaml.ScalarNode(tag, word))
            self._words[word] = meaning
            return meaning
