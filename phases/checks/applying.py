"""Which of a task's checks are looked at? Those that answer something which applies, by profile and by word."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from phases.checks.answered import answering, criteria_in_boxes, named_by, names_of_item
from phases.checks.profiles import Profile
from state.model import Plan, PlannedTask
from state.task_boxes import boxes_of

if TYPE_CHECKING:
    from phases.checks.definition import Checks, Declared


def applying(checks: Checks, profile: Profile | None, task: PlannedTask) -> Checks:
    """The checks without those that answer nothing but boxes of this task which the profile leaves out."""
    out = {box.number for box in boxes_of(task) if profile is not None and profile.leaves_out(task, box)}
    return without_boxes(checks, task, out)


def without_boxes(checks: Checks, task: PlannedTask, out: Collection[int]) -> Checks:
    """The checks without those that answer nothing but these boxes of the task, by number."""
    if not out:
        return checks
    boxes, in_boxes = boxes_of(task), criteria_in_boxes(task)
    criteria = [text for text in task.exit_criteria if text not in in_boxes]

    def applies(check: Declared) -> bool:
        mine = {box.number for box in boxes if answering(names_of_item(box.number, box.item), (check,))}
        return not mine or not mine <= set(out) or any(answering(named_by(text), (check,)) for text in criteria)

    return checks.only([check for check in checks.checks if applies(check)])


def apply_to_plan(check: Declared, checks: Checks, profile: Profile, plan: Plan) -> bool:
    """Whether a check applies anywhere: not where it belongs to tasks, and in each to what the profile leaves out."""
    tasks = [task for task in plan.tasks if check.belongs_to(task)]
    alone = checks.only([check])
    return not tasks or any(
        not profile.leaves_out_task(task) and applying(alone, profile, task).checks for task in tasks
    )
