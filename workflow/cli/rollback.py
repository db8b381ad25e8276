"""`rollback`: stop a run, wherever it stands, and go back."""

from __future__ import annotations

import click

from workflow.cli.drive import ANSWERS, WAIT, YES, go_on, open_run
from workflow.cli.place import workspace_of
from workflow.cli.verdict import PATIENCE
from workflow.cli.wiring import read_answers
from workflow.engine.engine import Settings
from workflow.runs.askable import refuse_unasked
from workflow.runs.find_run import choose
from workflow.runs.start_rollback import start_rollback


@click.command()
@click.argument("run_id", metavar="[RUN]", required=False)
@click.option("--reason", required=True, metavar="TEXT", help="Why; it goes into the plan, the journal and the log.")
@ANSWERS
@YES
@WAIT
@click.pass_context
def rollback(ctx: click.Context, run_id: str | None, reason: str, answers: str | None, yes: bool, wait: bool) -> None:
    """Stop a run and take back what it did, step by step, each approved.

    The plan of the rollback comes first: nothing is taken back before it is approved. `phasegate resume` goes on with a
    rollback that was interrupted or waits.
    """
    workspace = workspace_of(ctx)
    settings = Settings(read_answers(answers), yes, wait)
    engine = open_run(workspace, choose(workspace, run_id), settings, patience=PATIENCE)
    with engine.journal:
        refuse_unasked(settings.answers, engine.plan, engine.workflow, workspace)
        engine.recover(to_roll_back=True)
        go_on(start_rollback(engine, reason), lambda _task: False)
