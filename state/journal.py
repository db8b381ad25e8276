"""How are events kept? One append-only file per run, one writer at a time, every line chained to the one before.

Promises:
- `append` returns after fsync (unless told otherwise): the event survives a power cut. The disk may be ahead of
  memory, never behind.
- A torn last line (a kill in the middle of an append) is cut off when the journal is opened for writing, and said
  so by `cut_bytes`; readers ignore it. Any other damage is refused with its line number.
- The lock is `flock` on the journal itself: it goes with its process, even after SIGKILL, and cannot be removed
  without removing the journal. Network file systems are not tested.
- A journal that was put in another one's place (a branch switched away and back does that) is not written to: the
  lock, and what would be appended, are with the file that is gone.
- While a person thinks, nothing is appended and the lock is given up (`released`), so that a verdict can come from
  another process; when it is taken again, what others appended is read and anything else is refused.
"""

from __future__ import annotations

import fcntl
import gc
import hashlib
import json
import os
import re
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Self

from state.errors import JournalDamaged, RunHeld
from state.events import VERSION, Event, NewerFormat, from_line, make_event
from state.files import Disk, sha256
from state.outside_file import open_outside, read_outside
from state.path_word import path_word
from state.plain_files import refuse_links
from state.question_stands import question_stands

DIRECTORY = ".phasegate"  # of all runs, in the workspace
JOURNAL = "journal.jsonl"  # in the directory of each run
FIRST_PREV = "0" * 64
_RUN_ID = re.compile(r".+-\d{8}-\d{6}(?:-\d+)?")
RETAKE = 5.0  # how long to wait for a verdict that another process is writing down [s]


def parse(
    data: bytes, *, name: str = "journal.jsonl", before: Sequence[Event] = (), prev: str = FIRST_PREV
) -> tuple[list[Event], int]:
    """The events in a journal's bytes, and how many of the bytes are whole lines.

    Where the bytes only continue a journal, `before` are the events that were read already, and `prev` is the hash of
    their last line.

    Raises JournalDamaged with the line number for anything but a torn last line: a line that is not an event,
    a wrong `seq`, another format than the first line's, a `prev` that is not the hash of the line before.
    """
    with without_collector():
        return _parse(data, name, before, prev)


@contextmanager
def without_collector() -> Iterator[None]:
    """For reading much that stays: the garbage collector would look at it again and again, and find nothing.

    It takes a tenth of the time of a long audit.
    """
    collects = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collects:
            gc.enable()


def _parse(data: bytes, name: str, before: Sequence[Event], prev: str) -> tuple[list[Event], int]:
    events: list[Event] = []
    first = before[0].version if before else None
    start = 0
    while (end := data.find(b"\n", start)) >= 0:
        line = data[start:end]
        seq = len(before) + len(events)
        try:
            if line.endswith(b"\r"):
                raise ConvertedLines("it ends with CR LF: git converted the line ends of what is hashed byte by byte")
            event = from_line(line)
            first = event.version if first is None else first
            if event.seq != seq:
                raise ValueError(f"seq is {event.seq}, expected {seq}: a line is missing or out of order")
            if event.version != first:
                raise ValueError(f"format version {event.version}, its run is of {first}")
            if event.prev != prev:
                raise ValueError(f"prev is {event.prev[:12]}, the line before hashes to {prev[:12]}: it was changed")
        except ValueError as error:
            raise JournalDamaged(f"{name}:{seq + 1}: {error}", next_command=_way_on(error, name)) from error
        events.append(event)
        prev, start = sha256(line), end + 1
    return events, start


class ConvertedLines(ValueError):
    """A line whose end is not as it was written: by core.autocrlf, or by an attribute in a `.gitattributes`."""


def _way_on(error: ValueError, name: str) -> str:
    if isinstance(error, NewerFormat):
        return "pip install --upgrade phasegate"
    if isinstance(error, ConvertedLines):
        return f"git check-attr text eol -- {path_word(name)}   # text must be unset; who sets it?"
    back = f"`git checkout -- {name}` goes back to the last commit's, and what was done since is done again"
    return f"git diff HEAD -- {path_word(name)}   # look; {back}"


def read(path: Path) -> list[Event]:
    """The events on disk, without locking; a torn last line is not an event yet. Raises as `parse`."""
    return parse(read_outside(path, "journal", limit=None, name=_name(path)), name=_name(path))[0]


