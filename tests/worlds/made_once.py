"""Clones and what has happened in them, made once a process and then copied to where a test wants them.

    said = made_once(tmp_path, ("two people", POLICY), make)     # as make(tmp_path)

What is copied knows its place by the addresses of its remotes alone (`.git/config`), and these are made to follow.
"""

from __future__ import annotations

import atexit
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Hashable
from pathlib import Path

_MADE: dict[Hashable, tuple[Path, str]] = {}  # what was made -> where it lies, and what was said
Left = frozenset[tuple[str, int, int]]


def made_once(root: Path, what: Hashable, make: Callable[[Path], str]) -> str:
    """Have the clones below `root` as `make` makes them there, or goes on in them; what it said.

    `what` tells all that this depends on, with what is in the clones before. Nothing may go on there by itself: a
    sandbox's server would be that of all copies.
    """
    if what not in _MADE:
        place = _place()
        _copy(root, place)
        _MADE[what] = place, make(place)
        assert not [*place.glob("*/.git/phasegate/sandbox")]
    place, said = _MADE[what]
    for clone in _clones(root):
        shutil.rmtree(clone)
    _copy(place, root)
    return said.replace(str(place), str(root))


def as_left(root: Path) -> Left:
    """What is there now, for telling whether anything happened in the clones since."""
    found = ((path, path.lstat()) for clone in _clones(root) for path in clone.rglob("*"))
    return frozenset((str(path), seen.st_size, seen.st_mtime_ns) for path, seen in found)


def _place() -> Path:
    """A directory of this process, which goes when it ends (and not with a child that it forked)."""
    place, maker = Path(tempfile.mkdtemp(prefix="phasegate-made-")), os.getpid()
    atexit.register(lambda: os.getpid() == maker and shutil.rmtree(place, ignore_errors=True))
    return place


def _clones(root: Path) -> list[Path]:
    """The repositories that are there, each in a directory of its name."""
    return sorted(each for each in root.iterdir() if each.suffix == ".git" or (each / ".git").is_dir())


def _copy(source: Path, target: Path) -> None:
    clones = _clones(source)
    if clones:
        subprocess.run(["cp", "-RPp", *map(str, clones), str(target)], check=True)
    for config in (target / clone.name / ".git/config" for clone in clones):
        if config.exists():
            config.write_text(config.read_text().replace(str(source), str(target)))
