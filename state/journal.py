"""How are events kept? One append-only file per run, one writer at a time, every line chained to the one before.

Promises:
- `append` returns after fsync (unless told otherwise): the event survives a power cut. The disk may be ahead of
  memory, never behind.
- A torn last line (a kill in the middle of an append) is cut off when the journal is opened for writing, and said
  so by `cut_bytes`; readers ignore it. Any other damage is refused with its line number.
- The lock is `flock` on the journal itself: it goes with its process, even after SIGKILL, and cannot be removed
  without removing the journal. Network file systems are not tested.
"""

from __future__ import annotations

import fcntl
import json
import os
from datetime import datetime
from pathlib import Path
from typing import Any, Self

from state.errors import JournalDamaged, RunHeld
from state.events import REQUIRED, Event, from_line
from state.files import Disk, sha256

FIRST_PREV = "0" * 64


def parse(data: bytes, *, name: str = "journal.jsonl") -> tuple[list[Event], int]:
    """The events in a journal's bytes, and how many of the bytes are whole lines.

    Raises JournalDamaged with the line number for anything but a torn last line: a line that is not an event,
    a wrong `seq`, a `prev` that is not the hash of the line before.
    """
    events: list[Event] = []
    prev, start = FIRST_PREV, 0
    while (end := data.find(b"\n", start)) >= 0:
        line = data[start:end]
        number = len(events) + 1
        try:
            event = from_line(line)
            if event.seq != len(events):
                raise ValueError(f"seq is {event.seq}, expected {len(events)}: a line is missing or out of order")
            if event.prev != prev:
                raise ValueError(f"prev is {event.prev[:12]}, the line before hashes to {prev[:12]}: it was changed")
        except ValueError as error:
            raise JournalDamaged(
                f"{name}:{number}: {error}",
                next_command=f"git log -p -- {name}   # the last commit holds an undamaged copy",
            ) from error
        events.append(event)
        prev, start = sha256(line), end + 1
    return events, start


def read(path: Path) -> list[Event]:
    """The events on disk, without locking; a torn last line is not an event yet. Raises as `parse`."""
    return parse(path.read_bytes(), name=path.name)[0]


class Journal:
    """The journal of one run, open for writing. Use as a context manager: leaving it gives the lock up.

    Attributes:
        events: everything in it, in order.
        cut_bytes: length of the torn tail that was cut off on opening [bytes].
    """

    def __init__(self, path: Path, handle: int, events: list[Event], last: str, cut: int, disk: Disk) -> None:
        self.path = path
        self.events = events
        self.cut_bytes = cut
        self._handle = handle
        self._last = last
        self._disk = disk

    @classmethod
    def create(cls, path: Path, disk: Disk) -> Self:
        """A new, empty, locked journal. Raises FileExistsError when the run exists."""
        path.parent.mkdir(parents=True)
        handle = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_EXCL, 0o644)
        fcntl.flock(handle, fcntl.LOCK_EX)
        for directory in (path.parent, path.parent.parent, path.parent.parent.parent):
            disk.sync_directory(directory)
        return cls(path, handle, [], FIRST_PREV, 0, disk)

    @classmethod
    def open(cls, path: Path, disk: Disk, *, holder: str = "") -> Self:
        """The run's journal, locked. Raises RunHeld when another process holds it, JournalDamaged as `parse`.

        `holder` describes who is known to hold it, for the message only.
        """
        handle = os.open(path, os.O_RDWR | os.O_APPEND)
        try:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise RunHeld(
                    f"run {path.parent.name} is held by {holder or 'another process'}",
                    next_command=f"phasegate status {path.parent.name}",
                ) from error
            data = path.read_bytes()
            events, whole = parse(data, name=path.name)
            if whole < len(data):
                disk.truncate(handle, whole)
            last = sha256(data[:whole].rpartition(b"\n")[0].rpartition(b"\n")[2]) if events else FIRST_PREV
        except BaseException:
            os.close(handle)
            raise
        return cls(path, handle, events, last, len(data) - whole, disk)

    def append(self, type_: str, at: datetime, *, sync: bool = True, **fields: Any) -> Event:
        """Write one event and sync it. Raises ValueError when the event lacks a field of its type."""
        missing = [name for name in REQUIRED[type_] if name not in fields]
        if missing:
            raise ValueError(f"{type_} lacks {', '.join(missing)}")
        plain = json.loads(json.dumps(fields))  # what is in memory is what a reader will see: lists, not tuples
        event = Event(len(self.events), at.replace(microsecond=at.microsecond // 1000 * 1000), type_, plain, self._last)
        line = event.to_line()
        self._disk.append(self._handle, line + b"\n", sync=sync)
        self._last = sha256(line)
        self.events.append(event)
        return event

    def close(self) -> None:
        os.close(self._handle)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exc: object) -> None:
        self.close()


def find_runs(workspace: Path) -> list[str]:
    """The ids of the runs in this workspace, in order of id. One that died before its first event is none."""
    root = workspace / ".phasegate"
    return sorted(path.parent.name for path in root.glob("*/journal.jsonl") if path.stat().st_size)


def run_directory(workspace: Path, run_id: str) -> Path:
    return workspace / ".phasegate" / run_id


__all__ = ["Journal", "find_runs", "parse", "read", "run_directory"]
