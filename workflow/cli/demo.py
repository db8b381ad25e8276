"""`demo`: make a repository to look at, and run a workflow in it."""

from __future__ import annotations

import click

from workflow.cli.driven import say_driven
from workflow.cli.next_line import Standing, say_next
from workflow.cli.order import order
from workflow.service import sandbox
from workflow.service.demo import make_sample
from workflow.service.drive import Driving
from workflow.service.run import Wanted, run


@click.command()
@click.argument("directory", default="phasegate-demo", metavar="[DIR]")
@click.option("--workflow", default="stage-06", show_default=True, metavar="W", help="Which workflow to show.")
@click.option("--yes", is_flag=True, help="Open every gate by itself.")
@click.option("--keep-running", is_flag=True, help="Leave the sandbox running afterwards.")
@click.pass_obj
def demo(at: Standing, directory: str, workflow: str, yes: bool, keep_running: bool) -> None:
    """Run a workflow from end to end in a new sample repository, on the sandbox."""
    make_sample(at.path / directory, workflow)
    at.below(directory)  # what is to be typed next, whatever comes of it, is typed from outside of it
    try:
        driving = Driving(yes=yes, practice=yes, wait=True)
        say_driven(at, run(*order(at), Wanted(workflow, sandbox=True), driving))
    finally:
        if not keep_running:
            sandbox.stop(at.path)
    say_next(at, "git -P log --oneline", "phasegate status")
