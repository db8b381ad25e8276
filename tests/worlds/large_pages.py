"""How is a fork of a process with thousands of tests quick? Its memory lies in pages of 2 MB, where Linux has them.

A fork copies the table of all pages, and its end takes the copy down: for a worker's 300 MB in pages of 4 KB that is 20
ms of processor, more than most commands that a fork is made for; in large pages it is 2 ms. What is written then is
still copied by 4 KB. To bring them there takes as long as some forks, and many tests fork nothing. Elsewhere than on
Linux 6.1 or newer nothing happens.
"""

from __future__ import annotations

import ctypes
import os
import sys
from pathlib import Path

LARGE = 1 << 21  # [bytes]
COLLAPSE = 25  # MADV_COLLAPSE; source: madvise(2), Linux 6.1
SUMS = Path("/proc/self/smaps_rollup")
ROOM = 64 << 10  # [KB] of memory in small pages that is not worth the look
_ORDERED: list[bool] = []  # where something stands in it, the next fork is to be quick


def before_the_next_fork() -> None:
    """Have this process lie in large pages when it forks next, once; to start a program is no fork."""
    if not _ORDERED:
        _ORDERED.append(True)


def _as_ordered() -> None:
    if _ORDERED:
        _ORDERED.clear()
        lie_in_large_pages()


os.register_at_fork(before=_as_ordered)


def lie_in_large_pages() -> None:
    """Bring what this process has of its own into large pages, unless little of it is in others."""
    if sys.platform != "linux" or in_small_pages() < ROOM:
        return
    madvise = ctypes.CDLL(None).madvise
    madvise.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int]
    for line in Path("/proc/self/maps").read_text().splitlines():
        addresses, may, _offset, _device, file, *_name = line.split()
        if may == "rw-p" and file == "0":
            first, end = (int(each, 16) for each in addresses.split("-"))
            for at in range(-(-first // LARGE) * LARGE, end // LARGE * LARGE, LARGE):
                madvise(at, LARGE, COLLAPSE)  # one that cannot be stays as it is


def in_small_pages() -> int:
    """How much memory of this process alone is in pages of the usual size [KB]; 0 where nobody says it."""
    fields = (line.split() for line in (SUMS.read_text().splitlines()[1:] if SUMS.exists() else ()))
    sizes = {name: int(size) for name, size, *_ in fields}
    return sizes.get("Anonymous:", 0) - sizes.get("AnonHugePages:", 0)
