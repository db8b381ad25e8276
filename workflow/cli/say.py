"""What is said to the person at the command line? Every text goes out here: made printable, or as data.

Light: reading commands import it.
"""

from __future__ import annotations

import click

from state.printable import printable
from workflow.starting import over


def say(text: str, *, err: bool = False, nl: bool = True) -> None:
    """Write the text, with what would steer a terminal as escapes; `err`: to standard error."""
    over()
    click.echo(printable(text), err=err, nl=nl)


def put(text: str, *, nl: bool = True) -> None:
    """Write what a program reads (JSON, CSV, a diagram) to standard output, exactly as it is."""
    over()
    click.echo(text, nl=nl)
