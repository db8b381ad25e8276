"""`resume`: go on with a run, wherever it stands."""

from __future__ import annotations

import click

from workflow.cli.driven import say_driven
from workflow.cli.json_lines import JsonLines
from workflow.cli.next_line import Standing
from workflow.cli.options import ANSWERS, EVENTS, NO_INPUT, PRACTICE, RUN_ID, UNTIL, WAIT, YES
from workflow.cli.order import order
from workflow.service.drive import Driving
from workflow.service.resume import resume as resume_run


@click.command()
@RUN_ID
@ANSWERS
@UNTIL
@EVENTS
@YES
@PRACTICE
@WAIT
@click.option("--take-edit", is_flag=True, help="Take the runbook as it was edited into the run; done tasks stay.")
@click.option(
    "--ask-again",
    "again",
    multiple=True,
    metavar="NAME",
    help="Change the answer to this question of the current task, which is asked again.",
)
@NO_INPUT
@click.pass_obj
def resume(
    at: Standing,
    run_id: str | None,
    answers: str | None,
    until: str | None,
    as_json: bool,
    yes: bool,
    practice: bool,
    wait: bool,
    take_edit: bool,
    again: tuple[str, ...],
) -> None:
    """Go on with a run, wherever it stands."""
    driving = Driving(answers, until, yes, practice, wait)
    follower = JsonLines(at) if as_json else None
    driven = resume_run(*order(at), run_id, driving, take_edit=take_edit, ask_again=again, follower=follower)
    say_driven(at, driven, results_to_stderr=as_json)
