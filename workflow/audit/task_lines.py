"""How does a report list the tasks of a run, and where does it say that the run stands? By its commits."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

from state.machine import END_STATES
from state.position import Outcome, Position
from state.run_state import RunState
from state.task_state import TaskState, TaskStatus
from workflow.audit.claims import Claims
from workflow.audit.report import DONE, TaskLine
from workflow.views.commands_left import commands_left
from workflow.views.items import items_of


def task_lines(run: RunState | None, claims: Claims, signed: Collection[str]) -> list[TaskLine]:
    """A line for each task; of a run without a journal those that its commits name, which `signed` says nothing of."""
    if run is not None:
        back = run.rollback.tasks if run.rollback else ()
        return [
            _line(task.key, task.id, task.title, run, claims, task.key in signed, back=task in back)
            for task in run.all_tasks
        ]
    keys = [key for key in dict.fromkeys(claims.git_sequence) if key not in (*END_STATES, Outcome.ROLLED_BACK.trailer)]
    return [_line(key, "", "", None, claims, False) for key in keys]


def _line(
    key: str, id_: str, title: str, run: RunState | None, claims: Claims, signed: bool, *, back: bool = False
) -> TaskLine:
    state = run.task(key) if run else TaskState(key)
    line = TaskLine(
        key=key,
        id=id_,
        title=title,
        status=_status(state, claims),
        attempt=state.attempt,
        signed=signed,
        policy=state.worked.policy if state.worked else None,
        refusals=tuple(state.refusals),
        skipped=state.skipped,
        items=items_of(state),
        not_passed=tuple(commands_left(state)),
        back=back,
    )
    if commit := claims.commit_of.get(key):
        files = None if commit.boundary else len(commit.changes)
        line = replace(line, commit=commit.sha, author=commit.author, committed_at=commit.at, files=files)
    if state.approvals:
        who, last = tuple(dict.fromkeys(each.by.git for each in state.approvals)), state.approvals[-1]
        line = replace(line, approved_by=who, approved_at=last.at, via=last.via, digest=last.digest)
    return line


def _status(state: TaskState, claims: Claims) -> str:
    """As `TaskLine.status`; "missing" when the journal knows of a commit that is not there."""
    if state.adopted:
        return "adopted"
    if state.key in claims.commit_of or state.key in claims.out_of_sight:
        return "done"
    return "missing" if state.status == TaskStatus.DONE else state.status


def shown_state(run: RunState | None, tasks: Sequence[TaskLine]) -> str:
    """Where the run stands, as its commits say it; "unknown" without a journal."""
    if run is None:
        return "unknown"
    rolls_back = run.rollback is not None
    left = (task.key for task in tasks if task.status not in DONE and task.back is rolls_back)
    return Position(next(left, ""), run.current_task is not None, rolls_back, run.aborted).shown
