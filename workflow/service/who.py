"""Who acts? A value that a face reads once, and hands to the desk with each order."""

from __future__ import annotations

from state.cheap_classes import dataclass
from state.errors import WorkspaceRefused
from state.evidence import By


@dataclass(frozen=True, slots=True)
class Who:
    """Somebody who orders something.

    Attributes:
        by: as it is recorded; `git` is `Name <email>`, or "" where that is not known.
        unknown: why `by.git` is not known: the refusal of whatever needs it.
        commits: whether git was seen, just now, to know whom it would name as committer.
    """

    by: By
    unknown: WorkspaceRefused | None = None
    commits: bool = False

    def known(self) -> By:
        """Who it is, as it is recorded. Raises WorkspaceRefused when git's identity is not known."""
        if self.unknown is not None:
            raise self.unknown
        return self.by
