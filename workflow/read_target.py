"""Which plan is meant? The runbook named on the command line, or the one a run was started with."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from phases.step import Workflow
from state.errors import BadInput, JournalDamaged, Problem
from state.files import sha256
from state.journal import run_directory
from state.model import Plan
from state.run_state import RunState
from workflow.rollback_tasks import with_rollback
from workflow.runbook.reader import read_runbook
from workflow.workflows import find_workflow, guided


class Target(NamedTuple):
    """What is to run: the plan, how its tasks are done, and the runbook's bytes."""

    plan: Plan
    workflow: Workflow
    data: bytes


def read_target(workspace: Path, target: str, runbook: str | None, *, or_own: bool = False) -> Target:
    """The workflow or runbook file named on the command line.

    With `or_own` a workflow whose runbook is not in the workspace is read from phasegate's own copy.

    Raises BadInput when there is no such workflow or file, and with every problem of the runbook.
    """
    if target.endswith((".md", ".markdown")):
        workflow = guided(Path(target).stem)
        path = runbook or target
    else:
        workflow = find_workflow(target)
        path = runbook or workflow.runbook
    relative = _inside(workspace, path)
    try:
        if or_own and workflow.steps and runbook is None and not (workspace / relative).exists():
            data = workflow.runbook_text()
        else:
            data = (workspace / relative).read_bytes()
    except (FileNotFoundError, IsADirectoryError) as error:
        known = not target.endswith((".md", ".markdown"))
        raise BadInput(
            f"runbook {relative} is not there",
            next_command=f"phasegate init {target}   # puts one there" if known else "ls *.md",
        ) from error
    plan = read_runbook(data, name=workflow.name, path=relative)
    _check_bindings(plan, workflow, workspace)
    return Target(plan, workflow, data)


def _inside(workspace: Path, path: str) -> str:
    full = (workspace / path).resolve()
    if not full.is_relative_to(workspace.resolve()):
        raise BadInput(
            f"runbook {path} lies outside of the repository {workspace.name}; its marks could not be committed"
        )
    return full.relative_to(workspace.resolve()).as_posix()


def _check_bindings(plan: Plan, workflow: Workflow, workspace: Path) -> None:
    """Every file a step reads is written by an earlier one or is there already."""
    written: set[str] = set()
    problems = []
    for task in plan.tasks:
        step = workflow.step_for(task)
        if step is None:
            continue
        missing = [path for path in step.reads if path not in written and not (workspace / path).exists()]
        problems += [
            Problem(f"{plan.runbook}:{task.line}", f"task {task.label} reads {path}, which no task before it writes")
            for path in missing
        ]
        written |= set(step.writes)
    if problems:
        raise BadInput(f"{plan.runbook} leaves out tasks that others need", problems=problems)


def plan_of(workspace: Path, run: RunState) -> Plan:
    """The plan a run was started with, from its own copy of the runbook, and the way back that it has taken.

    Raises JournalDamaged when that copy is not the one the journal names.
    """
    copy = run_directory(workspace, run.run_id) / "runbook.md"
    data = copy.read_bytes() if copy.is_file() else b""
    if sha256(data) != run.start["runbook_sha256"]:
        raise JournalDamaged(
            f"{copy.relative_to(workspace)} is not the runbook that run {run.run_id} started with: "
            f"expected {run.start['runbook_sha256'][:12]}, seen {sha256(data)[:12]}",
            next_command=f"git -P show {run.start['base'][:10]}:./{run.start['runbook']} > "
            f"{copy.relative_to(workspace).as_posix()}, then: phasegate resume {run.run_id}",
        )
    plan = read_runbook(data, name=run.start["workflow"], path=run.start["runbook"])
    if plan.digest != run.start["plan"]:
        raise JournalDamaged(
            f"this phasegate reads another plan from the runbook than the one run {run.run_id} started with",
            next_command="use the version of phasegate that started the run, or abort it",
        )
    return with_rollback(plan, run)
