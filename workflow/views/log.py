"""What happened in a run, event by event? As the journal's line, and as one to read."""

from __future__ import annotations

from dataclasses import dataclass

from state.event_types import (
    Aborted,
    Answered,
    Approved,
    AttemptFailed,
    BranchSwitched,
    CommitIntended,
    CommitRefused,
    EffectDone,
    EffectIntended,
    Event,
    HandedIn,
    Noted,
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
from state.printable import printable_line


@dataclass(frozen=True, slots=True)
class LogEntry:
    """One event, as it is shown."""

    event: Event

    def to_line(self) -> str:
        """The journal's line, exact."""
        return self.event.to_line().decode()

    def text(self) -> str:
        """One line to read, printable."""
        return printable_line(_text(self.event))


def _text(event: Event) -> str:
    where = ""
    if isinstance(event, TaskEvent):
        where = f"{event.task}#{event.attempt}"
    elif isinstance(event, Noted):
        where = event.task
    return f"{format_time(event.at)}  {event.type:<16} {where:<12} {_gist(event)}".rstrip()


def _gist(event: Event) -> str:
    """The one thing worth reading in a line of the log."""
    match event:
        case RunStarted():
            return f"{event.workflow} from {event.runbook} by {event.by.git}"
        case RunbookTaken():
            return f"{event.file}, {len(event.tasks)} tasks, by {event.by.git}"
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
        case _:
            return _gist_of_work(event)


def _gist_of_work(event: Event) -> str:
    match event:
        case TaskStarted():
            return f"after {event.after[:10]}" if event.after else ""
        case Answered():
            return f"{event.question} = {event.answer} ({event.via})"
        case EffectIntended() | EffectDone():
            return event.effect
        case BranchSwitched():
            return f"from {event.from_branch} to {event.branch}"
        case HandedIn():
            what = f"skipped: {event.skip}" if event.skip else f"{len(event.paths)} files"
            return f"{what}, by {event.by.git} ({event.via})"
        case Worked():
            left, failed = event.evidence, sum(check.verdict == "fail" for check in event.evidence.checks)
            digest = event.request.digest[:7]
            return f"{len(left.artifacts)} files, {len(left.checks)} checks, {failed} failed, digest {digest}"
        case Approved():
            return f"{event.approval.digest[:7]} by {event.by.git} ({event.approval.via})"
        case _:
            return ""
