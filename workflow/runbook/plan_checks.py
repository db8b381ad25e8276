"""Can a plan be run to its end? Checks on the plan alone, before anything is started.

Rules:
- Pure: a Plan in, problems out, each with `file:line`.
- `structure_problems` holds for every plan that the reader lets through; `start_problems` is asked before a run.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from state.errors import Problem
from state.late_pattern import late
from state.machine import END_STATES
from state.model import BOX_STATES, Plan, PlannedTask
from state.position import READY
from state.printable import as_name

_KEY = late(r"[a-z][a-z0-9_]*")
_NAMED_PHASE = (
    r"(?i)\b(?:proceed(?:ing)?|move|continue|go|advance)\s+(?:on\s+)?to\s+(?P<name>(?P<word>Phase|Stage|Step|Part)\s+"
    r"(?P<number>\d{1,6}(?:\.\d{1,6}){0,5}[a-z]?(?:[-–]\d{1,6})?|[A-Z]\b))"
)
_RANGE = r"\b(\d{1,6})\s?[-–]\s?(\d{1,6})$"


def structure_problems(plan: Plan) -> tuple[Problem, ...]:
    """Why the plan has no way from its first state to its last: empty when it has one."""
    if not plan.tasks:
        return (Problem(f"{as_name(plan.runbook)}:1", "no-task: a plan needs at least one task"),)
    problems: list[Problem] = []
    keys: dict[str, PlannedTask] = {}
    owners: dict[int, PlannedTask] = {}

    def refuse(line: int, message: str) -> None:
        problems.append(Problem(f"{as_name(plan.runbook)}:{line}", message))

    for task in plan.tasks:
        key = task.key
        if not _KEY.fullmatch(key):
            refuse(task.line, f"bad-key: {key!r} is no name of a state, expected [a-z][a-z0-9_]*")
        if key == READY or key in END_STATES:
            refuse(task.line, f"reserved-key: {key!r} is a state of the machine's own")
        if (first := keys.setdefault(key, task)) is not task:
            refuse(task.line, f"duplicate-key: {key!r} is unreachable, line {first.line} has it already")
        for box in task.boxes():
            if (owner := owners.setdefault(box.offset, task)) is not task:
                refuse(box.line, f"shared-box: {task.label} ticks a box that {owner.label} has ticked; it cannot end")
    return tuple(problems)


def start_problems(plan: Plan) -> tuple[Problem, ...]:
    """Why a run of this plan would come to a halt at a mark: boxes whose state nobody knows how to flip."""
    return tuple(
        Problem(
            f"{as_name(plan.runbook)}:{box.line}",
            f"unknown-state: the box of {task.label} is {box.state!r}, expected {', '.join(map(repr, BOX_STATES))}",
        )
        for task in plan.tasks
        for box in task.boxes()
        if box.state not in BOX_STATES
    )


def missing_phases(tasks: Sequence[PlannedTask]) -> Iterator[tuple[PlannedTask, str]]:
    """Tasks whose gate names a phase that neither a task nor a heading of the plan has, with that name."""
    gated = [(task, match) for task in tasks if task.gate and (match := re.search(_NAMED_PHASE, task.gate))]
    if not gated:
        return
    known = {name for task in tasks for name in _names(task)}
    for task, match in gated:
        if _normal(match) not in known:
            yield task, match["name"]


def skipped_phases(tasks: Sequence[PlannedTask]) -> Iterator[tuple[PlannedTask, str, str]]:
    """Phases whose gate names another phase than the next one: the task, that name, and the next one's label."""
    for task, following in pairwise(tasks):
        match = re.search(_NAMED_PHASE, task.gate) if task.kind == "phase" and task.gate else None
        if match and following.kind == "phase" and _normal(match) not in _names(following):
            yield task, match["name"], following.label


def _normal(match: re.Match[str]) -> str:
    return f"{match['word']} {match['number']}".lower()


def _names(task: PlannedTask) -> set[str]:
    """What a gate may call this task: its id, each number of a range, its `Step 3` form, and its headings'."""
    names = {task.id.lower(), f"step {task.id}".lower()}
    for heading in task.heading:
        named = re.match(r"\W*((?:phase|stage|step|part)\s+[\w.]+)", heading, re.IGNORECASE)
        if named:
            names.add(re.sub(r"\s+", " ", named[1]).lower().rstrip("."))
    span = re.search(_RANGE, task.id)
    if span and int(span[2]) - int(span[1]) < 100:
        word = task.id.split()[0].lower()
        names |= {f"{word} {number}" for number in range(int(span[1]), int(span[2]) + 1)}
    return names
