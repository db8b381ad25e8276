"""Which run of a runbook does a run with `--again` come after? The newest of the same workflow and runbook here."""

from __future__ import annotations

from pathlib import Path

from state.errors import BadInput
from state.find_runs import find_runs
from state.fold import fold
from state.path_word import path_word
from state.printable import as_name
from workflow.runs.find_run import events_of
from workflow.runs.load_plan import RunTarget
from workflow.runs.next_copy import copy_commands


def run_before(workspace: Path, target: RunTarget) -> str:
    """Its id; "" where no box is ticked, so that nothing has to be taken back.

    Raises BadInput for a runbook of one's own, whose boxes are people's words, and where no run has ticked the boxes.
    """
    plan, workflow = target.plan, target.workflow
    if not any(box.state != " " for task in plan.tasks for box in task.boxes()):
        return ""
    if not workflow.steps:
        raise BadInput(
            f"{as_name(plan.runbook)} is done by hand: its ticks are people's words, which --again does not take back",
            next_command=copy_commands(workspace, plan.runbook),
        )
    runs = (fold(events_of(workspace, run_id)) for run_id in find_runs(workspace))
    own = [run for run in runs if (run.start.workflow, run.start.runbook) == (workflow.name, plan.runbook)]
    if not own:
        raise BadInput(
            f"boxes of {as_name(plan.runbook)} are ticked, and no run here has ticked them; --again takes none back",
            next_command=f"git -P log --oneline -- {path_word(plan.runbook)}   # who ticked them",
        )
    return max(own, key=lambda run: run.start.at).run_id
