"""Which blob does a commit hold at a path, and with which mode? Told by what the commits changed.

Rules:
- git is asked only where they cannot tell.
- Between two commits of one parent each a file changes only where git says so. git is asked at a merge, where history
  begins or was cut off (a commit has no parents there), and before the first of the commits.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, KeysView, Mapping, Sequence
from typing import NamedTuple, Protocol

from workflow.audit.facts import Change, Commit, Repository

MANY = 1_000  # commits: what more than these changed is read, and shown, by nobody


class Version(NamedTuple):
    """A commit that changed a file: blob ids before and after, its author (`Name <email>`), and whether its parents
    were left out of this clone.
    """

    sha: str
    author: str
    old: str
    new: str
    cut_off: bool


class AsksGit(Protocol):
    """What git is asked beyond the commits of the audit."""

    def changes_in(self, commits: Sequence[str]) -> Mapping[str, Mapping[str, Change]]:
        """What these commits (ids) changed, wherever that is."""

    def versions(self, commit: str, path: str) -> Sequence[Version]:
        """The commits that changed a workspace path, from this one back to the first, newest first."""


class FileHistory:
    """The commits of one audit, and what each holds at paths of which every change is told.

    `places`: files and directories of which every change is told; all are when there are none.
    """

    def __init__(
        self, repository: Repository, commits: Sequence[Commit], places: Collection[str], git: AsksGit
    ) -> None:
        self._repository = repository
        self._git = git
        self._elsewhere: dict[str, Collection[str]] = {}  # of commits that changed nothing at `places`
        self._commits = {commit.sha: commit for commit in commits}
        self._places = places
        self._told_of: dict[str, bool] = {}  # path -> whether every change of it is told
        self._ids: dict[str, dict[str, str]] = {}  # path -> commit -> blob
        self._modes: dict[str, dict[str, str]] = {}  # path -> commit -> mode

    def changes_in(self, commits: Sequence[Commit]) -> Mapping[str, Collection[str]]:
        """The paths that each of these commits changed, wherever they lie, by its id; git is asked at most once.

        Of more than MANY that changed nothing at `places` it is not asked: they are left out.
        """
        known = self._elsewhere
        unknown = [each.sha for each in commits if self._places and not each.changes and each.sha not in known]
        if len(unknown) > MANY:
            return {each.sha: each.changes or known[each.sha] for each in commits if each.changes or each.sha in known}
        if unknown:
            found = self._git.changes_in(unknown)
            known |= {sha: found.get(sha, ()) for sha in unknown}
        return {each.sha: each.changes or known.get(each.sha, ()) for each in commits}

    def versions(self, commit: str, path: str) -> Sequence[Version]:
        """The commits that changed a workspace path, from this one back to the first, newest first."""
        return self._git.versions(commit, path)

    def id_at(self, commit: str, path: str) -> str:
        """The id of what a commit holds at a workspace path, "" when nothing is there."""
        known = self._ids.setdefault(path, {})
        return self._told(commit, path, known, lambda change: change.new, self._repository.id_at)

    def mode_at(self, commit: str, path: str) -> str:
        """The mode (six digits) of what a commit holds at a workspace path, "" when nothing is there."""
        known = self._modes.setdefault(path, {})
        return self._told(commit, path, known, lambda change: change.new_mode, self._repository.mode_at)

    def are_as_in(self, parent: str, commit: str, paths: KeysView[str]) -> bool:
        """Whether a commit is told to hold what its one parent holds at all of these paths."""
        at = self._commits.get(commit)
        return (
            at is not None
            and at.parents == (parent,)
            and not at.boundary
            and at.changes.keys().isdisjoint(paths)
            and all(map(self._is_told, paths))
        )

    def _told(
        self,
        commit: str,
        path: str,
        known: dict[str, str],
        after: Callable[[Change], str],
        ask: Callable[[str, str], str],
    ) -> str:
        if not self._is_told(path):
            return ask(commit, path)
        sha = commit
        while (seen := known.get(sha)) is None:
            at = self._commits.get(sha)
            if at is not None and path in at.changes:
                seen = after(at.changes[path])
            elif at is None or len(at.parents) != 1:
                seen = known[sha] = ask(sha, path)
            else:
                sha = at.parents[0]
                continue
            break
        known[commit] = seen
        return seen

    def _is_told(self, path: str) -> bool:
        if (known := self._told_of.get(path)) is None:
            told = not self._places or any(path == place or path.startswith(f"{place}/") for place in self._places)
            known = self._told_of[path] = told
        return known
