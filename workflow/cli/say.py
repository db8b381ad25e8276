"""What is said to the person at the command line? Every text goes out here: made printable, or as data.

Light: reading commands import it.
"""

from __future__ import annotations

import sys

import click

from state.printable import printable
from workflow.starting import over
from workflow.views.wrapped import shown


def say(text: str, *, err: bool = False, nl: bool = True, commands: bool = False) -> None:
    """Write the text, with what would steer a terminal as escapes, in lines that fit one.

    `err`: to standard error; `commands`: each line is one that may be typed, which nothing breaks.
    """
    over()
    click.echo(shown(printable(text), sys.stderr if err else sys.stdout, commands=commands), err=err, nl=nl)


def put(text: str, *, nl: bool = True) -> None:
    """Write what a program reads (JSON, CSV, a diagram) to standard output, exactly as it is."""
    over()
    click.echo(text, nl=nl)
