"""Where does a run stand, and what does it wait for? As data (docs/json.md) and as lines to read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from gates.approval import POLICY, SHORT, UNATTENDED
from state.event_types import AttemptFailed, NamedTask, RollbackStarted
from state.json_values import Json, format_time
from state.position import Outcome
from state.printable import printable_line
from state.run_state import RunState
from state.task_state import SHOWN, TaskState, TaskStatus

NOBODY = (POLICY, UNATTENDED)  # ways by which a gate opens without a person's word


@dataclass(frozen=True, slots=True)
class TaskLine:
    """One task: `status` is a value of `state.run_state.LIFE`, `done`, `stopped` or `adopted`.

    Attributes:
        skipped: whether it is optional and was left out; it is `done` then.
    """

    id: str
    key: str
    title: str
    status: str
    commit: str | None
    approved_by: str | None
    skipped: bool = False

    def to_json(self) -> dict[str, Json]:
        return {
            "id": self.id,
            "key": self.key,
            "title": self.title,
            "status": self.status,
            "commit": self.commit,
            "approved_by": self.approved_by,
        }

    @property
    def name(self) -> str:
        return self.id or self.title

    def text(self) -> str:
        status = "skipped" if self.skipped and self.status == TaskStatus.DONE else self.status
        return f"  {status:<10} {(self.commit or '')[:10]:<10}  " + f"{self.id} {self.title}".strip()


@dataclass(frozen=True, slots=True)
class WaitingFor:
    """What waits for approval: the task's key, and what has to be approved, until when."""

    task: str
    digest: str
    expires_at: datetime

    def to_json(self) -> dict[str, Json]:
        return {"task": self.task, "digest": self.digest, "expires_at": format_time(self.expires_at)}


@dataclass(frozen=True, slots=True)
class StatusView:
    """A run, as it stands.

    Attributes:
        outcome: how the run ended; empty while it has not.
        state: of the machine: `ready`, a task's key, or how the run ended; all of a rollback is `rolling_back`.
        waiting_for: what waits for approval.
        to_do: key of the task that waits for a person's work.
        done: how many tasks.
        failure: of the current task's latest attempt.
        typed, unsigned: how many approvals by people count, and how many of them are not signed.
    """

    run: str
    workflow: str
    outcome: Outcome
    state: str
    tasks: Sequence[TaskLine]
    waiting_for: WaitingFor | None
    to_do: str | None
    done: int
    rollback: RollbackStarted | None
    failure: AttemptFailed | None
    typed: int
    unsigned: int

    def to_json(self) -> dict[str, Json]:
        """As docs/json.md describes it."""
        begun = self.rollback
        return {
            "run": self.run,
            "workflow": self.workflow,
            "state": self.state,
            "tasks": [task.to_json() for task in self.tasks],
            "waiting_for": self.waiting_for.to_json() if self.waiting_for else None,
            "to_do": self.to_do,
            "progress": {"done": self.done, "total": len(self.tasks)},
            "rollback": {"reason": begun.reason, "by": begun.by.git, "at": format_time(begun.at)} if begun else None,
        }

    def lines(self) -> list[str]:
        """To read, printable; what to type now comes below (`following`)."""
        return [printable_line(line) for line in self._lines()]

    def _lines(self) -> Iterator[str]:
        at = {task.key: f"at {task.name}" for task in self.tasks}.get(self.state, self.state.replace("_", " "))
        yield f"{self.run}: {at}, {self.done} of {len(self.tasks)} done"
        yield from (task.text() for task in self.tasks)
        if self.unsigned:
            yield self._unsigned_line()
        if self.rollback:
            yield from ("", f"{self._how_far_back} because {self.rollback.reason} ({self.rollback.by.git})")
        if self.failure:
            yield from ("", f"failed: {self.failure.reason}", *(f"  {text}" for text in self.failure.problems))
        if self.waiting_for:
            short, until = self.waiting_for.digest[:SHORT], format_time(self.waiting_for.expires_at)
            yield from ("", f"waiting for approval of {short} until {until}")
        elif self.to_do:
            name = next(task.name for task in self.tasks if task.key == self.to_do)
            yield from ("", f"{name} is to be done by hand")
        elif self.following:
            yield ""

    @property
    def _how_far_back(self) -> str:
        if self.outcome is Outcome.ROLLED_BACK:
            return "rolled back"
        return "its rollback, which was not finished, was begun" if self.outcome else "is being rolled back"

    def _unsigned_line(self) -> str:
        which = "the approval is" if self.typed == 1 else f"{self.unsigned} of {self.typed} approvals are"
        return f"{which} unsigned: whoever can write here can make such a one up"

    @property
    def following(self) -> Sequence[str]:
        """The commands that may be typed now."""
        if self.waiting_for:
            return (
                f"phasegate status {self.run} --review   # read it, then",
                f"phasegate approve {self.run} --digest {self.waiting_for.digest[:SHORT]}",
            )
        if self.to_do:
            return (
                f"phasegate resume {self.run}   # shows it",
                f"phasegate done {self.run} --path FILE   # hands it in",
            )
        return () if self.outcome else (f"phasegate resume {self.run}",)


def status_view(run: RunState) -> StatusView:
    """The view of a run, about whose last intended commit git was asked."""
    states = [run.task(task.key) for task in run.all_tasks]
    current = run.current_task
    by_hand = (
        current is not None
        and current.status == TaskStatus.WORKING
        and current.before is not None
        and not current.handed_in
    )
    typed = [each for state in states for each in state.approvals if _counts(state) and each.via not in NOBODY]
    return StatusView(
        run=run.run_id,
        workflow=run.start.workflow,
        outcome=run.outcome,
        state=run.position.shown,
        tasks=[_task(task, state) for task, state in zip(run.all_tasks, states, strict=True)],
        waiting_for=_waiting_for(run),
        to_do=current.key if current and by_hand and not run.aborted else None,
        done=sum(state.status == TaskStatus.DONE for state in states),
        rollback=run.rollback,
        failure=current.failure if current and current.status == TaskStatus.FAILED else None,
        typed=len(typed),
        unsigned=sum(not each.signature for each in typed),
    )


def _counts(state: TaskState) -> bool:
    """Whether its approvals count: what was rejected, voided or stopped is nobody's word any more."""
    return state.status in (*SHOWN, TaskStatus.DONE)


def _waiting_for(run: RunState) -> WaitingFor | None:
    current = run.current_task
    if current is None or current.status != TaskStatus.IN_REVIEW or current.request is None or run.aborted:
        return None
    return WaitingFor(current.key, current.request.digest, current.request.expires_at)


def _task(task: NamedTask, state: TaskState) -> TaskLine:
    status = "adopted" if state.adopted else state.status
    skip = state.handed_in.skip if state.handed_in is not None else ""
    return TaskLine(task.id, task.key, task.title, status, state.commit, state.approved_by or None, bool(skip))
