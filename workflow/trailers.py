"""By which words is a run's commit known, and which files are the run's own? Light: `status` needs no more."""

from __future__ import annotations

from state.evidence import AGENT
from state.printable import printable_line
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


def approvers(run: RunState, state: TaskState) -> list[str]:
    """The values of `Approved-by` in the task's commit, each once: names as the working log shows them.

    Runs that began before names were escaped keep theirs, as the message that their journal intends has them.
    """
    names = list(dict.fromkeys(each.by.git for each in state.approvals))
    intended = state.commit_intent.message.split("\n") if state.commit_intent else []
    if run.is_of_0_1 or (intended and all(f"{APPROVER}: {name}" in intended for name in names)):
        return names
    return list(dict.fromkeys(map(printable_line, names)))


def agent_author(state: TaskState) -> str:
    """The author of the task's commit where an agent did the work, `NAME (agent) <agent@localhost>`; else ""."""
    by = state.worked.by if state.worked is not None else None
    return f"{by.git.removeprefix(AGENT)} (agent) <agent@localhost>" if by is not None and by.is_agent else ""


def run_files(run_id: str) -> tuple[str, str]:
    """Workspace paths of the run's journal and of the runbook that it started with."""
    return f".phasegate/{run_id}/journal.jsonl", f".phasegate/{run_id}/runbook.md"


def copy_of_runbook(run_id: str, version: RunbookVersion) -> str:
    """Workspace path of the run's copy of a runbook that has been in force."""
    return f".phasegate/{run_id}/{version.file}"
