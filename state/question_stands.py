"""Does a question of a run stand at some terminal now? A lock on the run's directory says so, to other processes.

The journal's own lock is given up meanwhile (`Journal.released`), so it cannot tell. The lock goes with its process.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def question_stands(directory: Path) -> Iterator[None]:
    """In this block `is_asked` is true of the run with this directory; where no lock can be had, nobody is told."""
    handle = _opened(directory)
    try:
        if handle is not None:
            _lock(handle, fcntl.LOCK_SH)
        yield
    finally:
        if handle is not None:
            os.close(handle)


def is_asked(directory: Path) -> bool:
    """Whether another process has a question of this run before a person: it goes on by itself once that is decided."""
    handle = _opened(directory)
    if handle is None:
        return False
    try:
        return not _lock(handle, fcntl.LOCK_EX)
    finally:
        os.close(handle)


def _opened(directory: Path) -> int | None:
    try:
        return os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError:
        return None


def _lock(handle: int, kind: int) -> bool:
    """Whether the lock was had; true as well where the file system has none."""
    try:
        fcntl.flock(handle, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        return True
    return True
