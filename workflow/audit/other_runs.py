"""What do the other runs of a workspace mean for one? Where one of them took its runbook over, and which were there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from state.printable import as_name
from state.run_state import RunState
from workflow.audit.claims import Claims
from workflow.audit.facts import Commit, Repository
from workflow.audit.findings import Finding, Report, Unprovable
from workflow.trailers import run_files


class OtherRun(NamedTuple):
    """Another run of the same workspace, as its own journal tells it. `started`: UTC; `version`: of its format."""

    runbook: str
    base: str
    started: datetime
    version: int


def taken_over(
    run: RunState, commits: Sequence[Commit], claims: Claims, others: Mapping[str, OtherRun], report: Report
) -> int | None:
    """How many of the commits come before another run began with this run's runbook; None when none did.

    A run that began before this one's base, or from it and earlier, takes nothing over; neither does one whose base is
    not in the history.
    """
    place = {commit.sha: number for number, commit in enumerate(commits)}
    rivals = {name: other for name, other in others.items() if other.runbook == run.start.runbook}
    heirs = _heirs(run, place, claims, rivals)
    if not heirs:
        return None
    at, name = min(heirs)
    since = commits[at].sha if at >= 0 else run.start.base
    report(Unprovable("superseded", f"{as_name(run.start.runbook)} belongs to run {name} since {since[:10]}"))
    return max(at, 0)  # what stands between the last commit and that base prepared the next run


def _heirs(
    run: RunState, place: Mapping[str, int], claims: Claims, rivals: Mapping[str, OtherRun]
) -> list[tuple[int, str]]:
    """The runs with the same runbook that began behind this one, each with the place of its base; -1 for the same."""
    last = max((place[commit.sha] for commit in claims.own), default=-1)
    heirs = [(place[other.base], name) for name, other in rivals.items() if place.get(other.base, -2) >= last]
    if not claims.own:  # nothing of this run is in the history, so a later one may stand on the same commit
        heirs += [(-1, name) for name, other in rivals.items() if _is_later(other, run)]
    return heirs


def _is_later(other: OtherRun, run: RunState) -> bool:
    """Whether another run began from the same commit as this one, and after it."""
    return other.base == run.start.base and other.started > run.start.at


def check_could_begin(repository: Repository, run: RunState, others: Mapping[str, OtherRun], report: Report) -> None:
    """0.1 begins no run where it finds one of format 2: it refuses that as newer."""
    if not run.is_of_0_1:
        return
    for name, other in others.items():
        path = run_files(name)[0]
        if other.version > 1 and repository.at(run.start.base, path) is not None:
            base = run.start.base[:10]
            message = f"journal.jsonl:1: says format 1, and run {name} of format 2 is in {base}, where it began"
            report(Finding("journal-impossible", message))
