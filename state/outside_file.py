"""What does a file hold that somebody else put there? Only regular files are read, and only up to a size.

For runbooks, answers, policies, checks, contracts, deployment files and journals: whatever a person, a clone or a
program put at their path.

Rules:
- Nothing is waited for: a FIFO, a device or a socket is refused by its kind; it is never opened for reading.
- A link is followed; one that leads nowhere is refused, since whoever made it meant a file to be there.
- The size is looked at before anything is read, and the reading itself stops there, too.
"""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path
from typing import BinaryIO

from state.errors import BadInput
from state.path_word import path_word
from state.plain_files import kind_of

KIB = 1024
MIB = 1024 * KIB

# The largest size [bytes] of each kind of document; docs/limits.md has the table
RUNBOOK = 8 * MIB
POLICY = 256 * KIB
ANSWERS = 256 * KIB
CHECKS = MIB
INPUT = 16 * MIB  # a contract, and whatever else a step reads from the repository

_NOT_THERE = (errno.ENOENT, errno.ENOTDIR)


def read_outside(path: Path, what: str, *, limit: int | None, name: str = "") -> bytes:
    """The bytes of the regular file at `path`.

    Args:
        what: what it is to be, for messages: "runbook".
        limit: the largest size that is read [bytes]; None for any.
        name: the path as the person knows it; `path` if left out.

    Raises FileNotFoundError when nothing is there, and BadInput for anything that is no regular file, is too large or
    cannot be read.
    """
    name = name or str(path)
    with open_outside(path, what, name=name) as file:
        try:
            if limit is None:
                return file.read()
            size = os.fstat(file.fileno()).st_size
            data = b"" if size > limit else file.read(limit + 1)
        except OSError as error:
            raise _translated(error, path, what, name) from error
    if size > limit or len(data) > limit:
        size = max(size, len(data))
        raise _refused(what, name, f"expected at most {limit:,} bytes, seen {size:,}", "head -c 300")
    return data


def open_outside(path: Path, what: str, *, name: str = "") -> BinaryIO:
    """The regular file at `path`, open for reading. Raises as `read_outside`, its size apart."""
    name = name or str(path)
    try:
        _require_regular(path.stat(), what, name)  # before it is opened: opening a device may already do something
        file = os.fdopen(os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC), "rb")
    except OSError as error:
        raise _translated(error, path, what, name) from error
    try:
        _require_regular(os.fstat(file.fileno()), what, name)  # it may have been replaced since
    except BaseException:
        file.close()
        raise
    return file


def read_if_there(path: Path, what: str, *, limit: int | None, name: str = "") -> bytes | None:
    """As `read_outside`, and None where nothing is there."""
    try:
        return read_outside(path, what, limit=limit, name=name)
    except FileNotFoundError:
        return None


def _require_regular(found: os.stat_result, what: str, name: str) -> None:
    if not stat.S_ISREG(found.st_mode):
        raise _refused(what, name, f"expected a regular file, seen {kind_of(found.st_mode) or 'something else'}")


def _refused(what: str, name: str, why: str, look: str = "ls -ld") -> BadInput:
    return BadInput(f"{what} {name} is refused: {why}", next_command=f"{look} {path_word(name)}")


def _translated(error: OSError, path: Path, what: str, name: str) -> Exception:
    """The system's refusal as ours; FileNotFoundError where simply nothing is there."""
    if error.errno not in _NOT_THERE:
        return _refused(what, name, f"cannot be read: {error.strerror}")
    if path.is_symlink():
        return _refused(what, name, f"a link to {path.readlink()}, which is not there")
    return FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(path))
