"""What is true of a run? `RunState`: everything that status, resume and the gates need to know.

The only fact that its events cannot tell is whether an intended commit was made. What brings it forward: `fold.py`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import field
from datetime import datetime

from state.cheap_classes import dataclass
from state.event_types import Answered, Event, NamedTask, PolicyApproved, RollbackStarted, RunStarted
from state.position import Outcome, Position
from state.segments import Segments, segment_name
from state.task_state import TaskState, TaskStatus

SWITCH = "switch to "  # with a branch's name: the effect of going on there


@dataclass(frozen=True, slots=True)
class RunbookVersion:
    """The runbook that is in force from an event on: the first one, with its boxes taken back, or an edit of it.

    Attributes:
        since: `seq` of the event.
        file: name of the run's copy, beside the journal.
        sha256: of its bytes.
        plan: digest of the plan in it.
        tasks: of it, in order.
    """

    since: int
    file: str
    sha256: str
    plan: str
    tasks: Sequence[NamedTask]


def copy_name(number: int) -> str:
    """Under which name the run keeps the runbook, the one it started with being number 1."""
    return f"runbook-{number}.md" if number > 1 else "runbook.md"


@dataclass(slots=True)
class RunState:
    """A run so far.

    Attributes:
        start: the `run-started` event.
        tasks: states of the tasks that have begun, in order of beginning.
        current: key of the task under way or last under way, or None before the first.
        rollback: the `rollback-started` event, or None.
        aborted: whether it was ended before its last task was done.
        answers: all answers of the run by question, the latest wins; `answered`: the events that say so.
        notes: (time, task key or "", text, by).
        runbook_versions: the runbooks that have been in force, oldest first.
        policy_approvals: what was said of changed policies, oldest first; whether each counts is for the gate to say.
        last: the latest event.
        branch: where the run commits to.
        template: of commit messages, for what begins from here on.
        keys: of the tasks in `sequence`.
        done: keys of the tasks that are done, in that order; none is ever undone.
        last_commit: the newest of their commits, "" before the first.
        segments: in which file of the journal each event stands.
    """

    start: RunStarted
    tasks: dict[str, TaskState] = field(default_factory=dict)
    current: str | None = None
    rollback: RollbackStarted | None = None
    aborted: bool = False
    answers: dict[str, str] = field(default_factory=dict)
    answered: dict[str, Answered] = field(default_factory=dict)
    notes: list[tuple[datetime, str, str, str]] = field(default_factory=list)
    last: Event | None = None
    branch: str = ""
    template: str = ""
    runbook_versions: list[RunbookVersion] = field(default_factory=list)
    policy_approvals: list[PolicyApproved] = field(default_factory=list)
    keys: frozenset[str] = frozenset()
    done: list[str] = field(default_factory=list)
    last_commit: str = ""
    segments: Segments = field(default_factory=Segments)

    def __post_init__(self) -> None:
        first = self.start
        self.segments.take(first)
        self.branch, self.template = first.branch, first.commit
        self.keys = frozenset(task.key for task in first.tasks)
        self.runbook_versions = [RunbookVersion(first.seq, copy_name(1), first.runbook_sha256, first.plan, first.tasks)]

    @property
    def is_of_0_1(self) -> bool:
        """Whether it began under 0.1, whose format 1 is: by its rules it goes on, to its end."""
        return self.start.version == 1

    @property
    def branches(self) -> tuple[str, ...]:
        """The branch the run commits to, then the ones that it may have switched to when its process died."""
        current = self.current_task
        begun = current.effects if current and current.status == TaskStatus.WORKING else {}
        others = (name.removeprefix(SWITCH) for name in begun if name.startswith(SWITCH))
        return self.branch, *(name for name in others if name != self.branch)

    @property
    def runbook(self) -> RunbookVersion:
        """The runbook in force."""
        return self.runbook_versions[-1]

    def uncommitted_versions(self) -> list[RunbookVersion]:
        """The edits that no task's commit holds yet."""
        intents = [state.commit_intent for state in self.tasks.values() if state.status == TaskStatus.DONE]
        committed = max((intent.seq for intent in intents if intent), default=0)
        return [version for version in self.runbook_versions if version.since > committed]

    @property
    def all_tasks(self) -> Sequence[NamedTask]:
        """The plan's tasks, then those of its rollback."""
        return [*self.runbook.tasks, *(self.rollback.tasks if self.rollback else ())]

    @property
    def sequence(self) -> Sequence[NamedTask]:
        """The tasks it goes through, in order: of the plan, or of the rollback."""
        return self.rollback.tasks if self.rollback else self.runbook.tasks

    @property
    def run_id(self) -> str:
        return self.start.run

    @property
    def journal(self) -> str:
        """Workspace path of the file of its journal that is open: the one that its next commit holds."""
        return f".phasegate/{self.run_id}/{segment_name(self.segments.last)}"

    def file_of(self, seq: int) -> str:
        """Workspace path of the file of its journal in which an event stands."""
        return f".phasegate/{self.run_id}/{segment_name(self.segments.of(seq))}"

    def place(self, seq: int) -> str:
        """For people, where an event stands: `.phasegate/<run>/journal.jsonl:3`."""
        return f".phasegate/{self.run_id}/{self.segments.place(seq)}"

    @property
    def current_task(self) -> TaskState | None:
        """The state of the current task."""
        return self.tasks[self.current] if self.current else None

    def is_done(self, key: str) -> bool:
        """Whether this task is committed, or was done before the run began."""
        begun = self.tasks.get(key)
        return begun is not None and begun.status == TaskStatus.DONE

    @property
    def last_task(self) -> str:
        """Key of the task after whose commit the run is over; "" for a plan of which all was taken over as done."""
        return next((task.key for task in reversed(self.sequence) if not self.task(task.key).adopted), "")

    @property
    def outcome(self) -> Outcome:
        """How the run has ended, as far as its journal and `commit_found` tell."""
        if not self.aborted and not all(self.is_done(task.key) for task in reversed(self.sequence)):
            return Outcome.NONE  # nearly always: told by the last task alone
        return self.position.outcome

    @property
    def last_known_commit(self) -> str:
        """The newest commit of the run that an event names; where it began before there is one."""
        commits = (state.commit for state in reversed(self.tasks.values()) if state.commit)
        return next(commits, self.start.base)

    @property
    def position(self) -> Position:
        """Where the run stands: at the task under way, else before the first one that is not done."""
        current = self.current_task
        if current is not None and current.status != TaskStatus.DONE:
            due = current.key
        else:
            due = next((task.key for task in self.sequence if not self.is_done(task.key)), "")
        return Position(due, current is not None, self.rollback is not None, self.aborted)

    def task(self, key: str) -> TaskState:
        """The state of this task; a fresh pending one when it has not begun."""
        return self.tasks.get(key) or TaskState(key)
