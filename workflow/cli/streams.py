"""Is there something to print to, and can it show everything? The process's standard streams, set right at the start.

Rules:
- What a terminal or a file cannot show is escaped as JSON does (`\\u2192`), never a fault; it stays sound JSON, too.
- A stream that was closed is the null device: the next file that is opened must not get its number, since what is
  printed would go into it.
"""

from __future__ import annotations

import codecs
import io
import os
import select
import sys

ESCAPE = "phasegate-escape"  # the name of the error handler

_MODES = ("r", "w", "w")


def prepare_streams() -> None:
    """Make standard input, output and error usable, whatever this process was started with."""
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDONLY if name == "stdin" else os.O_WRONLY)  # it gets the lowest free number
        if getattr(sys, name) is None:
            setattr(sys, name, open(number, _MODES[number], encoding="utf-8", closefd=False))  # noqa: SIM115
    codecs.register_error(ESCAPE, _escape)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors=ESCAPE)


def reader_is_gone() -> bool:
    """Whether nobody reads standard output or standard error any more: `phasegate log | head -1`."""
    poll = select.poll()
    for number in (1, 2):
        poll.register(number, 0)  # errors are told unasked
    return any(said & (select.POLLERR | select.POLLHUP) for _number, said in poll.poll(0))


def drop_output() -> None:
    """Send what is still to be printed nowhere; without it Python says so itself, when the process ends."""
    null = os.open(os.devnull, os.O_WRONLY)
    for number in (1, 2):
        os.dup2(null, number)
    os.close(null)


def _escape(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    text = error.object[error.start : error.end]
    pairs = text.encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{pairs[at : at + 2].hex()}" for at in range(0, len(pairs), 2)), error.end
