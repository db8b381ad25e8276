"""`plan`: look at what would run. Nothing is written."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from phases.step import Workflow
from state.model import Plan
from workflow.commit_message import commit_message
from workflow.doors.git_fast import find_workspace
from workflow.read_target import read_target


@click.command()
@click.argument("target", metavar="WORKFLOW|FILE.md")
@click.option("--runbook", metavar="FILE", help="The workflow's runbook in this repository.")
@click.option("--json", "as_json", is_flag=True, help="As JSON (docs/json.md).")
@click.option("--mermaid", is_flag=True, help="As a Mermaid state diagram.")
@click.pass_context
def plan(ctx: click.Context, target: str, runbook: str | None, as_json: bool, mermaid: bool) -> None:
    """Show what would run: states, gates, artifacts, commit messages."""
    start = Path(str(ctx.obj)).resolve()
    found = read_target(find_workspace(start) or start, target, runbook, or_own=True)
    if mermaid:
        from state.machine import plan_mermaid

        click.echo(plan_mermaid(found.plan), nl=False)
    elif as_json:
        click.echo(json.dumps(_plan_json(found.plan, found.workflow), ensure_ascii=False, indent=2))
    else:
        click.echo("\n".join(_plan_lines(found.plan, found.workflow)))


def _plan_json(plan: Plan, workflow: Workflow) -> dict[str, Any]:
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
            "commit": commit_message(plan, task),
        }
        for task in plan.tasks
    ]
    return body


def _plan_lines(plan: Plan, workflow: Workflow) -> list[str]:
    lines = [f"{plan.name}: {plan.title} ({plan.runbook}, {len(plan.tasks)} states)"]
    for task in plan.tasks:
        step = workflow.step_for(task)
        lines += ["", f"{task.id} {task.title}".strip() + (" (optional)" if task.optional else "")]
        lines.append(f"    does     {step.summary if step else 'by hand'}")
        lines += [f"    leaves   {path}" for path in (step.writes if step else ())]
        boxes = [box.line for box in task.boxes()]
        if boxes:
            lines.append(f"    ticks    {plan.runbook}:{', '.join(map(str, boxes))}")
        lines.append(f"    gate     {task.gate or 'checks pass, then approval of the digest shown'}")
        lines.append(f"    commit   {commit_message(plan, task)}")
    lines += [""] * bool(plan.findings)
    lines += [f"{plan.runbook}:{f.line}:{f.column}: {f.severity}: {f.message} [{f.code}]" for f in plan.findings]
    return lines
