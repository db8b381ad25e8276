"""How is a number of things said? `1 file`, `2 files`."""

from __future__ import annotations


def counted(number: int, one: str, many: str = "") -> str:
    """The number with its noun; `many` is the plural where it is not made by an `s`."""
    return f"{number} {one if number == 1 else many or f'{one}s'}"
