"""What is a person shown who answers boxes one by one, and what can be said? Values; doors show, the engine asks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import field

from state.cheap_classes import dataclass
from state.model import PlannedTask
from state.task_boxes import TaskBox
from state.task_events import ItemVerdict


@dataclass(frozen=True, slots=True)
class BoxWord:
    """One box's answer. `why` is the reason: there must be one for "not-applicable" and "waived"."""

    number: int
    verdict: ItemVerdict
    why: str = ""


@dataclass(frozen=True, slots=True)
class AllBoxes:
    """Yes, to all that are left, in one word."""


@dataclass(frozen=True, slots=True)
class BoxNumber:
    """Another box first: to look at it, or to change what was said of it."""

    number: int


@dataclass(frozen=True, slots=True)
class LeftOpen:
    """No word on a box that was looked at in vain: whoever approves attests or waives it."""

    number: int


@dataclass(frozen=True, slots=True)
class BoxesView:
    """The boxes of a task, and the one that is asked about.

    Attributes:
        number: of the box that is asked about.
        said: what is known of each box by now, in words; a box that is missing has no answer yet.
        left: the numbers of those that have no answer yet.
        answered: the numbers of those that a person has answered, which can be changed.
        all_at_once: whether one word may answer all that are left: where none of the task's boxes is looked at.
        former: what this person said of boxes in an attempt before, which may be said again; by number.
        place: where in the run it is, in a line.
        in_vain: what came of the boxes' own commands and checks that have not passed: a yes is not taken there.
    """

    run_id: str
    task: PlannedTask
    boxes: Sequence[TaskBox]
    number: int
    said: Mapping[int, str]
    left: Sequence[int]
    answered: Sequence[int]
    all_at_once: bool
    in_vain: Mapping[int, str] = field(default_factory=dict)
    place: str = ""
    former: Mapping[int, BoxWord] = field(default_factory=dict)


BoxSaid = BoxWord | AllBoxes | BoxNumber | LeftOpen
