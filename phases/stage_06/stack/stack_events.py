"""What is CloudFormation doing with the stack, and how did it end? The events of one operation, followed live.

Rules:
- An operation is known by its client token: CloudFormation puts it on every event that the operation causes, so
  neither an earlier operation nor somebody else's is taken for this one.
  Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_StackEvent.html (ClientRequestToken)
- It has ended when its newest event about the stack itself says so; the stack's own status may still be the old one
  when an operation has only just been accepted.
- What cannot be read (a status that is none, a type that is none) is neither an end nor work under way. Where that is
  the newest of a resource, and nothing else happens, the wait ends after so many answers (`live/unreadable.py`).
- An index takes minutes even on an empty table, and CloudFormation is silent meanwhile: DynamoDB is asked.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from phases.aws import AwsPort
from phases.stage_06.live.live_tables import describe_table
from phases.stage_06.live.unreadable import Unreadable, is_status
from phases.stage_06.stack.change_set import TABLE
from phases.step import Share, StepContext
from state.errors import StepFailed

STACK = "AWS::CloudFormation::Stack"
POLL = 5  # [s]
SILENT_POLLS = 60  # five minutes without a first event: the operation never began
INITIATED = "Resource creation Initiated"  # the second event of every resource, says nothing new
READABLE = "a type such as AWS::DynamoDB::Table with a status such as CREATE_COMPLETE"
_TYPE = re.compile(r"\w+(?:::[\w@-]+)+")
_ENDINGS = ("_IN_PROGRESS", "_COMPLETE", "_FAILED", "_SKIPPED")
HEARTBEAT = 12  # polls without news, after which a line says what is waited for


@dataclass(frozen=True, slots=True)
class StackEvent:
    """One line of a stack's history."""

    event_id: str
    logical_id: str
    physical_id: str
    type: str
    status: str
    reason: str
    token: str

    @property
    def about_stack(self) -> bool:
        return self.type == STACK

    @property
    def unread(self) -> str:
        """What of it is not in the form of CloudFormation's statuses and types; "" where all of it is."""
        if not _TYPE.fullmatch(self.type):
            return f"type {self.type!r} of {self.logical_id or 'a resource'}"
        if not (is_status(self.status) and self.status.endswith(_ENDINGS)):
            return f"status {self.status!r} of {self.logical_id or 'a resource'}"
        return ""


@dataclass(frozen=True, slots=True)
class StackOperation:
    """One operation on a stack: its events, oldest first; `status` is the stack's by the newest of them."""

    token: str
    events: tuple[StackEvent, ...]

    @property
    def status(self) -> str:
        return next((event.status for event in reversed(self.events) if event.about_stack), "")

    @property
    def settled(self) -> bool:
        newest = next((event for event in reversed(self.events) if event.about_stack), None)
        return newest is not None and not newest.unread and not newest.status.endswith("_IN_PROGRESS")

    @property
    def unread(self) -> str:
        """What cannot be read of the newest event of a resource, or of the stack; "" where all of it can."""
        latest = {event.logical_id: event for event in self.events}
        return next((event.unread for event in latest.values() if event.unread), "")

    @property
    def failures(self) -> list[StackEvent]:
        """The resources that failed, with their reasons, in order; those only cancelled by another's failure last."""
        failed = [event for event in self.events if event.status.endswith("_FAILED") and not event.about_stack]
        return sorted(failed, key=lambda event: "cancelled" in event.reason.lower())

    @property
    def turned(self) -> list[StackEvent]:
        """Why the stack itself turned back: where an export is in use, say, no resource has failed."""
        return [event for event in self.events if event.about_stack and event.reason and "ROLLBACK" in event.status]

    @property
    def finished(self) -> int:
        """How many resources are not under way any more."""
        touched = {event.logical_id for event in self.events if not event.about_stack}
        return len(touched) - len(self.waiting_for)

    @property
    def waiting_for(self) -> list[StackEvent]:
        """The newest event of each resource that is under way."""
        latest = {event.logical_id: event for event in self.events if not event.about_stack}
        return [event for event in latest.values() if event.status.endswith("_IN_PROGRESS")]


def newest_event(aws: AwsPort, stack_id: str) -> StackEvent | None:
    """The last thing that happened to the stack."""
    return next(_newest_first(aws, stack_id), None)


