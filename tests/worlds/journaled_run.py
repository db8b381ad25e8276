"""A run in a real journal that lies beside the workspace, for tests of what is recorded of a step and read of it later.

What an event does to a run, which may follow which, and what a reader sees of its values is the product's.
"""

from __future__ import annotations

import copy
import shutil
import tempfile
import weakref
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from state.events import Event
from state.files import Disk
from state.fold import fold
from state.journal import Journal
from state.model import Plan
from state.segments import Segments
from workflow.engine.open_run import OpenRun
from workflow.ports import Doors
from workflow.runs.workflow_catalog import guided

STARTED = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
BY = {"git": "Ada <ada@example.com>", "user": "ada", "host": "here"}
DIGEST, COMMIT = "0" * 64, "c" * 40  # of approvals and commits, which no step sees
WAY_BACK = [
    {"id": f"R{number}", "key": f"rollback_{number}", "title": "", "text": "", "message": "", "exit_criteria": []}
    for number in range(1, 10)
]

Edit = Callable[[Event], Mapping[str, Any] | None]


class UnsyncedDisk(Disk):
    """Writes like the real one and waits for no disk: these tests cut no power."""

    def _sync(self, handle: int) -> None: ...


@dataclass
class SteadyClock:
    """Stands still until somebody waits."""

    at: datetime = STARTED
    waited: list[float] = field(default_factory=list)

    def now(self) -> datetime:
        return self.at

    def nonce(self) -> str:
        return "nonce"

    def suffix(self) -> str:
        return "0a1b2c3d"

    def wait(self, seconds: float) -> None:
        self.waited.append(seconds)

    def wait_until(self, when: datetime) -> None:
        self.at = max(self.at, when)


@dataclass(frozen=True)
class Lines:
    """What a journal holds, for another one to begin with: to make each line anew is most of what a copy costs."""

    data: bytes
    events: tuple[Event, ...]
    last: str
    segments: Segments

    @classmethod
    def of(cls, journal: Journal) -> Lines:
        """Those of a journal that is one file."""
        return cls(journal.written(), tuple(journal.events), journal.last, copy.deepcopy(journal.segments))

    def begin(self, journal: Journal) -> None:
        """Have the empty journal hold this, byte for byte."""
        UnsyncedDisk().append(journal._open.handle, self.data)
        journal._open.wrote(self.data)
        taken = journal._lines
        taken.events[:] = self.events
        taken.last, taken.segments = self.last, copy.deepcopy(self.segments)


class RunInJournal(OpenRun):
    """An open run that stands in a real journal.

    `dies_before` and `dies_after` name an effect: the process "dies" (KeyboardInterrupt) when it has happened, before
    or after that is recorded, once. `after`: what comes before the events.
    """

    def __init__(
        self,
        events: Iterable[tuple[str, datetime, Mapping[str, Any]]],
        workspace: Path,
        plan: Plan,
        doors: Doors,
        *,
        after: Lines | None = None,
    ) -> None:
        directory = Path(tempfile.mkdtemp(prefix="phasegate-run-"))
        journal = Journal.create(directory / "journal.jsonl", UnsyncedDisk())
        weakref.finalize(self, _forget, journal, directory)
        if after is not None:
            after.begin(journal)
        for type_, at, fields in events:
            journal.append(type_, at, **fields)
        super().__init__(workspace, plan, guided("world"), journal, fold(journal.events), doors)
        self.dies_before = self.dies_after = ""

    def _keep(self, event: Event) -> None:
        """There need be no repository beside whose files something could be kept."""

    def again(self, workspace: Path, plan: Plan, doors: Doors) -> RunInJournal:
        """The same run once more, in a journal of its own."""
        return RunInJournal((), workspace, plan, doors, after=Lines.of(self.journal))

    def record(self, type_: str, *, sync: bool = True, **fields: Any) -> Event:
        if type_ == "effect-done" and fields["effect"] == self.dies_before:
            self.dies_before = ""
            raise KeyboardInterrupt(f"the power went after {fields['effect']}")
        event = super().record(type_, sync=sync, **fields)
        if type_ == "effect-done" and fields["effect"] == self.dies_after:
            self.dies_after = ""
            raise KeyboardInterrupt(f"the power went when {fields['effect']} was recorded")
        return event

    def edited(self, edit: Edit) -> RunInJournal:
        """A run in which it was otherwise all along: `edit` gives an event's fields, or None to leave it out."""
        told = [(each.type, each.at, edit(each)) for each in self.journal.events]
        events = [(type_, at, said) for type_, at, said in told if said is not None]
        return RunInJournal(events, self.workspace, self.plan, self.doors)


def _forget(journal: Journal, directory: Path) -> None:
    journal.close()
    shutil.rmtree(directory, ignore_errors=True)
