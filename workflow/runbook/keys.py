"""What is a state called inside the machine? A key from the id or the title, `[a-z][a-z0-9_]*`, unique in the plan.

Rules:
- `1.1` gives `t1_1`, `Phase 2` gives `phase_2`, a title gives its words, without accents.
- The first one keeps the plain key; where it is taken, by another task or by a state of the machine's own, the
  ordinal is added.
"""

from __future__ import annotations

import unicodedata

from state.late_pattern import late
from state.machine import END_STATES
from state.position import READY

RESERVED = frozenset({READY, *END_STATES})
MAX_LENGTH = 60

_NO_WORD = late(r"[^a-z0-9]+")


class Keys:
    """Hands out the keys of one plan."""

    def __init__(self) -> None:
        self._taken = set(RESERVED)

    def make(self, id_: str, title: str, ordinal: int) -> str:
        """The key of the task with this id (or "") and title at this place of the plan."""
        name = id_ or title
        if not name.isascii():
            name = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
        base = _NO_WORD.sub("_", name.lower())[:MAX_LENGTH].strip("_")
        if not base:
            base = "task"  # a title without a single ASCII letter or digit
        elif base[0].isdigit():
            base = f"t{base}"
        key, number = base, ordinal
        while key in self._taken:
            key, number = f"{base}_{number}", number + 1
        self._taken.add(key)
        return key
