"""`done`: hand in the work of a task that is done by hand, from anywhere; for people, CI jobs and coding agents."""

from __future__ import annotations

import click

from gates.approval import SHORT
from workflow.cli.next_line import Standing, say_next
from workflow.cli.options import ANSWERS, RUN_ID
from workflow.cli.order import order
from workflow.cli.say import say
from workflow.service.done import Work
from workflow.service.done import done as hand_in


@click.command()
@RUN_ID
@click.option(
    "--path", "paths", multiple=True, metavar="P", help="A changed file or directory that belongs to the task."
)
@click.option("--no-files", is_flag=True, help="The work left no file here, or none that belongs to it.")
@click.option("--attest", multiple=True, metavar="N|all", help="The exit criterion with this number holds: I looked.")
@click.option("--run", "runs", multiple=True, metavar="N|all", help="Run the task's command with this number.")
@click.option("--skip", metavar="REASON", help="Leave an optional task out.")
@ANSWERS
@click.pass_obj
def done(
    at: Standing,
    run_id: str | None,
    paths: tuple[str, ...],
    no_files: bool,
    attest: tuple[str, ...],
    runs: tuple[str, ...],
    skip: str | None,
    answers: str | None,
) -> None:
    """Hand in the work of a task that is done by hand: the one that the run stands at."""
    given = hand_in(*order(at), run_id, Work(paths, no_files, attest, runs, skip, answers))
    short = given.digest[:SHORT]
    say(f"{given.run}: {given.task} handed in; {short} waits for approval")
    say_next(
        at,
        f"phasegate status {given.run} --review   # somebody reads it, then",
        f"phasegate approve {given.run} --digest {short}",
    )
