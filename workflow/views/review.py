"""What waits for approval, as data and as text? For the engine's prompt and for `status --review`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from gates.boxes import boxes_to_tick
from gates.fields import fields_to_fill
from state.errors import BadInput
from state.model import Plan, PlannedTask
from state.position import READY
from state.run_state import RunState
from state.task_state import TaskStatus
from workflow.engine.commit import commit_paths, message_in
from workflow.engine.foreign_commits import came_since
from workflow.engine.gatekeeper import policy_of
from workflow.ports import ReviewView
from workflow.runs.load_plan import plan_of
from workflow.runs.workflow_catalog import workflow_of
from workflow.views.place import place_of
from workflow.views.review_page import all_checks, review_page

if TYPE_CHECKING:
    from workflow.git_port import Git


def review_view(workspace: Path, plan: Plan, log: str, run: RunState, task: PlannedTask, git: Git) -> ReviewView:
    """Everything that the digest of this task's evidence covers, and what came since; its `diff` is empty.

    The task must be worked.

    `log`: workspace path of the working log.
    """
    state = run.task(task.key)
    assert state.request is not None and state.worked is not None
    first = next((each.key for each in run.sequence if not run.task(each.key).adopted), "")
    keys = (task.key, READY) if task.key == first else (task.key,)  # what was noted before any task is for its approver
    return ReviewView(
        place=place_of(plan, run, task),
        workflow=plan.name,
        task=task,
        request=state.request,
        worked=state.worked,
        answers=state.answers,
        given_by=state.given_by,
        refusals=tuple(state.refusals),
        message=message_in(plan, run, task),
        paths=commit_paths(workspace, log, run, state),
        policy=policy_of(state),
        approved_by=[each.by.git for each in state.approvals],
        diff=lambda: "",
        runbook_as_it_is="" if _changes_runbook(run, task) else run.start.runbook,
        notes=[f"{by}: {text}" for _at, key, text, by in run.notes if key in keys],
        came_since=came_since(git, run, state),
    )


def _changes_runbook(run: RunState, task: PlannedTask) -> bool:
    """Whether the task's commit ticks a box, fills in a field, or is the first behind an edit of the runbook."""
    edits = [version for version in run.uncommitted_versions() if version.since > run.start.seq]
    return bool(edits or boxes_to_tick(run, task) or fields_to_fill(run, task))


def waiting_page(workspace: Path, run: RunState, git: Git) -> str:
    """The page that waits for approval, with every check in full. Raises BadInput when nothing waits."""
    current = run.current_task
    if current is None or current.status != TaskStatus.IN_REVIEW:
        raise BadInput(
            f"run {run.run_id} waits for no verdict: it is {current.status if current else 'ready'}",
            next_command=f"phasegate status {run.run_id}",
        )
    plan = plan_of(workspace, run)
    workflow = workflow_of(run.start)
    view = review_view(workspace, plan, workflow.log, run, plan.task(current.key), git)
    page = review_page(view)
    if view.worked.checks:
        page += "\n### Every check\n\n" + all_checks(view)
    return page
