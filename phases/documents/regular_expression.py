"""Can this regular expression, from a file that somebody wrote, be compiled and matched within bounds?

Rules:
- A count in braces is at most 1000, and so is the product of counts inside one another: RE2's bound, since the compiled
  program grows with it.
- What Python's `re` refuses is refused in its words; what it fails over (too large a count, too many brackets) as well.

Source: https://github.com/google/re2/wiki/Syntax ("Implementation restriction: The counting forms ... above 1000")
"""

from __future__ import annotations

import re

LONGEST = 1000  # characters
MOST_TIMES = 1000

_COUNT = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|(\()|(\))|\{(\d*)(?:,(\d*))?\}|.", re.DOTALL)
_MOST_DIGITS = 9  # of a count that is looked at as a number at all


def problem_with(pattern: str) -> str | None:
    """Why this pattern is not taken, or None when it can be matched with."""
    if len(pattern) > LONGEST:
        return f"expected at most {LONGEST} characters, seen {len(pattern):,}"
    if (times := _times(pattern)) > MOST_TIMES:
        seen = f"{times:,}" if times < 10**_MOST_DIGITS else "far more"
        return f"the repetition number is too large: expected at most {MOST_TIMES} times in all, seen {seen}"
    try:
        re.compile(pattern)
    except (re.error, OverflowError) as error:
        return str(error)
    except RecursionError:
        return "its brackets are nested too deeply"
    return None


def _times(pattern: str) -> int:
    """The largest product of counts that stand inside one another; `+` and `*` count once."""
    most = last = 1
    groups: list[int] = []  # of each open bracket: the most inside of it so far
    inside = 1
    for found in _COUNT.finditer(pattern):
        opened, closed, least, bound = found.groups()
        if opened:
            groups.append(inside)
            inside = last = 1
        elif closed and groups:
            last = inside
            inside = max(groups.pop(), last)
        elif least is not None and (least or bound):
            last *= max(_number(least), _number(bound or ""), 1)
            inside = max(inside, last)
        else:
            last = 1
        most = max(most, last, inside)
    return most


def _number(digits: str) -> int:
    return 0 if not digits else 10**_MOST_DIGITS if len(digits) > _MOST_DIGITS else int(digits)
