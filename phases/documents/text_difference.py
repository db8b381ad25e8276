"""How does a text differ from what it was, line by line? A unified difference in which no character is lost.

Rules:
- Only LF ends a line. Whatever else some programs take for an end (CR, VT, FF, NEL, LS, PS) is a character of its line:
  a text with CR LF differs from the same one with LF, and one reads where.
- CR is written as `\\r` here, as elsewhere CR LF counts as one line end (state/printable.py).
- A last line without LF is followed by git's remark on that.
"""

from __future__ import annotations

import difflib

from state.text_lines import lines_of


def text_difference(before: str, after: str, was: str, now: str, context: int = 3) -> str:
    """The unified difference, `was` and `now` naming the two; "" where they are the same."""
    old, new = (lines_of(text.replace("\r", "\\r")) for text in (before, after))
    return "\n".join(difflib.unified_diff(old, new, was, now, lineterm="", n=context))
