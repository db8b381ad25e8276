"""Which task of a run waits for a verdict?"""

from __future__ import annotations

from state.run_state import RunState
from state.task_state import TaskState, TaskStatus


def waits_at(run: RunState) -> TaskState | None:
    """The task that waits for a verdict, in a run that can say under which policy."""
    current = None if run.aborted else run.current_task
    if current is None or current.status != TaskStatus.IN_REVIEW or current.worked is None or run.is_of_0_1:
        return None
    return current if current.worked.policy is not None else None
