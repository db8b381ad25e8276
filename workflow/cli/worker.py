"""`worker`: go on with the runs at the remote that can move, one after another."""

from __future__ import annotations

import os

import click

from state.errors import INTERRUPTED
from workflow.cli.next_line import Standing, say_next
from workflow.cli.say import say
from workflow.service.this_process import terminal, who_runs_this


@click.command()
@click.option("--name", metavar="N", help="What it is called, if not as this machine; one of a name works in a clone.")
@click.option("--once", is_flag=True, help="End when no run can move any more.")
@click.option("--target", metavar="T", help="Work at runs that act there only: ACCOUNT/REGION, or sandbox.")
@click.option(
    "--db",
    metavar="URL",
    is_flag=False,
    flag_value="sqlite",
    help="Queue by DBOS in this database, sqlite:///FILE or postgresql://...; without URL in a file of this clone.",
)
@click.option(
    "--slots",
    metavar="N",
    type=click.IntRange(1, 20),
    help="Work at so many runs side by side, 20 at most; if not given, 3 by SQLite, else 1.",
)
@click.pass_obj
def worker(at: Standing, name: str | None, once: bool, target: str | None, db: str | None, slots: int | None) -> int:
    """Go on with the runs at the remote that can move: take verdicts in, commit, work to the next gate.

    It asks nobody, and approves nothing. Ctrl-C or SIGTERM ends it; the run in hand is left for another worker.
    """
    from workflow.service.worker import Wanted  # with the whole engine
    from workflow.service.worker import worker as found

    wanted = Wanted(name or os.uname().nodename, target, once, db, slots)
    try:
        with found(at.path, who_runs_this(at.path), terminal(no_input=True), wanted) as works:
            if not once:
                say(f"worker {wanted.name}: looking for runs that can move; Ctrl-C ends it", err=True)
            worked = works.works()
    except KeyboardInterrupt:
        say("\nthe worker has ended: what it had in hand waits, or is taken over after a lease", err=True)
        say_next(at, "phasegate worker")
        return INTERRUPTED
    say(f"{worked.segments} segments")
    return worked.exit_code
