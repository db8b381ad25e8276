"""`log`: what happened in a run, event by event."""

from __future__ import annotations

import click

from workflow.cli.next_line import Standing
from workflow.cli.options import JSON, RUN_ID
from workflow.service.status import log as events_of_run


@click.command()
@RUN_ID
@JSON
@click.pass_obj
def log(at: Standing, run_id: str | None, as_json: bool) -> None:
    """Show what happened in a run, event by event."""
    for entry in events_of_run(at.path, run_id):
        click.echo(entry.to_line() if as_json else entry.text())
