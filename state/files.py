"""How do bytes reach the disk so that a kill at any instant leaves the old content or the new?

Beside `journal.py` the only place that writes files of a run. Promises:
- `write_atomic`: after it returns with `sync=True`, the content survives a power cut on a local file system that
  honours fsync; without it, it survives a killed process. In both cases a reader sees all of it or nothing.
- `write_byte`: one byte in place; inode, mode and all other bytes stay. `sync_file` makes it survive a power cut.
Not promised: network file systems (not tested).
"""

from __future__ import annotations

import contextlib
import hashlib
import itertools
import os
from pathlib import Path

MISSING = "missing"  # stands for the digest of a file that is not there: evidence of work that removed it


def sha256(data: bytes) -> str:
    """SHA-256 of the bytes, in hex."""
    return hashlib.sha256(data).hexdigest()


def digest_of(path: Path) -> str:
    """SHA-256 (hex) of a file, MISSING where there is none."""
    return sha256(path.read_bytes()) if path.is_file() else MISSING


def blob_id(data: bytes | memoryview, like: str) -> str:
    """The id that git gives these bytes, in the hash of `like` (an id of the same repository)."""
    make = hashlib.sha1 if len(like) == 40 else hashlib.sha256
    digest = make(b"blob %d\0" % len(data), usedforsecurity=False)
    digest.update(data)
    return digest.hexdigest()


class Disk:
    """The real disk. Tests hand in a subclass that fails at a chosen write, sync or rename."""

    def write_atomic(self, path: Path, data: bytes, *, sync: bool = True) -> None:
        """Replace the file's content, or make the file with its directories. Keeps the mode of an existing file."""
        self.make_directories(path.parent, sync=sync)
        draft = path.with_name(f".{path.name}.phasegate-draft")
        with draft.open("wb") as handle:  # a draft left by a kill is simply written over
            self._write(handle.fileno(), data)
            if sync:
                self._sync(handle.fileno())
        with contextlib.suppress(FileNotFoundError):
            draft.chmod(path.stat().st_mode)
        self._rename(draft, path)
        if sync:
            self.sync_directory(path.parent)

    def make_directories(self, path: Path, *, sync: bool = True) -> None:
        """Make a directory and those above it that are missing; a name in each that is new is synced, too."""
        missing = list(itertools.takewhile(lambda each: not each.exists(), (path, *path.parents)))
        for each in reversed(missing):
            self._make_directory(each)
            if sync:
                self.sync_directory(each.parent)

    def create(self, path: Path) -> int:
        """A new, empty file, open for appending. Raises FileExistsError. Its name is synced with its directory."""
        return os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_EXCL, 0o644)

    def write_byte(self, path: Path, offset: int, byte: bytes) -> None:
        """Overwrite exactly one byte in place."""
        if len(byte) != 1:
            raise ValueError(f"one byte expected, got {len(byte)}")
        handle = os.open(path, os.O_WRONLY)
        try:
            os.lseek(handle, offset, os.SEEK_SET)
            self._write(handle, byte)
        finally:
            os.close(handle)

    def sync_file(self, path: Path) -> None:
        """Make what was written into this file survive a power cut."""
        self._sync_path(path)

    def append(self, handle: int, data: bytes, *, sync: bool = True) -> None:
        """Append to an open file descriptor (O_APPEND) and sync it."""
        self._write(handle, data)
        if sync:
            self._sync(handle)

    def sync(self, handle: int) -> None:
        """Make what was written into an open file survive a power cut."""
        self._sync(handle)

    def truncate(self, handle: int, size: int) -> None:
        """Cut an open file to `size` [bytes] and sync it."""
        self._truncate(handle, size)
        self._sync(handle)

    def sync_directory(self, path: Path) -> None:
        """Make names created or replaced in this directory survive a power cut."""
        self._sync_path(path)

    def _sync_path(self, path: Path) -> None:
        handle = os.open(path, os.O_RDONLY)
        try:
            self._sync(handle)
        finally:
            os.close(handle)

    def _write(self, handle: int, data: bytes) -> None:
        view = memoryview(data)
        while view:
            view = view[os.write(handle, view) :]

    def _sync(self, handle: int) -> None:
        os.fsync(handle)

    def _truncate(self, handle: int, size: int) -> None:
        os.ftruncate(handle, size)

    def _make_directory(self, path: Path) -> None:
        path.mkdir(exist_ok=True)

    def _rename(self, source: Path, target: Path) -> None:
        source.replace(target)
