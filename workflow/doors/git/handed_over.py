"""Is what git hands over what its id says? Objects of `git cat-file --batch`, each hashed before anybody reads it.

git does not hash what it reads: whoever can write into `objects` gives a known id other bytes, and `git cat-file`,
`git show`, `git ls-tree` and `git diff` tell those. Only `git fsck`, a fetch and a clone over the network notice.

Rules:
- What a name stands for (`<commit>:<path>`) is found here, from the commit by way of its trees; git's own answer to the
  name only says which objects to bring along, so that one process brings them all.
- An object whose bytes have another hash is refused by its id, and by the name that it was asked for by.

Source: git-cat-file(1), "BATCH OUTPUT"; gitformat-pack(5) and git's object-file.c, which hash in `parse_object` only.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from state.cheap_classes import NamedTuple
from state.errors import WorkspaceRefused
from state.printable import as_name
from workflow.doors.git.command import top_above
from workflow.doors.git.loose_objects import Objects, hash_of
from workflow.doors.git.plumbing import FSCK, failed, look, unreadable

Ask = Callable[[bytes], bytes]  # what `git cat-file --batch` says to these lines


class Held(NamedTuple):
    """An object: its id, its kind (blob, tree, commit, tag) and what it holds."""

    sha: str
    kind: str
    data: bytes


class ObjectDiffers(WorkspaceRefused):
    """An object of the repository does not have the bytes that its id is the hash of."""


def require_true(workspace: Path, held: Held, asked: str) -> Held:
    """The object, whose bytes are what its id says. Raises ObjectDiffers; `asked`: the name that git was asked for."""
    seen = id_of(held)
    if seen != held.sha:
        raise ObjectDiffers(f"{difference(held, seen, asked)}, in {workspace}", next_command=FSCK)
    return held


def id_of(held: Held) -> str:
    """The id that these bytes have."""
    return hash_of(held.data, like=held.sha, head=b"%s %d\0" % (held.kind.encode(), len(held.data)))


def difference(held: Held, seen: str, asked: str) -> str:
    """What is said of an object that has other bytes."""
    named = f" ({as_name(asked)})" if asked != held.sha else ""
    return (
        f"git hands over other bytes than its id says for {held.kind} {held.sha}{named}: seen bytes of SHA "
        f"{seen}, expected {held.sha}: the object was damaged, or replaced"
    )


class HandedOver(Objects):
    """Objects of one repository, each hashed when it is handed over; `ask` is asked for what is not here yet.

    Everything raises ObjectDiffers for an object that is not what its id says, and WorkspaceRefused for one that
    another object names and that is not in the repository.
    """

    def __init__(self, ask: Ask, workspace: Path) -> None:
        super().__init__()
        self._ask, self._workspace = ask, workspace
        self._held: dict[str, Held] = {}

    def bring(self, names: Sequence[str]) -> list[str]:
        """Have git hand these over, by one process; the id of each, "" of what is not there."""
        found = list(answers(self._ask(lines(names)), names, self._workspace)) if names else []
        self._held |= {each.sha: each for each in found if each is not None}
        return [each.sha if each is not None else "" for each in found]

    def bring_ways(self, rev: str, paths: Sequence[str], *, contents: bool = False, further: Sequence[str] = ()) -> str:
        """Have git hand over a commit and its trees on the way to these paths of the repository; the commit's id.

        "" where there is no such commit. With `contents` what is at the paths comes along; `further`: ids that do, too.
        """
        (commit,) = self.bring_all_ways([rev], paths, contents=contents, further=further)
        return commit

    def bring_all_ways(
        self, revs: Sequence[str], paths: Sequence[str], *, contents: bool = False, further: Sequence[str] = ()
    ) -> list[str]:
        """As `bring_ways`, of several commits by one process."""
        ways = dict.fromkeys(way for path in paths for way in _directories(path))
        inner = [*ways, *(paths if contents else ())]
        # not `<rev>^{commit}`: git hashes what it peels, and says `missing` of a commit that has other bytes
        names = [[rev, f"{rev}^{{tree}}", *(f"{rev}:{path}" for path in inner)] for rev in revs]
        found = self.bring([*(name for of_it in names for name in of_it), *further])
        found = found[: len(found) - len(further)]
        return [self._commit_at(rev, sha) for rev, sha in zip(revs, found[:: len(inner) + 2], strict=True)]

    def _commit_at(self, rev: str, sha: str) -> str:
        """The commit that an object is, or that a tag leads to; "" for any other."""
        kind = self._held[sha].kind if sha else ""
        if kind == "tag":
            (sha,) = self.bring([f"{rev}^{{commit}}"])
            kind = "commit"
        return sha if kind == "commit" else ""

    def blob_data(self, sha: str) -> bytes:
        """What a blob holds."""
        return self._read(sha, b"blob")

    def blob_or_none(self, sha: str) -> bytes | None:
        """What a blob holds, where it came along already."""
        found = self._held.get(sha)
        return found.data if found is not None and found.kind == "blob" else None

    def _read(self, sha: str, kind: bytes) -> bytes:
        if sha not in self._held:
            self.bring([sha])
        found = self._held.get(sha)
        if found is None or found.kind.encode() != kind:
            raise unreadable(self._workspace, sha)
        return found.data


def blob_named(workspace: Path, name: str) -> bytes | None:
    """The content of `<rev>:<path>`, or `<rev>:./<path>`, as `git cat-file` takes it in the workspace.

    None where there is no file. One process; raises as `HandedOver`.
    """
    rev, _, path = name.partition(":")
    path = f"{prefix_in_tree(workspace)}{path.removeprefix('./')}" if path.startswith("./") else path
    found = looked_at(workspace)
    commit = found.bring_ways(rev, [path], contents=True)
    return file_in(found, commit, path)


def blob_of(workspace: Path, sha: str) -> bytes:
    """What the blob of this id holds. One process; raises as `HandedOver`."""
    return looked_at(workspace).blob_data(sha)


def file_in(objects: HandedOver, commit: str, path: str) -> bytes | None:
    """The content of a file, or the text of a link, at a path of the repository in this commit; None where none is."""
    if not commit:
        return None
    blob = objects.blob(objects.commit(commit).tree, os.fsencode(path))
    return None if blob is None else objects.blob_data(blob)


def lines(names: Sequence[str]) -> bytes:
    """The names as git reads them, one a line; one with a line feed cannot be asked for: the empty one is missing."""
    return b"".join(b"\n" if "\n" in name else os.fsencode(name) + b"\n" for name in names)


def answers(said: bytes, names: Sequence[str], workspace: Path) -> Iterator[Held | None]:
    """What git said to these names, in order; None for what is missing, ambiguous or a submodule.

    Raises as `require_true`, and WorkspaceRefused where git ended before it had answered for all.
    """
    at = 0
    for name in names:
        end = said.find(b"\n", at)
        if end < 0:
            raise WorkspaceRefused(
                f"git cat-file ended before it had answered, in {workspace}", next_command="git fsck"
            )
        words = said[at:end].decode("utf-8", "replace").split(" ")
        at = end + 1
        if len(words) != 3 or not words[2].isdigit():
            yield None
            continue
        size = int(words[2])
        yield require_true(workspace, Held(words[0], words[1], said[at : at + size]), name)
        at += size + 1


def looked_at(workspace: Path) -> HandedOver:
    """Objects of the repository that the workspace is in, by processes that fetch nothing."""

    def ask(given: bytes) -> bytes:
        done = look(workspace, "cat-file", "--batch", given=given)
        if done.returncode != 0:
            raise failed(workspace, "cat-file", done.returncode, done.stderr)
        return done.stdout

    return HandedOver(ask, workspace)


def _directories(path: str) -> Iterator[str]:
    """The directories on the way to a path of the repository, outermost first, without its top."""
    parts = path.split("/")[:-1]
    return ("/".join(parts[: number + 1]) for number in range(len(parts)))


def prefix_in_tree(workspace: Path) -> str:
    """The workspace as its repository has it, with a slash behind it; "" for its top, and in a bare repository."""
    place = workspace.resolve()
    top = top_above(place)
    return "" if top in (None, place) else f"{place.relative_to(top).as_posix()}/"
