"""Where do the HTML comments of a runbook end, and what is left of a line without them?"""

from __future__ import annotations

from bisect import bisect_left

from state.late_pattern import late

CODE_SPAN = late(r"(?<!`)(`++)([^`]+)\1(?!`)")


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
            return index if "-->" in stripped[4:] else self._closing(index + 1)
        bare = CODE_SPAN.sub("", stripped)
        opening = bare.rfind("<!--")
        if opening < 0 or "-->" in bare[opening:]:
            return index
        closing = self._closing(index + 1)
        return closing if closing < self._blank(index) else index

    def _closing(self, index: int) -> int:
        """Index of the next line with a closing mark, from this one on; after the last line where there is none."""
        if self._closings is None:
            self._closings = [number for number, line in enumerate(self._text) if "-->" in line]
        return self._first_from(self._closings, index)

    def _blank(self, index: int) -> int:
        """Likewise for blank lines."""
        if self._blanks is None:
            self._blanks = [number for number, line in enumerate(self._text) if not line.strip()]
        return self._first_from(self._blanks, index)

    def _first_from(self, numbers: list[int], index: int) -> int:
        where = bisect_left(numbers, index)
        return numbers[where] if where < len(numbers) else len(self._text)
