"""What does an audit hand back? One line per task, the findings, and what it cannot prove."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from state.counted import counted
from state.evidence import RecordedPolicy
from state.json_values import Json, format_time
from state.task_name import number_and_title
from workflow.audit.findings import Finding, Unprovable
from workflow.audit.timeline import Span
from workflow.views.items import ItemLine
from workflow.views.status import SKIPPED, shown_status

FORMAT = 1  # of the JSON; raised when a field is renamed or removed


DONE = ("done", "adopted")  # statuses of tasks that nothing is left to do for


@dataclass(frozen=True, slots=True)
class TaskLine:
    """One task as the audit found it.

    Attributes:
        status: as `phasegate status` has it; "done" only when its commit is known.
        attempt: how often it was begun, 0 when it was not.
        commit, author, committed_at: of its commit; "" and None while there is none.
        approved_by: everyone whose approval counted; `via`: how the last one was given.
        signed: whether each approval that counted was signed, and verified.
        policy: what the gate asked for, as the journal records it (docs/journal-format.md).
        digest: what was approved.
        files: how many files the commit changed; None where this clone begins with it.
        refusals: why earlier attempts were sent back, oldest first.
        skipped: why it is left out, where it was handed in as that, or "".
        not_passed: its commands that did not pass, and what became of each.
        items: its items, each with its verdict and what that rests on.
        back: it is a state of the rollback, not of the runbook.
    """

    key: str
    id: str
    title: str
    status: str
    attempt: int = 0
    commit: str = ""
    author: str = ""
    committed_at: datetime | None = None
    approved_by: tuple[str, ...] = ()
    approved_at: datetime | None = None
    via: str = ""
    signed: bool = False
    policy: RecordedPolicy | None = None
    digest: str = ""
    files: int | None = 0
    refusals: Sequence[str] = ()
    skipped: str = ""
    items: tuple[ItemLine, ...] = ()
    not_passed: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """As people know the task."""
        return number_and_title(self.id, self.title) or self.key

    @property
    def shown(self) -> str:
        """The status for people, who are told apart what was done and what was left out."""
        return shown_status(self.status, self.skipped)

    @property
    def files_in_words(self) -> str:
        """How many files its commit changed, where that can be known: a shallow clone has nothing to compare with."""
        return "how many files is not known here" if self.files is None else counted(self.files, "file")

    @property
    def how(self) -> str:
        """How it was approved."""
        return f"{self.via}, signed" if self.signed else self.via

    back: bool = False

    def to_json(self) -> dict[str, Json]:
        return {
            "key": self.key,
            "id": self.id,
            "title": self.title,
            "status": self.status,
            "attempt": self.attempt,
            "commit": self.commit or None,
            "author": self.author or None,
            "committed_at": _time(self.committed_at),
            "approved_by": list(self.approved_by),
            "approved_at": _time(self.approved_at),
            "via": self.via or None,
            "signed": self.signed,
            "policy": self.policy.to_json() if self.policy else None,
            "digest": self.digest or None,
            "files": self.files,
            "refusals": list(self.refusals),
            "rollback": self.back,
            "skipped": self.skipped or None,
            "items": [item.to_json() for item in self.items],
            "not_passed": list(self.not_passed),
        }


@dataclass(frozen=True, slots=True)
class RunAudit:
    """The audit of one run.

    Attributes:
        state: "ready", a task's key, "complete", "rolling_back", "rolled_back" or "aborted"; "unknown" when no
            journal can be read.
        tip: the commit that was audited; `commits`: how many were looked at, `own_commits`: the run's own.
        git_sequence, journal_sequence: the states as git alone tells them, and as the journal does.
        spans: for the timeline.
    """

    run: str
    workflow: str
    runbook: str
    state: str
    tip: str
    commits: int
    own_commits: int
    tasks: Sequence[TaskLine]
    findings: Sequence[Finding]
    unprovable: Sequence[Unprovable]
    git_sequence: Sequence[str]
    journal_sequence: Sequence[str]
    spans: Sequence[Span]

    @property
    def done(self) -> int:
        return sum(task.status in DONE for task in self.tasks)

    @property
    def skipped(self) -> int:
        """How many of those that are done are left out."""
        return sum(task.shown == SKIPPED for task in self.tasks)

    @property
    def stands(self) -> str:
        """Where the run stands, for people: `at 2.1 Build`, `rolled back`."""
        here = next((f"at {task.name}" for task in self.tasks if task.key == self.state), "")
        return here or self.state.replace("_", " ")

    def named(self, task: str) -> str:
        """A task as people know it, by its key; whatever else it is called by stays as it is."""
        return next((each.name for each in self.tasks if each.key == task), task)

    def to_json(self) -> dict[str, Json]:
        """As docs/audit.md describes it."""
        return {
            "run": self.run,
            "workflow": self.workflow,
            "runbook": self.runbook,
            "state": self.state,
            "tip": self.tip,
            "commits": self.commits,
            "own_commits": self.own_commits,
            "sound": not self.findings,
            "progress": {"done": self.done, "total": len(self.tasks)},
            "tasks": [task.to_json() for task in self.tasks],
            "findings": [
                {"code": f.code, "task": f.task or None, "commit": f.commit or None, "message": f.message}
                for f in self.findings
            ],
            "unprovable": [u.to_json() for u in self.unprovable],
            "sequence": {"git": list(self.git_sequence), "journal": list(self.journal_sequence)},
            "spans": [
                {
                    "task": span.task,
                    "attempt": span.attempt,
                    "phase": span.phase,
                    "start": _time(span.start),
                    "end": _time(span.end),
                    "ended_by": span.ended_by or None,
                }
                for span in self.spans
            ],
        }


def _time(at: datetime | None) -> str | None:
    return format_time(at) if at else None
