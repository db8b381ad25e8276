"""How does an event become a line of the journal, and a line an event again?

Rules:
- Every line is read here, and here only: a line that is not as docs/journal-format.md says is refused with its field.
- A new field raises VERSION only when an older phasegate could not go on without knowing it.
- The version is the run's: `state.journal` refuses a line that has another one than the first.
"""

from __future__ import annotations

from datetime import datetime

from state import json_values as j
from state.event_types import READ, TYPES, VERSION, Event
from state.json_line import read_object
from state.json_values import Fields, Json, format_time, parse_time


class NewerFormat(ValueError):
    """A line that a newer phasegate wrote."""


def make_event(
    seq: int, at: datetime, type_: str, fields: Fields, prev: str = "0" * 64, *, version: int = VERSION
) -> Event:
    """The event of this type with these fields, in a run of this format.

    Raises ValueError for a type that there is not, Misread for a field.
    """
    kind = TYPES.get(type_)
    if kind is None:
        raise ValueError(f"unknown event type {type_!r}")
    return kind.read((seq, at, prev, version, fields))


def from_line(line: bytes) -> Event:
    """The event in a journal line.

    Raises NewerFormat for a line of a later format, ValueError with the field for anything else that is no event.
    """
    body = read_object(line)
    version = body.pop("v", None)
    if type(version) is not int or version not in READ:
        raise _unread(version)
    kind = TYPES.get(type_) if type(type_ := body.get("type")) is str else None
    if kind is None:
        raise j.misread(body, "type", "the type of an event")
    head = (j.whole(body, "seq"), j.time(body, "at"), j.text(body, "prev"), version, body)
    del body["type"], body["seq"], body["at"], body["prev"]
    return kind.read(head)


def _unread(version: Json) -> ValueError:
    said = f"format version {j.shown(version)}, this phasegate reads {' and '.join(map(str, READ))}"
    if type(version) is int and version > VERSION:
        return NewerFormat(f"{said}; it was written by a newer phasegate")
    return ValueError(said)


__all__ = ["VERSION", "Event", "NewerFormat", "format_time", "from_line", "make_event", "parse_time"]
