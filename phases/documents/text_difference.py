"""How does a text differ from what it was, line by line? A unified difference in which no character is lost.

Rules:
- Only LF ends a line. Whatever else some programs take for an end (CR, VT, FF, NEL, LS, PS) is a character of its line:
  a text with CR LF differs from the same one with LF, and one reads where.
- CR is written as `\\r` here, as elsewhere CR LF counts as one line end (state/printable.py).
- A last line without LF is followed by git's remark on that.
"""

from __future__ import annotations

import difflib

NO_LF = "\n\\ No newline at end of file"


def text_difference(before: str, after: str, was: str, now: str, context: int = 3) -> str:
    """The unified difference, `was` and `now` naming the two; "" where they are the same."""
    lines = difflib.unified_diff(_lines(before), _lines(after), was, now, lineterm="", n=context)
    return "\n".join(lines)


def _lines(text: str) -> list[str]:
    *lines, last = text.replace("\r", "\\r").split("\n")
    return [*lines, *([last + NO_LF] if last else [])]
