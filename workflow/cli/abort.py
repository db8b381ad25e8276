"""`abort`: end a run for good."""

from __future__ import annotations

import click

from state.printable import printable_line
from workflow.cli.next_line import Standing, say_next
from workflow.cli.options import NO_INPUT, RUN_ID
from workflow.cli.order import order
from workflow.cli.say import say
from workflow.service.verdict import abort as end_run


@click.command()
@RUN_ID
@click.option("--reason", required=True, metavar="TEXT", help="Why; it goes into the journal.")
@NO_INPUT
@click.pass_obj
def abort(at: Standing, run_id: str | None, reason: str) -> None:
    """End a run for good; what was committed stays, what AWS has stays. An order that nobody began is taken back."""
    ended = end_run(*order(at), run_id, reason)
    if not ended.was_begun:
        say(f"{ended.run}: its order is taken back, which commit {ended.commit[:10]} of its branch says")
        return
    where = f"recorded in commit {ended.commit[:10]}" if ended.commit else "its journal is not committed yet"
    say(f"{ended.run}: aborted, {where}")
    for task, effect in ended.left_outside:
        say(printable_line(f"left outside: {task}, {effect}"), err=True)
    if not ended.commit:
        say_next(at, f"{ended.commit_command}   # with a message that the hook takes")
