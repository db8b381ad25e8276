"""Which checks does a profile leave of a task's? Those that answer something which applies."""

from __future__ import annotations

from phases.checks.answered import answering, names_of_item
from phases.checks.definition import Checks, Declared
from phases.checks.profiles import Profile
from state.model import PlannedTask
from state.task_boxes import boxes_of


def applying(checks: Checks, profile: Profile | None, task: PlannedTask) -> Checks:
    """The checks without those that answer nothing but boxes of this task which the profile leaves out."""
    boxes = boxes_of(task)
    out = {box.number for box in boxes if profile is not None and profile.leaves_out(task, box)}
    if not out:
        return checks

    def applies(check: Declared) -> bool:
        mine = {box.number for box in boxes if answering(names_of_item(box.number, box.item), (check,))}
        return not mine or not mine <= out

    return checks.only([check for check in checks.checks if applies(check)])
