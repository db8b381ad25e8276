"""What is in a commit that was just made? Read from the object files that git has just written, without starting it.

Rules:
- Every object is hashed: its bytes are what its id says, so whatever is told of a commit's id is what it holds.
- Objects that lie in a pack are not read. Just after a commit its own objects and those of its parent lie loose, as a
  rule; `NotLoose` otherwise, and the caller asks git.

Source: gitrepository-layout(5), "objects/[0-9a-f][0-9a-f]"; git-cat-file(1) for what a tree and a commit hold.
"""

from __future__ import annotations

import hashlib
import zlib
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from pathlib import Path

from state.cheap_classes import dataclass

REMEMBERED = 64  # trees: those of one commit and of its parent, as a rule
DIRECTORY = b"40000"  # a tree entry's mode
Entry = tuple[bytes, str]  # mode, object id


class NotLoose(Exception):
    """The object is not in a file of its own, or not sound there."""


@dataclass(frozen=True, slots=True)
class LooseCommit:
    """One commit: `tree` and `parents` are object ids, `message` is as stored."""

    sha: str
    tree: str
    parents: tuple[str, ...]
    message: bytes


class Objects(ABC):
    """Commits and trees of one repository, by their ids, each hashed; what cannot be read raises as `_read`."""

    def __init__(self) -> None:
        self._trees: dict[str, Mapping[bytes, Entry]] = {}  # read before: what an id means never changes

    @abstractmethod
    def _read(self, sha: str, kind: bytes) -> bytes:
        """What the object of this id and kind holds, once it was hashed."""

    def commit(self, sha: str) -> LooseCommit:
        head, _, message = self._read(sha, b"commit").partition(b"\n\n")
        fields = [line.partition(b" ") for line in head.split(b"\n")]  # the lines of a signature begin with a space
        (tree,) = [value.decode("ascii") for name, _, value in fields if name == b"tree"]
        parents = tuple(value.decode("ascii") for name, _, value in fields if name == b"parent")
        return LooseCommit(sha, tree, parents, message)

    def changes(self, old: str, new: str) -> list[bytes]:
        """The paths in which two trees differ; a rename is two."""
        return list(self._changes(self._tree(old), self._tree(new), b""))

    def blob(self, tree: str, path: bytes) -> str | None:
        """The id of the blob at this path, None when there is none."""
        mode, found = self.entry(tree, path) or (b"", "")
        return found if mode.startswith(b"10") or mode == b"120000" else None

    def entry(self, tree: str, path: bytes) -> Entry | None:
        """The mode, as git keeps it (a directory's has five digits), and the id of what is at this path, or None."""
        *directories, name = path.split(b"/")
        for directory in directories:
            mode, below = self._tree(tree).get(directory, (b"", ""))
            if mode != DIRECTORY:
                return None
            tree = below
        return self._tree(tree).get(name)

    def tree(self, sha: str) -> Mapping[bytes, Entry]:
        """What a tree holds, by name."""
        return self._tree(sha)

    def entries(self, tree: str, path: bytes) -> Mapping[bytes, Entry]:
        """What lies in the directory at this path, by name; nothing where there is none."""
        return self._below(self.entry(tree, path))

    def _changes(self, old: Mapping[bytes, Entry], new: Mapping[bytes, Entry], where: bytes) -> Iterator[bytes]:
        for name in sorted(old.keys() | new.keys()):
            was, now = old.get(name), new.get(name)
            if was != now:
                if any(entry and entry[0] != DIRECTORY for entry in (was, now)):
                    yield where + name
                if any(entry and entry[0] == DIRECTORY for entry in (was, now)):
                    yield from self._changes(self._below(was), self._below(now), where + name + b"/")

    def _below(self, entry: Entry | None) -> Mapping[bytes, Entry]:
        return self._tree(entry[1]) if entry and entry[0] == DIRECTORY else {}

    def _tree(self, sha: str) -> Mapping[bytes, Entry]:
        if sha not in self._trees:
            if len(self._trees) >= REMEMBERED:
                self._trees.clear()
            self._trees[sha] = self._read_tree(sha)
        return self._trees[sha]

    def _read_tree(self, sha: str) -> Mapping[bytes, Entry]:
        return entries_of(self._read(sha, b"tree"), len(sha) // 2)


class LooseObjects(Objects):
    """The loose objects of one repository; `directory` is its `objects`. Everything raises NotLoose."""

    def __init__(self, directory: Path) -> None:
        super().__init__()
        self._directory = directory

    def _read(self, sha: str, kind: bytes) -> bytes:
        try:
            data = zlib.decompress((self._directory / sha[:2] / sha[2:]).read_bytes())
        except (OSError, zlib.error) as error:
            raise NotLoose(sha) from error
        head, _, content = data.partition(b"\0")
        if hash_of(data, like=sha) != sha or not head.startswith(kind + b" "):
            raise NotLoose(sha)
        return content


def tree_of(commit: bytes) -> str:
    """The id of the tree that a commit names."""
    return commit.split(b"\n", 1)[0].removeprefix(b"tree ").decode("ascii", "replace")


def parents_of(commit: bytes) -> list[str]:
    """The ids of a commit's parents."""
    head = commit.partition(b"\n\n")[0].split(b"\n")
    return [line[7:].decode("ascii", "replace") for line in head if line.startswith(b"parent ")]


def entries_of(tree: bytes, width: int) -> dict[bytes, Entry]:
    """What a tree holds, by name; `width`: how long an id is [bytes]."""
    entries, at = dict[bytes, Entry](), 0
    while at < len(tree):
        end = tree.index(b"\0", at)
        mode, _, name = tree[at:end].partition(b" ")
        at = end + 1 + width
        entries[name] = (mode, tree[end + 1 : at].hex())
    return entries


def hash_of(data: bytes, *, like: str, head: bytes = b"") -> str:
    """The hash that ids of this repository are made of: `like` is one of them; `head` stands in front of the data."""
    made = (hashlib.sha1 if len(like) == 40 else hashlib.sha256)(head, usedforsecurity=False)
    made.update(data)
    return made.hexdigest()
