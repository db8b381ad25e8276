"""What does a commit hold at these paths? Blobs, their ids, entries with mode and type; without git where it can be.

A commit that was just made is read from its loose objects; git is asked for all others, and every object that it hands
over is hashed (`handed_over.py`), the trees on the way to a path among them.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterator, Sequence

from state.tree_entry import TreeEntry, missing
from workflow.doors.git.handed_over import HandedOver, file_in
from workflow.doors.git.loose_objects import DIRECTORY, Entry, LooseObjects, NotLoose, Objects
from workflow.doors.git.plumbing import unreadable
from workflow.doors.git.preflight import Place
from workflow.doors.git.process import GitProcess, literal
from workflow.doors.git.working_entries import tree_entry

REMEMBERED = 10_000  # entries of commits
SUBMODULE = b"160000"


class CommittedTrees:
    """The commits of a repository. Paths are the workspace's, which `place` finds in it."""

    def __init__(self, git: GitProcess, place: Callable[[], Place]) -> None:
        self._git = git
        self._place = place
        self._found_objects: LooseObjects | None = None
        self._entries: dict[tuple[str, str], TreeEntry] = {}  # (commit, path): what a commit holds never changes

    @property
    def objects(self) -> LooseObjects:
        """The repository's loose objects."""
        if self._found_objects is None:
            self._found_objects = LooseObjects(self._place().common_dir / "objects")
        return self._found_objects

    def blob(self, rev: str, path: str) -> bytes | None:
        """A file's content in a commit, or None when it is not there."""
        if "\n" in path:  # no run commits such a name
            return None
        found, place = self.handed_over(), f"{self._place().prefix}{path}"
        return file_in(found, found.bring_ways(rev, [place], contents=True), place)

    def blobs_below(self, rev: str, directory: str) -> dict[str, bytes]:
        """The content of every file in a commit below a directory, by path; two processes."""
        prefix = self._place().prefix
        listing = ("ls-tree", "-r", "-t", "-z", "--full-tree", rev, *literal([f"{prefix}{directory}/"]))
        listed = self._git.try_read(*listing)  # where it fails, what is asked for below says why
        named = [_listed(line)[1] for line in listed.out.split(b"\0") if line]
        found, place = self.handed_over(), f"{prefix}{directory}"
        known = [sha for mode, sha in named if mode != SUBMODULE]  # these come along; what is where is found below
        commit = found.bring_ways(rev, [f"{place}/"], further=known)
        held = found.entry(found.commit(commit).tree, os.fsencode(place)) if commit else None
        if held is None or held[0] != DIRECTORY:
            return {}
        files = files_below(found, held[1], os.fsencode(place))
        return {os.fsdecode(path).removeprefix(prefix): found.blob_data(sha) for path, (_, sha) in files}

    def ids(self, sha: str, paths: Sequence[str]) -> dict[str, str]:
        """The blob id of each path in the commit; paths that are not there are left out."""
        held = self.raw(sha, paths, or_none=True)
        return {path: entry[1] for path, entry in held.items() if entry and is_blob(entry)}

    def entries(self, sha: str, paths: Sequence[str]) -> dict[str, TreeEntry]:
        """The entry of each path in the commit, in order; of type `missing` where the commit has nothing."""
        unknown = [path for path in paths if (sha, path) not in self._entries]
        if len(self._entries) > REMEMBERED:
            self._entries.clear()
            unknown = list(paths)
        if unknown:
            self._entries |= {(sha, path): entry for path, entry in self._entries_in(sha, unknown).items()}
        return {path: self._entries[sha, path] for path in paths}

    def raw(self, sha: str, paths: Sequence[str], *, or_none: bool = False) -> dict[str, Entry | None]:
        """Mode and id of what is at each path in the commit, as its tree has them; None where nothing is.

        From its loose objects where it can be, else by one process; every tree on the way is hashed. With `or_none`
        nothing is there, either, where there is no such commit.
        """
        prefix, loose = self._place().prefix, self.objects
        with contextlib.suppress(NotLoose):
            tree = loose.commit(sha).tree
            return {path: loose.entry(tree, os.fsencode(prefix + path)) for path in paths}
        found = self.handed_over()
        commit = found.bring_ways(sha, [prefix + path for path in paths])
        if not commit and or_none:
            return {}
        if not commit:
            raise unreadable(self._git.directory, sha)
        tree = found.commit(commit).tree
        return {path: found.entry(tree, os.fsencode(prefix + path)) for path in paths}

    def handed_over(self) -> HandedOver:
        """Objects that git is asked for, each hashed."""
        return HandedOver(lambda given: self._git.read("cat-file", "--batch", stdin=given).out, self._git.directory)

    def _entries_in(self, sha: str, paths: Sequence[str]) -> dict[str, TreeEntry]:
        held = self.raw(sha, paths)
        return {path: tree_entry(path, *found) if found else missing(path) for path, found in held.items()}


def files_below(objects: Objects, tree: str, where: bytes) -> Iterator[tuple[bytes, Entry]]:
    """The path, with mode and id, of every file and link below a tree, which lies at `where`."""
    for name, entry in objects.tree(tree).items():
        path = where + b"/" + name
        if entry[0] == DIRECTORY:
            yield from files_below(objects, entry[1], path)
        elif is_blob(entry):
            yield path, entry


def is_blob(entry: Entry) -> bool:
    """Whether an entry is a file's or a link's."""
    return entry[0].startswith(b"10") or entry[0] == b"120000"


def _listed(line: bytes) -> tuple[bytes, tuple[bytes, str]]:
    """A line of `git ls-tree -z`: path -> mode and id."""
    said, _, path = line.partition(b"\t")
    mode, _kind, sha = said.split(b" ")
    return path, (mode, sha.decode("ascii"))
