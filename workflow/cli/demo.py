"""`demo`: make a repository to look at, and run a workflow in it."""

from __future__ import annotations

import click

from workflow.cli.demo_again import run_again
from workflow.cli.driven import say_driven
from workflow.cli.next_line import Standing
from workflow.cli.options import NO_INPUT
from workflow.cli.order import order
from workflow.service import sandbox
from workflow.service.demo import changes_of, make_sample
from workflow.service.drive import Driving
from workflow.service.run import Wanted, run


@click.command()
@click.argument("directory", default="phasegate-demo", metavar="[DIR]")
@click.option("--workflow", default="stage-06", show_default=True, metavar="W", help="Which workflow to show.")
@click.option("--again", is_flag=True, help="Then run it again: on the same sample, and on changed ones.")
@click.option("--yes", is_flag=True, help="Open every gate by itself.")
@click.option("--keep-running", is_flag=True, help="Leave the sandbox running afterwards.")
@NO_INPUT
@click.pass_obj
def demo(at: Standing, directory: str, workflow: str, again: bool, yes: bool, keep_running: bool) -> None:
    """Run a workflow from end to end in a new sample repository, on the sandbox."""
    changes = changes_of(workflow) if again else ()
    answers = make_sample(at.path / directory, workflow)
    at.below(directory)  # what is to be typed next, whatever comes of it, is typed from outside of it
    try:
        driving = Driving(answers=answers, yes=yes, practice=yes, wait=True)
        driven = run(*order(at), Wanted(workflow, sandbox=True), driving)
        for change in changes if driven.outcome else ():
            driven = run_again(at, workflow, change, driving)
    finally:
        if not keep_running:
            sandbox.stop(at.path)
    say_driven(at, driven, "phasegate status", "git -P log --oneline")
