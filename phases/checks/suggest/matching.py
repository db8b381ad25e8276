"""Which of an item's wordings does a rule take? Each pattern is held against all of them in one look."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache


class Wordings:
    """Wordings of one item, each once; which rules take none of them is seen in one look at all of them."""

    def __init__(self, said: Sequence[str]) -> None:
        self.each = tuple(dict.fromkeys(said))
        self._lines = "\n".join(self.each)

    def match(self, head: str) -> re.Match[str] | None:
        """The first of them that this pattern takes whole."""
        if _lines_pattern(head).search(self._lines) is None:
            return None
        return next((found for each in self.each if (found := pattern_of(head).fullmatch(each))), None)


@lru_cache(2048)
def pattern_of(text: str) -> re.Pattern[str]:
    """A rule's pattern, compiled once; case does not count."""
    return re.compile(text, re.IGNORECASE)


@lru_cache(2048)
def _lines_pattern(text: str) -> re.Pattern[str]:
    """What finds a line that this pattern takes whole."""
    return re.compile(rf"^(?:{text})$", re.IGNORECASE | re.MULTILINE)
