"""What is imported only when it is used, though somebody's own import line says otherwise?

`dataclasses` imports `inspect`, which takes longer to load than all the rest of it, for functions that no reading
command calls; `pathlib` imports `urllib.parse`, with `ipaddress`, for `Path.as_uri` alone (until Python 3.12).
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from functools import partial
from importlib import import_module
from types import ModuleType


class _Later(ModuleType):
    """Stands for a module until somebody asks for something in it, or calls one of these functions."""

    def __init__(self, name: str, functions: Sequence[str]) -> None:
        super().__init__(name)
        vars(self).update({each: partial(_call, name, each) for each in functions})

    def __getattr__(self, name: str) -> object:
        if name.startswith("__"):  # what Python itself asks of a module while it is imported
            raise AttributeError(name)
        _take_back(self)
        real = import_module(self.__name__)
        vars(self).update(vars(real))
        return getattr(real, name)


def _call(module: str, function: str, *given: object) -> object:
    return getattr(import_module(module), function)(*given)


def import_without(module: str, later: str, functions: Sequence[str] = ()) -> None:
    """Import a module, for which `later` is a module that comes when it is used; whoever else imports that gets it.

    `functions`: those that the module takes from it by name.
    """
    if module in sys.modules or later in sys.modules:
        return
    stands_in = sys.modules[later] = _Later(later, functions)
    try:
        import_module(module)
    finally:
        _take_back(stands_in)


def _take_back(stands_in: _Later) -> None:
    if sys.modules.get(stands_in.__name__) is stands_in:
        del sys.modules[stands_in.__name__]
