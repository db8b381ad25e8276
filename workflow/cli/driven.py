"""What is said of a run that was driven? How far it came, and what to type to go on."""

from __future__ import annotations

from workflow.cli.next_line import Standing, say_next
from workflow.cli.say import say
from workflow.service import sandbox
from workflow.views.driven import Driven


def say_driven(at: Standing, driven: Driven, *more: str, results_to_stderr: bool = False) -> None:
    """Say it; with `--json` standard output is for the events. `more`: what else may be typed at the end of a run."""
    say(driven.text(), err=results_to_stderr or not driven.outcome)
    stop = []
    if driven.outcome and driven.sandbox and sandbox.status(at.path).running:
        stop = ["phasegate sandbox stop   # it is still running; what is in it is kept"]
    say_next(at, driven.following, *stop, *more)
