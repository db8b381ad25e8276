"""What does the audit look at? Commits and blobs as git stores them, as plain values; nothing is believed yet.

Rules:
- Object ids are full and in hex; "" stands for "no such file".
- Paths are relative to the workspace, POSIX, `../` in front where they are outside of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import NamedTuple, Protocol


class Change(NamedTuple):
    """One path in a commit: blob ids and modes (six digits) before and after, "" where there is none."""

    old: str
    new: str
    old_mode: str
    new_mode: str


class Commit(NamedTuple):
    """One commit.

    Attributes:
        author: `Name <email>`.
        seconds: the committer's clock, since 1970, UTC.
        message: as stored.
        trailers: ours and `Approved-by`, as git takes them for trailers: key -> values in order.
        changes: path -> Change against the parent; of a merge, only what it has from none of its parents;
            empty where history was cut off (`boundary`), because there is nothing to compare with.
        boundary: its parents were left out of this clone.
    """

    sha: str
    parents: tuple[str, ...]
    author: str
    seconds: int
    message: str
    trailers: Mapping[str, tuple[str, ...]]
    changes: Mapping[str, Change]
    boundary: bool = False

    @property
    def at(self) -> datetime:
        """When it was committed, UTC."""
        return datetime.fromtimestamp(self.seconds, UTC)

    def named(self, key: str) -> tuple[str, ...]:
        """The values of a trailer."""
        return self.trailers.get(key, ())


class GitObject(NamedTuple):
    """An object as `git cat-file` gives it; `kind` is blob, tree, commit or tag."""

    sha: str
    kind: str
    data: bytes


class Repository(Protocol):
    """Lookups in one repository that is not written to meanwhile; the tip is pinned when it is opened.

    Attributes:
        tip: the commit that is audited.
        shallow: whether history was cut off by `--depth`.
    """

    @property
    def tip(self) -> str: ...

    @property
    def shallow(self) -> bool: ...

    def get(self, name: str) -> GitObject | None:
        """The object of this id, or None."""

    def commit(self, name: str) -> GitObject | None:
        """The commit of this id, or that it begins, or that a tag of this name leads to; None where there is none."""

    def get_all(self, names: Sequence[str]) -> Iterator[GitObject | None]:
        """The objects of these names, in order; many are asked for at once."""

    def read_all(self, names: Sequence[str]) -> Iterator[GitObject | None]:
        """As `get_all`, of ids that commits name. Raises WorkspaceRefused for one that is not in the repository."""

    def at(self, commit: str, path: str) -> GitObject | None:
        """What a commit holds at a workspace path, or None."""

    def id_at(self, commit: str, path: str) -> str:
        """The id of what a commit holds at a workspace path, without reading it; "" when nothing is there."""

    def mode_at(self, commit: str, path: str) -> str:
        """The mode (six digits) of what a commit holds at a workspace path; "" when nothing is there."""

    def below(self, commit: str, directory: str) -> dict[str, str]:
        """The id of each file that a commit holds below a directory, by workspace path; none where there is none."""

    def worktree(self, path: str) -> bytes | None:
        """The file in the working tree; None when there is none, or no working tree."""

    def lacking(self, paths: Sequence[str]) -> list[str]:
        """Those of these paths, which the tip holds, that were deleted from the working tree.

        None where there is no working tree, and none that git was told not to put there (a sparse checkout).
        """

    def worktree_journal(self, path: str) -> list[bytes] | None:
        """The files of the journal that begins at `path` in the working tree, as a run that goes on reads them.

        None when there is none, or no working tree, or a link leads there. Raises as `state.read_journal.files_of`.
        """

    def open_segment(self, run_id: str) -> int:
        """The number of the file of a run's journal that was open last in this clone; 0 where nobody kept it."""

    def is_in_a_branch(self, path: str) -> bool:
        """Whether a commit of any branch or tag brought, or took, something at a workspace path."""

    def is_ancestor(self, older: str, newer: str) -> bool: ...
