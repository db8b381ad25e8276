"""How many items came to which verdict, and on what does each rest? For status, the end of a run, and the audit.

Pure. Only items of tasks whose evidence is recorded are counted; those of a task that was left out are not applicable.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, get_args

from gates.words import BY_PROFILE
from state.cheap_classes import dataclass
from state.evidence import Verdict
from state.json_values import Json
from state.task_state import TaskState

if TYPE_CHECKING:
    from state.model import PlannedTask

VERDICTS: tuple[Verdict, ...] = get_args(Verdict)
BY_PROFILE_KEY = "by-profile"  # of those that are not applicable: how many follow from the profile
_WORDS: Mapping[str, str] = {
    "pass": "passed",
    "derived": "derived",
    "attested": "attested",
    "not-applicable": "not applicable",
    "waived": "waived",
    "note": "noted",
    "not-checked": "not checked",
    "said-by-agent": "said by an agent",
    "fail": "failed",
}


@dataclass(frozen=True, slots=True)
class ItemLine:
    """One item: its number and text as its task has them, its verdict, and what that rests on."""

    name: str
    verdict: Verdict
    seen: str
    by: str
    why: str

    def to_json(self) -> dict[str, Json]:
        return {
            "name": self.name,
            "verdict": self.verdict,
            "seen": self.seen,
            "by": self.by or None,
            "why": self.why or None,
        }


def items_of(state: TaskState) -> tuple[ItemLine, ...]:
    """The items of a task whose evidence is recorded, in their order."""
    checks = state.worked.checks if state.worked is not None else ()
    return tuple(
        ItemLine(check.name, check.verdict, check.seen, check.by.git if check.by else "", check.why)
        for check in checks
        if check.answers
    )


def count_items(states: Iterable[TaskState], left_out: Iterable[PlannedTask] = ()) -> dict[str, int]:
    """How many items came to each verdict, and of those that are not applicable how many by profile; {} for none.

    `left_out`: the tasks that are done by being left out, whose items nobody answered one by one.
    """
    counts: Counter[str] = Counter()
    for item in (each for state in states for each in items_of(state)):
        counts[item.verdict] += 1
        counts[BY_PROFILE_KEY] += item.verdict == "not-applicable" and is_by_profile(item.why, item.by)
    counts["not-applicable"] += sum(len(task.items) for task in left_out) if counts else 0
    return {name: counts[name] for name in (*VERDICTS, BY_PROFILE_KEY) if counts[name]}


def is_by_profile(why: str, by: str) -> bool:
    """Whether an item does not apply because of the run's profile, not by anybody's word."""
    return not by and why.startswith(BY_PROFILE)


def unasked(counts: Mapping[str, int]) -> int:
    """How many items were answered without a person's word: passed, derived, and not applicable by profile."""
    return sum(counts.get(name, 0) for name in ("pass", "derived", BY_PROFILE_KEY))


def total(counts: Mapping[str, int]) -> int:
    """How many items were counted."""
    return sum(number for name, number in counts.items() if name != BY_PROFILE_KEY)


def in_words(counts: Mapping[str, int]) -> str:
    """`116 items: 71 passed, 4 derived, 30 not applicable (22 by profile)`"""
    told = [f"{counts[name]} {word}" for name, word in _WORDS.items() if counts.get(name)]
    if by_profile := counts.get(BY_PROFILE_KEY):
        told = [f"{each} ({by_profile} by profile)" if each.endswith("not applicable") else each for each in told]
    number = total(counts)
    return f"{number} item{'' if number == 1 else 's'}: {', '.join(told)}"
