"""A file that becomes something else between the look and the read, as by another process in the last moment.

with swapped(target, "gone") as swap:
    told = world("status")
assert swap.happened
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest import mock


def gone(path: Path) -> None:
    path.unlink()


def a_directory(path: Path) -> None:
    path.unlink()
    path.mkdir()


def a_link_to_itself(path: Path) -> None:
    path.unlink()
    path.symlink_to(path.name)


def a_file_for_its_directory(path: Path) -> None:
    kept = path.parent
    path.unlink()
    if not any(kept.iterdir()):
        kept.rmdir()
        kept.write_text("")


BECOMES: dict[str, Callable[[Path], None]] = {
    "gone": gone,
    "a directory": a_directory,
    "a link that leads to itself": a_link_to_itself,
    "below a file": a_file_for_its_directory,
}


class Swap:
    """Whether the file was swapped at all."""

    happened = False


@contextmanager
def swapped(target: Path, becomes: str) -> Iterator[Swap]:
    """At each reading of this file it becomes that, and is put back at the end."""
    data, swap, readers = target.read_bytes(), Swap(), {name: getattr(Path, name) for name in ("read_bytes", "open")}

    def in_the_last_moment(name: str) -> Callable[..., Any]:
        def read(self: Path, *given: Any, **named: Any) -> Any:
            if self == target and self.is_file() and not self.is_symlink():
                swap.happened = True
                BECOMES[becomes](self)
            return readers[name](self, *given, **named)

        return read

    opens = os.open

    def opened(path: Any, *given: Any, **named: Any) -> int:
        if isinstance(path, str | Path) and Path(os.path.abspath(path)) == target and target.is_file():  # noqa: PTH100
            swap.happened = True
            if not target.is_symlink():
                BECOMES[becomes](target)
        return opens(path, *given, **named)

    reads, lines = (mock.patch.object(Path, name, in_the_last_moment(name)) for name in readers)
    with reads, lines, mock.patch.object(os, "open", opened):
        yield swap
    if not target.parent.is_dir():
        target.parent.unlink()
        target.parent.mkdir()
    if target.is_dir() and not target.is_symlink():
        shutil.rmtree(target)
    target.unlink(missing_ok=True)
    target.write_bytes(data)
