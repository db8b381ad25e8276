"""How is an edit of the runbook taken into its run? `resume --take-edit`; what it may touch: `check_runbook_edit.py`.

Rules:
- What waits, or was approved and is not committed, is voided by name: it was shown under another plan, and the edit
  has to be shown with the task in whose commit it rides.
- The copy of the edited text is synced before the event `runbook-taken` names it, as a run's first copy is. A copy that
  no event names was left by a process that died, and is removed.
- The copy has underscores wherever the run has filled in a field, as the one before it: values are laid over it. A
  filled field of a task that is done may not be changed or emptied again.
- Everything that depends on the plan is made again: the run is opened again afterwards.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from state.errors import BadInput, Problem
from state.files import sha256
from state.line_endings import with_lf
from state.model import Plan
from state.outside_file import read_outside
from state.path_word import path_word
from state.printable import as_name
from state.run_state import RunState, copy_name
from state.task_state import SHOWN, TaskStatus
from workflow.engine.check_runbook_edit import as_ticked, edit_problems
from workflow.engine.engine import Doors, Engine
from workflow.engine.expected_runbook import ExpectedRunbook, fills_of
from workflow.engine.rollback_tasks import rollback_tasks
from workflow.policy.effective_policy import PolicyInForce
from workflow.runbook.fills import Fill, filled, unfilled
from workflow.runbook.kept_runbook import read_kept
from workflow.runbook.marks import flip_all
from workflow.runbook.plan_checks import start_problems
from workflow.runs.load_plan import RunTarget, check_bindings
from workflow.trailers import copy_of_runbook

# a task's boxes may be ticked before it is done
TICKED = (TaskStatus.APPROVED, TaskStatus.COMMITTING, TaskStatus.VOIDED)


def apply_runbook_edit(engine: Engine, grown: bytes | None = None) -> str:
    """Take the runbook as it is in the working tree for the rest of the run; returns the name of the run's copy of it.

    `grown`: an edit that phasegate makes, and that the caller writes to the working tree behind its record.

    Raises BadInput when there is no edit, when no plan can be read from it, and with everything that it may not touch;
    nothing was written then.
    """
    run, workspace, runbook = engine.run, engine.workspace, engine.plan.runbook
    _require_under_way(engine)
    here = read_outside(workspace / runbook, "runbook", limit=None, name=runbook) if grown is None else grown
    data = _without_own_changes(here, engine)
    as_left = ExpectedRunbook(engine.open_run).now()
    if data == as_left:
        raise BadInput(f"{as_name(runbook)} was not edited", next_command=f"phasegate resume {run.run_id}")
    data = _with_underscores(data, engine)
    _require_uncommitted(engine)
    edited = read_kept(data, run.start)
    _require_no_problem(engine, edited)
    check_bindings(RunTarget(edited, engine.workflow, data), workspace)
    PolicyInForce(workspace, engine.doors.git, runbook).check(
        engine.workflow.name, edited, lambda: rollback_tasks(edited, engine.workflow.rollback, data)
    )
    current = run.current_task
    if current is not None and current.status in SHOWN:
        changed = [f"{as_name(runbook)} was edited, and the edit is taken into the run"]
        engine.open_run.record("voided", digest=current.request.digest if current.request else "", changed=changed)
    file = copy_name(len(run.runbook_versions) + 1)
    engine.doors.disk.write_atomic(engine.journal.path.with_name(file), data)
    engine.open_run.record(
        "runbook-taken",
        file=file,
        sha256=sha256(data),
        plan=edited.digest,
        tasks=[{"id": task.id, "key": task.key, "title": task.title} for task in edited.tasks],
        after=current.commit if current is not None and current.status == TaskStatus.DONE else None,
        **_said_grown(run, grown),
    )
    return file


def _said_grown(run: RunState, grown: bytes | None) -> dict[str, bool]:
    return {"grown": True} if grown is not None and not run.is_of_0_1 else {}


def _require_under_way(engine: Engine) -> None:
    outcome, run_id = engine.outcome, engine.run.run_id
    if outcome or engine.run.rollback:
        stands = f"over: {outcome.words}" if outcome else "being rolled back"
        raise BadInput(
            f"run {run_id} is {stands}; no edit can ride in a commit of it",
            next_command=f"phasegate {'log' if outcome else 'resume'} {run_id}",
        )


def _require_uncommitted(engine: Engine) -> None:
    """Raise BadInput unless HEAD holds the runbook as the run left it."""
    run, runbook = engine.run, engine.plan.runbook
    uncommitted = run.uncommitted_versions()
    committed = [version for version in run.runbook_versions if version not in uncommitted][-1]
    as_left = as_ticked(engine.workspace, run, committed)
    if with_lf(engine.doors.git.blob("HEAD", runbook) or b"") != with_lf(as_left):
        raise BadInput(
            f"{as_name(runbook)} in HEAD is not as the run left it: an edit is committed with a task of the "
            "run, after its "
            "approval, and not before",
            next_command=(
                f"git -P log --oneline -2 -- {path_word(runbook)}   # take that commit back, and keep the edit"
            ),
        )


def _require_no_problem(engine: Engine, edited: Plan) -> None:
    """Raise BadInput with everything that the edit may not touch, and with what keeps its boxes from being ticked."""
    run, runbook = engine.run, engine.plan.runbook
    done = [key for key, state in run.tasks.items() if state.status == TaskStatus.DONE]
    problems = [*edit_problems(engine.plan, edited, list(run.tasks), done, run), *start_problems(edited)]
    if problems:
        raise BadInput(
            f"the edit of {as_name(runbook)} cannot be taken into run {run.run_id}: what was approved and "
            "committed stays what "
            "it was",
            problems=problems,
            next_command=f"$EDITOR {path_word(runbook)} && phasegate resume {run.run_id} --take-edit",
        )


def _without_own_changes(data: bytes, engine: Engine) -> bytes:
    """The runbook without ticks and fields of a task that was approved, and whose commit was refused or is not made.

    phasegate set them for that commit; the edit voids the approval, and the next attempt takes them back in the file.
    """
    run = engine.run
    current = run.current_task
    if current is None or current.status not in TICKED:
        return data
    data = unfilled(data, _fills_in_edit(data, engine, [current.key]))
    tasks = [task for task in read_kept(data, run.start).tasks if task.key == current.key]
    return flip_all(data, [box for task in tasks for box in task.boxes() if box.done], to=" ")


def _with_underscores(data: bytes, engine: Engine) -> bytes:
    """The edited runbook with underscores again where tasks that are done have filled in a field.

    Raises BadInput where one of those was emptied.
    """
    done = [key for key, state in engine.run.tasks.items() if state.status == TaskStatus.DONE]
    fills = _fills_in_edit(data, engine, done)
    copy = unfilled(data, fills)
    if filled(copy, fills) != data:
        pairs = zip(data.split(b"\n"), filled(copy, fills).split(b"\n"), strict=True)
        line = next(number for number, (seen, left) in enumerate(pairs, 1) if seen != left)
        name = engine.plan.runbook
        raise BadInput(
            f"the edit of {name} cannot be taken into run {engine.run.run_id}: what was approved and committed stays "
            "what it was",
            problems=[Problem(f"{name}:{line}", "a field that a task has filled in is empty again")],
            next_command=f"$EDITOR {path_word(name)} && phasegate resume {engine.run.run_id} --take-edit",
        )
    return copy


def _fills_in_edit(data: bytes, engine: Engine, keys: Sequence[str]) -> list[Fill]:
    """What these tasks have filled in, on the lines where they stand in the edited runbook: they keep their places."""
    run, plan = engine.run, engine.plan
    copy = (engine.workspace / copy_of_runbook(run.run_id, run.runbook)).read_bytes()
    fills = fills_of(copy, plan, run, keys)
    if not fills:
        return []
    edited = read_kept(data, run.start).tasks
    moved = [(old, new.line - old.line) for old, new in zip(plan.tasks, edited, strict=False) if old.key in keys]
    return [
        fill._replace(line=fill.line + by)
        for old, by in moved
        for fill in fills
        if old.line <= fill.line <= old.end_line
    ]


def remove_untaken(directory: Path, run: RunState, doors: Doors) -> None:
    """Remove the copy of an edit that a process was about to take when it died: no event names it.

    One that git knows was taken: it is the journal that is an older copy then, which others find out.
    """
    left = directory / copy_name(len(run.runbook_versions) + 1)
    if left.exists() and not doors.git.tree_ids("HEAD", [f".phasegate/{run.run_id}/{left.name}"]):
        left.unlink()
        doors.disk.sync_directory(directory)
