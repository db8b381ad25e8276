"""How are events kept? Appended to the files of a run, one writer at a time, every line chained to the one before.

Promises:
- `append` returns after fsync (unless told otherwise): the event survives a power cut. The disk may be ahead of
  memory, never behind.
- In which file an event stands follows from the events (`segments.py`); a new file's name is synced before its line.
- A torn last line (a kill in the middle of an append) is cut off when the journal is opened for writing, and said
  so by `cut_bytes`; readers ignore it. Any other damage is refused with its line number (`read_journal.py`).
- The lock is `flock` on `journal.jsonl`, whichever file is written to: it goes with its process, even after SIGKILL,
  and cannot be removed without removing the journal. Network file systems are not tested.
- A journal that was put in another one's place (a branch switched away and back does that) is not written to: the
  lock, and what would be appended, are with the file that is gone.
- While a person thinks, nothing is appended and the lock is given up (`released`), so that a verdict can come from
  another process; when it is taken again, what others appended is read and anything else is refused.
"""

from __future__ import annotations

import fcntl
import hashlib
import itertools
import json
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import Self

from state.errors import JournalDamaged, RunHeld
from state.events import VERSION, Event, make_event
from state.files import Disk
from state.path_word import path_word
from state.question_stands import question_stands
from state.read_journal import Lines, files_of, read_pieces, run_name
from state.segments import IN_A_DIRECTORY, Segments, look_at_change, put_back, segment_name

RETAKE = 5.0  # how long to wait for a verdict that another process is writing down [s]


class _File:
    """A file of the journal that is open: the one at `path`, as far as this process knows.

    Segment `number` of the run whose `journal.jsonl` is at `journal`; `data` is what was read of it.
    """

    def __init__(self, journal: Path, number: int, handle: int, data: bytes = b"") -> None:
        self.path = journal.parent / segment_name(number)
        self.number = number
        self.handle = handle
        self.run = journal.parent.name
        self.name = f"{run_name(journal)}/{segment_name(number)}"
        self._known = hashlib.sha256(data)  # of its bytes, as they were read and written here

    def wrote(self, data: bytes) -> None:
        self._known.update(data)

    def holds(self, data: bytes) -> bool:
        """Whether these are the bytes that were read and written here."""
        return hashlib.sha256(data).digest() == self._known.digest()

    def is_in_place(self) -> bool:
        """Whether the file at `path` is the one that is open."""
        with suppress(FileNotFoundError):
            return os.path.samestat(os.fstat(self.handle), os.stat(self.path))  # noqa: PTH116 - asked at each event
        return False

    def require_in_place(self) -> None:
        """Raise JournalDamaged unless the file at `path` is the one that is open."""
        if self.is_in_place():
            return
        raise JournalDamaged(
            f"{self.name} was replaced or removed while this process held the run (a branch switched away and back "
            "does that); nothing was written to the one that is there now",
            next_command=f"{look_at_change(self.name)}\n      phasegate resume {self.run}   # then",
        )


