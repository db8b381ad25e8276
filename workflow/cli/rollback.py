"""`rollback`: stop a run, wherever it stands, and go back."""

from __future__ import annotations

import click

from workflow.cli.driven import say_driven
from workflow.cli.next_line import Standing
from workflow.cli.options import ANSWERS, NO_INPUT, RUN_ID, WAIT, YES
from workflow.cli.order import order
from workflow.service.drive import Driving
from workflow.service.rollback import rollback as roll_back


@click.command()
@RUN_ID
@click.option("--reason", required=True, metavar="TEXT", help="Why; it goes into the plan, the journal and the log.")
@ANSWERS
@YES
@WAIT
@NO_INPUT
@click.pass_obj
def rollback(at: Standing, run_id: str | None, reason: str, answers: str | None, yes: bool, wait: bool) -> None:
    """Stop a run and take back what it did, step by step, each approved.

    The plan of the rollback comes first: nothing is taken back before it is approved. `phasegate resume` goes on with a
    rollback that was interrupted or waits.
    """
    say_driven(at, roll_back(*order(at), run_id, reason, Driving(answers, yes=yes, wait=wait)))
