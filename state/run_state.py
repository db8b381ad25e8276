"""What is true of a run? `fold(events)`: everything that status, resume and the gates need to know.

Rules:
- Pure: events in, values out. The only fact it cannot know is whether an intended commit was made; the caller
  looks at git once when `current.status` is "committing" and no later event names the commit.
- LIFE is the small life cycle of one task, on one screen; the order of tasks is the machine's (`machine.py`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from state.errors import JournalDamaged
from state.events import Event, parse_time

# (status before, event) -> status after; "pending" is where a task begins, "done" is known by its commit
LIFE: Mapping[tuple[str, str], str] = {
    ("pending", "task-started"): "working",
    ("working", "answered"): "working",
    ("working", "effect-intended"): "working",
    ("working", "effect-done"): "working",
    ("working", "branch-switched"): "working",
    ("working", "worked"): "in-review",
    ("working", "step-failed"): "failed",
    ("in-review", "review-opened"): "in-review",
    ("in-review", "approved"): "approved",
    ("in-review", "rejected"): "rejected",
    ("in-review", "voided"): "voided",
    ("approved", "commit-intended"): "committing",
    ("approved", "voided"): "voided",
    ("committing", "commit-intended"): "committing",
    ("committing", "commit-refused"): "approved",
    ("committing", "voided"): "voided",
    ("failed", "task-started"): "working",
    ("rejected", "task-started"): "working",
    ("voided", "task-started"): "working",
}

SWITCH = "switch to "  # with a branch's name: the effect of going on there


@dataclass(frozen=True, slots=True)
class Request:
    """What was put before the approver: valid once, for this digest, until it expires.

    `nonce` is minted when it is shown; `digest` is the one of `gates.approval.evidence_digest`.
    """

    digest: str
    nonce: str
    shown_at: datetime
    expires_at: datetime

    @classmethod
    def from_json(cls, body: Mapping[str, Any]) -> Request:
        times = (parse_time(body["shown_at"]), parse_time(body["expires_at"]))
        return cls(body["digest"], body["nonce"], *times)


@dataclass(slots=True)
class TaskState:
    """One task so far; everything but `commit` belongs to its latest attempt unless said otherwise.

    Attributes:
        status: a value of LIFE, or "done"; "stopped" when a rollback began before it was.
        attempt: 0 before it began.
        started_at: of this attempt.
        effects: name -> (intent, result or None while in doubt).
        answers: of this attempt, by question; `given_by`: whose they are and how they came.
        worked: the fields of its `worked` event, or None.
        request: what is, or was last, put before the approver.
        approvals: `approved` events for that request.
        refusals: why earlier attempts ended, oldest first (all attempts): "rejected by X: reason".
        approved_by, approved_at: of the approval that opened the gate.
        commit: SHA of its commit, once a later event names it.
    """

    key: str
    status: str = "pending"
    attempt: int = 0
    first_started_at: datetime | None = None
    started_at: datetime | None = None
    effects: dict[str, tuple[Mapping[str, Any], Mapping[str, Any] | None]] = field(default_factory=dict)
    answers: dict[str, str] = field(default_factory=dict)
    given_by: dict[str, str] = field(default_factory=dict)
    worked: Mapping[str, Any] | None = None
    request: Request | None = None
    approvals: list[Event] = field(default_factory=list)
    refusals: list[str] = field(default_factory=list)
    failure: Event | None = None
    approved_by: str = ""
    approved_at: datetime | None = None
    commit_intent: Event | None = None
    commit: str | None = None


@dataclass(slots=True)
class RunState:
    """A run so far.

    Attributes:
        start: the `run-started` event.
        tasks: states of the tasks that have begun, in order of beginning.
        current: key of the task under way or last under way, or None before the first.
        rollback: the `rollback-started` event, or None.
        end: None, or "aborted".
        answers: all answers of the run by question, the latest wins.
        notes: (time, task key or "", text, by).
        last: the latest event.
        branch: where the run commits to.
    """

    start: Event
    tasks: dict[str, TaskState] = field(default_factory=dict)
    current: str | None = None
    rollback: Event | None = None
    end: str | None = None
    answers: dict[str, str] = field(default_factory=dict)
    notes: list[tuple[datetime, str, str, str]] = field(default_factory=list)
    last: Event | None = None
    branch: str = ""

    def __post_init__(self) -> None:
        self.branch = str(self.start["branch"])

    @property
    def branches(self) -> tuple[str, ...]:
        """The branch the run commits to, then the ones that it may have switched to when its process died."""
        begun = self.here.effects if self.here and self.here.status == "working" else {}
        others = (name.removeprefix(SWITCH) for name in begun if name.startswith(SWITCH))
        return self.branch, *(name for name in others if name != self.branch)

    @property
    def way(self) -> Sequence[Mapping[str, str]]:
        """The tasks it goes through, in order, `{id, key, title}` and more: of the plan, or of the way back."""
        tasks: Sequence[Mapping[str, str]] = (self.rollback or self.start)["tasks"]
        return tasks

    @property
    def run_id(self) -> str:
        return str(self.start["run"])

    @property
    def here(self) -> TaskState | None:
        """The state of the current task."""
        return self.tasks[self.current] if self.current else None

    def task(self, key: str) -> TaskState:
        """The state of this task; a fresh pending one when it has not begun."""
        return self.tasks.get(key) or TaskState(key)


def fold(events: Iterable[Event]) -> RunState:
    """The state after these events.

    Raises JournalDamaged, with the line number, for an event that cannot follow the one before it.
    """
    stream = iter(events)
    first = next(stream, None)
    if first is None or first.type != "run-started":
        raise JournalDamaged("journal.jsonl:1: a run begins with run-started")
    run = RunState(first, last=first)
    for event in stream:
        apply(run, event)
    return run


def apply(run: RunState, event: Event) -> None:
    """Bring a state forward by one event, in place. Raises as `fold`."""
    run.last = event
    if run.end:
        raise _misplaced(event, f"the run was {run.end}")
    if event.type == "noted":
        run.notes.append((event.at, event.get("task") or "", event["text"], event["by"]["git"]))
        return
    if event.type == "aborted":
        _name_commit(run, event)
        run.end = "aborted"
        return
    if event.type == "run-started":
        raise _misplaced(event, "a run starts once")
    if event.type == "rollback-started":
        _turn_back(run, event)
        return
    if event.type == "task-started" and event["task"] != run.current:
        if run.rollback and all(task["key"] != event["task"] for task in run.way):
            raise _misplaced(event, f"the run is rolled back, and {event['task']} is no task of the way back")
        _name_commit(run, event)
        run.current = event["task"]
    if event["task"] != run.current:
        raise _misplaced(event, f"the current task is {run.current}")
    task = run.tasks.setdefault(event["task"], TaskState(event["task"]))
    if event.type == "branch-switched" and event["from"] != run.branch:
        raise _misplaced(event, f"the run is on branch {run.branch}, not on {event['from']}")
    after = LIFE.get((task.status, event.type))
    if after is None:
        raise _misplaced(event, f"task {task.key} is {task.status}")
    attempt = task.attempt + (event.type == "task-started")
    if event["attempt"] != attempt:
        raise _misplaced(event, f"it is of attempt {event['attempt']}, expected {attempt}")
    if event.type == "approved" and not event["admits"]:
        after = task.status  # one approval of several
    task.status = after
    _record(run, task, event)


def _turn_back(run: RunState, event: Event) -> None:
    """The task under way stops as it is; what comes now is the way back."""
    if run.rollback:
        raise _misplaced(event, "the run is being rolled back already")
    keys = [task["key"] for task in event["tasks"]]
    if not keys or len({*keys, *(task["key"] for task in run.way)}) < len(keys) + len(run.way):
        raise _misplaced(event, "the way back must have tasks, and none of the plan's")
    _name_commit(run, event)
    here = run.here
    if here is not None and here.status != "done":
        here.status = "stopped"
    run.rollback, run.current = event, None


def _name_commit(run: RunState, event: Event) -> None:
    """The event that leaves a committing task names its commit."""
    here = run.here
    if here is None or event["after"] is None:
        if here is not None and event.type == "task-started":
            raise _misplaced(event, f"task {here.key} is {here.status}, not committed")
        return
    known = here.status == "done" and here.commit == event["after"]  # the caller had looked at git already
    if here.status != "committing" and not known:
        raise _misplaced(event, f"it names a commit of {here.key}, which is {here.status}")
    here.status, here.commit = "done", event["after"]


def _record(run: RunState, task: TaskState, event: Event) -> None:
    match event.type:
        case "task-started":
            task.attempt, task.started_at = event["attempt"], event.at
            task.first_started_at = task.first_started_at or event.at
            task.effects, task.answers, task.given_by, task.approvals = {}, {}, {}, []
            task.worked = task.request = task.failure = task.commit_intent = None
            task.approved_by, task.approved_at = "", None
        case "answered":
            task.answers[event["question"]] = run.answers[event["question"]] = event["answer"]
            task.given_by[event["question"]] = f"{event['by']['git']} ({event['via']})"
        case "effect-intended":
            task.effects[event["effect"]] = (event["intent"], None)
        case "effect-done":
            task.effects[event["effect"]] = (task.effects[event["effect"]][0], event["result"])
        case "branch-switched":
            run.branch = event["branch"]
        case "worked":
            task.worked = event.fields
            task.request = Request.from_json(event["request"])
        case "review-opened":
            task.request, task.approvals = Request.from_json(event["request"]), []
        case "approved":
            task.approvals.append(event)
            if event["admits"]:
                task.approved_by, task.approved_at = event["by"]["git"], event.at
        case "rejected":
            task.refusals.append(f"attempt {task.attempt} rejected by {event['by']['git']}: {event['reason']}")
        case "voided":
            task.refusals.append(f"attempt {task.attempt} voided: {'; '.join(event['changed'])}")
        case "step-failed":
            task.failure = event
            task.refusals.append(f"attempt {task.attempt} failed: {event['reason']}")
        case "commit-intended":
            task.commit_intent = event


def _misplaced(event: Event, why: str) -> JournalDamaged:
    return JournalDamaged(f"journal.jsonl:{event.seq + 1}: {event.type} cannot stand here: {why}")
