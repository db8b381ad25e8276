"""Which modules of tests start programs, themselves or through their helpers? Those tests are slow."""

from __future__ import annotations

import sys
from functools import cache


@cache
def starts_programs(name: str) -> bool:
    """Does the imported module of this name use `subprocess`, or a helper of ours that does?"""
    used = vars(sys.modules[name])
    if "subprocess" in used:
        return True
    homes = {getattr(value, "__module__", None) or "" for value in used.values()} - {name}
    return any(starts_programs(home) for home in homes if home.startswith("tests.") and home in sys.modules)
