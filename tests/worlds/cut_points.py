"""At which instants can the power go? Every write, sync, rename, truncation, git process and AWS call of a run.

`CutDisk`, `on_process` and `on_call` stand where the real disk, git and AWS stand. They do what is asked and call
`cut(name, lost)` at every instant between two effects, with what is on the disk, in git and in AWS just then:

- a write: with nothing of it, one byte, half and all of it written; a truncation, a new directory, a rename: before
  and after; a sync: before (after it is before what comes next);
- a git process and an AWS call: before it starts, and after it has ended with its answer lost.

Rules:
- Two fates for what was written and not synced: it survived (the process was killed), or it is gone (`lost`: the
  machine went down). The second is a point of its own wherever something unsynced exists.
- What is lost of a file that was renamed with unsynced content is its content, not its name: an empty file, as file
  systems without ordered data leave it.
- git syncs for itself what it writes (`core.fsync`): it survives.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

from state.files import DRAFT, Disk

Cut = Callable[[str, Mapping[Path, bytes | None]], None]
GONE = None  # in `lost`: this name is not on the disk
_WORD = re.compile(rf"\.[0-9a-f]{{16}}{re.escape(DRAFT)}$")  # the part of a draft's name that is another one each time
_EVENT = re.compile(rb'"type":"([a-z-]+)"')


class CutDisk(Disk):
    """The real disk, which remembers what would be lost with the power.

    Attributes:
        lost: path -> what the disk has of it (GONE: not even the name), for everything not synced yet.
    """

    def __init__(self, root: Path, cut: Cut) -> None:
        self._root = root
        self._report = cut
        self.lost: dict[Path, bytes | None] = {}
        self._empty_drafts: set[Path] = set()  # their content is not synced

    def _cut(self, what: str, *, torn: bool = False) -> None:
        self._report(what, {} if torn else self.lost)  # with the unsynced gone, a torn write is no write
        for path in [path for path in self.lost if path.parent.parent.name == ".git"]:
            del self.lost[path]  # only told to who finds the run held, so never synced: lost once, not at every point

    def _name(self, path: Path) -> str:
        return _WORD.sub(DRAFT, path.relative_to(self._root).as_posix())

    def _make_directory(self, path: Path) -> None:
        self._cut(f"make directory {self._name(path)}")
        super()._make_directory(path)
        self.lost[path] = GONE
        self._cut(f"make directory {self._name(path)}: made")

    def create(self, path: Path) -> int:
        handle = super().create(path)
        self.lost[path] = GONE
        self._cut(f"create {self._name(path)}: created")
        return handle

    def _write(self, handle: int, data: bytes) -> None:
        path = _path_of(handle)
        if path.name.endswith(DRAFT):
            self.lost[path] = GONE
            self._empty_drafts.add(path)
        else:
            self.lost.setdefault(path, path.read_bytes())
        event = _EVENT.search(data) if path.suffix == ".jsonl" else None
        name = f"write {self._name(path)}" + (f" ({event[1].decode()})" if event else "")
        self._cut(f"{name}: nothing written", torn=True)
        written = 0
        for size, told in ((1, "one byte"), (len(data) // 2, "half"), (len(data), "all")):
            if size > written:
                super()._write(handle, data[written:size])
                written = size
                self._cut(f"{name}: {told} written", torn=size < len(data))

    def _sync(self, handle: int) -> None:
        path = _path_of(handle)
        self._cut(f"sync {self._name(path)}")
        super()._sync(handle)
        if path.is_dir():
            for each in [each for each in self.lost if each.parent == path]:
                if each.is_dir() or self.lost[each] != b"":
                    del self.lost[each]
        elif path.name.endswith(DRAFT):
            self._empty_drafts.discard(path)
        else:
            self.lost.pop(path, None)

    def _rename(self, source: Path, target: Path) -> None:
        self._cut(f"rename to {self._name(target)}")
        before = self.lost[target] if target in self.lost else target.read_bytes() if target.exists() else GONE
        super()._rename(source, target)
        self.lost.pop(source, None)
        self.lost[target] = b"" if source in self._empty_drafts else before
        self._cut(f"rename to {self._name(target)}: renamed")

    def _truncate(self, handle: int, size: int) -> None:
        path = _path_of(handle)
        self._cut(f"truncate {self._name(path)}")
        self.lost.setdefault(path, path.read_bytes())
        super()._truncate(handle, size)
        self._cut(f"truncate {self._name(path)}: cut off")

    def on_process(self, when: str, argv: list[str]) -> None:
        """The hook of `GitDoor`."""
        self._cut(f"{_verb(argv)}: {'not started' if when == 'before' else 'ended, nobody knows'}")

    def on_call(self, when: str, service: str, operation: str) -> None:
        """The hook of `AwsDoor`."""
        self._cut(f"{service} {operation}: {'not sent' if when == 'before' else 'done, reply lost'}")


def take_away(lost: Mapping[Path, bytes | None], root: Path, copy: Path) -> None:
    """Bring a copy of the workspace to what the disk holds after the machine went down."""
    for path, content in lost.items():
        there = copy / path.relative_to(root)
        if content is not GONE:
            there.write_bytes(content)
        elif there.is_dir():
            shutil.rmtree(there)
        else:
            there.unlink(missing_ok=True)


def _path_of(handle: int) -> Path:
    return Path(f"/proc/self/fd/{handle}").readlink()


def _verb(argv: list[str]) -> str:
    """`git commit`, from the whole command line."""
    rest = iter(argv[1:])
    for word in rest:
        if word == "-c":
            next(rest)
        elif not word.startswith("-"):
            return f"git {word}"
    return " ".join(argv)
