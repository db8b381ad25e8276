"""Repositories of one commit, as git makes them: made once a process, then copied."""

from __future__ import annotations

import atexit
import hashlib
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

_MADE: dict[str, Path] = {}  # by what a repository holds


def first_commit(root: Path, message: str = "Start") -> None:
    """Make a repository of this directory, with all of its files in one commit on main, by Ada.

    It has no hooks. Its index knows the times of other files than these, as after any copy: git looks at the bytes.
    """
    files = sorted(path for path in root.rglob("*") if path.is_file())
    held = hashlib.sha256(message.encode())
    for path in files:
        held.update(repr((str(path.relative_to(root)), path.stat().st_mode, path.read_bytes())).encode())
    made = _MADE.get(held.hexdigest())
    if made is not None:
        shutil.copytree(made, root / ".git", symlinks=True)
        return
    for words in (
        ("init", "-q", "-b", "main", "--template="),
        ("config", "user.name", "Ada"),
        ("config", "user.email", "ada@example.com"),
        ("add", "-A"),
        ("commit", "-q", "-m", message),
    ):
        subprocess.run(["git", "-C", str(root), *words], check=True, capture_output=True)
    (root / ".git" / "hooks").mkdir()
    (root / ".git" / "info").mkdir(exist_ok=True)
    copy = Path(tempfile.mkdtemp(dir=_place())) / ".git"  # forks share their maker's place
    shutil.copytree(root / ".git", copy, symlinks=True)
    _MADE[held.hexdigest()] = copy


def _place() -> Path:
    """The directory of this process's copies, which goes when it ends (and not with a child that it forked)."""
    if not _MADE:
        place, maker = Path(tempfile.mkdtemp(prefix="phasegate-repositories-")), os.getpid()
        atexit.register(lambda: os.getpid() == maker and shutil.rmtree(place, ignore_errors=True))
        _MADE[""] = place
    return _MADE[""]
