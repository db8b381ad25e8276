"""Is this JSON value what it must be? Typed reads of one field, each refused with the field, expected and seen.

Rules:
- Values come from files that anybody may have edited: nothing is taken for granted, and nothing is converted.
- A whole number is no boolean; a text is a text that UTF-8 can hold; a number is finite.
- The message never shows more than the beginning of what was seen.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import TypeAlias, TypeVar

Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"
Fields: TypeAlias = Mapping[str, Json]

NOTHING_MORE: Fields = {}  # of an object that has no field but the known ones
MOST = 10**9  # of what is counted, and of seconds
SEEN = 40  # characters of a value in a message
_PATH, _NAME = 4096, 255  # bytes of a path and of a name in it [Linux]
_HEX = re.compile(r"[0-9a-f]{1,64}").fullmatch
is_key = lru_cache(1024)(re.compile(r"[a-z][a-z0-9_]*").fullmatch)  # whether a text is the key of a task

T = TypeVar("T")
Word = TypeVar("Word", bound=str)


class Misread(ValueError):
    """A field that is not what it must be; `where` is its place: `request.expires_at`, `checks[2].verdict`."""

    def __init__(self, where: str, expected: str, seen: str) -> None:
        super().__init__(f"field `{where}`: expected {expected}, seen {seen}" if where else f"{expected}, seen {seen}")
        self.where = where
        self.expected = expected
        self.seen = seen

    def below(self, place: str) -> Misread:
        """The same, seen from the value that holds it."""
        inside = self.where if self.where.startswith("[") else f".{self.where}"
        return Misread(f"{place}{inside}", self.expected, self.seen)


def misread(body: Fields, name: str, expected: str) -> Misread:
    """What to raise for a field that is of another kind, or missing."""
    return Misread(name, expected, shown(body[name]) if name in body else "nothing")


def shown(value: Json) -> str:
    """A value as a message shows it: on one line, its beginning only."""
    if type(value) is int and abs(value) >= 10**SEEN:  # which Python may refuse to write out
        return f"a number of {value.bit_length()} bits"
    text = json.dumps(value) if not isinstance(value, dict | list) else _outline(value)
    return text if len(text) <= SEEN else f"{text[:SEEN]}..."


def _outline(value: dict[str, Json] | list[Json]) -> str:
    many = f"{len(value)} {'entry' if len(value) == 1 else 'entries'}"
    return f"an object of {many}" if isinstance(value, dict) else f"a list of {many}"


# --- one value ---------------------------------------------------------------------------------------------------


def text(body: Fields, name: str) -> str:
    value = body.get(name)
    if type(value) is str:
        return value
    raise misread(body, name, "a text")


def text_if_any(body: Fields, name: str) -> str:
    """A text; "" where the field is missing."""
    return text(body, name) if name in body else ""


def flag(body: Fields, name: str) -> bool:
    value = body.get(name)
    if value is True or value is False:
        return value
    raise misread(body, name, "true or false")


def flag_if_any(body: Fields, name: str) -> bool | None:
    """As `flag`; None where there is no such field."""
    return flag(body, name) if name in body else None


def whole(body: Fields, name: str, low: int = 0, high: int = MOST) -> int:
    value = body.get(name)
    if type(value) is int:
        if low <= value <= high:
            return value
        raise misread(body, name, f"a whole number from {low} to {high}")
    raise misread(body, name, "a whole number")


def word(body: Fields, name: str, words: Mapping[str, Word]) -> Word:
    """One of these words."""
    value = body.get(name)
    if type(value) is str and value in words:
        return words[value]
    raise misread(body, name, f"one of {', '.join(words)}")


def words(*names: Word) -> Mapping[str, Word]:
    """What `word` chooses from."""
    return {name: name for name in names}


def key(body: Fields, name: str) -> str:
    """The key of a task."""
    value = body.get(name)
    if type(value) is str and is_key(value):
        return value
    raise misread(body, name, "the key of a task ([a-z][a-z0-9_]*)")


def digest(body: Fields, name: str, *, or_else: Collection[str] = ()) -> str:
    """A digest or object id in hex, whole or abbreviated, or one of the words that may stand for one."""
    value = body.get(name)
    if type(value) is str and (_HEX(value) or value in or_else):
        return value
    raise misread(body, name, " or ".join(["a hexadecimal digest", *(shown(each) for each in or_else)]))


def digest_or_none(body: Fields, name: str) -> str | None:
    """A digest or object id; the field must be there, and may be null."""
    value = body.get(name, False)
    if value is None or (type(value) is str and _HEX(value)):
        return value
    raise misread(body, name, "a hexadecimal object id or null")


def file_name(body: Fields, name: str) -> str:
    """A name that a file or directory can have: no path."""
    value = body.get(name)
    if type(value) is str and is_path(value) and "/" not in value and value not in (".", ".."):
        return value
    raise misread(body, name, "a name without /")


def path(body: Fields, name: str) -> str:
    """A path as the disk can have one."""
    value = body.get(name)
    if type(value) is str and is_path(value):
        return value
    raise misread(body, name, "a path")


def path_or_empty(body: Fields, name: str) -> str:
    """A path, or "" for none."""
    return "" if body.get(name) == "" else path(body, name)


def is_path(value: str) -> bool:
    """Whether a file system could have this path: not empty, no NUL, not too long."""
    if not value or "\0" in value:
        return False
    if len(value) * 4 <= _NAME:  # nearly always
        return True
    return len(value.encode()) < _PATH and all(len(part.encode()) <= _NAME for part in value.split("/"))


def time(body: Fields, name: str) -> datetime:
    """A time as `format_time` writes it."""
    value = body.get(name)
    if type(value) is str:
        try:
            return parse_time(value)
        except ValueError:
            pass
    raise misread(body, name, "a time such as 2026-01-02T03:04:05.678Z")


# --- values of values --------------------------------------------------------------------------------------------


def record(body: Fields, name: str) -> Fields:
    """An object of whatever JSON values."""
    value = body.get(name)
    if type(value) is dict:
        return value
    raise misread(body, name, "an object")


def texts(body: Fields, name: str) -> tuple[str, ...]:
    """A list of texts."""
    return _each(body, name, "texts", text)


def paths(body: Fields, name: str) -> tuple[str, ...]:
    """A list of paths."""
    return _each(body, name, "paths", path)


def keys(body: Fields, name: str) -> tuple[str, ...]:
    """A list of tasks' keys."""
    return _each(body, name, "keys of tasks", key)


