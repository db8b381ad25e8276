"""How is an edit of the runbook taken into its run? `resume --take-edit`; what it may touch: `check_runbook_edit.py`.

Rules:
- What waits, or was approved and is not committed, is voided by name: it was shown under another plan, and the edit
  has to be shown with the task in whose commit it rides.
- The copy of the edited text is synced before the event `runbook-taken` names it, as a run's first copy is. A copy that
  no event names was left by a process that died, and is removed.
- Everything that depends on the plan is made again: the run is opened again afterwards.
"""

from __future__ import annotations

from pathlib import Path
from shlex import quote

from state.errors import BadInput
from state.files import sha256
from state.line_endings import with_lf
from state.outside_file import read_outside
from state.run_state import RunState, copy_name
from state.task_state import SHOWN, TaskStatus
from workflow.engine.check_runbook_edit import as_ticked, edit_problems
from workflow.engine.engine import Doors, Engine
from workflow.engine.expected_runbook import ExpectedRunbook
from workflow.engine.rollback_tasks import rollback_tasks
from workflow.policy.effective_policy import PolicyInForce
from workflow.runbook.kept_runbook import read_kept
from workflow.runbook.marks import flip_all
from workflow.runbook.plan_checks import start_problems
from workflow.runs.load_plan import RunTarget, check_bindings

# a task's boxes may be ticked before it is done
TICKED = (TaskStatus.APPROVED, TaskStatus.COMMITTING, TaskStatus.VOIDED)


def apply_runbook_edit(engine: Engine) -> str:
    """Take the runbook as it is in the working tree for the rest of the run; returns the name of the run's copy of it.

    Raises BadInput when there is no edit, when no plan can be read from it, and with everything that it may not touch;
    nothing was written then.
    """
    run, workspace, runbook = engine.run, engine.workspace, engine.plan.runbook
    if engine.outcome or run.rollback:
        stands = f"over: {engine.outcome.words}" if engine.outcome else "being rolled back"
        raise BadInput(
            f"run {run.run_id} is {stands}; no edit can ride in a commit of it",
            next_command=f"phasegate {'log' if engine.outcome else 'resume'} {run.run_id}",
        )
    data = _without_own_ticks(read_outside(workspace / runbook, "runbook", limit=None, name=runbook), run)
    as_left = ExpectedRunbook(engine.open_run).now()
    if data == as_left:
        raise BadInput(f"{runbook} was not edited", next_command=f"phasegate resume {run.run_id}")
    uncommitted = run.uncommitted_versions()
    committed = [version for version in run.runbook_versions if version not in uncommitted][-1]
    if with_lf(engine.doors.git.blob("HEAD", runbook) or b"") != with_lf(as_ticked(workspace, run, committed)):
        raise BadInput(
            f"{runbook} in HEAD is not as the run left it: an edit is committed with a task of the run, after its "
            "approval, and not before",
            next_command=f"git -P log --oneline -2 -- {quote(runbook)}   # take that commit back, and keep the edit",
        )
    edited = read_kept(data, run.start)
    done = [key for key, state in run.tasks.items() if state.status == TaskStatus.DONE]
    problems = [*edit_problems(engine.plan, edited, list(run.tasks), done), *start_problems(edited)]
    if problems:
        raise BadInput(
            f"the edit of {runbook} cannot be taken into run {run.run_id}: what was approved and committed stays what "
            "it was",
            problems=problems,
            next_command=f"$EDITOR {quote(runbook)} && phasegate resume {run.run_id} --take-edit",
        )
    check_bindings(RunTarget(edited, engine.workflow, data), workspace)
    PolicyInForce(workspace, engine.doors.git, runbook).check(
        engine.workflow.name, edited, lambda: rollback_tasks(edited, engine.workflow.rollback, data)
    )
    current = run.current_task
    if current is not None and current.status in SHOWN:
        digest = current.request.digest if current.request else ""
        engine.open_run.record(
            "voided", digest=digest, changed=[f"{runbook} was edited, and the edit is taken into the run"]
        )
    file = copy_name(len(run.runbook_versions) + 1)
    engine.doors.disk.write_atomic(engine.journal.path.with_name(file), data)
    engine.open_run.record(
        "runbook-taken",
        file=file,
        sha256=sha256(data),
        plan=edited.digest,
        tasks=[{"id": task.id, "key": task.key, "title": task.title} for task in edited.tasks],
        after=current.commit if current is not None and current.status == TaskStatus.DONE else None,
    )
    return file


def _without_own_ticks(data: bytes, run: RunState) -> bytes:
    """The runbook without the ticks of a task that was approved, and whose commit was refused or is not made.

    phasegate set them for that commit; the edit voids the approval, and the next attempt takes them back in the file.
    """
    current = run.current_task
    if current is None or current.status not in TICKED:
        return data
    tasks = [task for task in read_kept(data, run.start).tasks if task.key == current.key]
    return flip_all(data, [box for task in tasks for box in task.boxes() if box.done], to=" ")


def remove_untaken(directory: Path, run: RunState, doors: Doors) -> None:
    """Remove the copy of an edit that a process was about to take when it died: no event names it.

    One that git knows was taken: it is the journal that is an older copy then, which others find out.
    """
    left = directory / copy_name(len(run.runbook_versions) + 1)
    if left.exists() and not doors.git.tree_ids("HEAD", [f".phasegate/{run.run_id}/{left.name}"]):
        left.unlink()
        doors.disk.sync_directory(directory)
