"""Why is a task to be done once more? The refusal of the attempt before, as a line to read."""

from __future__ import annotations

from state.task_state import TaskState, TaskStatus


def is_taken_back(state: TaskState) -> bool:
    """Whether its last attempt was taken back, and the next one has not begun."""
    return state.attempt in state.taken_back and state.status in (TaskStatus.REJECTED, TaskStatus.FAILED)


def why_once_more(state: TaskState) -> str:
    """Why the attempt before ended, while its work is to be done again; "" where it says so itself."""
    sent_back = state.status in (TaskStatus.REJECTED, TaskStatus.VOIDED)
    begun_again = state.status is TaskStatus.WORKING and state.attempt > 1
    return state.refusals[-1] if state.refusals and (sent_back or begun_again) else ""
