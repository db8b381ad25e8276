"""What is one run, held by this process? Its parts, the one way in for its events, and what others recorded meanwhile.

Rules:
- Built once when a run is started or reopened, and handed to everything that works at it: no part is held twice.
- An event is written, and synced, before memory moves; memory moves by the fold alone.
- Whoever acts is an argument of what they do (`by`); without one it is whom this process acts for (`Doors.by`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from phases.step import AfterCrash, Workflow
from state.errors import Rejected, Waiting
from state.event_types import EffectIntended, Event, HandedIn, TaskStarted
from state.evidence import By, Request
from state.fold import apply
from state.journal import Journal
from state.model import Plan, PlannedTask
from state.path_word import path_word
from state.run_state import RunState
from state.task_events import AnsweredVia
from state.task_state import BY_DONE, BY_MCP, BY_NAME
from workflow.engine.counting_policy import CountingPolicy
from workflow.engine.former_work import FormerWork
from workflow.engine.masked_words import masked_fields
from workflow.policy.effective_policy import PolicyInForce
from workflow.ports import Doors, Meeting, Settings, Watcher
from workflow.runs.kept_attempts import KEPT, KeptAttempts, keep_event, place_in_repository

if TYPE_CHECKING:
    from workflow.git_port import Git

# what is recorded with who did it
BY_SOMEBODY = (
    "handed-in",
    "answered",
    "approved",
    "rejected",
    "noted",
    "aborted",
    "rollback-started",
    "runbook-taken",
    "boxes-taken-back",
    "policy-approved",
)
# about no attempt at a task
OF_THE_RUN = ("noted", "aborted", "rollback-started", "runbook-taken", "boxes-taken-back", "policy-approved")


class _AtBase:
    """What the commit holds that a run began from: `former_work.CommittedFiles`."""

    def __init__(self, git: Git, base: str) -> None:
        self._git = git
        self._base = base

    def file(self, path: str) -> bytes | None:
        return self._git.blob(self._base, path)

    def below(self, directory: str) -> Mapping[str, bytes]:
        return self._git.blobs_below(self._base, directory)


@dataclass(eq=False)
class OpenRun:
    """One run and everything that it is worked at with.

    Attributes:
        plan: the plan in force; once a rollback has begun, with the tasks of it.
        workflow: how its tasks are done; then with the steps of the rollback.
        state: folded from the journal, and kept up to date.
        policies: of the workspace, read once for all gates of the run.
        former: what earlier runs were approved for, where this one begins again.
        counting: the policy that counts for the run's gates, as commits and approvals have changed it.
        taken_on_at: how many events the journal brought when this clone first took the run on; 0 where it began here.
        unseen: what other processes recorded, and the engine has not taken account of yet.
    """

    workspace: Path
    plan: Plan
    workflow: Workflow
    journal: Journal
    state: RunState
    doors: Doors
    settings: Settings = field(default_factory=Settings)
    policies: PolicyInForce = field(init=False)
    counting: CountingPolicy = field(init=False)
    former: FormerWork = field(init=False)
    unseen: list[Event] = field(init=False, default_factory=list)
    said_by_command: frozenset[str] = frozenset()
    said_at_prompt: frozenset[str] = frozenset()  # in the attempt before, and kept
    kept: frozenset[str] = frozenset()  # of that attempt, and not recorded in this one yet
    taken_on_at: int = 0
    told_unused: set[str] = field(
        default_factory=set
    )  # answers of the file of which it was told that they do not count
    told_alone: set[str] = field(default_factory=set)  # questions whose defaults stood, since nobody can be asked
    maybe_unused: dict[str, str] = field(default_factory=dict)  # what is told of others, unless they are used after all
    left_unsaid: frozenset[str] = frozenset()  # of those: commands to be skipped, because nobody named them
    watcher: Watcher | None = None  # is told what this process records
    meeting: Meeting | None = None  # the remote at which it is held, where it is shared

    def __post_init__(self) -> None:
        if self.state.rollback:
            from workflow.engine.rollback_plan import for_rollback  # here: few runs are rolled back

            self.plan, self.workflow = for_rollback(self.plan, self.workflow, self.state, self.journal.events)
        self.policies = PolicyInForce(self.workspace, self.doors.git, self.plan.runbook)
        self.counting = CountingPolicy(
            self.policies, self.doors.git, self.state, self.journal.events, self.doors.signatures
        )

        start = self.state.start
        self.former = FormerWork(start, _AtBase(self.doors.git, start.base))

    @property
    def run_id(self) -> str:
        return self.state.run_id

    @property
    def resume_with_answers(self) -> str:
        """The command that goes on with what was added to the answers file, or changed in it."""
        return f"phasegate resume {self.run_id} --answers {path_word(self.settings.file_to_add_to)}"

    @property
    def rehearses(self) -> bool:
        """Whether work by hand is passed unasked."""
        return self.settings.rehearses(of_0_1=self.state.is_of_0_1)

    def passes_unasked(self, task: PlannedTask) -> bool:
        """Whether nobody is asked about this task: defaults answer, and `--yes` opens its gate."""
        return self.rehearses or (self.settings.yes and self.workflow.step_for(task) is not None)

    def unnamed_commit(self) -> dict[str, str]:
        """What an event says beside its own that is the first one behind a commit: which commit that is (`after`).

        Nothing in runs of format 1.
        """
        current = self.state.current_task
        if self.state.is_of_0_1 or current is None or not self.state.segments.commit_is_unnamed:
            return {}
        return {"after": current.commit} if current.commit else {}

    def answer_beforehand(self, answers: Mapping[str, str]) -> None:
        """Have these answers of a command beside those of the settings, which come first."""
        self.said_by_command = frozenset(answers).difference(self.settings.answers)
        self.settings = replace(self.settings, answers={**answers, **self.settings.answers})

    def given_via(self, name: str) -> AnsweredVia:
        """How an answer came that was given beforehand; one that is kept from a prompt came by that."""
        if self.state.is_of_0_1 or name not in self.said_by_command:
            return "answers-file"
        return "prompt" if name in self.said_at_prompt else "command"

    def record(self, type_: str, *, sync: bool = True, **fields: object) -> Event:
        """Write an event, masked, sync it, and bring the state forward.

        It is of the current attempt unless `task` and `attempt` say otherwise; of the types that are recorded with
        somebody, `by` (a By, or None) is who did it.

        Raises BadAnswer for an answer that holds a secret.
        """
        fields = masked_fields(type_, fields, self.doors.mask, self.resume_with_answers)
        current = self.state.current_task
        if current is not None and type_ not in OF_THE_RUN:
            fields = {"task": current.key, "attempt": current.attempt, **fields}
        if type_ in BY_SOMEBODY:
            by = fields.get("by") or self.doors.me
            assert isinstance(by, By)
            fields["by"] = by.to_json()
            if (
                by.is_agent
                and type_ == "answered"
                and (fields["via"], fields.get("answer")) == ("answers-file", "skip")
            ):
                fields["why"] = BY_NAME  # of an order that names no command nobody said so
            if by.is_agent and fields.get("via") in ("command", "answers-file", BY_DONE):
                fields["via"] = BY_MCP  # an agent has no other way
        fields |= self._whether_alone(type_, fields)
        request: Request | None = current.request if current is not None else None
        if self.meeting is not None:
            self.meeting.require()
        event = self.journal.append(type_, self.doors.clock.now(), sync=sync, **fields)
        apply(self.state, event)
        if event.type in KEPT and sync:  # of what a power cut may still take nothing is said to be lost
            self._keep(event)
        if self.watcher is not None:
            self.watcher.recorded(event, request)
        if self.meeting is not None and (because := self._outside_next(event)):
            self.meeting.announce(because)
        return event

    def _keep(self, event: Event) -> None:
        """Keep beside git's own files what no commit has yet of an attempt."""
        start = self.state.start
        named = KeptAttempts(start.run, start.workflow, start.runbook, place_in_repository(self.workspace))
        keep_event(self.doors.git.git_dir(), self.doors.disk, named, event)

    def _whether_alone(self, type_: str, fields: Mapping[str, object]) -> Mapping[str, object]:
        """What is recorded of whether a terminal was there: whoever drives without one does not approve that alone."""
        if self.state.is_of_0_1:
            return {}
        at_terminal = self.doors.person.at_terminal
        if type_ == "answered" and fields.get("via") == "answers-file":
            return {"terminal": at_terminal}
        if type_ == "effect-intended" and not at_terminal:
            return {"terminal": False, "by": self.doors.me.to_json()}
        return {}

    def _outside_next(self, event: Event) -> str:
        """Why the remote has to know of this event before anything else happens; "" where it need not.

        What was intended, and what a person did, is there first: whoever takes the run over does not do it again.
        """
        match event:
            case EffectIntended():
                return f"intent {event.effect}"
            case HandedIn():
                return "handed in"
            case TaskStarted():
                step = self.workflow.step_for(self.plan.task(event.task))
                return "started" if step is not None and step.after_crash is not AfterCrash.REDO else ""
        return ""

    def guard(self) -> None:
        """To be called right before a call outside: raises RunFenced where another clone may have the run by now."""
        if self.meeting is not None:
            self.meeting.guard()

    def merge_foreign_events(self, since: int) -> Sequence[Event]:
        """Bring memory to where other processes have taken the run, and return what they recorded.

        `since`: how many events the journal had when the run was let go.

        Raises Rejected when the run is being rolled back now, Waiting when it goes on with an edit of its runbook: both
        begin with a new process.
        """
        others = self.journal.events[since:]
        for event in others:
            apply(self.state, event)
            self.doors.person.progress(f"from elsewhere: {event.type} by {event.person or 'phasegate'}")
        self.unseen += others
        if self.state.rollback and not self.plan.rollback:
            raise Rejected(
                f"run {self.run_id} is being rolled back, begun elsewhere: {self.state.rollback.reason}",
                next_command=f"phasegate resume {self.run_id}",
            )
        if any(event.type == "runbook-taken" for event in others):
            raise Waiting(
                f"run {self.run_id} goes on elsewhere, with an edit of its runbook",
                next_command=f"phasegate resume {self.run_id}",
            )
        return others
