"""Which of the settings that were found does a person name? Those are accepted; nothing is unless it is named."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from phases.step import Check

NOTHING = "none"


def only(found: Sequence[str]) -> Callable[[str], str | None]:
    """What is wrong with an answer, which names some of these settings with commas between them, or none."""

    def problem(answer: str) -> str | None:
        unknown = [name for name in names_in(answer) if name not in found]
        return f"{unknown[0]!r} is none of: {', '.join(found)}" if unknown else None

    return problem


def listed(found: Sequence[str]) -> str:
    """`: this; that`, behind what they are found in; "" where the question is told before anything was looked at."""
    return f": {'; '.join(found)}" if found else ""


def names_in(answer: str) -> list[str]:
    """The names that an answer gives."""
    names = [name.strip() for name in answer.split(",")]
    return [name for name in names if name and name != NOTHING]


def as_notes(checks: Iterable[Check], accepted: Callable[[Check], str]) -> list[Check]:
    """The checks, with a note in the place of each failure that is accepted: what `accepted` says of it, "" for no."""
    return [
        replace(check, verdict="note", seen=f"{check.seen}; {said}")
        if check.verdict == "fail" and (said := accepted(check))
        else check
        for check in checks
    ]
