"""Clones and what has happened in them, made once a process and then copied to where a test wants them.

    said = made_once(tmp_path, ("origin.git", "ada"), ("two people", POLICY), make)     # as make(tmp_path)

What is copied knows its place by the addresses of its remotes alone (`.git/config`), and these are made to follow.
"""

from __future__ import annotations

import atexit
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Hashable, Sequence
from pathlib import Path

_MADE: dict[Hashable, tuple[Path, str]] = {}  # what was made -> where it lies, and what was said
Left = frozenset[tuple[str, int, int]]


def made_once(root: Path, names: Sequence[str], what: Hashable, make: Callable[[Path], str]) -> str:
    """Have the directories of these names below `root` as `make` makes them there, or goes on in them; what it said.

    `what` tells all that this depends on, with what is in the directories before.
    """
    if what not in _MADE:
        place = _place()
        _copy(root, place, [name for name in names if (root / name).exists()])
        _MADE[what] = place, make(place)
    place, said = _MADE[what]
    for name in names:
        if (root / name).exists():
            shutil.rmtree(root / name)
    _copy(place, root, names)
    return said.replace(str(place), str(root))


def as_left(root: Path, names: Sequence[str]) -> Left:
    """What is there now, for telling whether anything happened in the directories since."""
    found = ((path, path.lstat()) for name in names for path in (root / name).rglob("*"))
    return frozenset((str(path), seen.st_size, seen.st_mtime_ns) for path, seen in found)


def _place() -> Path:
    """A directory of this process, which goes when it ends (and not with a child that it forked)."""
    place, maker = Path(tempfile.mkdtemp(prefix="phasegate-made-")), os.getpid()
    atexit.register(lambda: os.getpid() == maker and shutil.rmtree(place, ignore_errors=True))
    return place


def _copy(source: Path, target: Path, names: Sequence[str]) -> None:
    if names:
        subprocess.run(["cp", "-RPp", *(str(source / name) for name in names), str(target)], check=True)
    for config in (target / name / ".git/config" for name in names):
        if config.exists():
            config.write_text(config.read_text().replace(str(source), str(target)))
