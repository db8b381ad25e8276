"""May we leave this state? Three answers, and how small gates join into one.

Rules:
- A gate decides on facts that are handed in; it never asks, reads or prints.
- The worst answer wins in `AllOf`: Refused before Waiting before Admitted. A gate without parts refuses.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Generic, TypeVar

from state.cheap_classes import dataclass

Facts = TypeVar("Facts")


@dataclass(frozen=True, slots=True)
class Admitted:
    """The state may be left."""

    by: str = ""


@dataclass(frozen=True, slots=True)
class Waiting:
    """Nothing is wrong; something is still missing."""

    what: str


@dataclass(frozen=True, slots=True)
class Refused:
    """The state may not be left: every reason found."""

    reasons: tuple[str, ...]


Decision = Admitted | Waiting | Refused


class AllOf(Generic[Facts]):
    """Admits when every part admits; an empty one refuses."""

    def __init__(self, *parts: Callable[[Facts], Decision]) -> None:
        self.parts = parts

    def __call__(self, facts: Facts) -> Decision:
        decisions = [part(facts) for part in self.parts]
        refused = _reasons(decisions)
        if refused or not decisions:
            return Refused(refused or ("this gate has no condition, so nothing can open it",))
        if waiting := _missing(decisions):
            return Waiting("; ".join(waiting))
        return Admitted(", ".join(d.by for d in decisions if isinstance(d, Admitted) and d.by))


def _reasons(decisions: Iterable[Decision]) -> tuple[str, ...]:
    return tuple(reason for decision in decisions if isinstance(decision, Refused) for reason in decision.reasons)


def _missing(decisions: Iterable[Decision]) -> list[str]:
    return [decision.what for decision in decisions if isinstance(decision, Waiting)]
