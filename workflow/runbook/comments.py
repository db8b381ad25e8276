"""Where do the HTML comments of a runbook end, and what is left of a line without them?"""

from __future__ import annotations

import re
from bisect import bisect_left

CODE_SPAN = re.compile(r"(?<!`)(`++)([^`]+)\1(?!`)")


def without_comments(text: str) -> str:
    """A line's text without the comments that begin and end in it."""
    if "<!--" not in text:
        return text.strip()
    kept = []
    at = 0
    while (start := text.find("<!--", at)) >= 0 and (end := text.find("-->", start)) >= 0:
        kept.append(text[at:start])
        at = end + len("-->")
    return "".join([*kept, text[at:]]).strip()


class Comments:
    """Finds where comments end, looking at each line once however many comments begin."""

    def __init__(self, text: list[str]) -> None:
        self._text = text
        self._closings: list[int] | None = None
        self._blanks: list[int] | None = None

    def end(self, index: int, stripped: str) -> int:
        """Index of the last line of the comments that begin on this line (the line itself when they end on it).

        At the beginning of a line a comment reaches to its closing mark, or to the end of the file. Inside a line
        it must be closed before the next blank line, or it is plain text.
        """
        if stripped.startswith("<!--"):
            if "-->" in stripped[4:]:
                return index
            closing = self._next(index + 1)
            return len(self._text) if closing is None else closing
        bare = CODE_SPAN.sub("", stripped)
        opening = bare.rfind("<!--")
        if opening < 0 or "-->" in bare[opening:]:
            return index
        closing = self._next(index + 1)
        if self._blanks is None:
            self._blanks = [number for number, line in enumerate(self._text) if not line.strip()]
        where = bisect_left(self._blanks, index)
        blank = self._blanks[where] if where < len(self._blanks) else len(self._text)
        return closing if closing is not None and closing < blank else index

    def _next(self, index: int) -> int | None:
        if self._closings is None:
            self._closings = [number for number, line in enumerate(self._text) if "-->" in line]
        where = bisect_left(self._closings, index)
        return self._closings[where] if where < len(self._closings) else None
