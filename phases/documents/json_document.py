"""What values do these bytes hold, as strict JSON, and where does each one stand?

Rules:
- Strict: UTF-8, no NaN or Infinity, no repeated object key, no half of a surrogate pair; a byte-order mark is
  tolerated and told (RFC 8259, section 8.1: a parser may ignore it).
- A location is a tuple of keys and indexes; `json_path` writes it as people do: `$.tables[0].gsis[2].pk`.
- Nothing here recurses over the document, and how deep it is nested is counted before it is parsed. How many bytes it
  may have is said where it is read (`state/outside_file.py`).
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from state.errors import BadInput, Problem
from state.path_word import path_word
from state.utf8 import is_utf8

Location = tuple[str | int, ...]
WrongJson = tuple[Location, str]

_PLAIN_KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")
_NESTING = re.compile(r'"(?:[^"\\]|\\.)*"?|[\[{]|[\]}]', re.DOTALL)  # a text is passed over, whatever stands in it
DEEPEST = 100  # levels of arrays and objects in one another
_LONGEST_INTEGER = 300  # digits; a longer number is read as a float, which has no limit to run into


@dataclass(frozen=True, slots=True)
class Document:
    """The parsed document. `faults` are what is JSON for this parser and must not be; `bom`: it began with one."""

    value: Any
    faults: tuple[WrongJson, ...]
    bom: bool


@dataclass(frozen=True, slots=True)
class _Constant:
    """NaN or Infinity, kept in its place so that the fault can say where it stands."""

    text: str


class _Object(dict[str, object]):
    """An object in which a key stood more than once."""

    repeated: tuple[str, ...] = ()


def parse_json(data: bytes, *, path: str) -> Document:
    """Parse the bytes of the file `path`.

    Raises BadInput, with line and column or byte offset, when they are not one JSON document in UTF-8.
    """
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        kind = ", it is UTF-16 now" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else ""
        raise BadInput(
            f"{path} is not UTF-8: byte 0x{data[error.start]:02x} at offset {error.start}",
            next_command=f"$EDITOR {path_word(path)}   # save it as UTF-8{kind}, then the same command again",
        ) from error
    bom = text.startswith("\ufeff")
    if (deep := _too_deep(text)) is not None:
        line, column = text.count("\n", 0, deep) + 1, deep - text.rfind("\n", 0, deep)
        raise BadInput(
            f"{path} is nested too deeply to be read",
            problems=[Problem(f"{path}:{line}:{column}", f"more than {DEEPEST} levels")],
            next_command=f"$EDITOR {path_word(path)}   # then the same command again",
        )
    try:
        value = json.loads(
            text.removeprefix("\ufeff"),
            object_pairs_hook=_object,
            parse_constant=_Constant,
            parse_int=lambda digits: int(digits) if len(digits) <= _LONGEST_INTEGER else float(digits),
        )
    except json.JSONDecodeError as error:
        raise BadInput(
            f"{path}:{error.lineno}:{error.colno} is not JSON: {error.msg}",
            next_command=f"$EDITOR {path_word(path)}   # then the same command again",
        ) from error
    return Document(value, tuple(_faults(value)), bom)


def json_path(location: Location, origins: Mapping[Location, str] | None = None) -> str:
    """The location as a JSON path. `origins` gives the paths of places that stand elsewhere in the file."""
    start, text = 0, "$"
    for length in range(len(location), 0, -1) if origins else ():
        if origins and location[:length] in origins:
            start, text = length, origins[location[:length]]
            break
    for part in location[start:]:
        if isinstance(part, int):
            text += f"[{part}]"
        elif _PLAIN_KEY.fullmatch(part):
            text += f".{part}"
        else:
            text += f"[{json.dumps(part)}]"
    return text


def shown(value: object) -> str:
    """A value as a message shows it: short, on one line, in JSON's own spelling."""
    if isinstance(value, dict):
        return f"an object with {len(value)} fields"
    if isinstance(value, list):
        return f"a list of {len(value)}"
    if isinstance(value, _Constant):
        return value.text
    text = json.dumps(value)
    return text if len(text) <= 80 else f"{text[:76]}..."


def _too_deep(text: str) -> int | None:
    """Where the text opens one array or object too many, or None."""
    depth = 0
    for found in _NESTING.finditer(text):
        sign = found[0][0]
        depth += (sign in "[{") - (sign in "]}")
        if depth > DEEPEST:
            return found.start()
    return None


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    plain = dict(pairs)
    if len(plain) == len(pairs):
        return plain
    times = Counter(key for key, _ in pairs)
    found = _Object(plain)
    found.repeated = tuple(key for key in plain if times[key] > 1)
    return found


def _faults(document: object) -> list[WrongJson]:
    """Repeated keys, half surrogate pairs, NaN and Infinity, in no particular order."""
    faults: list[WrongJson] = []
    rest: list[tuple[Location, object]] = [((), document)]
    while rest:
        where, value = rest.pop()
        if isinstance(value, dict):
            faults += [((*where, key), fault) for key, fault in _faults_of_keys(value)]
            rest += [((*where, key), entry) for key, entry in value.items()]
        elif isinstance(value, list):
            rest += [((*where, index), entry) for index, entry in enumerate(value)]
        elif fault := _fault(value):
            faults.append((where, fault))
    return faults


def _faults_of_keys(value: dict[str, object]) -> Iterator[tuple[str, str]]:
    for key in value.repeated if isinstance(value, _Object) else ():
        yield key, "the key stands more than once in its object"
    for key in value:
        if not is_utf8(key):
            yield key, "the key holds half a surrogate pair"


def _fault(value: object) -> str:
    """What is wrong with a value that has nothing inside, or ""."""
    if isinstance(value, str) and not is_utf8(value):
        return "the text holds half a surrogate pair, which no UTF-8 can carry"
    return f"expected a JSON value, seen {value.text}" if isinstance(value, _Constant) else ""
