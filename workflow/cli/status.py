"""`status`: where a run stands and what it waits for."""

from __future__ import annotations

import json
import sys
import time

import click

from state.errors import INTERRUPTED
from workflow.cli.next_line import Standing, say_next
from workflow.cli.options import JSON, RUN_ID
from workflow.cli.say import put, say
from workflow.service import status as desk
from workflow.views.status import StatusView


@click.command()
@RUN_ID
@JSON
@click.option("--review", is_flag=True, help="The page that waits for approval, as Markdown, with every check in full.")
@click.option("--watch", "watched", is_flag=True, help="Show it again after each change, until the run is over.")
@click.pass_obj
def status(at: Standing, run_id: str | None, as_json: bool, review: bool, watched: bool) -> int:
    """Show where a run stands and what it waits for."""
    if review and watched:
        raise click.UsageError("--review and --watch cannot both be given")
    if watched:
        return _watch(at, run_id, as_json=as_json)
    if review:
        say(desk.review(at.path, run_id), nl=False)
        return 0
    found = desk.status(at.path, run_id)
    if as_json:
        put(json.dumps(found.to_json(), ensure_ascii=False, indent=2))
    else:
        _show(at, found)
    return 0


def _show(at: Standing, found: StatusView) -> None:
    say("\n".join(found.lines()))
    if found.following:
        say_next(at, *found.following, err=False)


def _watch(at: Standing, run_id: str | None, *, as_json: bool) -> int:
    """Each change: a line of JSON, or the whole status, which takes the place of the one before in a terminal."""
    from workflow.service.follow import watch

    try:
        for number, found in enumerate(watch(at.path, run_id, time.sleep)):
            if as_json:
                put(json.dumps(found.to_json(), ensure_ascii=False, separators=(",", ":")))
            else:
                if sys.stdout.isatty():
                    click.clear()
                elif number:
                    say("")
                _show(at, found)
            sys.stdout.flush()
    except KeyboardInterrupt:  # the way to end it; nothing was under way here
        return INTERRUPTED
    return 0
