"""Why does a command that drives a run end, and what is waited for? The last line of `--json` (docs/json.md)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from state.cheap_classes import dataclass
from state.json_values import Json, format_time
from state.model import PlannedTask
from state.run_state import RunState
from state.task_boxes import boxes_of
from state.task_state import TaskState, TaskStatus
from workflow.views.boxes import how_to_approve
from workflow.views.sent_back import is_taken_back

WAITING = 3  # exit code


@dataclass(frozen=True, slots=True)
class StandsAt:
    """The task that the run stands at, with all that somebody needs to do it or to decide on it.

    Attributes:
        by_hand: whether a person does it.
        taken_back: whether it is `rejected` because who handed it in took it back.
        box_by_box: whether each of its boxes is answered by itself.
    """

    task: PlannedTask
    status: str
    attempt: int
    refusals: Sequence[str]
    by_hand: bool
    box_by_box: bool = False
    taken_back: bool = False

    def to_json(self) -> dict[str, Json]:
        task = self.task
        return {
            "key": task.key,
            "id": task.id,
            "title": task.title,
            "kind": task.kind,
            "optional": task.optional,
            "status": self.status,
            "attempt": self.attempt,
            "text": task.text,
            "refusals": list(self.refusals),
            "requirements": list(task.requirements),
            "exit_criteria": list(task.exit_criteria),
            "commands": [{"text": each.text, "placeholders": list(each.placeholders)} for each in task.commands],
            "boxes": [
                {"number": box.number, "text": box.text, "follows_from": list(box.below)}
                for box in (boxes_of(task) if self.box_by_box else ())
            ],
            "by_hand": self.by_hand,
            "taken_back": self.taken_back,
        }


@dataclass(frozen=True, slots=True)
class Stopped:
    """Where a run stands when its process ends.

    Attributes:
        state: the machine's.
        next_command: what to type now, or "".
        waits_for: `work`, `answer`, `approval`, or None.
        digest, expires_at: of what waits for approval; `approve`: the command that approves it.
    """

    run: str
    exit_code: int
    state: str
    message: str
    next_command: str
    waits_for: str | None = None
    task: StandsAt | None = None
    digest: str = ""
    expires_at: datetime | None = None
    approve: str = ""

    def to_json(self) -> Mapping[str, Json]:
        body: dict[str, Json] = {
            "type": "stopped",
            "run": self.run,
            "exit_code": self.exit_code,
            "state": self.state,
            "message": self.message,
            "next": self.next_command,
            "waits_for": self.waits_for,
            "task": self.task.to_json() if self.task is not None else None,
        }
        if self.expires_at is not None:
            body["digest"] = self.digest
            body["approve"] = self.approve
            body["expires_at"] = format_time(self.expires_at)
        return body


def stopped(
    run: RunState, state: str, task: PlannedTask | None, *, by_hand: bool, exit_code: int, message: str, following: str
) -> Stopped:
    """The view of a run that stands in this state of the machine; `task` is the one it stands at, if it is at one."""
    current = run.current_task
    if current is None or task is None or current.key != state:
        return Stopped(run.run_id, exit_code, state, message, following)
    request = current.request if current.status == TaskStatus.IN_REVIEW else None
    return Stopped(
        run.run_id,
        exit_code,
        state,
        message,
        following,
        _waits_for(current, by_hand=by_hand, exit_code=exit_code),
        StandsAt(
            task,
            current.status,
            current.attempt,
            tuple(current.refusals),
            by_hand,
            by_hand and not run.is_of_0_1,
            is_taken_back(current),
        ),
        request.digest if request is not None else "",
        request.expires_at if request is not None else None,
        how_to_approve(run, current)[0] if request is not None else "",
    )


def _waits_for(current: TaskState, *, by_hand: bool, exit_code: int) -> str | None:
    if current.status == TaskStatus.IN_REVIEW and current.request is not None:
        return "approval"
    if current.status == TaskStatus.WORKING and by_hand and current.handed_in is None:
        return "work"
    return "answer" if exit_code == WAITING else None
