"""What does a commit hold at these paths? Blobs, their ids, entries with mode and type; without git where it can be.

A commit that was just made is read from its loose objects; git is asked for all others.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Sequence

from state.tree_entry import TreeEntry, missing
from workflow.doors.git.loose_objects import LooseObjects, NotLoose
from workflow.doors.git.preflight import Place
from workflow.doors.git.process import MANY, GitProcess, literal
from workflow.doors.git.working_entries import tree_entry

REMEMBERED = 10_000  # entries of commits


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
        if "\n" in path:  # as in `ids`
            return None
        asked = os.fsencode(f"{self._name(rev, path)}\n")
        header, _, rest = self._git.read("cat-file", "--batch", stdin=asked).out.partition(b"\n")
        words = header.decode("utf-8", "replace").split(" ")
        return rest[: int(words[2])] if _is_blob(words) else None

    def blobs_below(self, rev: str, directory: str) -> dict[str, bytes]:
        """The content of every file in a commit below a directory, by path; two processes."""
        prefix = self._place().prefix
        listed = self._git.read("ls-tree", "-r", "-z", "--full-tree", rev, *literal([f"{prefix}{directory}/"]))
        found = [_listed(line) for line in listed.out.split(b"\0") if line]
        asked = "".join(f"{sha}\n" for _, (_, sha) in found).encode()
        answer = self._git.read("cat-file", "--batch", stdin=asked).out if found else b""
        blobs, at = {}, 0
        for path, _ in found:
            begin = answer.index(b"\n", at) + 1
            at = begin + int(answer[at:begin].rpartition(b" ")[2])
            blobs[os.fsdecode(path).removeprefix(prefix)] = answer[begin:at]
            at += 1
        return blobs

    def ids(self, sha: str, paths: Sequence[str]) -> dict[str, str]:
        """The blob id of each path in the commit; paths that are not there are left out."""
        objects = self.objects
        with contextlib.suppress(NotLoose):
            tree = objects.commit(sha).tree
            loose = {path: objects.blob(tree, os.fsencode(self._place().prefix + path)) for path in paths}
            return {path: blob for path, blob in loose.items() if blob}
        paths = [path for path in paths if "\n" not in path]  # no run commits such a name, and git takes a line each
        asked = os.fsencode("".join(f"{self._name(sha, path)}\n" for path in paths))
        listed = self._git.read("cat-file", "--batch-check", stdin=asked).text.splitlines()
        found = {}
        for path, line in zip(paths, listed, strict=True):
            words = line.split(" ")
            if _is_blob(words):
                found[path] = words[0]
        return found

    def entries(self, sha: str, paths: Sequence[str]) -> dict[str, TreeEntry]:
        """The entry of each path in the commit, in order; of type `missing` where the commit has nothing."""
        unknown = [path for path in paths if (sha, path) not in self._entries]
        if len(self._entries) > REMEMBERED:
            self._entries.clear()
            unknown = list(paths)
        if unknown:
            self._entries |= {(sha, path): entry for path, entry in self._entries_in(sha, unknown).items()}
        return {path: self._entries[sha, path] for path in paths}

    def _entries_in(self, sha: str, paths: Sequence[str]) -> dict[str, TreeEntry]:
        prefix = self._place().prefix
        objects = self.objects
        with contextlib.suppress(NotLoose):
            tree = objects.commit(sha).tree
            held = {path: objects.entry(tree, os.fsencode(prefix + path)) for path in paths}
            return {path: tree_entry(path, *found) if found else missing(path) for path, found in held.items()}
        named = [prefix + path for path in paths]
        which = (sha, *literal(named)) if len(named) <= MANY else ("-r", sha)  # of many: all that there is
        listed = self._git.read("ls-tree", "-t", "-z", "--full-tree", *which)
        found_at = dict(_listed(line) for line in listed.out.split(b"\0") if line)
        return {
            path: tree_entry(path, *found) if (found := found_at.get(os.fsencode(prefix + path))) else missing(path)
            for path in paths
        }

    def _name(self, rev: str, path: str) -> str:
        return f"{rev}:{self._place().prefix}{path}"


def _listed(line: bytes) -> tuple[bytes, tuple[bytes, str]]:
    """A line of `git ls-tree -z`: path -> mode and id."""
    said, _, path = line.partition(b"\t")
    mode, _kind, sha = said.split(b" ")
    return path, (mode, sha.decode("ascii"))


def _is_blob(words: Sequence[str]) -> bool:
    """Whether `git cat-file` tells of a blob: id, kind, size. A name that is not there is given back, `missing`."""
    return len(words) == 3 and words[1] == "blob" and words[2].isdigit()
