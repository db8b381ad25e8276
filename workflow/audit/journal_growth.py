"""Does the journal only grow from commit to commit? One that was cut and put back is whole at the tip all the same.

Rules:
- In every commit since the run began, whoever made it, the journal goes on from that of each parent. Two clones may
  have it at two lengths; a merge of them has the longer one.
- Journals that are no beginning of the story at all are `journals`'s to find.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence

from workflow.audit.facts import Commit, Repository
from workflow.audit.findings import Finding


def check_growth(
    repository: Repository,
    commits: Sequence[Commit],
    path: str,
    story: bytes,
    known: Mapping[str, int],
    report: Callable[[Finding], None],
) -> None:
    """Say which commits have less of the journal than one of their parents.

    Args:
        path: the journal's.
        story: all of it.
        known: blob -> how many bytes of the story it is, as far as that was found out already.
    """
    lengths = {"": 0, **known}
    ends = [found.end() for found in re.finditer(b"\n", story)]
    for commit in commits:
        if (versions := _versions(repository, commit, path)) is None:
            continue
        new, olds = versions
        here, before = (_lines(repository, story, ends, blobs, lengths) for blobs in ([new], olds))
        if not new and before and len(commit.parents) > 1:
            report(Finding("journal-missing", f"{path} was dropped by this merge", commit=commit.sha))
        elif new and 0 <= here < before:
            message = f"its journal lacks lines {here + 1} to {before}, which a commit before it has"
            report(Finding("journal-rewritten", message, commit=commit.sha))


def _versions(repository: Repository, commit: Commit, path: str) -> tuple[str, list[str]] | None:
    """The journal's blob in a commit and in each parent; None where it is as it was, or nobody can know."""
    if commit.boundary:
        return None
    if len(commit.parents) > 1:
        return repository.id_at(commit.sha, path), [repository.id_at(parent, path) for parent in commit.parents]
    change = commit.changes.get(path)
    return (change.new, [change.old]) if change else None


def _lines(
    repository: Repository, story: bytes, ends: Sequence[int], blobs: Sequence[str], lengths: dict[str, int]
) -> int:
    """How many lines of the story the longest of these journals has; -1 when none is the story's beginning.

    `ends`: where each line of the story ends.
    """
    for blob in blobs:
        if blob not in lengths:
            held = repository.get(blob)
            lengths[blob] = len(held.data) if held is not None and story.startswith(held.data) else -1
    longest = max(lengths[blob] for blob in blobs)
    return bisect_right(ends, longest) if longest >= 0 else -1
