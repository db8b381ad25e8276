"""`questions`: what a run will ask, as an answers file to fill in. Nothing is written."""

from __future__ import annotations

import json

import click

from state.model import Shape
from workflow.cli.next_line import Standing
from workflow.cli.options import AS, JSON, RUNBOOK, TARGET
from workflow.cli.say import put, say
from workflow.service.questions import questions as find_questions


@click.command()
@TARGET
@RUNBOOK
@AS
@click.option("--yaml", "as_yaml", is_flag=True, help="As an answers file, to be filled in.")
@JSON
@click.pass_obj
def questions(
    at: Standing, target: str, runbook: str | None, shape: Shape | None, as_yaml: bool, as_json: bool
) -> None:
    """Show what a run may ask, as an answers file to fill in. Without --yaml, to read."""
    if as_json and as_yaml:
        raise click.UsageError("--json and --yaml cannot both be given")
    found = find_questions(at.path, target, runbook, shape=shape)
    if as_json:
        put(json.dumps(found.to_json(), ensure_ascii=False, indent=2))
    elif as_yaml:
        say(found.yaml(), nl=False)
    else:
        say("\n".join(found.lines()))
