"""Is this line one JSON object, which no two readers can read in two ways?

Rules:
- A field is there once, a number is finite, a text is one that UTF-8 can hold, and nesting has an end.
- What the object's fields must be is the business of `json_values`.
"""

from __future__ import annotations

import json
from collections.abc import Callable

from state.json_values import SEEN, Json, Misread

_DEPTH = 64  # objects and lists in one another; phasegate itself writes six


def read_object(line: bytes) -> dict[str, Json]:
    """The JSON object in a line.

    Raises ValueError for anything else: what is not UTF-8 or not JSON, a field that is there twice, a number that is
    none or too large, half a character, more than 64 objects and lists in one another.
    """
    try:
        written = line.decode()
        body = _scanned(written)
        names = _names_written(written)
        if names < 0 or (names != _names_at_the_top(body) and names != _names_in(body)):
            _decode_each_once(written)
    except RecursionError:
        raise ValueError(f"more than {_DEPTH} objects and lists in one another") from None
    except Misread:
        raise
    except ValueError as error:
        raise ValueError(f"not a JSON line: {error}") from error
    if type(body) is not dict:
        raise ValueError("not a JSON object")
    if "\\u" in written:  # rarely: phasegate escapes control characters only
        _require_text(body)
    may_be_deep = "[" in written or not 0 <= names < _DEPTH  # each object around another one has a name for it
    if may_be_deep and written.count("[") + written.count("{") > _DEPTH and not _is_flat(body, _DEPTH):
        raise ValueError(f"more than {_DEPTH} objects and lists in one another")
    return body


def _scanned(written: str) -> Json:
    """The value; `JSONDecoder.decode` without its search for blanks around it, of which a journal has none."""
    try:
        body, end = _scan(written, 0)
    except StopIteration:
        return _decode(written)  # which says what is wrong
    return body if end == len(written) else _decode(written)


def _names_written(written: str) -> int:
    """How often a name may be written: where that is as often as names were taken, none is in one object twice.

    Each name is followed by `":`, and so may be a quote inside of a text. -1 where the colon may come later. Asking the
    decoder itself takes longer than everything else that is done with a line.
    """
    if '" ' in written or "\t" in written or "\r" in written:
        return -1
    return written.count('":')


def _names_at_the_top(body: Json) -> int:
    """How many fields an object and its `by` have: of most lines all, and of no line more than `_names_in` counts."""
    if type(body) is not dict:
        return -1
    by = body.get("by")
    return len(body) + len(by) if type(by) is dict else len(body)


def _names_in(value: Json) -> int:
    """How many fields an object has, and those in it."""
    count = 0
    if type(value) is dict:
        count = len(value)
        for each in value.values():
            if type(each) is dict or type(each) is list:
                count += _names_in(each)
    elif type(value) is list:
        for each in value:
            count += _names_in(each)
    return count


def _once(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    body = dict(pairs)
    if len(body) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise Misread(twice, "one field of this name", str(names.count(twice)))
    return body


def _finite(number: str) -> float:
    value = float(number)
    if value - value != 0:
        raise ValueError(f"{number[:SEEN]} is too large a number")
    return value


def _refuse(constant: str) -> float:
    raise ValueError(f"{constant} is no JSON")


_DECODER = json.JSONDecoder(parse_float=_finite, parse_constant=_refuse)
_scan: Callable[[str, int], tuple[Json, int]] = getattr(_DECODER, "scan_once")  # noqa: B009 - what `raw_decode` calls; typeshed does not know it
_decode: Callable[[str], Json] = _DECODER.decode
_decode_each_once: Callable[[str], Json] = json.JSONDecoder(object_pairs_hook=_once).decode


def _require_text(body: Json) -> None:
    try:
        json.dumps(body, ensure_ascii=False).encode("utf-8", "surrogateescape")  # a byte of a file's name may be any
    except UnicodeEncodeError as error:
        half = json.dumps(error.object[error.start])
        raise ValueError(f"half a character ({half}), which is no text") from None


def _is_flat(value: Json, depth: int) -> bool:
    if not isinstance(value, dict | list):
        return True
    inside = value.values() if isinstance(value, dict) else value
    return depth > 0 and all(_is_flat(each, depth - 1) for each in inside)
