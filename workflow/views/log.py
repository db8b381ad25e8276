"""What happened in a run, event by event? As the journal's line, and as one to read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import field

from state.cheap_classes import dataclass
from state.counted import counted
from state.event_types import (
    Aborted,
    Answered,
    Approved,
    AttemptFailed,
    BoxesTakenBack,
    BranchSwitched,
    CommitIntended,
    CommitRefused,
    EffectDone,
    EffectIntended,
    Event,
    HandedIn,
    Noted,
    PolicyApproved,
    Rejected,
    RollbackStarted,
    RunbookTaken,
    RunStarted,
    TaskEvent,
    TaskStarted,
    Voided,
    Worked,
)
from state.json_values import format_time
from state.position import Outcome
from state.printable import as_name, as_names, printable_line
from state.run_state import RunState
from state.task_events import is_taken_back
from workflow.doors.columns import columns
from workflow.views.effects import effect_name, how_command_ended

ROOM, MOST_ROOM = 11, 32  # columns of a task's name with its attempt


@dataclass(frozen=True, slots=True)
class LogEntry:
    """One event, as it is shown.

    Attributes:
        names: what people call the tasks, by key: the number, else the title.
        room: columns for a name with its attempt; a longer one only moves what stands behind it.
        taken_back: whether it ends an attempt because who handed its work in took that back.
    """

    event: Event
    names: Mapping[str, str] = field(default_factory=dict)
    room: int = ROOM
    taken_back: bool = False

    def to_line(self) -> str:
        """The journal's line, exact."""
        return self.event.to_line().decode()

    def text(self) -> str:
        """One line to read, printable."""
        at, where = format_time(self.event.at), self.where
        padded = where + " " * (self.room - columns(where))
        return printable_line(f"{at}  {self.what:<16} {padded}  {self.gist}".rstrip())

    @property
    def what(self) -> str:
        """What happened, in a word: the event's type, and of work that who handed it in took back that."""
        return "taken-back" if self.taken_back else self.event.type

    @property
    def where(self) -> str:
        """The task, with its attempt where the event is of one: `1.1#2`; "" where it is of the run."""
        if isinstance(self.event, TaskEvent):
            return f"{self.names.get(self.event.task, self.event.task)}#{self.event.attempt}"
        return self.names.get(self.event.task, self.event.task) if isinstance(self.event, Noted) else ""

    @property
    def gist(self) -> str:
        """The one thing worth reading of it, in the words of those who wrote it; may be "" or hold line ends."""
        return f"by {self.event.person}, who handed it in" if self.taken_back else _gist(self.event)


@dataclass(frozen=True, slots=True)
class LogEnd:
    """Why nothing more happens in a run: its last commit is its own record, so no event stands behind its intent."""

    outcome: Outcome
    commit: str = ""

    def text(self) -> str:
        """One line to read, printable."""
        committed = f"; its last commit is {self.commit[:10]}" if self.commit else ""
        return f"the run is over: {self.outcome.words}{committed}"


def log_end(run: RunState) -> LogEnd | None:
    """How a run has ended about whose last intended commit git was asked; None while it goes on."""
    return LogEnd(run.outcome, run.last_commit) if run.outcome else None


def log_entries(events: Iterable[Event], since: int = 0) -> Iterator[LogEntry]:
    """The events from the place `since` on, as they are shown; what begins a run, an edit or a rollback names tasks."""
    names: dict[str, str] = {}
    room = ROOM
    handed_in: dict[str, HandedIn] = {}
    for place, event in enumerate(events):
        if isinstance(event, RunStarted | RunbookTaken | RollbackStarted):
            names |= {task.key: task.id or task.title for task in event.tasks}
            room = min(max([room, *(columns(f"{name}#1") for name in names.values())]), MOST_ROOM)
        if isinstance(event, HandedIn):
            handed_in[event.task] = event
        if place >= since:
            back = isinstance(event, Rejected) and is_taken_back(event, handed_in.get(event.task))
            yield LogEntry(event, names, room, back)


def _gist(event: Event) -> str:
    match event:
        case RunStarted():
            return f"{event.workflow} from {as_name(event.runbook)} by {event.by.git}"
        case RunbookTaken() | BoxesTakenBack():
            return _gist_of_runbook(event)
        case PolicyApproved():
            return f"{as_names(event.files)} of {event.head[:10]}, by {event.by.git} ({event.via})"
        case Noted():
            return f"{event.by.git}: {event.text}"
        case RollbackStarted() | Aborted() | AttemptFailed() | CommitRefused():
            return event.reason
        case CommitIntended():
            return event.message.split("\n", 1)[0]
        case Rejected():
            return f"by {event.by.git}: {event.reason}"
        case Voided():
            return "; ".join(event.changed)
        case Answered():
            return _gist_of_answer(event)
        case _:
            return _gist_of_work(event)


def _gist_of_runbook(event: RunbookTaken | BoxesTakenBack) -> str:
    if isinstance(event, BoxesTakenBack):
        return f"of {as_name(event.file)}, by {event.by.git} ({event.via})"
    return f"{event.file}, {counted(len(event.tasks), 'task')}, by {event.by.git}"


def _gist_of_answer(event: Answered) -> str:
    if not event.item:
        by = f", by {event.by.git}" if event.by.is_agent else ""
        return f"{event.question} = {event.answer}{by} ({event.via}){f': {event.why}' if event.why else ''}"
    why = f": {event.why}" if event.why else ""
    return f"{event.item}: {event.verdict}, by {event.by.git} ({event.via}){why}"


def _gist_of_evidence(event: Worked) -> str:
    left, failed = event.evidence, sum(check.verdict == "fail" for check in event.evidence.checks)
    files, checks = counted(len(left.artifacts), "file"), counted(len(left.checks), "check")
    return f"{files}, {checks}, {failed} failed, digest {event.request.digest[:7]}"


def _gist_of_work(event: Event) -> str:
    match event:
        case TaskStarted():
            return f"after {event.after[:10]}" if event.after else ""
        case EffectDone() if "exit_code" in event.result:
            return f"{effect_name(event.effect)}: {how_command_ended({}, event.result)}"
        case EffectIntended() | EffectDone():
            return effect_name(event.effect)
        case BranchSwitched():
            return f"from {as_name(event.from_branch)} to {as_name(event.branch)}"
        case HandedIn():
            what = f"skipped: {event.skip}" if event.skip else counted(len(event.paths), "file")
            return f"{what}, by {event.by.git} ({event.via})"
        case Worked():
            return _gist_of_evidence(event)
        case Approved():
            return f"{event.approval.digest[:7]} by {event.by.git} ({event.approval.via})"
        case _:
            return ""
