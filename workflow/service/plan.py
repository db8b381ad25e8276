"""What would run? Nothing is written. Light: the reading verbs start quickly."""

from __future__ import annotations

from pathlib import Path, PurePosixPath

from gates.policy import Policies
from state.model import Shape
from state.outside_file import POLICY, read_if_there
from workflow.policy.effective_policy import FILE
from workflow.policy.look_alikes import refuse_look_alikes
from workflow.runs.load_plan import load_plan
from workflow.runs.workflow_catalog import KNOWN
from workflow.service.workspace import directory_at, from_the_top, workspace_and_target
from workflow.views.plan import PlanView


def workflow_names() -> tuple[str, ...]:
    """The workflows that phasegate has steps for."""
    return tuple(KNOWN)


def plan(directory: Path, target: str, runbook: str | None, *, shape: Shape | None = None, strict: bool) -> PlanView:
    """The plan of a workflow or a runbook, which may be anywhere: in this repository, in another one, or in none.

    Raises BadInput as `load_plan`, and for what looks like a policy beside the runbook or the directory.
    """
    start = directory_at(directory)
    with workspace_and_target(directory, target) as (workspace, name):
        runbook = from_the_top(directory, runbook) if runbook else runbook
        found = load_plan(workspace, name, runbook, or_own=True, shape=shape, strict=strict)
        here = start.relative_to(workspace) if start.is_relative_to(workspace) else Path()
        refuse_look_alikes(workspace, PurePosixPath(found.plan.runbook).parent.as_posix(), here.as_posix())
        return PlanView(found.plan, found.workflow, found.data, shape, _policies(workspace))


def _policies(workspace: Path) -> Policies:
    """The policy as it lies in the workspace. Raises BadInput as `read_policies`."""
    data = read_if_there(workspace / FILE, "policy", limit=POLICY, name=FILE)
    if data is None:
        return Policies()
    from workflow.policy.policy_file import read_policies  # pydantic and YAML, only where there is something to read

    return read_policies(data)
