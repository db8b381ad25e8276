"""How does a run take in tasks that its work turned out to need? As an edit of its runbook that phasegate makes itself.

Rules:
- The edit is taken as a person's is (`apply_runbook_edit.py`): kept, recorded, shown with the task in whose commit it
  rides, and opened by no policy. The attempt that needed it goes on.
- Lines go behind the task that they follow, with its indentation; nothing else of the file changes.
- The record comes first, then the file: a process that died in between is finished by the next one. In runs of format
  1, whose record cannot say that the edit is phasegate's, that one says that the runbook was changed by hand.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from phases.plan_grows import PlanGrows
from state.event_types import RunbookTaken
from state.line_endings import turned_like
from state.model import PlannedTask
from state.outside_file import read_outside
from state.printable import as_name
from workflow.engine.engine import Engine
from workflow.engine.open_run import OpenRun
from workflow.runs.load_plan import plan_of


def drive(engine: Engine, until: Callable[[PlannedTask], bool] = lambda _task: False) -> None:
    """Drive the run as `Engine.drive`, with a plan that grows where the work asks for it. Raises as that."""
    while True:
        try:
            engine.drive(until)
        except PlanGrows as grows:
            _grow(engine, grows)
        else:
            return


def _grow(engine: Engine, grows: PlanGrows) -> None:
    """Put the tasks into the runbook, and go by the plan with them. Raises `grows` where there is no such task."""
    from workflow.runs.apply_runbook_edit import apply_runbook_edit  # here: few plans grow

    before = next((task for task in engine.plan.tasks if task.id == grows.after), None)
    if before is None or engine.run.rollback:
        raise grows
    path = Path(engine.plan.runbook)
    data = read_outside(engine.workspace / path, "runbook", limit=None, name=path.as_posix())
    grown = with_tasks(data, before, grows)
    engine.doors.person.progress(
        f"{as_name(engine.plan.runbook)}: {grows.message}; the others are put behind {grows.after}"
    )
    apply_runbook_edit(engine, grown)
    engine.doors.disk.write_atomic(engine.workspace / path, grown)
    engine.go_by(plan_of(engine.workspace, engine.run))


def finish_growth(run: OpenRun) -> None:
    """Write the runbook that the run has grown to, where the process that recorded it died before."""
    state = run.state
    taken = next((event for event in reversed(run.journal.events) if isinstance(event, RunbookTaken)), None)
    if taken is None or not taken.grown or state.runbook not in state.uncommitted_versions():
        return
    from workflow.engine.check_runbook_edit import as_ticked

    file = run.workspace / run.plan.runbook
    seen = file.read_bytes() if file.is_file() else b""
    before, after = (as_ticked(run.workspace, state, version) for version in state.runbook_versions[-2:])
    if seen and seen == turned_like(before, seen):
        run.doors.disk.write_atomic(file, turned_like(after, seen))


def with_tasks(runbook: bytes, before: PlannedTask, grows: PlanGrows) -> bytes:
    """The runbook with these lines behind this task, indented as it is, with the line ends of its line."""
    lines = runbook.splitlines(keepends=True)
    own = lines[before.line - 1]
    indent = own[: len(own) - len(own.lstrip(b" \t"))]
    end = b"\r\n" if own.endswith(b"\r\n") else b"\n"
    new = [indent + line.encode() + end if line else end for line in grows.runbook_lines]
    last = before.end_line
    if not lines[last - 1].endswith(b"\n"):
        lines[last - 1] += end
    return b"".join([*lines[:last], *new, *lines[last:]])
