"""Which plain YAML words mean one thing to whoever writes them, and another to YAML?

Rules:
- Values are null, true and false, numbers and texts; dates, binary data, sets and objects of a language are none here.
- A number is written as people write one. What YAML 1.1 and 1.2 read as two different numbers (`010`, `1:30`, `1_000`)
  is refused, never turned.
- Nothing is worked out before its length is known: Python's own limit on digits would be a fault.

Source: https://yaml.org/type/ (int, float, bool, timestamp) and https://yaml.org/spec/1.2.2/#1032-tag-resolution
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from state.late_pattern import late
from state.utf8 import is_utf8

if TYPE_CHECKING:
    import yaml

_TAG = "tag:yaml.org,2002:"
NULL, BOOL, INT, FLOAT, STR = (f"{_TAG}{name}" for name in ("null", "bool", "int", "float", "str"))
TIMESTAMP, MERGE, VALUE = (f"{_TAG}{name}" for name in ("timestamp", "merge", "value"))
IMPLICIT = (NULL, BOOL, INT, FLOAT, STR, TIMESTAMP, MERGE, VALUE)  # what YAML takes a word for by itself
LONGEST_NUMBER = 300  # characters

_BOOLS = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}
_INT = late(r"[-+]?(?:0|[1-9][0-9]*)")
_HEX = late(r"0x[0-9a-fA-F]+")
_FLOAT = late(r"[-+]?(?:[0-9]+\.[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)")


class BadScalar(Exception):
    """Not a value; the message says why, in words for whoever wrote it."""


def value_of(node: yaml.ScalarNode) -> object:
    """The node's value: None, a bool, an int, a float or a text. Raises BadScalar."""
    text = str(node.value)
    if node.tag == STR:
        return text_of(node)
    if node.tag == NULL:
        return None
    if node.tag == BOOL:
        if text.lower() not in _BOOLS:
            raise BadScalar(f"{shortened(text)} is neither true nor false")
        return _BOOLS[text.lower()]
    if node.tag in (INT, FLOAT):
        return _number(text)
    if node.tag == TIMESTAMP:
        raise BadScalar(f"{shortened(text)} is not a value of JSON, it is a date to YAML; write it in quotes")
    if node.tag in (MERGE, VALUE):
        raise BadScalar(f"{text} merges or stands for something in YAML; a text needs quotes")
    raise BadScalar(f"not YAML: {shown_tag(node.tag)} is no kind of value here")


def text_of(node: yaml.ScalarNode) -> str:
    """The node's text as it is written. Raises BadScalar when no UTF-8 can carry it."""
    text = str(node.value)
    if not is_utf8(text):
        raise BadScalar("the text holds half a surrogate pair, which no UTF-8 can carry")
    return text


def shown_tag(tag: str) -> str:
    """`!!set`, `!mine`, as it is written in a file."""
    return shortened(f"!!{tag.removeprefix(_TAG)}" if tag.startswith(_TAG) else tag)


def shortened(text: str, most: int = 60) -> str:
    """A text for a message: on one line, and of at most so many characters of its own."""
    shown = text if text.isprintable() and text else repr(text)
    return shown if len(shown) <= most else f"{shown[: most - 10]}... ({len(text):,} characters)"


def _number(text: str) -> int | float:
    if len(text) > LONGEST_NUMBER:
        raise BadScalar(f"{shortened(text)} is too long for a number, at most {LONGEST_NUMBER} characters")
    if _INT.fullmatch(text):
        return int(text)
    if _HEX.fullmatch(text):
        return int(text, 16)
    if _FLOAT.fullmatch(text):
        return float(text.lower().replace(".inf", "inf").replace(".nan", "nan"))
    if ":" in text:
        raise BadScalar(f"{shortened(text)} is a number of base 60 to YAML; write '{shortened(text)}' in quotes")
    raise BadScalar(f"{shortened(text)} is read as two different numbers or none; write 480, or quotes for a text")
