"""`reject`: send the task that waits back to work."""

from __future__ import annotations

import click

from workflow.cli.next_line import Standing, say_goes_on
from workflow.cli.options import NO_INPUT, RUN_ID
from workflow.cli.order import order
from workflow.cli.say import say
from workflow.service.verdict import reject as give_rejection


@click.command()
@RUN_ID
@click.option("--reason", required=True, metavar="TEXT", help="Why; it goes into the working log.")
@NO_INPUT
@click.pass_obj
def reject(at: Standing, run_id: str | None, reason: str) -> None:
    """Send the task that waits back to work."""
    given = give_rejection(*order(at), run_id, reason)
    say(f"{given.run}: {given.state} rejected")
    say_goes_on(at, given.run, is_asked=given.is_asked)