def operation(aws: AwsPort, stack_id: str, token: str) -> StackOperation:
    """All that an operation has done to the stack so far; no events when it has not begun."""
    events: list[StackEvent] = []
    for event in _newest_first(aws, stack_id):
        if event.token == token:
            events.append(event)
        elif events:
            break  # what is older belongs to an earlier operation
    return StackOperation(token, tuple(reversed(events)))


def follow(
    ctx: StepContext, aws: AwsPort, stack_id: str, token: str, *, resources: int = 0, expected: float = 0.0
) -> StackOperation:
    """Wait until the operation has settled, with a line of progress for everything that happens.

    Args:
        resources: that the operation touches; 0 where that is not known.
        expected: how long that takes as a rule [s]; 0 where nobody knows.

    Raises StepFailed when it does not begin, Incomplete when it cannot be read. Interrupted while waiting, it is
    followed again by the next call.
    """
    look = f"aws cloudformation describe-stack-events --stack-name {stack_id} --max-items 5"
    resume = f"phasegate resume {ctx.run_id}   # follows it"
    unreadable = Unreadable("cloudformation", "describe_stack_events", f"{look}\n      {resume}")
    said: set[str] = set()
    shown = ""
    quiet = 0
    while True:
        seen = operation(aws, stack_id, token)
        fresh = _show_new(ctx, seen, said)
        if seen.settled:
            return seen
        quiet = 0 if fresh else quiet + 1
        if quiet > SILENT_POLLS:
            _require_begun(seen, stack_id, look)
        unreadable.look(READABLE, "" if fresh else seen.unread)
        doing = "; ".join(_doing(aws, seen.waiting_for))
        if _is_worth_a_line(doing, shown, quiet):
            ctx.progress(f"  waiting for {doing or 'CloudFormation'}")
        ctx.waiting(f"CloudFormation: {doing or 'at work'}", Share(seen.finished, resources, expected))
        shown = doing
        ctx.wait(POLL)


def _is_worth_a_line(doing: str, shown: str, quiet: int) -> bool:
    """Whether it is said what is waited for: an index came further, or there was no news for a while."""
    return (doing != shown and "indexes" in doing) or quiet % HEARTBEAT == HEARTBEAT - 1


def _require_begun(seen: StackOperation, stack_id: str, look: str) -> None:
    """Raise StepFailed for an operation that has not shown itself for so long; `look` shows what there is."""
    if not seen.events:
        raise StepFailed(
            f"the operation {seen.token} on stack {stack_id} was accepted, but shows no event after "
            f"{POLL * SILENT_POLLS} s",
            next_command=look,
        )


def _show_new(ctx: StepContext, seen: StackOperation, said: set[str]) -> bool:
    """A line of progress for each event that was not there before; whether there was any that can be read."""
    fresh = [event for event in seen.events if event.event_id not in said]
    said.update(event.event_id for event in fresh)
    for event in fresh:
        if event.reason != INITIATED:
            ctx.progress(_line(event))
    return any(not event.unread for event in fresh)


def reasons(events: Sequence[StackEvent]) -> list[str]:
    """`UsersTable (AWS::DynamoDB::Table) CREATE_FAILED: reason`, one an event."""
    return [
        f"{event.logical_id} ({event.type}) {event.status}: {event.reason or 'no reason given'}" for event in events
    ]


def _newest_first(aws: AwsPort, stack_id: str) -> Iterator[StackEvent]:
    for page in aws.pages("cloudformation", "describe_stack_events", StackName=stack_id):
        for event in page["StackEvents"]:
            yield StackEvent(
                event["EventId"],
                event["LogicalResourceId"],
                event.get("PhysicalResourceId") or "",
                event["ResourceType"],
                event["ResourceStatus"],
                event.get("ResourceStatusReason") or "",
                event.get("ClientRequestToken") or "",
            )


def _line(event: StackEvent) -> str:
    reason = f": {event.reason}" if event.reason else ""
    return f"  {event.status:<28} {event.logical_id}{reason}"


def _doing(aws: AwsPort, waiting: Sequence[StackEvent]) -> Iterator[str]:
    for event in waiting:
        live = describe_table(aws, event.physical_id) if event.type == TABLE and event.physical_id else None
        if live is None:
            yield event.logical_id
            continue
        indexes = live.get("GlobalSecondaryIndexes", [])
        ready = sum(index["IndexStatus"] == "ACTIVE" for index in indexes)
        told = f", {ready} of {len(indexes)} indexes ACTIVE" if indexes else ""
        yield f"{event.logical_id} (table {live['TableStatus']}{told})"
