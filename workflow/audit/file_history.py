"""Which blob does a commit hold at a path? Told by what the commits changed; git is asked only where they cannot tell.

Rules:
- Between two commits of one parent each a file changes only where git says so. git is asked at a merge, where history
  begins or was cut off (a commit has no parents there), and before the first of the commits.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from workflow.audit.facts import Commit, Repository


class FileHistory:
    """The commits of one audit, and what each holds at paths of which every change is told.

    `places`: files and directories of which every change is told; all are when there are none.
    """

    def __init__(self, repository: Repository, commits: Sequence[Commit], places: Collection[str]) -> None:
        self._repository = repository
        self._commits = {commit.sha: commit for commit in commits}
        self._places = places
        self._known: dict[str, dict[str, str]] = {}  # path -> commit -> blob

    def id_at(self, commit: str, path: str) -> str:
        """The id of what a commit holds at a workspace path, "" when nothing is there."""
        if not self._is_told(path):
            return self._repository.id_at(commit, path)
        known = self._known.setdefault(path, {})
        sha = commit
        while (blob := known.get(sha)) is None:
            at = self._commits.get(sha)
            if at is not None and path in at.changes:
                blob = at.changes[path].new
            elif at is None or len(at.parents) != 1:
                blob = known[sha] = self._repository.id_at(sha, path)
            else:
                sha = at.parents[0]
                continue
            break
        known[commit] = blob
        return blob

    def _is_told(self, path: str) -> bool:
        return not self._places or any(path == place or path.startswith(f"{place}/") for place in self._places)
