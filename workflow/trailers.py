"""By which words is a run's commit known, and which files are the run's own? Light: `status` needs no more."""

from __future__ import annotations

from state.run_state import RunbookVersion, RunState
from state.task_state import TaskState

RUN, TASK, APPROVAL, APPROVER, END = (
    "Phasegate-Run",
    "Phasegate-Task",
    "Phasegate-Approval",
    "Approved-by",
    "Phasegate-End",
)

ATTRIBUTES = ".phasegate/.gitattributes"  # of all runs: workflow/runs/git_attributes.py


def trailers(run: RunState, state: TaskState) -> dict[str, str]:
    """What names this commit for ever: run, task and the approved digest."""
    assert state.request is not None
    return {
        RUN: run.run_id,
        TASK: state.key,
        APPROVAL: state.request.digest,
    }


def run_files(run_id: str) -> tuple[str, str]:
    """Workspace paths of the run's journal and of the runbook that it started with."""
    return f".phasegate/{run_id}/journal.jsonl", f".phasegate/{run_id}/runbook.md"


def copy_of_runbook(run_id: str, version: RunbookVersion) -> str:
    """Workspace path of the run's copy of a runbook that has been in force."""
    return f".phasegate/{run_id}/{version.file}"
