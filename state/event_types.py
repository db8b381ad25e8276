"""What can happen in a run? All event types of the journal, and what they carry, under one name.

Rules:
- An event is a plain value; nothing here touches the disk, and nobody else reads the fields of a line.
- Each class reads its own fields and refuses with the field (`Misread`) what the format does not say
  (docs/journal-format.md). Fields that only a later release knows stay in `fields`, which is what the line says.
- Types and field names are on disk for ever: they are never renamed.
"""

from __future__ import annotations

from collections.abc import Mapping

from state.event_base import READ, VERSION, Event, TaskEvent
from state.event_parts import CommitPath, NamedTask, RollbackTask, Snapshot
from state.run_events import (
    Aborted,
    BoxesTakenBack,
    Noted,
    PolicyApproved,
    PolicyApprovedVia,
    RollbackStarted,
    RunbookTaken,
    RunStarted,
)
from state.task_events import (
    Answered,
    Approved,
    AttemptFailed,
    BranchSwitched,
    CommitIntended,
    CommitRefused,
    EffectDone,
    EffectIntended,
    HandedIn,
    Rejected,
    ReviewOpened,
    TaskStarted,
    Voided,
    Worked,
)

TYPES: Mapping[str, type[Event]] = {
    each.type: each
    for each in (
        RunStarted,
        TaskStarted,
        HandedIn,
        Answered,
        EffectIntended,
        EffectDone,
        BranchSwitched,
        Worked,
        AttemptFailed,
        ReviewOpened,
        Approved,
        Rejected,
        Voided,
        CommitIntended,
        CommitRefused,
        RunbookTaken,
        BoxesTakenBack,
        PolicyApproved,
        Noted,
        RollbackStarted,
        Aborted,
    )
}

__all__ = [
    "READ",
    "TYPES",
    "VERSION",
    "Aborted",
    "Answered",
    "Approved",
    "AttemptFailed",
    "BoxesTakenBack",
    "BranchSwitched",
    "CommitIntended",
    "CommitPath",
    "CommitRefused",
    "EffectDone",
    "EffectIntended",
    "Event",
    "HandedIn",
    "NamedTask",
    "Noted",
    "PolicyApproved",
    "PolicyApprovedVia",
    "Rejected",
    "ReviewOpened",
    "RollbackStarted",
    "RollbackTask",
    "RunStarted",
    "RunbookTaken",
    "Snapshot",
    "TaskEvent",
    "TaskStarted",
    "Voided",
    "Worked",
]
