"""Which of the known names did somebody mean? For "did you mean" in refusals; nothing is ever taken for another."""

from __future__ import annotations

from collections.abc import Iterable

ALIKE = 0.6  # as difflib counts: 1 is equal, and a slip of the fingers in a short word is about 0.8


def nearest(name: str, known: Iterable[str]) -> str:
    """The known name that is most like this one, upper and lower case apart; "" where none is like it."""
    from difflib import get_close_matches  # here: only a refusal needs it

    spelt = {each.lower(): each for each in known}
    found = get_close_matches(name.lower(), spelt, n=3, cutoff=ALIKE)
    found.sort(key=lambda each: sorted(each) != sorted(name.lower()))  # signs that changed places come first
    return spelt[found[0]] if found else ""


def hint(name: str, known: Iterable[str]) -> str:
    """`; did you mean ...?`, for the end of a sentence; "" where no known name is like this one."""
    found = nearest(name, known)
    return f"; did you mean {found}?" if found else ""
