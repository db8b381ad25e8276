"""`plan`: look at what would run. Nothing is written."""

from __future__ import annotations

import json

import click

from state.model import Shape
from workflow.cli.next_line import Standing
from workflow.cli.options import AS, JSON, RUNBOOK, STRICT, TARGET
from workflow.cli.say import put, say
from workflow.service.plan import plan as read_plan


@click.command()
@TARGET
@RUNBOOK
@AS
@STRICT
@JSON
@click.option("--mermaid", is_flag=True, help="As a Mermaid state diagram.")
@click.pass_obj
def plan(
    at: Standing,
    target: str,
    runbook: str | None,
    shape: Shape | None,
    strict: bool,
    as_json: bool,
    mermaid: bool,
) -> None:
    """Show what would run: states, gates, artifacts, commit messages; what is no task, and what is odd."""
    found = read_plan(at.path, target, runbook, shape=shape, strict=strict)
    if mermaid:
        put(found.mermaid(), nl=False)
    elif as_json:
        put(json.dumps(found.to_json(), ensure_ascii=False, indent=2))
    else:
        say(found.text())
