"""Which runs are there, and where do they stand? As data (docs/json.md) and as lines to read, the latest last."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from state.cheap_classes import dataclass
from state.counted import counted
from state.json_values import Json, format_time
from state.path_word import path_word
from state.printable import printable_line
from workflow.views.status import WEAKER, StatusView

if TYPE_CHECKING:
    from state.driven_there import DrivenThere

FORMAT = 1
MOST_NAMED = 3  # runs of which a command is offered


@dataclass(frozen=True, slots=True)
class RunLine:
    """One run.

    Attributes:
        repository: where it is, as it was asked for; "" where only one was.
        status: None for a run whose journal cannot be read.
        problem: why it cannot, or "".
    """

    repository: str
    run: str
    runbook: str = ""
    started_at: datetime | None = None
    changed_at: datetime | None = None
    status: StatusView | None = None
    problem: str = ""

    @property
    def waits_for(self) -> str:
        """`approval`, `work`, or "" where it waits for nobody or has ended."""
        if self.status is None or self.status.outcome:
            return ""
        return "approval" if self.status.waiting_for else "work" if self.status.to_do or self.status.used_up else ""

    def to_json(self) -> dict[str, Json]:
        status = self.status
        known = status.to_json() if status else {}
        waiting = status.waiting_for if status else None
        return {
            "repository": self.repository,
            "run": self.run,
            "workflow": known.get("workflow"),
            "runbook": self.runbook or None,
            "state": known.get("state"),
            "outcome": (str(status.outcome) or None) if status else None,
            "progress": known.get("progress"),
            "waits_for": self.waits_for or None,
            "digest": waiting.digest if waiting else None,
            "expires_at": _time(waiting.expires_at if waiting else None),
            "started_at": _time(self.started_at),
            "changed_at": _time(self.changed_at),
            "problem": self.problem or (status.record_lost_line if status and status.record_lost else None),
        }

    def text(self) -> str:
        if self.status is None:
            return f"{self.run}: {self.problem}"
        status = self.status
        names = {task.key: f"at {task.name}" for task in status.tasks}
        where = names.get(status.state, status.state.replace("_", " "))
        waiting = f", waits for {self.waits_for}" if self.waits_for else ""
        if status.waiting_for:
            waiting += f" until {status.waiting_for.expires_at:%Y-%m-%d %H:%M} UTC"
        waiting += " of a person, the agent has had its attempts" * bool(status.used_up)
        return f"{self.run}: {where}, {status.done} of {len(status.tasks)} done{waiting}"


def _time(at: datetime | None) -> str | None:
    return format_time(at) if at else None


@dataclass(frozen=True, slots=True)
class RunsView:
    """All runs that were found, repository by repository, each in order of its start.

    `directory`: from which the repositories are named, as seen from the process. `others`: the runs that are driven in
    another worktree of such a repository; a copy of one may be among `runs`.
    """

    runs: Sequence[RunLine]
    repositories: int
    directory: str = ""
    others: Sequence[DrivenThere] = ()

    @property
    def following(self) -> Sequence[str]:
        """What may be typed now: about the one that goes on here; elsewhere about those that do, approvals first."""
        return (*self._following_here, *(each.command() for each in self.others[:MOST_NAMED]))

    @property
    def _following_here(self) -> Sequence[str]:
        there = {each.run for each in self.others}
        open_ones = [each for each in self.runs if each.status and not each.status.outcome and each.run not in there]
        if any(each.repository for each in open_ones):
            first = sorted(open_ones, key=lambda each: ("approval", "work", "").index(each.waits_for))[:MOST_NAMED]
            places = ((os.path.normpath(f"{self.directory or '.'}/{each.repository}"), each.run) for each in first)
            return tuple(f"phasegate -C {path_word(place)} status {run}" for place, run in places)
        return tuple(f"phasegate status {each.run}" for each in open_ones) if len(open_ones) == 1 else ()

    def to_json(self) -> dict[str, Json]:
        """As docs/json.md describes it."""
        return {
            "format": FORMAT,
            "repositories": self.repositories,
            "runs": [each.to_json() for each in self.runs],
            "other_worktrees": [each.to_json() for each in self.others],
        }

    def lines(self) -> list[str]:
        """To read, printable."""
        return [printable_line(line) for line in self._lines()]

    def _lines(self) -> Iterator[str]:
        if not self.runs and not self.others:
            yield f"no run in {counted(self.repositories, 'repository', 'repositories')}"
        before = ""
        for each in self.runs:
            if each.repository != before:
                before = each.repository
                yield f"{before}:"
            beside = "  " if each.repository else ""
            yield beside + each.text()
            if each.status is not None and each.status.record_lost:
                yield f"{beside}  {each.status.record_lost_line}"
            if each.status is not None and each.status.weaker_policy:
                yield f"{beside}  {WEAKER}"
        yield from (each.said for each in self.others)
