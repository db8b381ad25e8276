"""What is said of a run that was driven? How far it came, and what to type to go on."""

from __future__ import annotations

from workflow.cli.next_line import Standing, say_next
from workflow.cli.say import say
from workflow.views.driven import Driven


def say_driven(at: Standing, driven: Driven, *, results_to_stderr: bool = False) -> None:
    """Say it; with `--json` standard output is for the events."""
    say(driven.text(), err=results_to_stderr or bool(driven.following))
    if driven.following:
        say_next(at, driven.following)
