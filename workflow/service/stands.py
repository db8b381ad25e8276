"""Where does a run stand, for a program? Its task with all that is needed to do it, and its texts.

Nothing is written.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from state.outside_file import INPUT, read_if_there
from state.run_state import RunState, fold
from workflow.engine.log_parts import newest_part, part_name
from workflow.runs.find_run import choose, events_of
from workflow.runs.load_plan import plan_of
from workflow.runs.workflow_catalog import find_workflow
from workflow.service.served import gate_served
from workflow.service.status import require_record, resolve_commit
from workflow.service.workspace import workspace_of
from workflow.views.boxes import how_to_approve
from workflow.views.stopped import Stopped, stopped


@dataclass(frozen=True, slots=True)
class Stands:
    """Where a run stands.

    Attributes:
        outcome: how it ended; empty while it has not.
        at: the state, and the task with what it waits for.
        approve: the commands by which a person approves what waits, of which one will do.
        page: the address of what waits, on the page that serves this repository now, or "".
    """

    outcome: str
    at: Stopped
    approve: tuple[str, ...] = ()
    page: str = ""


def stands(directory: Path, run_id: str | None) -> Stands:
    """Where the run stands now. Raises as `choose`, and JournalDamaged for a copy of its runbook that is another
    and as `require_record`.
    """
    workspace, run = _run(directory, run_id)
    require_record(workspace, run)
    state, current = run.position.state, run.current_task
    plan = plan_of(workspace, run)
    found = next((each for each in (*plan.tasks, *plan.rollback) if each.key == state), None)
    workflow = find_workflow(run.start.workflow, or_guided=True)
    by_hand = found is not None and workflow.step_for(found) is None
    view = stopped(run, state, found, by_hand=by_hand, exit_code=0, message="", following="")
    waits = view.waits_for == "approval" and current is not None
    if not waits or current is None:
        return Stands(run.outcome.words, view)
    return Stands(run.outcome.words, view, tuple(how_to_approve(run, current)), gate_served(workspace, run.run_id))


def runbook_text(directory: Path, run_id: str | None) -> str:
    """The runbook of the run, as it lies in the working tree; "" where it is gone."""
    workspace, run = _run(directory, run_id)
    return _text(workspace, run.start.runbook)


def working_log(directory: Path, run_id: str | None) -> str:
    """The part of the working log that the run writes to; "" before there is one."""
    workspace, run = _run(directory, run_id)
    log = find_workflow(run.start.workflow, or_guided=True).log
    return _text(workspace, part_name(log, newest_part(workspace, log)))


def _text(workspace: Path, path: str) -> str:
    data = read_if_there(workspace / path, "file", limit=INPUT, name=path)
    return (data or b"").decode("utf-8", "replace")


def _run(directory: Path, run_id: str | None) -> tuple[Path, RunState]:
    workspace = workspace_of(directory)
    run = fold(events_of(workspace, choose(workspace, run_id)))
    resolve_commit(workspace, run)
    return workspace, run
