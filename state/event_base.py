"""What has every event of a journal? Place, time, the hash of the line before, and fields; written as one line."""

from __future__ import annotations

import json
from dataclasses import field
from datetime import datetime
from typing import ClassVar

from state import json_values as j
from state.cheap_classes import dataclass
from state.commit_template import why_no_template
from state.evidence import By
from state.json_values import Fields, format_time
from state.utf8 import escaped

VERSION = 2  # of the runs that begin now
READ = (1, 2)  # the versions that are read, and gone on with: a run keeps the one that it began with

Head = tuple[int, datetime, str, int, Fields]  # what every event begins with: seq, at, prev, version, fields


@dataclass(frozen=True, slots=True)
class Event:
    """One line of the journal.

    Attributes:
        seq: place in the journal, from 0.
        at: when it was written, UTC, milliseconds.
        prev: SHA-256 (hex) of the line before, without its LF; 64 zeros for the first.
        version: of the format, the run's (`v`).
        fields: what the line carries beside `v`, `seq`, `at`, `type` and `prev`.
    """

    type: ClassVar[str]

    seq: int
    at: datetime
    prev: str
    version: int
    fields: Fields = field(repr=False)

    @classmethod
    def read(cls, head: Head) -> Event:
        """The event of this type with these fields. Raises Misread for a field that is not what it must be."""
        raise NotImplementedError

    def to_line(self) -> bytes:
        """The journal line, without its LF. Keys are in a fixed order; non-ASCII text as it is.

        A byte of a file's name that is no UTF-8 (`os.fsdecode` gives half a surrogate pair) is escaped: `\\udce9`.
        """
        body = {"v": self.version, "seq": self.seq, "at": format_time(self.at), "type": self.type, **self.fields}
        text = json.dumps({**body, "prev": self.prev}, ensure_ascii=False, separators=(",", ":"))
        try:
            return text.encode()
        except UnicodeEncodeError:  # only then: it is the rare case, and every line comes by here
            return escaped(text).encode()

    @property
    def person(self) -> str:
        """The git identity of who did it; "" where nobody is recorded."""
        by = getattr(self, "by", None)
        return by.git if isinstance(by, By) else ""


@dataclass(frozen=True, slots=True)
class TaskEvent(Event):
    """An event of an attempt (from 1) at a task, by its key."""

    task: str
    attempt: int


def of_task(fields: Fields) -> tuple[str, int]:
    """`task` and `attempt` of a TaskEvent."""
    task, attempt = fields.get("task"), fields.get("attempt")
    if type(task) is str and type(attempt) is int and 1 <= attempt <= j.MOST and j.is_key(task):
        return task, attempt  # so nearly always
    return j.key(fields, "task"), j.whole(fields, "attempt", 1)


def template(fields: Fields) -> str | None:
    """`commit`: the template of commit messages, None where there is no such field."""
    if "commit" not in fields:
        return None
    written = j.text(fields, "commit")
    if why := why_no_template(written):
        raise j.misread(fields, "commit", f"a template of commit messages ({why})")
    return written


def by_whom(fields: Fields) -> By:
    """`by`."""
    return j.part(fields, "by", By.from_json)


def asked_again(head: Head) -> tuple[str, ...]:
    """The questions whose answers an event takes back; none in format 1."""
    f, version = head[-1], head[-2]
    return j.texts(f, "asked_again") if version > 1 and "asked_again" in f else ()
