"""`log`: what happened in a run, event by event."""

from __future__ import annotations

import sys
import time

import click

from state.errors import INTERRUPTED
from workflow.cli.looking import print_entry, show_log
from workflow.cli.next_line import Standing
from workflow.cli.options import JSON, RUN_ID


@click.command()
@RUN_ID
@JSON
@click.option("--follow", "following", is_flag=True, help="Go on with what happens, until the run is over.")
@click.pass_obj
def log(at: Standing, run_id: str | None, as_json: bool, following: bool) -> int:
    """Show what happened in a run, event by event."""
    if not following:
        return show_log(at, run_id, as_json=as_json)
    from workflow.service.follow import follow

    try:
        for entry in follow(at.path, run_id, time.sleep):
            print_entry(entry, as_json=as_json)
            sys.stdout.flush()
    except KeyboardInterrupt:  # the way to end it; nothing was under way here
        return INTERRUPTED
    return 0
