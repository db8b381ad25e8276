"""What would run? Nothing is written. Light: the reading verbs start quickly."""

from __future__ import annotations

from pathlib import Path, PurePosixPath

from gates.policy import Policies
from state.model import Shape
from state.outside_file import POLICY, read_if_there
from workflow.doors.git.plumbing import find_workspace
from workflow.policy.look_alikes import FILE, refuse_look_alikes
from workflow.runs.checks_beside import checks_of
from workflow.runs.load_plan import load_plan
from workflow.runs.missing_programs import missing_programs
from workflow.runs.workflow_catalog import KNOWN
from workflow.service.workspace import directory_at, from_the_top, workspace_and_target
from workflow.views.plan import PlanView

OWN = (".phasegate/run/journal.jsonl", "artifacts/run/working_log.md")  # where a run has files of its own


def workflow_names() -> tuple[str, ...]:
    """The workflows that phasegate has steps for."""
    return tuple(KNOWN)


def plan(directory: Path, target: str, runbook: str | None, *, shape: Shape | None = None, strict: bool) -> PlanView:
    """The plan of a workflow or a runbook, which may be anywhere: in this repository, in another one, or in none.

    With the programs that its commands and the checks beside it need and that are not here.

    Raises BadInput as `load_plan` and `checks_of`, for what looks like a policy beside the runbook or the directory,
    and as `require_fit`; WorkspaceRefused as `refuse_conversions`: what `run` refuses, this does.
    """
    start = directory_at(directory)
    with workspace_and_target(directory, target) as (workspace, name):
        runbook = from_the_top(directory, runbook) if runbook else runbook
        found = load_plan(workspace, name, runbook, or_own=True, shape=shape, strict=strict)
        here = start.relative_to(workspace) if start.is_relative_to(workspace) else Path()
        refuse_look_alikes(workspace, PurePosixPath(found.plan.runbook).parent.as_posix(), here.as_posix())
        policies = policies_here(workspace)
        if policies.rules or policies.default.key_files:
            from workflow.engine.rollback_tasks import (
                rollback_tasks,  # where the policy says something of gates or keys
            )
            from workflow.policy.policy_fit import require_fit

            require_fit(
                workspace,
                policies,
                found.workflow.name,
                found.plan,
                lambda: rollback_tasks(found.plan, found.workflow.rollback, found.data),
            )
        if policies.rules:
            from workflow.policy.shape_fit import require_shape_fit

            require_shape_fit(policies, found)
            if find_workspace(workspace) is not None:
                from workflow.policy.other_names import require_own_name  # asks git

                require_own_name(workspace, policies, found)
        if _has_attributes(workspace, found.plan.runbook):
            from workflow.doors.git.conversions import refuse_conversions  # one process of git, where there may be any

            refuse_conversions(workspace, (found.plan.runbook, *OWN), found.plan.runbook)
        checks = checks_of(workspace, found)
        missing = missing_programs(found.plan, found.workflow, checks)
        return PlanView(found.plan, found.workflow, found.data, shape, policies, tuple(missing))


def _has_attributes(workspace: Path, runbook: str) -> bool:
    """Whether a file says something of attributes, at the top or beside the runbook."""
    places = {PurePosixPath(), *PurePosixPath(runbook).parents}
    info = workspace / ".git/info/attributes"
    return info.is_file() or any((workspace / place / ".gitattributes").is_file() for place in places)


def policies_here(workspace: Path) -> Policies:
    """The policy as it lies in the workspace. Raises BadInput as `read_policies`."""
    data = read_if_there(workspace / FILE, "policy", limit=POLICY, name=FILE)
    if data is None:
        return Policies()
    from workflow.policy.policy_file import read_policies  # pydantic and YAML, only where there is something to read

    return read_policies(data)
