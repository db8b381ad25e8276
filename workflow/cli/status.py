"""`status`: where a run stands and what it waits for."""

from __future__ import annotations

import json

import click

from workflow.cli.next_line import Standing, say_next
from workflow.cli.options import JSON, RUN_ID
from workflow.cli.say import say
from workflow.service import status as desk


@click.command()
@RUN_ID
@JSON
@click.option("--review", is_flag=True, help="The page that waits for approval, as Markdown, with every check in full.")
@click.pass_obj
def status(at: Standing, run_id: str | None, as_json: bool, review: bool) -> None:
    """Show where a run stands and what it waits for."""
    if review:
        say(desk.review(at.path, run_id), nl=False)
        return
    found = desk.status(at.path, run_id)
    if as_json:
        click.echo(json.dumps(found.to_json(), ensure_ascii=False, indent=2))
    else:
        say("\n".join(found.lines()))
        if found.following:
            say_next(at, *found.following, err=False)
