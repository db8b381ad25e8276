"""How does a runbook that was run begin again? `run --again`: its ticked boxes are taken back, as a recorded order.

Rules:
- The run starts with the runbook as it is committed; the order puts the same runbook with open boxes in force, as an
  edit that touches boxes alone. It rides in the first task's commit, and its page shows it.
- The copy is synced first, then the event names it, then the file changes. A process that died in between is finished
  by the next one: the run's start says that it is one that begins again.
"""

from __future__ import annotations

from state.files import blob_id, sha256
from state.line_endings import turned_like
from state.model import Plan
from state.run_state import copy_name
from workflow.engine.open_run import OpenRun
from workflow.runbook.kept_runbook import read_kept
from workflow.runbook.marks import flip_all


def with_open_boxes(data: bytes, plan: Plan) -> bytes:
    """The runbook that the plan was read from, every box of it open."""
    boxes = {box.offset: box for task in plan.tasks for box in task.boxes() if box.state != " "}
    return flip_all(data, boxes.values(), to=" ")


def take_boxes_back(run: OpenRun) -> Plan:
    """Put the runbook with open boxes in force, in the journal and in the working tree; returns its plan.

    Whatever of it is done already is left as it is.
    """
    state, workspace = run.state, run.workspace
    directory = run.journal.path.parent
    name = copy_name(2)
    if len(state.runbook_versions) == 1:
        before = (directory / copy_name(1)).read_bytes()
        after = with_open_boxes(before, run.plan)
        opened = read_kept(after, state.start)
        git, path = run.doors.git, run.plan.runbook
        held = git.blob("HEAD", path) or b""
        run.doors.disk.write_atomic(directory / name, after)
        run.record(
            "boxes-taken-back",
            file=path,
            before=git.tree_entries("HEAD", [path])[path].blob,
            after=blob_id(turned_like(after, held), git.head()),
            sha256=sha256(after),
            plan=opened.digest,
            via="command",
        )
    file, copy = workspace / run.plan.runbook, (directory / name).read_bytes()
    seen = file.read_bytes() if file.is_file() else b""
    if seen and seen == turned_like((directory / copy_name(1)).read_bytes(), seen):
        run.doors.disk.write_atomic(file, turned_like(copy, seen))
    return read_kept(copy, state.start)
