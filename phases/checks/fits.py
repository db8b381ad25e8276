"""What does a checks file name that its runbook does not have? Tasks, criteria, boxes, and what follows from what.

Rules:
- What follows from boxes follows from those of earlier tasks: a box of the same task, or of a later one, has no verdict
  when it is looked at, so it would fail in every run.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace

from phases.checks.answered import item_id, names_of_item, plain
from phases.checks.definition import Checks, Declared
from phases.checks.local.local_check import LocalCheck
from phases.checks.local.of_the_run import FollowsFrom
from phases.checks.placeholders import Path
from phases.checks.profiles import no_task
from state.errors import Problem
from state.model import Item, Plan, PlannedTask
from state.nearest import hint
from state.task_boxes import boxes_of


def foreign_to(plan: Plan, declared: Checks) -> Iterator[Problem]:
    """What profiles and checks name, and this plan does not have, nor its way back where the plan has one."""
    boxes = [(task, each) for task in plan.tasks for each in enumerate(task.items, 1)]
    criteria = {plain(text) for task in (*plan.tasks, *plan.rollback) for text in task.exit_criteria}
    criteria |= {plain(item.text) for _task, (_number, item) in boxes}
    for profile in declared.profiles:
        yield from profile.problems(plan)
    for check in declared.checks:
        yield from _wrong_tasks(check, plan)
        yield from _wrong_criterion(check, plan, criteria)
        yield from _wrong_box(check, plan, [each for task, each in boxes if _is_of(check, task)])
        yield from _wrong_follows(check, plan)


def _is_of(check: Declared, task: PlannedTask) -> bool:
    """Whether a box of this task may be meant: any, where the check names no task."""
    return not check.tasks or check.belongs_to(task)


def _wrong_tasks(check: Declared, plan: Plan) -> Iterator[Problem]:
    for number, name in enumerate(check.tasks):
        if not any(replace(check, tasks=(name,)).belongs_to(task) for task in (*plan.tasks, *plan.rollback)):
            yield check.problem(("tasks", number), no_task(plan, name))


def _wrong_criterion(check: Declared, plan: Plan, known: Collection[str]) -> Iterator[Problem]:
    if check.criterion and plain(check.criterion) not in known:
        message = (
            f"{plan.runbook} has no exit criterion and no box {check.criterion!r}{hint(plain(check.criterion), known)}"
        )
        yield check.problem(("criterion",), message)


def _wrong_box(check: Declared, plan: Plan, items: Sequence[tuple[int, Item]]) -> Iterator[Problem]:
    """The line or the id of a box that is none, or of another box than the text says."""
    if check.line:
        at = next((item for _number, item in items if item.box.line == check.line), None)
        if at is None:
            yield check.problem(("line",), f"line {check.line} of {plan.runbook} has no box of a task")
        elif check.criterion and plain(at.text) != plain(check.criterion):
            message = f"line {check.line} of {plan.runbook} has the box {at.text!r}, not {check.criterion!r}"
            yield check.problem(("line",), message)
    if check.item:
        yield from _wrong_id(check, plan, items)


def _wrong_id(check: Declared, plan: Plan, items: Sequence[tuple[int, Item]]) -> Iterator[Problem]:
    named = [item for number, item in items if item_id(check.item) in names_of_item(number, item)]
    if len(named) != 1:
        where = f", on lines {', '.join(str(item.box.line) for item in named)}" if named else ""
        message = f"expected one box of {plan.runbook} with the id {check.item!r}, seen {len(named)}{where}"
        yield check.problem(("item",), message)


def _wrong_follows(check: Declared, plan: Plan) -> Iterator[Problem]:
    """What it follows from, and is no box of an earlier task."""
    look = check.look if isinstance(check, LocalCheck) else None
    if not isinstance(look, FollowsFrom):
        return
    own = [number for number, task in enumerate(plan.tasks) if check.belongs_to(task)]
    first = own[0] if own else len(plan.tasks)
    for number, name in enumerate(look.tasks):
        place: Path = ("follows-from", "tasks", number)
        named = [place for place, task in enumerate(plan.tasks) if task.is_named_by((name,))]
        if not named:
            yield check.problem(place, no_task(plan, name))
        elif late := [each for each in named if each >= first]:
            yield check.problem(place, _too_late(f"{name!r} names", plan, late[0], first))
        elif not any(boxes_of(plan.tasks[each]) for each in named):
            yield check.problem(place, f"{name!r} names no task of {plan.runbook} with a box")
    for number, line in enumerate(look.lines):
        place = ("follows-from", "lines", number)
        at = next((each for each, task in enumerate(plan.tasks) if line in _lines_of(task)), None)
        if at is None:
            yield check.problem(place, f"line {line} of {plan.runbook} has no box of a task")
        elif at >= first:
            yield check.problem(place, _too_late(f"line {line} is of", plan, at, first))


def _lines_of(task: PlannedTask) -> Collection[int]:
    return [box.item.box.line for box in boxes_of(task)]


def _too_late(what: str, plan: Plan, at: int, first: int) -> str:
    where = "the very task that it answers" if at == first else "a later task"
    return f"{what} {plan.tasks[at].label}, {where}: a box follows from those of earlier tasks"


def follows_itself(declared: Checks) -> Iterator[Problem]:
    """What follows from itself by the lines of the file alone, where no runbook says the order of its boxes."""
    looks = [(check, check.look) for check in declared.checks if isinstance(check, LocalCheck)]
    follows = {check.line: look.lines for check, look in looks if isinstance(look, FollowsFrom) and check.line}
    for check, look in looks:
        for number, line in enumerate(look.lines if isinstance(look, FollowsFrom) else ()):
            if check.line and check.line in _reached(follows, line):
                message = f"line {line} follows from line {check.line} itself, so neither ever counts"
                yield check.problem(("follows-from", "lines", number), message)


def _reached(follows: dict[int, tuple[int, ...]], line: int) -> Collection[int]:
    """The lines that this one follows from, through others too, and itself."""
    found, left = {line}, [line]
    while left:
        left = [each for at in left for each in follows.get(at, ()) if each not in found]
        found.update(left)
    return found