def _each(body: Fields, name: str, what: str, read: Callable[[Fields, str], T]) -> tuple[T, ...]:
    value = body.get(name)
    if type(value) is not list:
        raise misread(body, name, f"a list of {what}")
    return tuple(read({f"{name}[{at}]": each}, f"{name}[{at}]") for at, each in enumerate(value))


def text_of_each(body: Fields, name: str) -> Mapping[str, str]:
    """An object whose values are texts."""
    inside = record(body, name)
    return {each: text({f"{name}.{each}": value}, f"{name}.{each}") for each, value in inside.items()}


def part(body: Fields, name: str, read: Callable[[Fields], T]) -> T:
    """An object, read as what it is."""
    value = body.get(name)
    if type(value) is not dict:
        raise misread(body, name, "an object")
    try:
        return read(value)
    except Misread as error:
        raise error.below(name) from None


def parts(body: Fields, name: str, read: Callable[[Fields], T]) -> tuple[T, ...]:
    """A list of objects, each read as what it is."""
    value = body.get(name)
    if type(value) is not list:
        raise misread(body, name, "a list of objects")
    if not value:
        return ()
    return tuple(part({f"{name}[{at}]": each}, f"{name}[{at}]", read) for at, each in enumerate(value))


def more(body: Fields, known: frozenset[str]) -> Fields:
    """The fields that only a later release knows: they are kept, and under a digest as the others are."""
    if body.keys() <= known:
        return NOTHING_MORE
    return {name: value for name, value in body.items() if name not in known}


# --- times -------------------------------------------------------------------------------------------------------


def format_time(at: datetime) -> str:
    """`2026-11-20T19:35:56.123Z`"""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond // 1000:03d}Z"


def parse_time(written: str) -> datetime:
    """The time in a journal, aware, UTC. Raises ValueError for anything that `format_time` does not write."""
    if len(written) != 24 or written[23] != "Z":
        raise ValueError(f"time {written!r} is not UTC, to the millisecond")
    if written[7] != "-" or written[10] != "T" or written[19] != ".":
        raise ValueError(f"time {written!r} is not written as 2026-01-02T03:04:05.678Z")
    return datetime.fromisoformat(written)
