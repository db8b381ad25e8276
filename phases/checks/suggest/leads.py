"""Under which label does a list stand that no heading names? "**Required for the worker:**" above its boxes is one.

A label is a paragraph that is bold or ends with a colon, right above a list; a bullet without a box that a list stands
below is one, too. What a label says counts as what an item above would: a condition, an environment, a place.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from phases.checks.suggest.checklist import Words

_BULLET = re.compile(r"(?:[-*+]|\d+[.)])\s+(?P<box>\[[ xX]\]\s)?(?P<text>.*)")
_HEADING = re.compile(r"#{1,6}\s|(?:=+|-{3,}|\*{3,}|_{3,})\s*$|[|>]|<")
_BOLD = re.compile(r"(?:\*\*|__)(?P<said>[^*_].*?)(?:\*\*|__)\W*(?:\([^()]*\)\W*)?")
_FENCE = re.compile(r"(?:```|~~~)")
_LONGEST = 120  # characters of a label; what is longer is prose


def leads_of(lines: Sequence[str], row: int) -> tuple[Words, ...]:
    """The labels above the box of this row, outermost first."""
    found: list[Words] = []
    indent = _indent(lines[row])
    fenced = False
    for number in range(row - 1, -1, -1):
        text = lines[number].strip()
        if _FENCE.match(text):
            fenced = not fenced
            continue
        if fenced or not text:
            continue
        here = _indent(lines[number])
        bullet = _BULLET.fullmatch(text)
        if bullet is None and here <= indent:
            if not _HEADING.match(text) and is_label(text):
                found.append(Words(text, "parent", number + 1))
            break
        if bullet is not None and here < indent:
            indent = here
            if not bullet["box"] and is_label(bullet["text"]):
                found.append(Words(bullet["text"], "parent", number + 1))
    return tuple(reversed(found))


def is_label(text: str) -> bool:
    """Whether a line says what stands below it: it is bold, or ends with a colon."""
    return len(text) <= _LONGEST and (text.rstrip("*_ ").endswith(":") or _BOLD.fullmatch(text) is not None)


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())
