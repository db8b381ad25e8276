"""Where does a run stand, for a program? Its task with all that is needed to do it, and its texts.

Nothing is written.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from state.errors import Waiting
from state.event_types import Event
from state.fold import fold
from state.outside_file import INPUT, read_if_there
from state.run_state import RunState
from state.task_state import TaskState, TaskStatus
from workflow.doors.clock import SystemClock
from workflow.engine.log_parts import newest_part, part_name
from workflow.runs.find_run import choose, events_of
from workflow.runs.load_plan import plan_of
from workflow.runs.workflow_catalog import find_workflow
from workflow.service.agents_part import confirmed_by_a_person, used_up
from workflow.service.asked_here import Asked, asked_here
from workflow.service.served import gate_served
from workflow.service.shown_gate import closed_at
from workflow.service.status import require_record, resolve_commit
from workflow.service.workspace import workspace_of
from workflow.views.boxes import how_to_approve
from workflow.views.status import other_tests
from workflow.views.status_of_run import status_view
from workflow.views.stopped import Stopped, stopped


@dataclass(frozen=True, slots=True)
class Stands:
    """Where a run stands.

    Attributes:
        outcome: how it ended; empty while it has not.
        at: the state, and the task with what it waits for.
        approve: the commands by which a person approves what waits, of which one will do.
        page: the address of what waits, on the page that serves this repository now, or "".
        asked: what the task at hand asks, and nobody has answered.
        persons_step: the command by which a person does what no agent may of the task at hand, or "".
        used_up: that an agent has had all its attempts at it, where it has.
        closed: why what waits cannot be approved as it was shown, or why the attempt before failed; `following` has
            the commands that help.
    """

    outcome: str
    at: Stopped
    approve: tuple[str, ...] = ()
    page: str = ""
    asked: Sequence[Asked] = ()
    persons_step: str = ""
    used_up: Waiting | None = None
    closed: str = ""
    following: tuple[str, ...] = ()


def stands(directory: Path, run_id: str | None) -> Stands:
    """Where the run stands now. Raises as `choose`, and JournalDamaged for a copy of its runbook that is another
    and as `require_record`.
    """
    workspace, run, events = _run(directory, run_id)
    require_record(workspace, run)
    state, current = run.position.state, run.current_task
    plan = plan_of(workspace, run)
    found = next((each for each in (*plan.tasks, *plan.rollback) if each.key == state), None)
    workflow = find_workflow(run.start.workflow, or_guided=True)
    by_hand = found is not None and workflow.step_for(found) is None
    view = stopped(run, state, found, by_hand=by_hand, exit_code=0, message="", following="")
    if current is None or run.outcome:
        return Stands(run.outcome.words, view)
    if view.waits_for == "approval":
        why, following = _why_closed(workspace, run, events, current)
        if why:
            return Stands("", view, closed=why, following=following)
        return Stands("", view, tuple(how_to_approve(run, current)), gate_served(workspace, run.run_id))
    if found is None or current.key != found.key:
        return Stands("", view)
    why, following = _why_failed(run, current)
    return Stands(
        "",
        view,
        asked=asked_here(workspace, run, found) if by_hand else (),
        persons_step=confirmed_by_a_person(workspace, run, events, found) if by_hand else "",
        used_up=used_up(workspace, run, events, found),
        closed=why,
        following=following,
    )


def _why_closed(workspace: Path, run: RunState, events: list[Event], current: TaskState) -> tuple[str, tuple[str, ...]]:
    """Why nobody can approve what waits, and what to type; "" where they can."""
    request = current.request
    if request is not None and request.expires_at <= SystemClock().now():
        return "what waits has expired: it counts as rejected", (f"phasegate resume {run.run_id}   # shows it again",)
    why, following = closed_at(workspace, run, events)
    return (f"it cannot be approved as it is: {why}" if why else ""), following


def _why_failed(run: RunState, current: TaskState) -> tuple[str, tuple[str, ...]]:
    """Why the attempt before failed, where none was begun since, and what to type."""
    if current.status is not TaskStatus.FAILED or current.failure is None:
        return "", ()
    why = "\n  ".join([current.failure.reason, *current.failure.problems])
    again = f"phasegate resume {run.run_id}   # when the cause is mended"
    tests = status_view(run).tests_by
    return why, (again, other_tests(run.run_id, tests)) if tests else (again,)


def runbook_text(directory: Path, run_id: str | None) -> str:
    """The runbook of the run, as it lies in the working tree; "" where it is gone."""
    workspace, run, _events = _run(directory, run_id)
    return _text(workspace, run.start.runbook)


def working_log(directory: Path, run_id: str | None) -> str:
    """The part of the working log that the run writes to; "" before there is one."""
    workspace, run, _events = _run(directory, run_id)
    log = find_workflow(run.start.workflow, or_guided=True).log
    return _text(workspace, part_name(log, newest_part(workspace, log)))


def _text(workspace: Path, path: str) -> str:
    data = read_if_there(workspace / path, "file", limit=INPUT, name=path)
    return (data or b"").decode("utf-8", "replace")


def _run(directory: Path, run_id: str | None) -> tuple[Path, RunState, list[Event]]:
    workspace = workspace_of(directory)
    events = events_of(workspace, choose(workspace, run_id))
    run = fold(events)
    resolve_commit(workspace, run)
    return workspace, run, events
