"""How is the status of a run told from its state? How far it came, what waits, what failed, and who is next.

Light: what is seldom there to be told is loaded where it is.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from gates.words import POLICY, UNATTENDED
from state.event_types import AttemptFailed, NamedTask
from state.evidence import Approval
from state.run_state import RunState
from state.task_state import SHOWN, TaskState, TaskStatus
from workflow.views.items import count_items
from workflow.views.sent_back import is_taken_back, why_once_more
from workflow.views.status import StatusView, TaskLine, WaitingFor, tests_by

if TYPE_CHECKING:
    from workflow.views.effects import FailedCommand

NOBODY = (POLICY, UNATTENDED)  # ways by which a gate opens without a person's word


def status_view(run: RunState, *, weaker_policy: bool = False) -> StatusView:
    """The view of a run, about whose last intended commit git was asked."""
    states = [run.task(task.key) for task in run.all_tasks]
    current = None if run.aborted else run.current_task
    to_do = _to_do(current)
    typed = list(_typed(states))
    return StatusView(
        run=run.run_id,
        workflow=run.start.workflow,
        outcome=run.outcome,
        state=run.position.shown,
        tasks=[_task(task, state) for task, state in zip(run.all_tasks, states, strict=True)],
        waiting_for=_waiting_for(run),
        to_do=to_do.key if to_do else None,
        to_do_since=to_do.started_at if to_do else None,
        done=sum(state.status == TaskStatus.DONE for state in states),
        rollback=run.rollback,
        failure=_failure(run),
        typed=len(typed),
        unsigned=sum(not each.signature for each in typed),
        to_do_by_agent=to_do is not None and _by_agent(run),
        weaker_policy=weaker_policy,
        failed_command=_failed_command(current) if current else None,
        items=count_items(states),
        once_more=why_once_more(current) if current else "",
        tests_by=tests_by(run, current.key) if current and _failed_at_tests(current) else "",
    )


def _failed_at_tests(current: TaskState) -> bool:
    return current.status == TaskStatus.FAILED and "tests" in current.effects


def _to_do(current: TaskState | None) -> TaskState | None:
    """The task, where a person's work is waited for."""
    if current is None or current.status != TaskStatus.WORKING or current.before is None:
        return None
    return None if current.handed_in else current


def _failure(run: RunState) -> AttemptFailed | None:
    current = run.current_task
    return current.failure if current and current.status == TaskStatus.FAILED else None


def _by_agent(run: RunState) -> bool:
    """Whether the task at hand is an agent's to do: its server began the run."""
    from gates.operators import is_agents_run  # here: most looks at a run find nothing to do

    return is_agents_run(run)


def _failed_command(current: TaskState) -> FailedCommand | None:
    """The latest command of the attempt, where it has not passed and is not left as it is."""
    if not current.effects or current.status not in (TaskStatus.WORKING, TaskStatus.FAILED):
        return None
    from workflow.views.effects import failed_command  # here: most looks at a run find no command

    return failed_command(current.effects, current.answers)


def _typed(states: Iterable[TaskState]) -> Iterator[Approval]:
    """The approvals that people gave, and that count."""
    for state in states:
        if state.status in (*SHOWN, TaskStatus.DONE):  # what was rejected, voided or stopped is nobody's word any more
            yield from (each for each in state.approvals if each.via not in NOBODY)


def _waiting_for(run: RunState) -> WaitingFor | None:
    current = run.current_task
    if current is None or current.status != TaskStatus.IN_REVIEW or current.request is None or run.aborted:
        return None
    # here: most looks at a run find nothing that waits
    from workflow.views.boxes import how_to_open
    from workflow.views.who_may import who_may

    request = current.request
    whom = who_may(run, current)
    by = how_to_open(run, current)
    return WaitingFor(current.key, request.digest, request.expires_at, by, request.shown_at, whom)


def _task(task: NamedTask, state: TaskState) -> TaskLine:
    status = "adopted" if state.adopted else state.status
    by, back = state.approved_by or None, is_taken_back(state)
    return TaskLine(task.id, task.key, task.title, status, state.commit, by, state.skipped, back)
