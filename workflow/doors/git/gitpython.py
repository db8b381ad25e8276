"""How is GitPython loaded? Only what starts its processes, which is all that is used of it.

Its package starts git twice, and loads a model of repositories and their objects, which takes twenty times as long.

Rules:
- Whoever imports `git` or `gitdb` in this process, before or after, has it whole.
- A release whose `git.cmd` wants more of these packages than their modules gets them.
"""

from __future__ import annotations

import importlib
import sys
from functools import cache
from importlib.machinery import PathFinder
from types import ModuleType

_PACKAGES = ("git", "gitdb")


@cache
def git_cmd() -> ModuleType:
    """The module `git.cmd`. Raises ImportError where there is no GitPython."""
    return _alone() or importlib.import_module("git.cmd")


def _alone() -> ModuleType | None:
    """`git.cmd` without what its packages load; None where they are loaded already, or it does not come alone."""
    found = [None if name in sys.modules else PathFinder.find_spec(name) for name in _PACKAGES]
    if None in found:
        return None
    for spec in filter(None, found):
        package = ModuleType(spec.name)
        package.__spec__, package.__path__ = spec, list(spec.submodule_search_locations or ())
        sys.modules[spec.name] = package
    try:
        return importlib.import_module("git.cmd")
    except (ImportError, AttributeError):
        return None
    finally:
        for name in [each for each in sys.modules if each.partition(".")[0] in _PACKAGES]:
            del sys.modules[name]
