"""What is imported only when it is used, though somebody's own import line says otherwise?

`dataclasses` imports `inspect`, which takes longer to load than all the rest of it, for functions that no reading
command calls.
"""

from __future__ import annotations

import sys
from importlib import import_module
from types import ModuleType


class _Later(ModuleType):
    """Stands for a module until somebody asks for something in it."""

    def __getattr__(self, name: str) -> object:
        if name.startswith("__"):  # what Python itself asks of a module while it is imported
            raise AttributeError(name)
        _take_back(self)
        real = import_module(self.__name__)
        vars(self).update(vars(real))
        return getattr(real, name)


def import_without(module: str, later: str) -> None:
    """Import a module, for which `later` is a module that comes when it is used; whoever else imports that gets it."""
    if module in sys.modules or later in sys.modules:
        return
    stands_in = sys.modules[later] = _Later(later)
    try:
        import_module(module)
    finally:
        _take_back(stands_in)


def _take_back(stands_in: _Later) -> None:
    if sys.modules.get(stands_in.__name__) is stands_in:
        del sys.modules[stands_in.__name__]
