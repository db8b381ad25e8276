"""Could git be told, of one of these paths, not to see its changes? Told by the index itself, where that is plain.

Only "surely not" is said here: whatever may be marked, or is kept in another way, git is asked about.

Rules:
- An entry of versions 2 and 3 ends with its flags (two bytes, in the low twelve bits the length of its name), with two
  more bytes of flags where the first ones say so, and its whole name with a NUL behind it.
- A name that is found behind what cannot be its flags is the end of another one.

Source: gitformat-index(5), "Index entry"; gitrepository-layout(5), "sharedindex".
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

_LENGTH, _EXTENDED, _ASSUMED = 0x0FFF, 0x4000, 0x8000


def surely_unmarked(git_dir: Path, paths: Iterable[str]) -> bool:
    """Whether none of these paths, from the top of the repository, has a mark in the index."""
    if (git_dir / "info" / "sparse-checkout").exists() or any(
        name.startswith("sharedindex.")
        for name in os.listdir(git_dir)  # noqa: PTH208
    ):
        return False
    try:
        data = (git_dir / "index").read_bytes()
    except FileNotFoundError:
        return True  # nothing is in it
    except OSError:
        return False  # git says why
    plain = data[:4] == b"DIRC" and int.from_bytes(data[4:8], "big") in (2, 3)
    return plain and not any(_may_be_marked(data, os.fsencode(path)) for path in paths)


def _may_be_marked(data: bytes, name: bytes) -> bool:
    if name + b"/" in data:  # a directory there: what lies in it is meant
        return True
    at = data.find(name + b"\0")
    while at >= 0:
        if _flags(data, at, name) & _ASSUMED or _flags(data, at - 2, name) & _EXTENDED:
            return True
        at = data.find(name + b"\0", at + 1)
    return False


def _flags(data: bytes, end: int, name: bytes) -> int:
    """The two bytes of flags that end there, where they are those of an entry of this name; else 0."""
    flags = int.from_bytes(data[max(end - 2, 0) : end], "big")
    return flags if flags & _LENGTH == min(len(name), _LENGTH) else 0