class Journal:
    """The journal of one run, open for writing. Use as a context manager: leaving it gives the lock up.

    Attributes:
        events: everything in it, in order.
        cut_bytes: length of the torn tail that was cut off on opening [bytes].
        listener: is told of each event that comes in, when it is on the disk.
    """

    def __init__(self, path: Path, handle: int, events: list[Event], last: str, cut: int, disk: Disk) -> None:
        self.path = path
        self.events = events
        self.cut_bytes = cut
        self.listener: Callable[[Event], None] = lambda _event: None
        self._handle = handle
        self._known = hashlib.sha256()  # of its bytes, as they were read and written here
        self._last = last
        self._disk = disk
        self._held = True
        self._synced = True  # up to its last event

    @classmethod
    def create(cls, path: Path, disk: Disk) -> Self:
        """A new, empty, locked journal. Raises FileExistsError when the run exists."""
        disk.make_directories(path.parent)
        handle = disk.create(path)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            disk.sync_directory(path.parent)
        except BaseException:
            os.close(handle)
            raise
        return cls(path, handle, [], FIRST_PREV, 0, disk)

    @classmethod
    def open(cls, path: Path, disk: Disk, *, holder: str = "", patience: float = 0) -> Self:
        """The run's journal, locked. Raises RunHeld when another process holds it, JournalDamaged as `parse`, or when
        it was replaced in this very moment, WorkspaceRefused as `Disk.open`.

        `holder` describes who is known to hold it, for the message only; `patience` is how long to try [s].
        """
        handle = disk.open(path)
        try:
            _lock(handle, path, patience=patience, holder=holder)
            _require_in_place(handle, path)
            data = path.read_bytes()
            events, whole = parse(data, name=_name(path))
            if whole < len(data):
                disk.truncate(handle, whole)
            else:
                disk.sync(handle)  # a process that was killed may not have come to sync its last line
            last = sha256(data[:whole].rpartition(b"\n")[0].rpartition(b"\n")[2]) if events else FIRST_PREV
        except BaseException:
            os.close(handle)
            raise
        journal = cls(path, handle, events, last, len(data) - whole, disk)
        journal._known.update(data[:whole])
        return journal

    @contextmanager
    def released(self) -> Iterator[Callable[[], bool]]:
        """Let other processes write while this one only waits; gives a cheap "has somebody written?".

        Afterwards this process holds the run again, and `events` has what the others appended. When the body raises,
        the lock is not taken again and nothing can be appended any more.

        Raises RunHeld when another process keeps the run, JournalDamaged when the journal was not only appended to, or
        was changed while this process held it.
        """
        before = self.written()
        fcntl.flock(self._handle, fcntl.LOCK_UN)
        self._held = False
        with question_stands(self.path.parent):
            yield lambda: not self.path.exists() or self.path.stat().st_size != len(before)
        _lock(self._handle, self.path, patience=RETAKE)
        self._read_foreign(before)
        self._held = True

    def _read_foreign(self, before: bytes) -> None:
        """Read what other processes appended; a tail torn by one that died is cut off."""
        _require_in_place(self._handle, self.path)
        data = self.path.read_bytes()
        if not data.startswith(before):
            raise JournalDamaged(
                f"{_name(self.path)} was changed while a question stood; nothing was written to it",
                next_command=f"git diff HEAD -- {path_word(_name(self.path))}",
            )
        new = data[len(before) :]
        fresh, whole = parse(new, name=_name(self.path), before=self.events, prev=self._last)
        if whole < len(new):
            self._disk.truncate(self._handle, len(before) + whole)
        elif fresh:
            self._disk.sync(self._handle)
        self.events += fresh
        self._known.update(new[:whole])
        if fresh:
            self._last = sha256(new[:whole].rpartition(b"\n")[0].rpartition(b"\n")[2])
        for event in fresh:
            self.listener(event)

    @property
    def version(self) -> int:
        """The format of the run: the one that its first line has, or will have."""
        return self.events[0].version if self.events else VERSION

    @property
    def last(self) -> str:
        """The SHA-256 (hex) of its last line, by which everything in it is named."""
        return self._last

    def append(self, type_: str, at: datetime, *, sync: bool = True, **fields: object) -> Event:
        """Write one event and sync it.

        Raises ValueError when a field of the event is missing or not what its type says, or the lock is; JournalDamaged
        when another file has been put in the journal's place, which is left as it is.
        """
        if not self._held:
            raise ValueError(f"{type_} cannot be written: the journal's lock was given up")
        plain = json.loads(json.dumps(fields))  # what is in memory is what a reader will see: lists, not tuples
        at = at.replace(microsecond=at.microsecond // 1000 * 1000)
        event = make_event(len(self.events), at, type_, plain, self._last, version=self.version)
        line = event.to_line()
        _require_in_place(self._handle, self.path)
        self._disk.append(self._handle, line + b"\n", sync=sync)
        self._known.update(line + b"\n")
        self._synced = sync
        self._last = sha256(line)
        self.events.append(event)
        self.listener(event)
        return event

    def sync(self) -> None:
        """Make what was appended with `sync=False` survive a power cut."""
        if not self._synced:
            self._disk.sync(self._handle)
            self._synced = True

    def written(self) -> bytes:
        """Its bytes, which are those that this process read and wrote. Raises JournalDamaged for a file with others."""
        _require_in_place(self._handle, self.path)
        data = self.path.read_bytes()
        if hashlib.sha256(data).digest() != self._known.digest():
            name, run = _name(self.path), self.path.parent.name
            raise JournalDamaged(
                f"{name} was changed while this process held the run; nothing was written to it",
                next_command=f"git diff HEAD -- {path_word(name)}   # look, then: phasegate resume {run}",
            )
        return data

    def put_back(self, data: bytes) -> None:
        """Make the file hold `data`, which `written` gave, again.

        A program that this process started (a hook) may have written in it, or put another file in its place, although
        the run is held. What was written before is on the disk all the time.
        """
        seen = self.path.read_bytes() if self.path.is_file() and not self.path.is_symlink() else None
        in_place = seen is not None and os.path.samestat(os.fstat(self._handle), self.path.stat())
        if in_place and seen == data:
            return
        if in_place and seen is not None and seen.startswith(data):
            self._disk.truncate(self._handle, len(data))
            return
        self._disk.write_atomic(self.path, data)
        handle = self._disk.open(self.path)
        _lock(handle, self.path, patience=RETAKE)
        os.close(self._handle)
        self._handle = handle

    def close(self) -> None:
        os.close(self._handle)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exc: object) -> None:
        self.close()


