"""How does a line that is no page fit a terminal? Wrapped at blanks; a command that may be typed stays in one line.

    shown(text, sys.stderr)                  # refusals, notices, summaries, listings
    shown(text, sys.stderr, commands=True)   # each line is a command, with a remark behind three blanks and a `#`

Rules:
- Where the stream is no terminal, nothing is changed: what is read by a program, or kept, has its own lines.
- A command is never broken by a line end of ours: it is set apart where words stand before it, and its remark goes to
  lines of its own below it, each with its `#`, so that all of it can be typed as it stands.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import TextIO

from state.late_pattern import late

REMARK = "   # "
_IN_A_LINE = late(r"(?:: |; (?:next: )?|, or: )(?=phasegate (?:-C \S+ )?[a-z]+)")
_ECHOED = late(r"\s*(?:\$|>>>) ")  # a command as it runs
_BELOW = "      "


def shown(text: str, stream: TextIO, *, commands: bool = False) -> str:
    """The text as it fits the terminal that the stream is; as it is where that is none."""
    width = _columns(stream)
    if not width or all(len(line) <= width and line.isascii() for line in text.split("\n")):
        return text
    return "\n".join(wrapped(text, width, commands=commands))


def wrapped(text: str, width: int, *, commands: bool = False) -> Iterator[str]:
    """The lines of a text, none but a command's longer than so many columns."""
    from workflow.doors.page_lines import page_lines

    for line in text.split("\n"):
        if commands or _ECHOED.match(line):
            yield from _command(line, width)
            continue
        words, command = _set_apart(line) if len(line) > width else (line, "")
        yield from page_lines(words, width) if words.strip() else [words]
        if command:
            yield from _command(f"  {command}", width)


def _set_apart(line: str) -> tuple[str, str]:
    """A line without the command at its end, and the command; "" where none stands there."""
    found = _IN_A_LINE.search(line)
    return (line[: found.end()].rstrip(), line[found.end() :]) if found else (line, "")


def _command(line: str, width: int) -> Iterator[str]:
    from workflow.doors.page_lines import page_lines

    command, sign, remark = line.rpartition(REMARK)
    if not sign or len(line) <= width:
        yield line
        return
    yield command
    for each in page_lines(remark, max(width - len(_BELOW) - 2, 1)):
        yield f"{_BELOW}# {each.strip()}"


def _columns(stream: TextIO) -> int:
    """How wide the terminal is; 0 where the stream is none."""
    try:
        if not stream.isatty():
            return 0
        return int(os.environ.get("COLUMNS") or 0) or os.get_terminal_size(stream.fileno()).columns
    except (OSError, ValueError):
        return 0
