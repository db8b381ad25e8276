"""`done`: hand in the work of a task that is done by hand, from anywhere; for people, CI jobs and coding agents."""

from __future__ import annotations

import click

from workflow.cli.acting import hand_in
from workflow.cli.next_line import Standing
from workflow.cli.options import ANSWERS, NO_INPUT, RUN_ID, files
from workflow.cli.order import order
from workflow.cli.say import say
from workflow.service import done as desk
from workflow.service.done import Work


@click.command()
@RUN_ID
@click.option(
    "--path",
    "paths",
    multiple=True,
    metavar="P",
    shell_complete=files,
    help="A changed file or directory that belongs to the task.",
)
@click.option("--no-files", is_flag=True, help="The work left no file here, or none that belongs to it.")
@click.option("--attest", multiple=True, metavar="N|all", help="The exit criterion with this number holds: I looked.")
@click.option("--run", "runs", multiple=True, metavar="N|all", help="Run the task's command with this number.")
@click.option(
    "--box", "boxes", multiple=True, metavar="N=yes|no|n/a:REASON", help="The answer to the box with this number."
)
@click.option("--take-back", is_flag=True, help="Take back what I handed in; until it is approved.")
@click.option("--skip", metavar="REASON", help="Leave an optional task out.")
@ANSWERS
@NO_INPUT
@click.pass_obj
def done(
    at: Standing,
    run_id: str | None,
    paths: tuple[str, ...],
    no_files: bool,
    attest: tuple[str, ...],
    runs: tuple[str, ...],
    boxes: tuple[str, ...],
    take_back: bool,
    skip: str | None,
    answers: str | None,
) -> None:
    """Hand in the work of a task that is done by hand: the one that the run stands at."""
    work = Work(paths, no_files, attest, runs, skip, answers, boxes)
    if take_back:
        if work != Work():
            raise click.UsageError("--take-back stands alone: it hands nothing in")
        say(f"{desk.take_back(*order(at), run_id)} taken back; it is to be handed in again")
        return
    hand_in(at, run_id, work)
