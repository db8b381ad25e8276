"""What can happen in a run? Every event type of the journal, with the fields it carries.

Rules:
- Types and field names are on disk for ever: they are never renamed, and a new one raises VERSION only when an
  older phasegate could not go on without knowing it. docs/journal-format.md describes each for readers of journals.
- An event is a plain value; nothing here touches the disk.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from state.utf8 import escaped

VERSION = 1

# type -> the fields it must carry, beside v, seq, at, type and prev
REQUIRED: Mapping[str, tuple[str, ...]] = {
    "run-started": ("run", "workflow", "runbook", "runbook_sha256", "plan", "branch", "base", "sandbox", "by", "tasks"),
    "task-started": ("task", "attempt", "after"),
    "handed-in": ("task", "attempt", "paths", "via", "by"),
    "answered": ("task", "attempt", "question", "answer", "via", "by"),
    "effect-intended": ("task", "attempt", "effect", "intent"),
    "effect-done": ("task", "attempt", "effect", "result"),
    "branch-switched": ("task", "attempt", "branch", "from"),
    "worked": ("task", "attempt", "artifacts", "checks", "data", "review", "witness", "request"),
    "step-failed": ("task", "attempt", "reason", "problems"),
    # read, and written by nothing here: evidence that is shown anew is shown by a new attempt
    "review-opened": ("task", "attempt", "request"),
    "approved": ("task", "attempt", "digest", "nonce", "by", "via", "admits"),
    "rejected": ("task", "attempt", "digest", "reason", "by"),
    "voided": ("task", "attempt", "digest", "changed"),
    "commit-intended": ("task", "attempt", "message", "paths", "approval"),
    "commit-refused": ("task", "attempt", "reason"),
    "runbook-taken": ("file", "sha256", "plan", "tasks", "by", "after"),
    "noted": ("text", "by"),
    "rollback-started": ("reason", "by", "after", "tasks"),
    "aborted": ("reason", "by", "after"),
}


@dataclass(frozen=True, slots=True)
class Event:
    """One line of the journal.

    Attributes:
        seq: place in the journal, from 0.
        at: when it was written, UTC, milliseconds.
        type: one of REQUIRED.
        fields: what else it carries, as JSON values.
        prev: SHA-256 (hex) of the line before, without its LF; 64 zeros for the first.
    """

    seq: int
    at: datetime
    type: str
    fields: Mapping[str, Any] = field(default_factory=dict)
    prev: str = "0" * 64

    def __getitem__(self, name: str) -> Any:
        return self.fields[name]

    def get(self, name: str, default: Any = None) -> Any:
        return self.fields.get(name, default)

    def to_line(self) -> bytes:
        """The journal line, without its LF. Keys stand in a fixed order; non-ASCII text as it is.

        A byte of a file's name that is no UTF-8 (`os.fsdecode` gives half a surrogate pair) is escaped: `\\udce9`.
        """
        body = {"v": VERSION, "seq": self.seq, "at": format_time(self.at), "type": self.type, **self.fields}
        text = json.dumps({**body, "prev": self.prev}, ensure_ascii=False, separators=(",", ":"))
        try:
            return text.encode()
        except UnicodeEncodeError:  # only then: it is the rare case, and every line comes by here
            return escaped(text).encode()


def from_line(line: bytes) -> Event:
    """The event in a journal line. Raises ValueError with what is wrong with it."""
    try:
        body = json.loads(line.decode())  # given bytes, json guesses at the encoding for half as long again
    except ValueError as error:
        raise ValueError(f"not a JSON line: {error}") from error
    if not isinstance(body, dict):
        raise ValueError("not a JSON object")
    version = body.pop("v", None)
    if version != VERSION:
        newer = isinstance(version, int) and version > VERSION
        hint = "; it was written by a newer phasegate" if newer else ""
        raise ValueError(f"format version {version!r}, this phasegate reads {VERSION}{hint}")
    try:
        seq, at, type_, prev = body.pop("seq"), parse_time(body.pop("at")), body.pop("type"), body.pop("prev")
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError(f"no usable field {error}") from error
    if type_ not in REQUIRED:
        raise ValueError(f"unknown event type {type_!r}")
    missing = [name for name in REQUIRED[type_] if name not in body]
    if missing:
        raise ValueError(f"{type_} lacks {', '.join(missing)}")
    return Event(seq, at, type_, body, prev)


def format_time(at: datetime) -> str:
    """`2026-11-20T19:35:56.123Z`"""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond // 1000:03d}Z"


def parse_time(text: str) -> datetime:
    """The time in a journal, aware, UTC. Raises ValueError for anything that `format_time` does not write."""
    if not text.endswith("Z"):
        raise ValueError(f"time {text!r} is not UTC")
    return datetime.fromisoformat(text)
