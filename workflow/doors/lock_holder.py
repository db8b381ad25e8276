"""Which process has a file locked now? As the system's own table says; no lock is taken, so that nobody notices.

Source: proc_locks(5), the table of flock(2); proc_pid_stat(5), proc_stat(5). Where there is none (macOS), nobody is
known.
"""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

_TABLE = Path("/proc/locks")
_BEGAN = 19  # of the fields behind the name in /proc/PID/stat: when it began, in clock ticks since the boot


class Holder(NamedTuple):
    """Who holds a lock: `process 123, at /dev/pts/4`, the terminal where it has one that can be seen.

    `began`: when that process did, to the second at least as early as it was; None where that cannot be told.
    """

    said: str
    began: datetime | None


def lock_holder(path: Path) -> Holder | None:
    """Who has the file locked; None where nobody is known."""
    try:
        place, table = path.stat(), _TABLE.read_text("ascii")
    except (OSError, UnicodeDecodeError):
        return None
    wanted = (os.major(place.st_dev), os.minor(place.st_dev), place.st_ino)
    for line in table.splitlines():
        match line.split():  # one that waits for a lock has `->` in the second place
            case [_, "FLOCK", _, "WRITE", pid, file, *_] if pid.isdecimal() and _identity(file) == wanted:
                terminal = _terminal(pid)
                return Holder(f"process {pid}{f', at {terminal}' if terminal else ''}", _began(pid))
    return None


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


def _began(pid: str) -> datetime | None:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text("utf-8", "replace").rpartition(")")[2].split()
        boot = next(line for line in Path("/proc/stat").read_text("ascii").splitlines() if line.startswith("btime "))
    except (OSError, StopIteration):
        return None
    seconds = int(fields[_BEGAN]) / os.sysconf("SC_CLK_TCK")
    return datetime.fromtimestamp(int(boot.split()[1]), UTC) + timedelta(seconds=seconds - 1)  # both are cut
