"""How is a pattern written at the top of a module, and compiled where it is first used? A command uses few of them.

    from state.late_pattern import late

    HEADING = late(r" {0,3}(#{1,6})[ \\t]")   # from its first use on as what `re.compile` gives

Compiling takes up to a millisecond, and of the sixty patterns that `resume` comes past it uses eleven.
"""

from __future__ import annotations

import re
from typing import AnyStr, cast

_ATTRIBUTES = (
    *("match", "fullmatch", "search", "finditer", "findall", "sub", "subn", "split", "scanner"),
    *("pattern", "flags", "groups", "groupindex"),
)


def late(text: AnyStr, flags: int = 0) -> re.Pattern[AnyStr]:
    """The pattern, compiled when it is first asked for anything. An unsound one raises `re.error` then."""
    return cast("re.Pattern[AnyStr]", _Late(text, flags))


class _Late:
    """Has its own attributes from the first use on, so that later ones cost nothing more."""

    def __init__(self, text: object, flags: int) -> None:
        self._text, self._flags = text, flags

    def __getattr__(self, name: str) -> object:
        if name not in _ATTRIBUTES:
            raise AttributeError(name)
        made = re.compile(cast("str", self._text), self._flags)
        self.__dict__.update({each: getattr(made, each) for each in _ATTRIBUTES})
        return self.__dict__[name]
