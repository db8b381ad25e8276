"""Under which label does a list stand that no heading names? "**Required for the worker:**" above its boxes is one.

A label is a paragraph that is bold or ends with a colon, right above a list; a bullet without a box that a list stands
below is one, too. What a label says counts as what an item above would: a condition, an environment, a place.
"""

from __future__ import annotations

import re
from collections.abc import Container, Sequence

from phases.checks.suggest.checklist import Words

_BULLET = re.compile(r"(?:[-*+]|\d+[.)])\s+(?P<box>\[[ xX]\]\s)?(?P<text>.*)")
_HEADING = re.compile(r"#{1,6}\s|(?:=+|-{3,}|\*{3,}|_{3,})\s*$|[|>]|<")
_BOLD = re.compile(r"(?:\*\*|__)(?P<said>[^*_].*?)(?:\*\*|__)\W*(?:\([^()]*\)\W*)?")
_FENCE = re.compile(r"(?:```|~~~)")
_LONGEST = 120  # characters of a label; what is longer is prose


def leads_of(lines: Sequence[str], rows: Container[int]) -> dict[int, tuple[Words, ...]]:
    """The labels above the boxes of these rows, outermost first, in one pass.

    What stands above a box ends with the nearest line that is no bullet and not further in than the box, and every
    bullet between them: `stops` has the lines that may be it, outermost first.
    """
    found: dict[int, tuple[Words, ...]] = {}
    stops: list[tuple[int, int]] = []  # indentation, row
    bullets: list[tuple[int, int, Words | None]] = []  # and the label, each further in than the one before
    fenced = False
    for row, line in enumerate(lines):
        text, here = line.strip(), _indent(line)
        if _FENCE.match(text):
            fenced = not fenced
            continue
        if fenced or not text:
            continue
        bullet = _BULLET.fullmatch(text)
        if bullet or row in rows:
            while stops and stops[-1][0] > here:
                stops.pop()
        if row in rows:
            stop = stops[-1][1] if stops else -1
            labels = [words for indent, at, words in bullets if words and indent < here and at > stop]
            if stop >= 0 and not _HEADING.match(said := lines[stop].strip()) and is_label(said):
                labels.insert(0, Words(said, "parent", stop + 1))
            found[row] = tuple(labels)
        kept = bullets if bullet else stops
        while kept and kept[-1][0] >= here:
            kept.pop()
        if bullet:
            is_one = not bullet["box"] and is_label(bullet["text"])
            bullets.append((here, row, Words(bullet["text"], "parent", row + 1) if is_one else None))
        else:
            stops.append((here, row))
    return found


def is_label(text: str) -> bool:
    """Whether a line says what stands below it: it is bold, or ends with a colon."""
    return len(text) <= _LONGEST and (text.rstrip("*_ ").endswith(":") or _BOLD.fullmatch(text) is not None)


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())
