"""On which members of AWS's answers does a check rest, and is one of them spoilt?

of("dynamodb describe_table", "Table.TableStatus")      # a check that passes on it may not pass without it
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from tests.worlds.spoilt_answers import (
    DENIED,
    EMPTIED,
    EMPTY,
    GOES_ON,
    LEFT_OUT,
    NOTHING,
    THROTTLED,
    Spoil,
)


@dataclass(frozen=True)
class Datum:
    """A member of an answer: `MetricAlarms[0].StateValue`; `[]` for a list that is read to its end.

    `absent`: that nothing is in the list is the datum, and another one stands beside it. `where`: in the parameters of
    the call (`!x`: not in them).
    """

    call: str
    member: str
    where: str = ""
    absent: bool = False

    def is_of(self, spoil: Spoil) -> bool:
        service, operation, params = spoil.call
        wanted, there = self.where.removeprefix("!"), self.where.removeprefix("!") in params
        return self.call == f"{service} {operation}" and (not wanted or there != self.where.startswith("!"))

    def is_near(self, spoil: Spoil) -> bool:
        """Whether the member that is spoilt is on the way to this datum, or a part of it."""
        path = [part.split("[")[0] for part in self.member.split(".")]
        return self.is_of(spoil) and all(one == other for one, other in zip(path, _names(spoil.path), strict=False))

    def is_spoilt_by(self, spoil: Spoil) -> bool:
        if not self.is_of(spoil):
            return False
        listed = "[" in self.member
        match spoil.how:
            case how if how in (EMPTY, LEFT_OUT):
                path = tuple(part.split("[")[0] for part in self.member.split("."))
                wanted = _names(spoil.path)
                return path[: len(wanted)] == wanted and not (self.absent and spoil.how == EMPTY)
            case how if how == EMPTIED:
                return listed and not self.absent
            case how if how == GOES_ON:
                return "[]" in self.member
        assert spoil.how in (NOTHING, DENIED, THROTTLED)
        return bool(self.member)


def _names(path: tuple[str, ...]) -> tuple[str, ...]:
    """The members of a path, without the entries of lists."""
    return tuple(part for part in path if part != "*")


def of(call: str, *members: str, where: str = "", absent: bool = False) -> tuple[Datum, ...]:
    return tuple(Datum(call, member, where, absent) for member in members)


def rests_on(rests: Mapping[str, tuple[Datum, ...]], name: str) -> tuple[Datum, ...]:
    """What a check rests on: the one entry whose pattern has its name."""
    found = [data for pattern, data in rests.items() if re.fullmatch(pattern, name)]
    assert len(found) == 1, f"{name} passed, and there are {len(found)} entries for it"
    return found[0]
