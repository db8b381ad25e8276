"""`fleet`: order one workflow at many targets, wave by wave; `--plan`, `--status`, `--stop` look at it and hold it."""

from __future__ import annotations

import click

from workflow.cli.driven import say_driven
from workflow.cli.json_lines import JsonLines
from workflow.cli.looking import print_found
from workflow.cli.next_line import Standing, say_next, typed_here
from workflow.cli.options import NO_INPUT, WAIT
from workflow.cli.order import order
from workflow.cli.say import say
from workflow.service import fleet as desk
from workflow.service.this_process import who_runs_this

EVERYTHING = "*"


@click.command()
@click.argument("file", metavar="FILE.yaml")
@click.option("--plan", "planned", is_flag=True, help="Show what would be ordered, and order nothing.")
@click.option("--runbook", "written", is_flag=True, help="Print the runbook to commit beside it: a task a wave.")
@click.option("--status", "looked", is_flag=True, help="Show where each of its runs is.")
@click.option(
    "--stop", metavar="[WAVE]", is_flag=False, flag_value=EVERYTHING, help="Order nothing more, or of this wave."
)
@click.option("--json", "as_json", is_flag=True, help="As JSON; while it works, an event a line.")
@WAIT
@NO_INPUT
@click.pass_obj
def fleet(
    at: Standing,
    file: str,
    planned: bool,
    written: bool,
    looked: bool,
    stop: str | None,
    as_json: bool,
    wait: bool,
) -> None:
    """Order one workflow at many targets, wave by wave, each wave approved by what its runs left."""
    if sum((planned, written, looked, stop is not None)) > 1:
        raise click.UsageError("--plan, --runbook, --status and --stop are four orders: give one of them")
    if planned:
        print_found(at, desk.plan(at.path, file), as_json=as_json)
    elif written:
        say(desk.runbook(at.path, file), nl=False)
    elif looked:
        print_found(at, desk.status(at.path, file), as_json=as_json)
    elif stop is not None:
        run_id, what = desk.stop(at.path, who_runs_this(at.path), file, None if stop == EVERYTHING else stop)
        say(f"{run_id}: {what} is stopped: nothing more is ordered, what was ordered goes on")
        say_next(at, f"phasegate fleet {file}   # lifts that, and goes on")
    else:
        follower = JsonLines(at) if as_json else None
        driven = desk.start(*order(at), file, wait=wait, follower=follower, typed=lambda line: typed_here(at, line))
        say_driven(at, driven, results_to_stderr=as_json)
