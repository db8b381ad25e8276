"""What waits for people, in several repositories? As data, what expires first in front."""

from __future__ import annotations

from collections.abc import Container, Sequence
from datetime import datetime, timedelta

from state.cheap_classes import dataclass
from workflow.views.status import WaitingFor


@dataclass(frozen=True, slots=True)
class InboxLine:
    """One run.

    Attributes:
        repository: its name in the inbox.
        task: the task at hand as people know it, "" where there is none.
        waits_for: `approval`, `work`, `agent` for work that an agent does, or "" where it waits for nobody.
        since: when it began to wait, None where it does not, or nobody knows.
        gate: what waits for approval.
        over: how the run ended, in words, or "".
        problem: why its journal cannot be read, or "".
    """

    repository: str
    run: str
    workflow: str = ""
    task: str = ""
    waits_for: str = ""
    since: datetime | None = None
    gate: WaitingFor | None = None
    done: int = 0
    total: int = 0
    changed_at: datetime | None = None
    over: str = ""
    problem: str = ""

    def is_late(self, now: datetime) -> bool:
        """Whether nobody decided in time."""
        return self.gate is not None and now >= self.gate.expires_at

    def waited(self, now: datetime) -> timedelta | None:
        """For how long it waits."""
        return now - self.since if self.since is not None else None


@dataclass(frozen=True, slots=True)
class InboxView:
    """All runs of some repositories.

    Attributes:
        mark: another text as soon as any of it changes.
        problems: repository -> why its runs cannot be listed.
        unread: how many runs were not read in the time that there was.
    """

    lines: Sequence[InboxLine]
    mark: str
    problems: Sequence[tuple[str, str]] = ()
    unread: int = 0

    def of(self, repositories: Container[str]) -> InboxView:
        """What it has of these repositories."""
        lines = [line for line in self.lines if line.repository in repositories]
        return InboxView(lines, self.mark, [each for each in self.problems if each[0] in repositories], self.unread)

    @property
    def waiting(self) -> Sequence[InboxLine]:
        """What waits for a verdict, what expires first in front."""
        found = [line for line in self.lines if line.gate is not None]
        return sorted(found, key=lambda line: (line.gate.expires_at if line.gate else datetime.max, line.run))

    @property
    def to_do(self) -> Sequence[InboxLine]:
        """Work that waits for a person."""
        return [line for line in self.lines if line.waits_for == "work"]

    @property
    def at_agents(self) -> Sequence[InboxLine]:
        """Work that agents are at."""
        return [line for line in self.lines if line.waits_for == "agent"]

    @property
    def under_way(self) -> Sequence[InboxLine]:
        """Runs that are not over and wait for nobody who is named here."""
        return [line for line in self.lines if not (line.waits_for or line.over or line.problem)]

    @property
    def over(self) -> Sequence[InboxLine]:
        """Runs that have ended, the latest first."""
        ended = [line for line in self.lines if line.over]
        return sorted(ended, key=lambda line: line.changed_at.timestamp() if line.changed_at else 0.0, reverse=True)

    @property
    def broken(self) -> Sequence[InboxLine]:
        return [line for line in self.lines if line.problem]
