"""Which checks answer a criterion or an item, and what do they come to? One resolver, for every workflow.

    SCOPE = Item("1.1")
    checks = [SCOPE.check("components", "a scope", "api, jobs", "pass")]    # named "1.1 components"
    resting("Scope defined", answering([SCOPE.id], checks))                 # passed: what 1.1 looked at

Rules:
- A check says the ids that it answers (`Check.answers`), a criterion names the ids that answer it. A name ties nothing.
- An exit criterion has an id of its own, from its words: a declared check that spells the criterion answers that.
- The worst verdict counts: a failure, then what was not checked; where nothing passed, notes are a note, and what
  nothing but a person's word stands for is attested.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from typing import Protocol, TypeVar

from phases.step import Check
from state.cheap_classes import dataclass
from state.evidence import Verdict
from state.late_pattern import late
from state.model import Item as MarkedItem
from state.model import PlannedTask
from state.task_boxes import box_id, boxes_of

PREFIX = "exit: "  # of a criterion's id, and of the name of the check that it becomes
_IN_CODE = late(r"(?=`([^`]+)`)")  # looked ahead at: two spans may share a mark
_LABEL = late(r"[*_]{0,3}((?:[A-Za-z]{1,6}-?)?\d[\w.]{0,19}?)(?:[.):]?[*_]{0,3}[.):]?)(?=\s)")
_WORDS: dict[Verdict, str] = {
    "pass": "passed",
    "derived": "derived",
    "fail": "failed",
    "attested": "attested",
    "note": "noted",
    "not-checked": "not checked",
}


class Answer(Protocol):
    """Something that answers items: a check, or what came of a declared one."""

    @property
    def answers(self) -> Collection[str]: ...


T = TypeVar("T", bound=Answer)


@dataclass(frozen=True, slots=True)
class Item:
    """An item of a runbook, or a part of one, that checks answer.

    Attributes:
        number: as the runbook has it; the names of its checks begin with it.
        part: a part of it that a criterion names alone; its checks answer the whole item as well.
    """

    number: str
    part: str = ""

    @property
    def id(self) -> str:
        """What a criterion names."""
        return f"{self.number} {self.part}" if self.part else self.number

    def check(self, name: str, expected: str, seen: str, verdict: Verdict, where: str = "") -> Check:
        """A check that answers this item; `name` without the number."""
        return self.claim(Check(name, expected, seen, verdict, where))

    def claim(self, check: Check) -> Check:
        """The same check as an answer to this item, which its name then begins with."""
        ids = (self.number,) if self.id == self.number else (self.number, self.id)
        return replace(check, name=f"{self.number} {check.name}", answers=(*ids, *check.answers))


def plain(criterion: str) -> str:
    """An exit criterion as it is compared: without case, spacing, closing period and marks of emphasis."""
    return " ".join(criterion.casefold().replace("*", "").split()).rstrip(".")


def criterion_id(criterion: str) -> str:
    """The id of an exit criterion, the same however its words are set."""
    return PREFIX + plain(criterion)


def declared_id(check: str) -> str:
    """The id of what a check of a checks file answers by its own id."""
    return f"check: {check}"


def named_by(criterion: str) -> tuple[str, ...]:
    """The ids that answer a criterion by its own words: its own, and the declared checks' that it has in `code`."""
    return (criterion_id(criterion), *map(declared_id, _IN_CODE.findall(criterion)))


def line_id(line: int) -> str:
    """The id of the box on this line of the runbook, from 1."""
    return f"line: {line}"


def item_id(label: str) -> str:
    """The id of the box that a checks file names by an id: `box 3` of its task, or a label (`AC-1`)."""
    return f"item: {label}"


def names_of_item(number: int, item: MarkedItem) -> tuple[str, ...]:
    """The ids that answer a task's item: of its words, its line, its number from 1, and the label in front."""
    label = _LABEL.match(item.text)
    labels = (box_id(number), label[1]) if label else (box_id(number),)
    return (*named_by(item.text), line_id(item.box.line), *map(item_id, labels))


def criteria_in_boxes(task: PlannedTask) -> frozenset[str]:
    """The exit criteria that are written as boxes which are answered by themselves: the box's answer is theirs."""
    boxes = [box for box in boxes_of(task) if not box.below]
    ids = {name for box in boxes for name in names_of_item(box.number, box.item)}
    return frozenset(each for each in task.exit_criteria if criterion_id(each) in ids)


def answering(ids: Iterable[str], given: Iterable[T]) -> list[T]:
    """Those that answer any of these ids, in their order."""
    wanted = frozenset(ids)
    return [each for each in given if not wanted.isdisjoint(each.answers)]


def resting(criterion: str, under: Sequence[Check]) -> Check:
    """The check of a criterion that rests on these, of which there is at least one."""
    counts = {verdict: sum(check.verdict == verdict for check in under) for verdict in _WORDS}
    verdict: Verdict = "pass"
    if counts["fail"]:
        verdict = "fail"
    elif counts["not-checked"]:
        verdict = "not-checked"
    elif not counts["pass"] + counts["derived"]:
        verdict = "note" if counts["note"] else "attested"
    seen = ", ".join(f"{counts[each]} {word}" for each, word in _WORDS.items() if counts[each])
    items = sorted({check.answers[0] for check in under})
    expected = f"what {', '.join(items)} looked at"
    return Check(PREFIX + criterion, expected, seen, verdict, answers=(criterion_id(criterion),))
