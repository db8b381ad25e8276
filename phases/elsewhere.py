"""How does a step order runs that others begin, at the remote where runs are met, and what became of them?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from state.cheap_classes import dataclass
from state.event_parts import RunTarget


@dataclass(frozen=True, slots=True)
class RunWanted:
    """A run that is to be ordered.

    Attributes:
        workflow: its name, or the path of a runbook below `directory`.
        directory: its workspace, from that of this run; "" for the same.
        profile: of the worker's own configuration; "" for none.
    """

    run: str
    workflow: str
    answers: Mapping[str, str]
    target: RunTarget
    directory: str
    profile: str


@dataclass(frozen=True, slots=True)
class RunThere:
    """Where an ordered run is.

    Attributes:
        state: `todo`, `working`, `waiting`, `stopped`; behind its end `complete`, `aborted`, `rolled_back`; "" for one
            that was never ordered, or whose branch is gone with all that is known of it.
        because: of `stopped`: why, `failed` say.
        commit: the commit that its branch is at, or was at, where that is gone.
    """

    run: str
    state: str
    because: str
    commit: str

    @property
    def is_over(self) -> bool:
        return self.state in ("complete", "aborted", "rolled_back")

    @property
    def has_failed(self) -> bool:
        return self.state in ("aborted", "rolled_back") or (self.state, self.because) == ("stopped", "failed")


@dataclass(frozen=True, slots=True)
class RunAudited:
    """What the audit of a run's branch says, in a clone of its own; `findings`: `code: message`, one each."""

    state: str
    commit: str
    findings: Sequence[str]


class RunsElsewhere(Protocol):
    """Each method raises WorkspaceRefused when the remote does not answer.

    `known`: run -> the commit at which it was seen to be over. Hosts delete branches that are merged: where a run's is
    gone, that commit is used, if this clone or the remote has it, else the last one of the run on another branch.
    """

    @property
    def remote(self) -> str:
        """The name of the remote."""

    def order(self, wanted: RunWanted) -> str:
        """Have it ordered, whether or not it was before; never twice. Returns the commit that it begins at."""

    def heads(self, runs: Sequence[str], known: Mapping[str, str]) -> Mapping[str, str]:
        """The commits that their branches are at; a run that was never ordered, or is gone, is left out."""

    def look(self, runs: Mapping[str, str], known: Mapping[str, str]) -> Mapping[str, RunThere]:
        """Where each run is, by its id; `runs`: id -> directory."""

    def audit(self, run: str, directory: str, known: Mapping[str, str]) -> RunAudited:
        """Of a run that `heads` has."""

    def stopped(self, part: str) -> str:
        """Who said that this part of the run, or all of it, orders nothing more; "" for nobody."""
