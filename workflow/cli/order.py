"""Who orders something by this command line? What every verb that acts hands to the desk first."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from workflow.cli.next_line import Standing, inside_a_line
from workflow.ports import Person
from workflow.service.this_process import terminal, who_runs_this
from workflow.service.who import Who


def order(at: Standing) -> tuple[Path, Who, Person]:
    """The directory, who runs this process, and the door to whoever sits at its terminal."""
    return at.path, who_runs_this(at.path), terminal(no_input=at.no_input, here=partial(inside_a_line, at))
