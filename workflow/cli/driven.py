"""What is said of a run that was driven? How far it came, and what to type to go on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workflow.cli.next_line import Standing, say_next
from workflow.cli.say import say

if TYPE_CHECKING:
    from workflow.views.driven import Driven


def say_driven(at: Standing, driven: Driven, *more: str, results_to_stderr: bool = False) -> None:
    """Say it; with `--json` standard output is for the events. `more`: what else may be typed at the end of a run."""
    say(driven.text(), err=results_to_stderr or not driven.outcome)
    stop = []
    if driven.outcome and driven.sandbox and _runs(at):
        stop = ["phasegate sandbox stop   # it is still running; what is in it is kept"]
    say_next(at, driven.following, *stop, *more)


def _runs(at: Standing) -> bool:
    """Whether the sandbox of the directory runs."""
    from workflow.service import sandbox  # here: most runs have none

    return sandbox.status(at.path).running
