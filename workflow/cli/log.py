"""`log`: what happened in a run, event by event."""

from __future__ import annotations

import sys
import time

import click

from state.errors import INTERRUPTED
from workflow.cli.next_line import Standing
from workflow.cli.options import JSON, RUN_ID
from workflow.cli.say import put, say
from workflow.service.status import log as events_of_run
from workflow.views.log import LogEntry


@click.command()
@RUN_ID
@JSON
@click.option("--follow", "following", is_flag=True, help="Go on with what happens, until the run is over.")
@click.pass_obj
def log(at: Standing, run_id: str | None, as_json: bool, following: bool) -> int:
    """Show what happened in a run, event by event."""
    if not following:
        for entry in events_of_run(at.path, run_id):
            _show(entry, as_json=as_json)
        return 0
    from workflow.service.follow import follow

    try:
        for entry in follow(at.path, run_id, time.sleep):
            _show(entry, as_json=as_json)
            sys.stdout.flush()
    except KeyboardInterrupt:  # the way to end it; nothing was under way here
        return INTERRUPTED
    return 0


def _show(entry: LogEntry, *, as_json: bool) -> None:
    if as_json:
        put(entry.to_line())
    else:
        say(entry.text())
