"""`resume`: go on with a run, wherever it stands."""

from __future__ import annotations

import click

from workflow.cli.acting import go_on
from workflow.cli.next_line import Standing
from workflow.cli.options import ANSWERS, EVENTS, NO_INPUT, PRACTICE, RUN_ID, UNTIL, WAIT, YES
from workflow.service.drive import Driving
from workflow.service.run_home import below_at_remote


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
    if home := below_at_remote(at.path, run_id):
        at.below(home)
    driving = Driving(answers, until, yes, practice, wait)
    go_on(at, run_id, driving=driving, take_edit=take_edit, ask_again=again, as_json=as_json)