class Journal:
    """The journal of one run, open for writing. Use as a context manager: leaving it gives the lock up.

    Attributes:
        path: of `journal.jsonl`.
        events: everything in it, in order.
        cut_bytes: length of the torn tail that was cut off on opening [bytes].
        files: how many files it had on opening; the last may have been without an event.
        listener: is told of each event that comes in, when it is on the disk.
        on_begun: is told of each further segment that is begun here, by its number, when its first event is written.
    """

    def __init__(self, lock: _File, lines: Lines, disk: Disk) -> None:
        self.path = lock.path
        self.events = lines.events
        self.cut_bytes = 0
        self.files = 1
        self.listener: Callable[[Event], None] = lambda _event: None
        self.on_begun: Callable[[int], None] = lambda _number: None
        self._lock = self._open = lock
        self._lines = lines
        self._disk = disk
        self._held = True
        self._synced = True  # up to its last event
        self._lock_as_written: object = None  # what `written` saw of the first file, where that is closed

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
        return cls(_File(path, 0, handle), Lines(), disk)

    @classmethod
    def open(cls, path: Path, disk: Disk, *, holder: str = "", patience: float = 0) -> Self:
        """The run's journal, locked. Raises RunHeld when another process holds it, JournalDamaged as `read`, or when
        it was replaced in this very moment, WorkspaceRefused as `Disk.open`.

        `holder` describes who is known to hold it, for the message only; `patience` is how long to try [s].
        """
        lock = _File(path, 0, disk.open(path))
        try:
            _lock(lock.handle, path, patience=patience, holder=holder)
            lock.require_in_place()
            found = files_of(path)
            lines, whole = read_pieces(found, run=run_name(path))
            journal = cls(lock, lines, disk)
            journal.files, journal.cut_bytes = len(found), len(found[-1]) - whole
            journal._settle(found[-1][:whole], journal.cut_bytes)
        except BaseException:
            os.close(lock.handle)
            raise
        return journal

    def _settle(self, last: bytes, torn: int) -> None:
        """Have the last file of those read end with a whole line, and on the disk, and go on in the open one.

        `last`: its whole lines; `torn`: how many bytes stand behind them. A process that was killed may not have come
        to sync its last line, nor the name of a new file.
        """
        number = self.segments.last
        path = self._path_of(number)
        if self.files - 1 > number:  # the last one has no event yet: `_begin` goes on in it
            empty = self._disk.open(self._path_of(self.files - 1))
            if torn:
                self._disk.truncate(empty, 0)
            os.close(empty)
            last, torn = path.read_bytes(), 0
        handle = self._open.handle if path == self._open.path else self._disk.open(path)
        self._go_on_in(_File(self.path, number, handle, last))
        if torn:
            self._disk.truncate(handle, len(last))
        else:
            self._disk.sync(handle)
        if number:
            self._sync_names(number)

    def _go_on_in(self, file: _File) -> None:
        """Have this file open for what is appended next."""
        before, self._open = self._open, file
        if before.path == self._lock.path == file.path:
            self._lock = file
        elif before.path not in (self._lock.path, file.path):
            os.close(before.handle)

    def _sync_names(self, number: int) -> None:
        """Sync the names of a segment and, where it is the first in its directory, of those above it."""
        directory = self._path_of(number).parent
        if number == 1 or number % IN_A_DIRECTORY == 0:
            self._disk.sync_directory(self.path.parent)
            self._disk.sync_directory(directory.parent)
        self._disk.sync_directory(directory)

    def _path_of(self, number: int) -> Path:
        return self.path.parent / segment_name(number)

    @property
    def segments(self) -> Segments:
        """In which file each event stands."""
        return self._lines.segments

    @contextmanager
    def released(self) -> Iterator[Callable[[], bool]]:
        """Let other processes write while this one only waits; gives a cheap "has somebody written?".

        Afterwards this process holds the run again, and `events` has what the others appended. When the body raises,
        the lock is not taken again and nothing can be appended any more.

        Raises RunHeld when another process keeps the run, JournalDamaged when the journal was not only appended to, or
        was changed while this process held it.
        """
        before = self.written()
        fcntl.flock(self._lock.handle, fcntl.LOCK_UN)
        self._held = False
        path = self._open.path
        with question_stands(self.path.parent):
            yield lambda: not path.exists() or path.stat().st_size != len(before)
        _lock(self._lock.handle, self.path, patience=RETAKE)
        self._read_foreign(before)
        self._held = True

    def _read_foreign(self, before: bytes) -> None:
        """Read what other processes appended; a tail torn by one that died is cut off."""
        self._require_in_place()
        data = self._open.path.read_bytes()
        if not data.startswith(before):
            raise JournalDamaged(
                f"{self._open.name} was changed while a question stood; nothing was written to it",
                next_command=look_at_change(self._open.name),
            )
        known, run, number = len(self.events), run_name(self.path), self.segments.last
        line = known - self.segments.starts[number] + 1
        new = data[len(before) :]
        whole = self._lines.take(new, f"{run}/{segment_name(number)}", line)
        self._open.wrote(new[:whole])
        last, torn = data[: len(before) + whole], len(new) - whole
        for further in itertools.count(number + 1) if self.segments.are_kept_apart else ():
            path = self._path_of(further)
            if not path.exists():
                break
            if torn:
                raise JournalDamaged(
                    f"{self._open.name}: its last line is torn", next_command=put_back(self._open.name)
                )
            data = path.read_bytes()
            whole = self._lines.take(data, f"{run}/{segment_name(further)}", 1, begins=True)
            last, torn, self.files = data[:whole], len(data) - whole, further + 1
        if len(self.events) > known or torn:
            self._settle(last, torn)
        for event in self.events[known:]:
            self.listener(event)

    @property
    def version(self) -> int:
        """The format of the run: the one that its first line has, or will have."""
        return self.events[0].version if self.events else VERSION

    @property
    def last(self) -> str:
        """The SHA-256 (hex) of its last line, by which everything in it is named."""
        return self._lines.last

    def append(self, type_: str, at: datetime, *, sync: bool = True, **fields: object) -> Event:
        """Write one event and sync it.

        Raises ValueError when a field of the event is missing or not what its type says, or the lock is; JournalDamaged
        when another file has been put in the journal's place, which is left as it is.
        """
        if not self._held:
            raise ValueError(f"{type_} cannot be written: the journal's lock was given up")
        plain = json.loads(json.dumps(fields))  # what is in memory is what a reader will see: lists, not tuples
        at = at.replace(microsecond=at.microsecond // 1000 * 1000)
        event = make_event(len(self.events), at, type_, plain, self._lines.last, version=self.version)
        line = event.to_line()
        self._require_in_place()
        begins = self.segments.begins(type_, plain)
        if begins:
            self._begin(self.segments.last + 1)
        self._disk.append(self._open.handle, line + b"\n", sync=sync)
        self._open.wrote(line + b"\n")
        self._synced = sync
        self._lines.add(event, line)
        if begins:
            self.on_begun(self.segments.last)
        self.listener(event)
        return event

    def _begin(self, number: int) -> None:
        """Go on in a new file: its directory and the name of that, then the file and its name.

        A process that died here may have left any of them.
        """
        path = self._path_of(number)
        self._disk.make_directories(path.parent)
        try:
            handle = self._disk.create(path)
        except FileExistsError:
            handle = self._disk.open(path)
            if left := path.read_bytes():
                self._refuse_lines(path, left)
                self._disk.truncate(handle, 0)
        self._sync_names(number)
        self._go_on_in(_File(self.path, number, handle))
        self.files = number + 1

    def _refuse_lines(self, path: Path, data: bytes) -> None:
        """Raise JournalDamaged where a whole line stands in the file that is to be begun: somebody put it there."""
        if b"\n" in data:
            name = f"{run_name(self.path)}/{path.relative_to(self.path.parent).as_posix()}"
            message = f"{name} is there before its segment was begun; nothing was written to it"
            raise JournalDamaged(
                message, next_command=f"mv {path_word(name)} {path_word(path.name)}.aside   # look at it there"
            )

    def sync(self) -> None:
        """Make what was appended with `sync=False` survive a power cut."""
        if not self._synced:
            self._disk.sync(self._open.handle)
            self._synced = True

    def _require_in_place(self) -> None:
        self._lock.require_in_place()
        if self._open is not self._lock:
            self._open.require_in_place()

    def written(self) -> bytes:
        """The bytes of the open file, which are those that this process read and wrote.

        Raises JournalDamaged for a file with others.
        """
        self._require_in_place()
        data = self._open.path.read_bytes()
        if not self._open.holds(data):
            name, run = self._open.name, self.path.parent.name
            raise JournalDamaged(
                f"{name} was changed while this process held the run; nothing was written to it",
                next_command=f"{look_at_change(name)}\n      phasegate resume {run}   # then",
            )
        self._lock_as_written = _seen(self.path)
        return data

    def put_back(self, data: bytes) -> None:
        """Make the open file hold `data`, which `written` gave, again, and the first file what it held.

        A program that this process started (a hook) may have written in it, or put another file in its place, although
        the run is held. What was written before is on the disk all the time.
        """
        if self._open is not self._lock and _seen(self.path) != self._lock_as_written:
            first = b"".join(event.to_line() + b"\n" for event in self.events[: self.segments.starts[1]])
            self._put_back(self._lock, first)
        self._put_back(self._open, data)

    def _put_back(self, file: _File, data: bytes) -> None:
        seen = file.path.read_bytes() if file.path.is_file() and not file.path.is_symlink() else None
        in_place = seen is not None and file.is_in_place()
        if in_place and seen == data:
            return
        if in_place and seen is not None and seen.startswith(data):
            self._disk.truncate(file.handle, len(data))
            return
        self._disk.write_atomic(file.path, data)
        handle = self._disk.open(file.path)
        if file is self._lock:
            _lock(handle, self.path, patience=RETAKE)
        os.close(file.handle)
        put = _File(self.path, file.number, handle, data)
        self._lock, self._open = put if file is self._lock else self._lock, put if file is self._open else self._open

    def close(self) -> None:
        for handle in {self._open.handle, self._lock.handle}:
            os.close(handle)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exc: object) -> None:
        self.close()


def _seen(path: Path) -> object:
    """What is another thing when somebody has written in a file, or put another one in its place."""
    with suppress(FileNotFoundError):
        found = path.lstat()
        return found.st_ino, found.st_size, found.st_mtime_ns
    return None


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
                    next_command=f"phasegate status {path.parent.name}   # where it stands; Ctrl-C there ends a --wait",
                ) from error
        time.sleep(0.02)
