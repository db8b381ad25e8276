"""Which process has a file locked now? As the system's own table says; no lock is taken, so that nobody notices.

Source: proc_locks(5), the table of flock(2). Where there is none (macOS), nobody is known.
"""

from __future__ import annotations

import os
from pathlib import Path

_TABLE = Path("/proc/locks")


def lock_holder(path: Path) -> str:
    """`process 123, at /dev/pts/4`; the terminal where it has one that can be seen. "" where nobody is known."""
    try:
        place, table = path.stat(), _TABLE.read_text("ascii")
    except (OSError, UnicodeDecodeError):
        return ""
    wanted = (os.major(place.st_dev), os.minor(place.st_dev), place.st_ino)
    for line in table.splitlines():
        match line.split():  # one that waits for a lock has `->` in the second place
            case [_, "FLOCK", _, "WRITE", pid, file, *_] if pid.isdecimal() and _identity(file) == wanted:
                terminal = _terminal(pid)
                return f"process {pid}{f', at {terminal}' if terminal else ''}"
    return ""


def _identity(file: str) -> tuple[int, int, int]:
    """Of `fe:00:2148806`, hexadecimal but for the inode."""
    major, minor, inode = file.split(":")
    return int(major, 16), int(minor, 16), int(inode)


def _terminal(pid: str) -> str:
    try:
        found = os.readlink(f"/proc/{pid}/fd/0")  # noqa: PTH115 - it is no path that anybody opens
    except OSError:  # ended, or another user's
        return ""
    return found if found.startswith(("/dev/pts/", "/dev/tty")) else ""
