"""What happened in a run, event by event? As the journal's line, and as one to read."""

from __future__ import annotations

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
from state.printable import as_name, as_names, printable_line


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
        return f"{event.question} = {event.answer} ({event.via})"
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
            from workflow.views.effects import how_command_ended  # here: most runs have no commands

            return f"{event.effect}: {how_command_ended({}, event.result)}"
        case EffectIntended() | EffectDone():
            return event.effect
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
