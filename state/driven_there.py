"""Which run is driven in another worktree of this repository, where, and how far is it? As data, and as a line."""

from __future__ import annotations

from state.cheap_classes import NamedTuple
from state.json_values import Json
from state.path_word import path_word
from state.printable import as_name


class DrivenThere(NamedTuple):
    """A run that goes on in another worktree.

    Attributes:
        run, runbook: its id, and what it goes by.
        by: who began it.
        directory: the workspace there.
        branch: what is checked out there.
        at: the task that it is at there, with its status; "" before the first one.
    """

    run: str
    runbook: str
    by: str
    directory: str
    branch: str
    at: str

    @property
    def said(self) -> str:
        """Whose it is, where, and how far."""
        at = f"; it is at {self.at}" if self.at else ""
        return (
            f"run {self.run} ({as_name(self.runbook)}, begun by {self.by}) is driven in another worktree, "
            f"{as_name(self.directory)}, on branch {as_name(self.branch)}{at}"
        )

    def command(self, verb: str = "status") -> str:
        """What is typed to see it, or to go on with it, there."""
        return f"phasegate -C {path_word(self.directory)} {verb} {path_word(self.run)}"

    def to_json(self) -> dict[str, Json]:
        """As docs/json.md has it."""
        return {"run": self.run, "directory": self.directory, "branch": self.branch}
