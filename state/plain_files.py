"""May this path be written? A clone can prepare links; anybody can put a FIFO anywhere. (Reading: `outside_file`.)

Rules:
- What is written is reached through no link: a name that a clone brings never leads a write out of the repository.
- Every check looks at the disk as it is now. A process that swaps names at the same time as ours is not held off.

Source: open(2) (O_NOFOLLOW, O_NONBLOCK), inode(7) (the file types)
"""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import BinaryIO

from state.errors import WorkspaceRefused
from state.path_word import path_word

KINDS = {
    stat.S_IFIFO: "a FIFO",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a character device",
    stat.S_IFBLK: "a block device",
    stat.S_IFDIR: "a directory",
    stat.S_IFLNK: "a symbolic link",
}

NOTHING_WRITTEN = "; nothing was written"  # how a refusal ends


def kind_of(mode: int) -> str:
    """For people, what an `st_mode` says that a name is: `a FIFO`; "" for a plain file."""
    return KINDS.get(stat.S_IFMT(mode), "")


def open_lock(path: Path) -> BinaryIO:
    """A file to be locked, made when it is not there, for this user alone. Raises as `open_in_place`."""
    try:
        return os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600), "rb+")
    except FileExistsError:
        return os.fdopen(open_in_place(path, os.O_RDWR), "rb+")


def open_in_place(path: Path, flags: int) -> int:
    """A descriptor of an existing plain file that has one name, for a change in place.

    Raises WorkspaceRefused for a link, for anything that is no plain file, and for a file with further names (hard
    links): a change in place would change the file outside as well. FileNotFoundError when there is none.
    """
    try:
        handle = os.open(path, flags | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)
    except OSError:
        seen = path.lstat()
        if kind_of(seen.st_mode):
            raise _not_plain(path, f"is {kind_of(seen.st_mode)}, expected a plain file") from None
        raise
    seen = os.fstat(handle)
    if not kind_of(seen.st_mode) and seen.st_nlink <= 1:
        return handle
    os.close(handle)
    if kind_of(seen.st_mode):
        raise _not_plain(path, f"is {kind_of(seen.st_mode)}, expected a plain file")
    raise _not_plain(path, hard_links(seen.st_nlink), break_hard_link(path))


def refuse_links(root: Path, path: Path) -> None:
    """Raise WorkspaceRefused when the way from `root` to `path` goes through a link, or ends in one.

    A path that is not below `root` is none of ours to judge, nor is `root/.git`: no clone brings one, and a person's
    own may be a link.
    """
    parts, above = path.parts, root.parts
    inside = parts[len(above) :]
    if parts[: len(above)] != above or inside[:1] == (".git",):
        return
    way = os.fspath(root).rstrip("/")
    for part in inside:
        way = f"{way}/{part}"
        if part == "..":
            raise _not_plain(path, f"leaves {root} by `..`")
        if os.path.islink(way):  # noqa: PTH114 - each write looks at the whole way
            current = Path(way)
            name = current.relative_to(root)
            how = "is" if current == path else f"goes through {name}, which is"
            raise _not_plain(path.relative_to(root), f"{how} a symbolic link -> {current.readlink()}", look_at(name))


def hard_links(count: int) -> str:
    """What is wrong with a file that has further names."""
    return f"has {count} names (hard links): a change in place would change the other file, too"


def break_hard_link(path: Path) -> str:
    """The command that makes a file of its own of one that has further names."""
    name = path_word(str(path))
    return f"cp -p -- {name} {name}.own && mv -- {name}.own {name}"


def look_at(path: Path) -> str:
    """The command that shows what stands in the way."""
    return f"ls -ld -- {path_word(str(path))}   # put a plain file or directory in its place"


def _not_plain(path: Path, what: str, next_command: str = "") -> WorkspaceRefused:
    return WorkspaceRefused(f"{path} {what}{NOTHING_WRITTEN}", next_command=next_command or look_at(path))
