"""What is said to the person at the command line? Every text goes out here: made printable, or as data.

Light: reading commands import it.
"""

from __future__ import annotations

import sys
from typing import TextIO

from state.printable import printable
from workflow.starting import over
from workflow.views.wrapped import shown


def say(text: str, *, err: bool = False, nl: bool = True, commands: bool = False) -> None:
    """Write the text, with what would steer a terminal as escapes, in lines that fit one.

    `err`: to standard error; `commands`: each line is one that may be typed, which nothing breaks.
    """
    over()
    stream = sys.stderr if err else sys.stdout
    _write(stream, shown(printable(text), stream, commands=commands), nl=nl)


def put(text: str, *, nl: bool = True) -> None:
    """Write what a program reads (JSON, CSV, a diagram) to standard output, exactly as it is."""
    over()
    _write(sys.stdout, text, nl=nl)


def _write(stream: TextIO, text: str, *, nl: bool) -> None:
    stream.write(f"{text}\n" if nl else text)
    stream.flush()
