"""What is a fleet? Targets, and the waves in which one workflow runs at them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta

from state.cheap_classes import dataclass
from state.event_parts import RunTarget

FLEET = "fleet"  # the workflow of a fleet's own run


@dataclass(frozen=True, slots=True)
class FleetTarget:
    """Where the workflow runs once.

    Attributes:
        at: account and region, or the sandbox of whoever takes the run.
        directory: the workspace of its run, from that of the fleet's; "" for the same.
        profile: of the worker's own configuration; "" for none.
        answers: by question.
    """

    name: str
    at: RunTarget
    directory: str
    profile: str
    answers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Wave:
    """Targets whose runs are approved as one.

    Attributes:
        at_most: so many of its runs are under way at once.
        bake: how long is waited when they are all over, before anybody is asked.
        stop_after_failures: nothing more is ordered as soon as so many have failed.
    """

    name: str
    targets: Sequence[str]
    at_most: int
    bake: timedelta
    stop_after_failures: int


@dataclass(frozen=True, slots=True)
class Fleet:
    """A fleet file, as it is meant.

    Attributes:
        workflow: its name, or the path of a runbook in each target's directory.
        repository: address of the remote where its runs are ordered; "" for that of phasegate.yaml.
        runs, per_account: so many of its runs are under way at once, in all and in one account.
    """

    name: str
    workflow: str
    repository: str
    targets: Mapping[str, FleetTarget]
    waves: Sequence[Wave]
    runs: int
    per_account: int

    def wave(self, name: str) -> Wave | None:
        return next((wave for wave in self.waves if wave.name == name), None)
