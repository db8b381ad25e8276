"""`plan`: look at what would run. Nothing is written."""

from __future__ import annotations

import json
from pathlib import Path, PurePosixPath
from typing import Any

import click

from phases.step import Workflow
from state.model import Plan, Shape
from state.outside_file import POLICY, read_if_there
from workflow.cli.place import directory_of
from workflow.cli.reading import AS, RUNBOOK, STRICT
from workflow.cli.say import say
from workflow.doors.git.plumbing import find_workspace
from workflow.engine.commit_message import commit_message
from workflow.policy.effective_policy import FILE
from workflow.policy.look_alikes import refuse_look_alikes
from workflow.runs.load_plan import load_plan


@click.command()
@click.argument("target", metavar="WORKFLOW|FILE.md")
@RUNBOOK
@AS
@STRICT
@click.option("--json", "as_json", is_flag=True, help="As JSON (docs/json.md).")
@click.option("--mermaid", is_flag=True, help="As a Mermaid state diagram.")
@click.pass_context
def plan(
    ctx: click.Context,
    target: str,
    runbook: str | None,
    shape: Shape | None,
    strict: bool,
    as_json: bool,
    mermaid: bool,
) -> None:
    """Show what would run: states, gates, artifacts, commit messages; what is no task, and what is odd."""
    start = directory_of(ctx)
    workspace = find_workspace(start) or start
    found = load_plan(workspace, target, runbook, or_own=True, shape=shape, strict=strict)
    here = start.relative_to(workspace) if start.is_relative_to(workspace) else Path()
    refuse_look_alikes(workspace, PurePosixPath(found.plan.runbook).parent.as_posix(), here.as_posix())
    template = _commit_template(workspace)
    if mermaid:
        from state.machine import plan_mermaid

        click.echo(plan_mermaid(found.plan), nl=False)
    elif as_json:
        click.echo(json.dumps(_plan_json(found.plan, found.workflow, template), ensure_ascii=False, indent=2))
    else:
        from workflow.cli.plan_listing import listing

        say(listing(found.plan, found.workflow, found.data, shape, template))


def _commit_template(workspace: Path) -> str:
    """The template of commit messages in the policy as it lies in the workspace. Raises BadInput as `read_policies`."""
    data = read_if_there(workspace / FILE, "policy", limit=POLICY, name=FILE)
    if data is None:
        return ""
    from workflow.policy.policy_file import read_policies  # pydantic and YAML, only where there is something to read

    return read_policies(data).commit


def _plan_json(plan: Plan, workflow: Workflow, template: str) -> dict[str, Any]:
    body = plan.to_json()
    body["log"] = workflow.log
    steps = {task.key: workflow.step_for(task) for task in plan.tasks}
    body["states"] = [
        {
            "key": task.key,
            "id": task.id,
            "title": task.title,
            "kind": task.kind,
            "done_by": step.name if (step := steps[task.key]) else "hand",
            "after_crash": str(step.after_crash) if step else None,
            "artifacts": list(step.writes) if step else [],
            "gate": task.gate or "approval",
            "commit": commit_message(plan, task, template),
        }
        for task in plan.tasks
    ]
    return body
