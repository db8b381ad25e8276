"""Which lines does a text have, to be compared with another's? As git has them: a missing last line end is said."""

from __future__ import annotations

NO_LINE_END = "\n\\ No newline at end of file"


def lines_of(text: str) -> list[str]:
    """The lines, without their ends; none of an empty text. A last line without an end has git's remark below it."""
    *lines, last = text.split("\n")
    return [*lines, *([last + NO_LINE_END] if last else [])]
