"""How does a workflow come into a repository? Its runbook, a policy, and what belongs beside them."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from gates.judged import checks_beside
from state.errors import BadInput
from state.files import Disk
from state.outside_file import read_outside
from workflow.policy.effective_policy import FILE, default_policy
from workflow.policy.look_alikes import refuse_look_alikes
from workflow.runs.checks_skeleton import checks_skeleton
from workflow.runs.load_plan import load_plan
from workflow.runs.workflow_catalog import find_workflow
from workflow.service.workspace import from_the_top, workspace_of

POLICY_FILE = FILE


@dataclass(frozen=True, slots=True)
class PutThere:
    """One file of a workflow's: where it is in the workspace, and whether it was written now or was there before."""

    path: str
    written: bool


def init(directory: Path, workflow: str, runbook: str | None, *, sample: bool = False) -> Sequence[PutThere]:
    """Write the workflow's files into the workspace, the runbook first. Nothing is overwritten, nothing is committed.

    `runbook` is where to put it, if not at the workflow's own place; `sample` adds what the workflow's demo works on.

    Raises BadInput for a workflow that is not known, and when another document is there; nothing was written then.
    """
    workspace = workspace_of(directory)
    found = find_workflow(workflow)
    path = runbook or found.runbook
    data = found.runbook_text()
    others = {FILE: default_policy(found.gates()), **found.beside(), **(found.sample() if sample else {})}
    if sample and not found.sample():
        raise BadInput(f"{workflow} has no sample; it needs none", next_command=f"phasegate init {workflow}")
    disk = Disk(workspace)
    for name in (path, *others):
        disk.require_no_link(workspace / name)
    target = workspace / path
    if target.exists() and read_outside(target, "runbook", limit=None, name=path) != data:
        raise BadInput(
            f"{path} exists and is another document; it is left as it is",
            next_command=f"phasegate init {workflow} --runbook {workflow}.md{' --sample' if sample else ''}",
        )
    return [_put(disk, workspace, name, content) for name, content in [(path, data), *others.items()]]


def init_own(directory: Path, runbook: str) -> Sequence[PutThere]:
    """Write a policy and an empty checks file beside a runbook of one's own, which comes first and stays as it is.

    Nothing is overwritten, nothing is committed.

    Raises BadInput as `load_plan` for the runbook, and for what looks like a policy; nothing was written then.
    """
    workspace = workspace_of(directory)
    plan = load_plan(workspace, from_the_top(directory, runbook), None).plan
    refuse_look_alikes(workspace, PurePosixPath(plan.runbook).parent.as_posix())
    places = checks_beside(plan.runbook)
    checks = next((path for path in places if os.path.lexists(workspace / path)), places[0])
    disk = Disk(workspace)
    others = {FILE: default_policy(), checks: checks_skeleton(plan)}
    for name in others:
        disk.require_no_link(workspace / name)
    return [
        PutThere(plan.runbook, written=False),
        *(_put(disk, workspace, name, content) for name, content in others.items()),
    ]


def _put(disk: Disk, workspace: Path, path: str, content: bytes) -> PutThere:
    target = workspace / path
    written = not target.exists()
    if written:
        disk.write_atomic(target, content)
    return PutThere(path, written)
