"""How do bytes reach the disk so that a kill at any instant leaves the old content or the new?

Beside `journal.py` the only place that writes files of a run. Promises:
- `write_atomic`: after it returns with `sync=True`, the content survives a power cut on a local file system that
  honours fsync; without it, it survives a killed process. In both cases a reader sees all of it or nothing.
- `write_byte`: one byte in place; inode, mode and all other bytes stay. `sync_file` makes it survive a power cut.
- A disk that was told its repository (`within`) writes nothing there through a link, wherever a clone has put one.
- A write that the system refuses says which file it was for (`OSError.filename`), for open files, too.
- A draft is a new file under a name that nobody can have prepared: a word of this process, drawn at random, is in it.
  What a killed process left is removed before the same file is written the next time; a refused write leaves none.
Not promised: network file systems (not tested).
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import itertools
import os
import re
import stat
from collections.abc import Iterator
from pathlib import Path

from state.plain_files import open_in_place, refuse_links

DRAFT = ".phasegate-draft"  # how the name of every draft ends
_WORD = os.urandom(8).hex()  # in the names of this process's drafts
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


@contextlib.contextmanager
def named(file: Path | int) -> Iterator[None]:
    """In the block, an OSError without a file gets this one's name: a path, or what a descriptor is open on."""
    try:
        yield
    except OSError as error:
        if error.errno is not None and error.filename is None:
            error.filename = os.fspath(file) if isinstance(file, Path) else _path_of(file)
        raise


@contextlib.contextmanager
def _gone_when_refused(draft: Path) -> Iterator[None]:
    """In the block, a draft that the system takes no further is removed: nobody was killed, so nothing is left."""
    try:
        yield
    except OSError:
        with contextlib.suppress(OSError):
            draft.unlink()
        raise


def _path_of(handle: int) -> str | None:
    """The path of an open file as the system knows it; None where it tells nobody."""
    with contextlib.suppress(OSError):
        if hasattr(fcntl, "F_GETPATH"):  # macOS
            return os.fsdecode(fcntl.fcntl(handle, fcntl.F_GETPATH, bytes(1024)).rstrip(b"\0"))
        return os.fspath(Path(f"/proc/self/fd/{handle}").readlink())
    return None


class Disk:
    """The real disk. Tests hand in a subclass that fails at a chosen write, sync or rename.

    Attributes:
        within: the repository, absolute and without links in it: what lies below it is written through no link. None
            for a disk that writes only where a person said.

    Every method that writes raises WorkspaceRefused, with nothing written, when a link is on the way.
    """

    within: Path | None = None
    _left: dict[Path, list[str]] | None = (
        None  # directory -> names of drafts that were in it before this disk wrote there
    )

    def __init__(self, within: Path | None = None) -> None:
        self.within = within

    def require_no_link(self, path: Path) -> None:
        """Raise WorkspaceRefused when `path` is reached through a link of the repository, or is one."""
        if self.within is not None:
            refuse_links(self.within, path)

    def write_atomic(self, path: Path, data: bytes, *, sync: bool = True) -> None:
        """Replace the file's content, or make the file with its directories. Keeps the mode of an existing file."""
        self.require_no_link(path)
        self.make_directories(path.parent, sync=sync)
        draft = path.with_name(f".{path.name}.{_WORD}{DRAFT}")
        handle = self._create_draft(path, draft)
        with named(path), _gone_when_refused(draft):
            try:
                self._write(handle, data)
                if sync:
                    self._sync(handle)
            finally:
                os.close(handle)
            self._rename(draft, path)
        if sync:
            self.sync_directory(path.parent)

    def _create_draft(self, path: Path, draft: Path) -> int:
        """A new draft for `path`, with the mode of the file that it replaces; what a dead writer left is removed."""
        for name in self._left_drafts(path):
            with contextlib.suppress(FileNotFoundError):
                path.with_name(name).unlink()
        mode = None
        with contextlib.suppress(FileNotFoundError):
            seen = path.lstat()
            mode = stat.S_IMODE(seen.st_mode) if stat.S_ISREG(seen.st_mode) else None
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
        first = 0o666 if mode is None else mode & 0o777
        try:
            handle = os.open(draft, flags, first)
        except FileExistsError:  # with our word in its name: this very process could not rename it before
            draft.unlink()
            handle = os.open(draft, flags, first)
        if mode is not None:
            os.fchmod(handle, mode)
        return handle

    def _left_drafts(self, path: Path) -> list[str]:
        """The drafts of this file that killed processes left. A link under such a name is not ours, and stays."""
        if self._left is None:
            self._left = {}
        if path.parent not in self._left:  # looked at once: a directory may hold ten thousand artifacts
            with os.scandir(path.parent) as entries:
                drafts = [entry for entry in entries if entry.name.endswith(DRAFT)]
            self._left[path.parent] = [entry.name for entry in drafts if entry.is_file(follow_symlinks=False)]
        ours = re.compile(rf"\.{re.escape(path.name)}(\.[0-9a-f]{{16}})?{re.escape(DRAFT)}")  # 0.1 had no word in it
        return [name for name in self._left[path.parent] if ours.fullmatch(name)]

    def make_directories(self, path: Path, *, sync: bool = True) -> None:
        """Make a directory and those above it that are missing; a name in each that is new is synced, too."""
        self.require_no_link(path)
        missing = list(itertools.takewhile(lambda each: not each.exists(), (path, *path.parents)))
        for each in reversed(missing):
            with named(each):
                self._make_directory(each)
            if sync:
                self.sync_directory(each.parent)

    def create(self, path: Path) -> int:
        """A new, empty file, open for appending. Raises FileExistsError. Its name is synced with its directory."""
        self.require_no_link(path)
        return os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o644)

    def open(self, path: Path) -> int:
        """An existing plain file, open for reading and appending. Raises as `open_in_place`."""
        self.require_no_link(path)
        return open_in_place(path, os.O_RDWR | os.O_APPEND)

    def write_byte(self, path: Path, offset: int, byte: bytes) -> None:
        """Overwrite exactly one byte in place. Raises as `open_in_place`."""
        if len(byte) != 1:
            raise ValueError(f"one byte expected, got {len(byte)}")
        self.require_no_link(path)
        handle = open_in_place(path, os.O_WRONLY)
        try:
            os.lseek(handle, offset, os.SEEK_SET)
            with named(path):
                self._write(handle, byte)
        finally:
            os.close(handle)

    def sync_file(self, path: Path) -> None:
        """Make what was written into this file survive a power cut."""
        self._sync_path(path)

    def append(self, handle: int, data: bytes, *, sync: bool = True) -> None:
        """Append to an open file descriptor (O_APPEND) and sync it."""
        with named(handle):
            self._write(handle, data)
            if sync:
                self._sync(handle)

    def sync(self, handle: int) -> None:
        """Make what was written into an open file survive a power cut."""
        with named(handle):
            self._sync(handle)

    def truncate(self, handle: int, size: int) -> None:
        """Cut an open file to `size` [bytes] and sync it."""
        with named(handle):
            self._truncate(handle, size)
            self._sync(handle)

    def sync_directory(self, path: Path) -> None:
        """Make names created or replaced in this directory survive a power cut."""
        self._sync_path(path)

    def _sync_path(self, path: Path) -> None:
        handle = os.open(path, os.O_RDONLY)
        try:
            with named(path):
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
