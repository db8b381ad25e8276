"""`run`: start a run and take it as far as it goes."""

from __future__ import annotations

import os

import click

from state.model import Shape
from workflow.cli.driven import say_driven
from workflow.cli.json_lines import JsonLines
from workflow.cli.next_line import Standing, typed_here
from workflow.cli.options import ANSWERS, AS, EVENTS, NO_INPUT, PRACTICE, RUNBOOK, STRICT, TARGET, UNTIL, WAIT, YES
from workflow.cli.order import order
from workflow.service.below import below_with_runbook
from workflow.service.drive import Driving
from workflow.service.run import Wanted
from workflow.service.run import run as start_run

TAKE_OVER = click.option("--adopt", "adopt", is_flag=True, help="Take over what is ticked in the runbook as done.")

AGAIN = click.option("--again", is_flag=True, help="Take the ticked boxes of a finished run back, and run it again.")


@click.command()
@TARGET
@RUNBOOK
@AS
@STRICT
@click.option("--sandbox", is_flag=True, help="Use the AWS account on this machine instead of a real one.")
@click.option("--target", "acts_in", metavar="ACCOUNT/REGION", help="Where the run is to act, and nowhere else.")
@ANSWERS
@UNTIL
@TAKE_OVER
@AGAIN
@EVENTS
@YES
@PRACTICE
@WAIT
@NO_INPUT
@click.pass_obj
def run(
    at: Standing,
    target: str,
    runbook: str | None,
    shape: Shape | None,
    strict: bool,
    sandbox: bool,
    acts_in: str | None,
    answers: str | None,
    until: str | None,
    adopt: bool,
    again: bool,
    as_json: bool,
    yes: bool,
    practice: bool,
    wait: bool,
) -> None:
    """Start a run and take it as far as it goes."""
    if adopt and again:
        raise click.UsageError("--adopt takes over what is ticked, --again takes it back: give one of them")
    if home := below_with_runbook(at.path, target):
        at.below(home)
        target = os.path.relpath(target, home)
    wanted = Wanted(target, runbook, shape, strict, sandbox, adopt, again, acts_in)
    driving = Driving(answers, until, yes, practice, wait)
    follower = JsonLines(at) if as_json else None
    driven = start_run(*order(at), wanted, driving, follower=follower, typed=lambda line: typed_here(at, line))
    say_driven(at, driven, results_to_stderr=as_json)
