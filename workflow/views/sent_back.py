"""Why is a task to be done once more? The refusal of the attempt before, as a line to read."""

from __future__ import annotations

from state.late_pattern import late
from state.task_state import TaskState, TaskStatus

TAKEN_BACK = "taken back by who handed it in"
_TAKEN_BACK = late(rf"^(attempt \d+) rejected by (.*): {TAKEN_BACK}$")


def in_words(refusal: str) -> str:
    """A refusal; what somebody took back was rejected by nobody, whatever the event is called."""
    return _TAKEN_BACK.sub(r"\1 taken back by \2, who handed it in", refusal)


def is_taken_back(state: TaskState) -> bool:
    """Whether its last attempt was taken back, and the next one has not begun."""
    return state.status is TaskStatus.REJECTED and bool(_TAKEN_BACK.match(state.refusals[-1]))


def why_once_more(state: TaskState) -> str:
    """Why the attempt before ended, while its work is to be done again; "" where it says so itself."""
    sent_back = state.status in (TaskStatus.REJECTED, TaskStatus.VOIDED)
    begun_again = state.status is TaskStatus.WORKING and state.attempt > 1
    return in_words(state.refusals[-1]) if state.refusals and (sent_back or begun_again) else ""
