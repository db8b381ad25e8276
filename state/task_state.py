"""How far has one task come? Its status, the life cycle on one screen, and what its latest attempt has left.

The order of tasks is the machine's (`machine.py`); what moves a task is the fold (`fold.py`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import field
from datetime import datetime
from enum import StrEnum

from state.cheap_classes import dataclass
from state.event_types import Answered, AttemptFailed, CommitIntended, HandedIn, Snapshot
from state.evidence import Approval, Evidence, Request
from state.json_values import Fields


class TaskStatus(StrEnum):
    """How far a task has come; the values are in JSON for ever."""

    PENDING = "pending"
    WORKING = "working"
    IN_REVIEW = "in-review"
    APPROVED = "approved"
    COMMITTING = "committing"
    DONE = "done"
    FAILED = "failed"
    REJECTED = "rejected"
    VOIDED = "voided"
    STOPPED = "stopped"  # a rollback began before it was done


# (status before, event) -> status after; a task begins as PENDING; DONE is known by its commit
LIFE: Mapping[tuple[TaskStatus, str], TaskStatus] = {
    (TaskStatus.PENDING, "task-started"): TaskStatus.WORKING,
    (TaskStatus.WORKING, "handed-in"): TaskStatus.WORKING,
    (TaskStatus.WORKING, "answered"): TaskStatus.WORKING,
    (TaskStatus.WORKING, "effect-intended"): TaskStatus.WORKING,
    (TaskStatus.WORKING, "effect-done"): TaskStatus.WORKING,
    (TaskStatus.WORKING, "branch-switched"): TaskStatus.WORKING,
    (TaskStatus.WORKING, "worked"): TaskStatus.IN_REVIEW,
    (TaskStatus.WORKING, "step-failed"): TaskStatus.FAILED,
    (TaskStatus.IN_REVIEW, "worked"): TaskStatus.IN_REVIEW,  # the same work, under a policy approved meanwhile
    (TaskStatus.IN_REVIEW, "review-opened"): TaskStatus.IN_REVIEW,
    (TaskStatus.IN_REVIEW, "answered"): TaskStatus.WORKING,  # a word on an item: the evidence is another one with it
    (TaskStatus.IN_REVIEW, "approved"): TaskStatus.APPROVED,
    (TaskStatus.IN_REVIEW, "rejected"): TaskStatus.REJECTED,
    (TaskStatus.IN_REVIEW, "voided"): TaskStatus.VOIDED,
    (TaskStatus.APPROVED, "commit-intended"): TaskStatus.COMMITTING,
    (TaskStatus.APPROVED, "voided"): TaskStatus.VOIDED,
    (TaskStatus.COMMITTING, "commit-intended"): TaskStatus.COMMITTING,
    (TaskStatus.COMMITTING, "commit-refused"): TaskStatus.APPROVED,
    (TaskStatus.COMMITTING, "voided"): TaskStatus.VOIDED,
    (TaskStatus.FAILED, "task-started"): TaskStatus.WORKING,
    (TaskStatus.REJECTED, "task-started"): TaskStatus.WORKING,
    (TaskStatus.VOIDED, "task-started"): TaskStatus.WORKING,
}

BY_DONE = "done"
BY_MCP = "mcp"  # an agent's
BY_NAME = "by name, in `answers`"  # why a command is not run that an agent itself left out
BY_PROGRAM = (BY_DONE, BY_MCP)  # how work comes in where nobody can be asked
HAD_RUN = "had it run"  # how somebody did work who said at a prompt that a command is run
BEFOREHAND_HERE = "answers-file at a terminal"
BEFOREHAND = ("command", "answers-file", BY_MCP)  # how an answer came that nobody was asked for at a prompt

# nothing was begun, or what was begun came to nothing: an attempt is due
TO_BEGIN = (TaskStatus.PENDING, TaskStatus.FAILED, TaskStatus.REJECTED, TaskStatus.VOIDED)
# something was shown, and is not in a commit yet
SHOWN = (TaskStatus.IN_REVIEW, TaskStatus.APPROVED, TaskStatus.COMMITTING)


@dataclass(slots=True)
class TaskState:
    """One task so far; everything but `commit` belongs to its latest attempt unless said otherwise.

    Attributes:
        status: moved by the fold alone (`state.fold`).
        attempt: 0 before it began.
        adopted: it was done already when the run began, and the run took that over.
        started_at: of this attempt.
        before: for work by hand: what the working tree was like when its first attempt began.
        handed_in: how a person handed the work in, or None.
        drove: who handed in, had a command run, or answered without a prompt, before this attempt's evidence was first
            shown, and how: pairs of identity and `via`; empty in runs of format 1.
        alone: who drove a part of this attempt where no terminal was there, before its evidence was first shown: had
            something done outside, or answered by an answers file.
        was_shown: whether evidence of this attempt has been shown: words said from then on are an approver's.
        effects: name -> (intent, result or None while in doubt).
        answers: of this attempt, by question; `given_by`: whose they are and how they came.
        words: what people said of items in this attempt, by the item's id; the latest counts.
        worked: the evidence that its work left, or None.
        request: what is, or was last, put before the approver.
        approvals: of that request.
        refusals: why earlier attempts ended, oldest first (all attempts): "rejected by X: reason".
        taken_back: which of them who handed the work in took back.
        approved_by, approved_at: of the approval that opened the gate.
        template: of commit messages, as it was when this attempt began.
        commit: SHA of its commit, once a later event names it.
    """

    key: str
    status: TaskStatus = TaskStatus.PENDING
    attempt: int = 0
    adopted: bool = False
    first_started_at: datetime | None = None
    started_at: datetime | None = None
    before: Snapshot | None = None
    handed_in: HandedIn | None = None
    drove: list[tuple[str, str]] = field(default_factory=list)
    alone: list[str] = field(default_factory=list)
    was_shown: bool = False
    effects: dict[str, tuple[Fields, Fields | None]] = field(default_factory=dict)
    answers: dict[str, str] = field(default_factory=dict)
    given_by: dict[str, str] = field(default_factory=dict)
    words: dict[str, Answered] = field(default_factory=dict)
    worked: Evidence | None = None
    request: Request | None = None
    approvals: list[Approval] = field(default_factory=list)
    refusals: list[str] = field(default_factory=list)
    taken_back: list[int] = field(default_factory=list)
    failure: AttemptFailed | None = None
    approved_by: str = ""
    approved_at: datetime | None = None
    commit_intent: CommitIntended | None = None
    template: str = ""
    commit: str | None = None

    @property
    def compared_with(self) -> str:
        """The commit with which its files are compared where they are shown: of work by hand the one it began from."""
        return self.before.head if self.before is not None else "HEAD"

    @property
    def attempts_sent_back(self) -> int:
        """How many of its attempts so far count as such: those that were taken back do not."""
        return self.attempt - len(self.taken_back)

    @property
    def handed_in_by_command(self) -> bool:
        """Whether the work came by `phasegate done` or from an agent, which is, or may be, a program's doing."""
        return self.handed_in is not None and self.handed_in.via in BY_PROGRAM

    @property
    def without_terminal(self) -> bool:
        """Whether any part of its work came from where nobody could be asked, so that a program may have done it."""
        return self.part_without_terminal or (self.worked is not None and self.worked.terminal is False)

    @property
    def part_without_terminal(self) -> bool:
        """The same by what was recorded of its parts, whatever its evidence says."""
        if self.alone:
            return True
        if self.handed_in is None:
            return False
        alone = self.handed_in.terminal is False or self.handed_in_by_command
        # of an answers file of which nobody knows where it was given, whoever also said something at a prompt was there
        at_prompt = {who for who, via in self.drove if via == "prompt"}
        return alone or any(
            via in (*BY_PROGRAM, "command") or (via in BEFOREHAND and who not in at_prompt) for who, via in self.drove
        )

    @property
    def barred_by_default(self) -> bool:
        """Whether its operator is kept from approving it by a missing terminal, and not since it came by `done`."""
        return self.without_terminal and not any(via in BY_PROGRAM for _, via in (*self.drove, *self._handed_in_as))

    @property
    def _handed_in_as(self) -> Sequence[tuple[str, str]]:
        """Who handed in last, and how; in runs of format 1 `drove` does not have it."""
        return () if self.handed_in is None else ((self.handed_in.by.git, self.handed_in.via),)

    @property
    def handed_in_paths(self) -> Sequence[str]:
        """The files that a person named as the work's."""
        return self.handed_in.paths if self.handed_in is not None else ()

    @property
    def left_out(self) -> str:
        """Why it is done by being left out; "" where it is not done, or was done."""
        return self.skipped if self.status is TaskStatus.DONE else ""

    def was_left_unnamed(self, question: str) -> bool:
        """Whether a command is not run because `done` did not name it: a later one may."""
        by = self.given_by.get(question, "")
        return self.answers.get(question) == "skip" and by.endswith(("(command)", f"({BY_MCP})"))

    @property
    def skipped(self) -> str:
        """Why this optional task was left out, or ""."""
        return self.handed_in.skip if self.handed_in else ""
