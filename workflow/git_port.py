"""What do engine, runs and audit ask of git? The port, and what it gives of commits; the door is `doors/git`."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Protocol

from state.event_types import Snapshot
from state.tree_entry import TreeEntry


class FoundCommit(Protocol):
    """A commit as `Git.find_commits` and `Git.just_made` report it."""

    @property
    def sha(self) -> str: ...
    @property
    def parents(self) -> Sequence[str]: ...
    @property
    def subject(self) -> str: ...
    @property
    def paths(self) -> Sequence[str]: ...
    @property
    def body(self) -> str:
        """The whole message, subject included."""

    @property
    def trailers(self) -> Mapping[str, Sequence[str]]:
        """What git takes for trailers: name -> values in order."""


class DatedCommit(FoundCommit, Protocol):
    """A commit as `Git.find_commits` reports it; `at`: when it was committed, UTC, whole seconds."""

    @property
    def at(self) -> datetime: ...


class AuthoredCommit(DatedCommit, Protocol):
    """A commit with who is said to have made it: `Name <email>`."""

    @property
    def author(self) -> str: ...


class ConvertedFile(Protocol):
    """A file of which git stores other bytes than it has, as `workflow.doors.git.stored_bytes` tells of it."""

    @property
    def path(self) -> str: ...
    @property
    def blob(self) -> str: ...
    @property
    def stored(self) -> bytes: ...
    @property
    def size(self) -> int: ...
    @property
    def by(self) -> Sequence[str]: ...
    @property
    def program(self) -> str: ...
    @property
    def is_pointer(self) -> bool: ...
    @property
    def only_line_ends(self) -> bool: ...


class Git(Protocol):
    """The user's repository. All paths are POSIX, relative to the workspace."""

    def git_dir(self) -> Path:
        """The directory of git's own in this clone."""

    def preflight(
        self, paths: Sequence[str], runbook: str, *, resuming: bool = False, changed: Collection[str] = ()
    ) -> None:
        """Raises WorkspaceRefused with everything that would keep a run from committing these paths; `changed`: those
        of them that git has just told to be changed.
        """

    def identity(self) -> str:
        """`Name <email>` as git would write it for a commit."""

    def head(self) -> str: ...

    def branch(self) -> str: ...

    def commit(self, paths: Sequence[str], message: str, *, author: str = "") -> str:
        """Commit exactly these paths and return the SHA; `author` is who did the work, if not who is configured.

        Raises WorkspaceRefused when git or a hook refuses.
        """

    def just_made(self, sha: str, message: str) -> FoundCommit | None:
        """This very commit, when it has one parent and exactly this message; None, too, when git must be asked."""

    def marks(self, paths: Sequence[str]) -> Mapping[str, str]:
        """Which of these files git was told not to look at for changes, each with the mark that says so."""

    def find_commits(
        self, trailers: Mapping[str, str], since: str | None = None, *, paths: bool = True
    ) -> Sequence[AuthoredCommit]:
        """The commits since then with these trailers, oldest first; without `paths` quicker, and without those."""

    def parent_of(self, sha: str) -> str:
        """The one parent of a commit that was just made; "" where it has none or several, or git must be asked."""

    def is_ancestor(self, older: str, newer: str) -> bool:
        """Whether `newer` is `older`, or descends from it; False, too, for a commit that is not here."""

    def parents_since(self, since: str) -> Mapping[str, Sequence[str]]:
        """The parents of each commit that HEAD has and `since` has not, parents before children."""

    def commits_touching(self, since: str, paths: Sequence[str]) -> Sequence[str]:
        """Those of these commits that change one of the paths against one of their parents."""

    def last_change(self, path: str, rev: str) -> str:
        """The newest commit that changed this path on the way of first parents to `rev`; "" when none did."""

    def object_ids(self, paths: Sequence[str]) -> Mapping[str, str]:
        """The blob ids that the files would get now; a missing file is left out."""

    def tree_ids(self, sha: str, paths: Sequence[str]) -> Mapping[str, str]:
        """The blob ids in the commit; what it does not have is left out."""

    def tree_entries(self, sha: str, paths: Sequence[str]) -> Mapping[str, TreeEntry]:
        """The entry of each path in the commit; of type `missing` where it has nothing."""

    def entries(
        self, paths: Sequence[str], *, unread: Collection[str] = (), later: Collection[str] = ()
    ) -> Mapping[str, TreeEntry]:
        """The entry that each path would get if these were committed now; no blob of the files in `unread`, and none
        yet of those in `later`.
        """

    def blob(self, rev: str, path: str) -> bytes | None:
        """The file in that commit; None when it has none."""

    def blobs_below(self, rev: str, directory: str) -> dict[str, bytes]:
        """Every file in that commit below a directory, by path."""

    def require_kept(self, paths: Sequence[str], runbook: str) -> None:
        """Raises WorkspaceRefused where an attribute would change the bytes of these files on their way into git."""

    def keeps_line_ends(self, path: str) -> bool:
        """Whether git stores this file without converting line ends, whatever the machine's configuration."""

    def undo_commit(self, sha: str, parent: str, paths: Sequence[str]) -> None:
        """Take back the newest commit; the working tree stays."""

    def settle_index(self, paths: Sequence[str]) -> None:
        """Make the index say of these paths what HEAD says (a kill may have left it behind)."""

    def clear_stale_locks(self, branches: Sequence[str] = ()) -> Sequence[str]:
        """Remove locks that a killed commit of ours, or a switch to these branches, left; returns what was removed."""

    def snapshot(self, *, modes: bool = True) -> Snapshot:
        """What the working tree is like; `modes`: with those of its files, which a run of 0.1 does not record."""

    def changes(self, before: Snapshot) -> list[str]:
        """The paths that are not as they were at that snapshot."""

    def diff(self, paths: Sequence[str], since: str) -> str:
        """What these files would change against that commit, new files included."""

    def diff_of(self, entries: Sequence[TreeEntry], since: str) -> str:
        """What a commit of these entries would change against that commit, by what git stores."""

    def converted(self, paths: Sequence[str]) -> Sequence[ConvertedFile]:
        """Those of these files, whose entries were asked for, of which git would store other bytes than they have."""
