"""What looks at a box, beside a person: a command, a check, a sign-off? A yes to it waits until that has passed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from phases.checks.answered import answering, names_of_item
from phases.checks.local.of_the_run import SIGNED_OFF
from phases.manual.box_claims import SAYS_MORE
from phases.manual.boxes import PASSED
from phases.step import Check
from state.errors import BadAnswer
from state.model import PlannedTask
from state.task_boxes import TaskBox, boxes_of, own_commands

if TYPE_CHECKING:
    from phases.checks.definition import Declared


def is_looked_at(task: PlannedTask, box: TaskBox, declared: Sequence[Declared]) -> bool:
    """Whether a command or a check looks at this box."""
    return bool(own_commands(task, box) or answering(names_of_item(box.number, box.item), declared))


def lines_signed_off(task: PlannedTask, declared: Sequence[Declared]) -> set[int]:
    """The lines of the task's boxes that one of these checks answers by a sign-off."""
    signed = answering([SIGNED_OFF], declared)
    boxes = [box for box in boxes_of(task) if answering(names_of_item(box.number, box.item), signed)]
    return {box.item.box.line for box in boxes}


def not_passed(own: Sequence[Check]) -> str:
    """What came of those of a box's own checks that were looked at in vain; "" for none.

    A command that succeeded, of which the box says more than that, was not: whoever saw what it printed may say so.
    """
    in_vain = [each for each in own if each.verdict not in PASSED and SAYS_MORE not in each.answers]
    return "; ".join(f"{each.name}: {each.seen}" for each in in_vain)


def yes_refused(run_id: str, box: TaskBox, said_as: str, seen: str, with_it: str = "") -> BadAnswer:
    """The refusal of a yes, by whoever did the work, to a box that was looked at in vain; `seen`: what came of that.

    `with_it`: the order that has what looks at it run, or "".
    """
    return BadAnswer(
        f"{said_as} is refused: box {box.number} has a command or a check of its own, which has not passed: {seen}; "
        f"an approver can attest or waive it (approve --attest {box.number}, or --waive {box.number}:REASON)",
        next_command=(f"{with_it}\n      " if with_it else "") + f"phasegate status {run_id}   # where the task stands",
    )
