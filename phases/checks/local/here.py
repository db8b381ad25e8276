"""What does a local check need? The files of one workspace, commands in it, and what its run knows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from phases.checks.local.of_the_run import BoxSeen, FollowsFrom, Of
from phases.step import CommandResult


class NotRun(Exception):
    """A command was not run, or did not end; the message says why."""


class Here(Protocol):
    """One workspace on this machine."""

    def read(self, path: str) -> bytes | None:
        """A file's bytes, None when it is not there. Raises BadInput for what is no regular file."""

    def has_directory(self, path: str) -> bool: ...

    def run(self, command: str, *, changes: bool) -> CommandResult:
        """Run `sh -c command` there to its end. Raises NotRun where nobody let it run, or it has not ended in time.

        Args:
            changes: it may change something, so it runs only when somebody says so, and once.
        """

    def has_passed(self, command: str) -> str:
        """Which command of the task was just this one, and ended with 0 in this attempt, nothing changed since; "".

        Only what was run as it stands counts.
        """

    def boxes(self, look: FollowsFrom) -> Sequence[BoxSeen]:
        """The boxes that an item follows from. Raises NotRun outside of a run."""

    def sign_off(self, of: Of) -> str:
        """Who, or which day, as the run knows it. Raises NotRun outside of a run."""
