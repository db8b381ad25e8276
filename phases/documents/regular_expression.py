"""Can this regular expression, from a file that somebody wrote, be compiled and matched within bounds?

Rules:
- A count in braces is at most 1000, and so is the product of counts inside one another: RE2's bound, since the compiled
  program grows with it.
- A match takes a second at most; one that is not decided by then is neither yes nor no (`Undecided`). `regex` keeps
  that time itself. RE2 would need none, and takes no look-around and no back-reference, which files of 0.1 may have; a
  process that can be ended would have to be started for each match.
- What Python's `re` refuses is refused in its words; what it fails over (too large a count, too many brackets) as well.

Source: https://github.com/google/re2/wiki/Syntax ("Implementation restriction: The counting forms ... above 1000")
"""

from __future__ import annotations

import re

from state.late_pattern import late

LONGEST = 1000  # characters
SECONDS = 1.0  # for one match
MOST_TIMES = 1000

_COUNT = late(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|(\()|(\))|\{(\d*)(?:,(\d*))?\}|.", re.DOTALL)
_MOST_DIGITS = 9  # of a count that is looked at as a number at all


class Undecided(Exception):
    """Whether a text matches was not known in time."""


def matches(pattern: str, text: str, *, seconds: float = SECONDS) -> bool:
    """Whether the whole text matches a pattern that `problem_with` has taken; `.` is any character, a line's end too.

    Raises Undecided after so many seconds.
    Source: https://github.com/mrabarnett/mrab-regex ("Timeout")
    """
    import regex  # only where something is matched

    try:
        return regex.fullmatch(_plain(pattern), text, regex.DOTALL, timeout=seconds) is not None
    except TimeoutError:
        beginning = pattern if len(pattern) <= 60 else f"{pattern[:60]}..."
        raise Undecided(
            f"whether a text of {len(text):,} characters matches /{beginning}/ was not known after {seconds:g} s"
        ) from None


def problem_with(pattern: str) -> str | None:
    """Why this pattern is not taken, or None when it can be matched with."""
    if len(pattern) > LONGEST:
        return f"expected at most {LONGEST} characters, seen {len(pattern):,}"
    if (times := _times(pattern)) > MOST_TIMES:
        seen = f"{times:,}" if times < 10**_MOST_DIGITS else "far more"
        return f"the repetition number is too large: expected at most {MOST_TIMES} times in all, seen {seen}"
    import regex

    try:
        re.compile(pattern)
        regex.compile(_plain(pattern))  # which matches
    except (re.error, regex.error, OverflowError) as error:
        return str(error)
    except RecursionError:
        return "its brackets are nested too deeply"
    return None


def _plain(pattern: str) -> str:
    """The pattern without what only `regex` reads: a brace that begins no count is a brace, and no fuzzy match."""
    tokens = (found[0] for found in _COUNT.finditer(pattern))
    return "".join("\\" + token if token in ("{", "{}") else token for token in tokens)


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