def _require_in_place(handle: int, path: Path) -> None:
    """Raise JournalDamaged unless the file at `path` is the one that is open."""
    try:
        same = os.path.samestat(os.fstat(handle), path.stat())
    except FileNotFoundError:
        same = False
    if not same:
        raise JournalDamaged(
            f"{_name(path)} was replaced or removed while this process held the run (a branch switched away and back "
            "does that); nothing was written to the one that is there now",
            next_command=(
                f"git diff HEAD -- {path_word(_name(path))}   # look, then: phasegate resume {path.parent.name}"
            ),
        )


def _lock(handle: int, path: Path, *, patience: float, holder: str = "") -> None:
    """Take the lock; who gives a verdict holds it for some milliseconds, so it is tried again for a while [s]."""
    until = time.monotonic() + patience
    while True:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except BlockingIOError as error:
            if time.monotonic() >= until:
                raise RunHeld(
                    f"run {path.parent.name} is held by {holder or 'another process'}",
                    next_command=f"phasegate status {path.parent.name}",
                ) from error
        time.sleep(0.02)


def find_runs(workspace: Path) -> list[str]:
    """The ids of the runs in this workspace, in order of id. One that died before its first event is none.

    Raises WorkspaceRefused for a link among the runs' directories, BadInput for a journal that is no plain file.
    """
    journals = ((each.name, each / JOURNAL) for each in _directories(workspace))
    return sorted(name for name, journal in journals if _has_begun(journal))


def find_runs_to_look_at(workspace: Path) -> list[str]:
    """As `find_runs`, for who writes nothing: a run in whose journal's place a link stands is one, and is named.

    Nothing is reached through a link: where one stands for `.phasegate` or a run's directory, there is no run.
    """
    top = workspace / DIRECTORY
    if top.is_symlink() or not top.is_dir():
        return []
    found = [each for each in top.iterdir() if each.is_dir() and not each.is_symlink()]
    return sorted(each.name for each in found if (each / JOURNAL).is_symlink() or _has_begun(each / JOURNAL))


def is_run_id(name: str) -> bool:
    """Whether a name has the form that ids are made in: name, day and time, and a number where that was taken."""
    return _RUN_ID.fullmatch(name) is not None


def find_unbegun(workspace: Path) -> list[str]:
    """The ids under which a process died before its first event was whole: nothing depends on what they left.

    An empty directory under another name is somebody's own. Raises as `find_runs`.
    """
    found = []
    for directory in _directories(workspace):
        journal = directory / JOURNAL
        if journal.exists():
            unbegun = not _has_begun(journal)
        else:
            unbegun = is_run_id(directory.name) and not any(directory.iterdir())
        if unbegun:
            found.append(directory.name)
    return sorted(found)


def _directories(workspace: Path) -> list[Path]:
    """The directories of all runs. Raises WorkspaceRefused where a link stands in the place of one, or of a journal."""
    top = workspace / DIRECTORY
    refuse_links(workspace, top)
    if not top.is_dir():
        return []
    found = [each for each in top.iterdir() if each.is_dir()]
    for each in found:
        refuse_links(workspace, each / JOURNAL)
    return found


def remove_unbegun(workspace: Path, run_id: str) -> None:
    """Remove what such a run left; the journal goes last, so that it is found again after another kill."""
    directory = run_directory(workspace, run_id)
    for path in sorted(directory.iterdir(), key=lambda each: each.name == JOURNAL):
        path.unlink()
    directory.rmdir()


def _has_begun(journal: Path) -> bool:
    try:
        with open_outside(journal, "journal", name=_name(journal)) as file:
            return file.readline().endswith(b"\n")
    except FileNotFoundError:
        return False


def _name(journal: Path) -> str:
    """As people and git find it: `.phasegate/<run>/journal.jsonl`."""
    return "/".join(journal.parts[-3:])


def run_directory(workspace: Path, run_id: str) -> Path:
    return workspace / DIRECTORY / run_id


__all__ = ["DIRECTORY", "Journal", "find_runs", "find_unbegun", "parse", "read", "remove_unbegun", "run_directory"]
