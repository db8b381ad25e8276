"""Which modules of tests are slow as a whole? Those that say so, and those that start programs, also through helpers.

They are read as text: nearly all that is slow stands in such modules, and `make test-quick` need not import them.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
_SAYS_SO = re.compile(r"^(import subprocess|pytestmark = .*\bpytest\.mark\.slow\b)", re.MULTILINE)
_HELPERS = re.compile(r"^from (tests\.[\w.]+) import (\([^)]*\)|.*)", re.MULTILINE)


@cache
def is_slow(path: Path) -> bool:
    """Does this module of tests, or a helper of ours that it takes more than constants from, use `subprocess`?

    Or is it marked as slow itself (`pytestmark`)?
    """
    text = path.read_text("utf-8") if path.is_file() else ""  # a package has nothing but its modules
    return bool(_SAYS_SO.search(text)) or any(is_slow(home) for home in _homes(text))


def _homes(text: str) -> set[Path]:
    """The modules whose functions and classes are taken."""
    return {
        ROOT / f"{module.replace('.', '/')}.py"
        for module, names in _HELPERS.findall(text)
        if not all(name.isupper() for name in re.findall(r"\w+", names.partition("#")[0]))
    }
