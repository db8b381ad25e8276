"""`demo`: make a repository to look at, and run a workflow in it."""

from __future__ import annotations

from shlex import quote

import click

from state.path_word import path_word
from workflow.cli.demo_again import run_again
from workflow.cli.driven import say_driven
from workflow.cli.next_line import Standing
from workflow.cli.options import NO_INPUT
from workflow.cli.order import order
from workflow.service import sandbox
from workflow.service.demo import changes_of, free_beside, make_sample
from workflow.service.drive import Driving
from workflow.service.run import Wanted, run

DEFAULT = "stage-06"
PLACE = "phasegate-demo"


@click.command()
@click.argument("directory", required=False, metavar="[DIR]")
@click.option("--workflow", default=DEFAULT, show_default=True, metavar="W", help="Which workflow to show.")
@click.option("--again", is_flag=True, help="Then run it again: on the same sample, and on changed ones.")
@click.option("--yes", is_flag=True, help="Open every gate by itself.")
@click.option("--keep-running", is_flag=True, help="Leave the sandbox running afterwards.")
@NO_INPUT
@click.pass_obj
def demo(at: Standing, directory: str | None, workflow: str, again: bool, yes: bool, keep_running: bool) -> None:
    """Run a workflow from end to end in a new sample repository, on the sandbox.

    DIR is phasegate-demo, or for another workflow than stage-06 phasegate-demo-W, where it is not given.
    """
    changes = changes_of(workflow) if again else ()
    directory = directory or (PLACE if workflow == DEFAULT else f"{PLACE}-{workflow}")
    given = {"--again": again, "--yes": yes, "--keep-running": keep_running}
    of = ["--workflow", quote(workflow)] if workflow != DEFAULT else []
    options = [*of, *(option for option, wanted in given.items() if wanted)]
    elsewhere = " ".join(["phasegate demo", *options, path_word(free_beside(at.path, directory))])
    answers = make_sample(at.path / directory, workflow, elsewhere=elsewhere)
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
