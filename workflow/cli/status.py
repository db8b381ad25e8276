"""`status`: where a run stands and what it waits for."""

from __future__ import annotations

import json
import sys
import time

import click

from state.errors import INTERRUPTED
from workflow.cli.looking import print_found, show_status, status_body
from workflow.cli.next_line import Standing
from workflow.cli.options import AT_REMOTE, JSON, RUN_ID
from workflow.cli.say import put, say
from workflow.service import status as desk


@click.command()
@RUN_ID
@JSON
@AT_REMOTE
@click.option("--review", is_flag=True, help="The page that waits for approval, as Markdown, with every check in full.")
@click.option("--watch", "watched", is_flag=True, help="Show it again after each change, until the run is over.")
@click.pass_obj
def status(at: Standing, run_id: str | None, as_json: bool, at_remote: bool, review: bool, watched: bool) -> int:
    """Show where a run stands and what it waits for."""
    if review and watched:
        raise click.UsageError("--review and --watch cannot both be given")
    if at_remote:
        return _at_remote(at, run_id, review=review, alone=not (as_json or watched))
    if watched:
        return _watch(at, run_id, as_json=as_json)
    if review:
        say(desk.review(at.path, run_id), nl=False)
        return 0
    return show_status(at, run_id, as_json=as_json)


def _at_remote(at: Standing, run_id: str | None, *, review: bool, alone: bool) -> int:
    from workflow.cli.order import order
    from workflow.service.remote_verdict import review_there, status_there

    if not alone:
        raise click.UsageError("--remote takes neither --json nor --watch: see phasegate inbox --json")
    if review:
        say(review_there(*order(at), run_id), nl=False)
    else:
        found = status_there(at.path, run_id)
        say("\n".join(found.lines()))
        if found.problem is not None:
            raise found.problem
    return 0


def _watch(at: Standing, run_id: str | None, *, as_json: bool) -> int:
    """Each change: a line of JSON, or the whole status, which takes the place of the one before in a terminal."""
    from workflow.service.follow import watch

    try:
        for number, found in enumerate(watch(at.path, run_id, time.sleep)):
            if as_json:
                put(json.dumps(status_body(at, found), ensure_ascii=False, separators=(",", ":")))
            else:
                at_terminal = sys.stdout.isatty()
                if at_terminal:
                    click.clear()
                elif number:
                    say("")
                print_found(at, found)
                if at_terminal and not found.outcome:
                    say("(shown again after each change; Ctrl-C ends this, and nothing else)", err=True)
            sys.stdout.flush()
    except KeyboardInterrupt:  # the way to end it; nothing was under way here
        return INTERRUPTED
    return 0
