"""Where do the tests' workspaces lie? In memory where there is room, unless somebody says where (`TMPDIR`).

They sync after each line of a journal and in each commit of git, by the ten thousand, and a disk would take longer than
the rest. Started programs inherit it.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

MEMORY = Path("/dev/shm")
ROOM = 2 * 2**30  # [bytes] three times what a whole run would leave if it kept all


def lie_in_memory() -> None:
    """From now on, in this process and those that it starts."""
    if "TMPDIR" not in os.environ and _has_room():
        os.environ["TMPDIR"] = str(MEMORY)
        tempfile.tempdir = None  # to be looked for again


def _has_room() -> bool:
    """A program that lies there (a git hook) must be able to run, which containers do not always allow."""
    if not os.access(MEMORY, os.W_OK) or os.statvfs(MEMORY).f_flag & os.ST_NOEXEC:
        return False
    return shutil.disk_usage(MEMORY).free > ROOM
