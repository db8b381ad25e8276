"""What does a new process do first? Clears up after a commit that was killed, and looks whether the workspace is fit.

Rules:
- What is removed is a killed git's of this run; what a person did to files, history or runbook is named, and refused.
- In a rollback, and before it, files that were changed after their approval are no obstacle.
"""

from __future__ import annotations

from collections.abc import Collection

from state.errors import WorkspaceRefused
from state.printable import as_name
from state.task_state import TaskState, TaskStatus
from workflow.engine.commit import CommitStep
from workflow.engine.expected_runbook import ExpectedRunbook
from workflow.engine.log_parts import own_parts
from workflow.engine.open_run import OpenRun
from workflow.engine.workspace_guard import own_paths, require_artifacts, require_commits, require_runbook
from workflow.trailers import run_files


def clear_up(run: OpenRun) -> None:
    """Remove the locks of a killed git, and record a switch of branches that it made."""
    current = run.state.current_task
    if current and (current.status == TaskStatus.COMMITTING or len(run.state.branches) > 1):
        for path in run.doors.git.clear_stale_locks(run.state.branches):
            run.doors.person.progress(f"removed {as_name(path)}, left by a killed git of this run")
        from workflow.engine.step_git import find_switch  # here: few runs switch branches

        find_switch(run)


def require_trailers(run: OpenRun, commits: CommitStep) -> None:
    """Raise WorkspaceRefused when the commit that was intended last was made, and has lost what it is known by."""
    current = run.state.current_task
    if current and current.status == TaskStatus.COMMITTING and commits.lost_its_trailers(current):
        raise WorkspaceRefused(
            f"HEAD holds what was approved for task {run.plan.task(current.key).label}, but no commit carries "
            "its trailers: it was amended without them",
            next_command=f"git reset --soft HEAD~1 && phasegate resume {run.run_id}   # commits it again",
        )


def require_fit(run: OpenRun, runbook: ExpectedRunbook, *, to_roll_back: bool) -> None:
    """Raise as `Git.preflight`, and as `workflow.engine.workspace_guard`, unless the run can go on in the workspace."""
    if run.state.aborted or (run.state.outcome and not to_roll_back):
        return
    ours = run.workflow.paths(run.plan.runbook) | {*run_files(run.run_id), run.state.journal}
    ours |= own_parts(run.workspace, run.workflow.log)
    run.doors.git.preflight(sorted(ours), run.plan.runbook, resuming=True)
    if not run.state.is_of_0_1:
        kept = {
            run.plan.runbook,
            *run_files(run.run_id),
            run.state.journal,
            *own_parts(run.workspace, run.workflow.log),
        }
        run.doors.git.require_kept(sorted(kept), run.plan.runbook)
    require_commits(run)
    if to_roll_back or run.state.rollback:
        return
    current = run.state.current_task
    require_artifacts(run, _may_differ(run, current))
    if current and current.status == TaskStatus.WORKING:
        require_runbook(run, runbook)


def _may_differ(run: OpenRun, current: TaskState | None) -> Collection[str]:
    """What the task in hand writes or mends; where none is begun, what the next one mends."""
    if current is not None and current.status != TaskStatus.DONE:
        return own_paths(run.workflow.step_for(run.plan.task(current.key)))
    begins = next((each for each in run.plan.tasks if run.state.task(each.key).status != TaskStatus.DONE), None)
    step = run.workflow.step_for(begins) if begins is not None else None
    return step.mends if step else ()
