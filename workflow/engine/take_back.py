"""How does who handed work in take it back? Until it is approved, and as a new attempt.

Rules:
- Nothing is deleted: what was handed in, answered and shown stays in the journal, and the page of the next attempt says
  that it was taken back.
- Who rejects somebody else's work says so by `reject`; here it is one's own alone, by the address of the git identity.
"""

from __future__ import annotations

from dataclasses import replace

from gates.policy import email_of
from state.errors import BadInput
from state.evidence import By
from state.model import PlannedTask
from state.task_events import TAKEN_BACK
from state.task_state import TaskStatus
from workflow.engine.open_run import OpenRun


def take_back(run: OpenRun, task: PlannedTask, by: By) -> None:
    """Send the task back to work. Raises BadInput, with nothing recorded, where that is not this person's to do."""
    state, run_id = run.state.task(task.key), run.run_id
    if state.handed_in is None or state.status not in (TaskStatus.WORKING, TaskStatus.IN_REVIEW):
        stands = "is approved" if state.status in (TaskStatus.APPROVED, TaskStatus.COMMITTING) else "was not handed in"
        raise BadInput(
            f"task {task.label} {stands}, so it cannot be taken back: expected work that waits for its approval",
            next_command=f"phasegate status {run_id}",
        )
    if email_of(state.handed_in.by.git) != email_of(by.git):
        raise BadInput(
            f"task {task.label} was handed in by {state.handed_in.by.git}, and you are {by.git}: who handed it in "
            "takes it back, anybody may reject it",
            next_command=f"phasegate reject {run_id} --reason TEXT",
        )
    if state.request is not None:
        taken_by = replace(by, git=state.handed_in.by.git)  # one address, one name in both
        run.record("rejected", digest=state.request.digest, reason=TAKEN_BACK, by=taken_by)
    else:
        run.record("step-failed", reason=f"{TAKEN_BACK}: {state.handed_in.by.git}", problems=[])
