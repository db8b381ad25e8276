"""Do the rules of the policy hold in the shape that a run was asked to read its runbook in (`--as`)?

The shape is a choice of who starts the run, and a rule finds its gates by their numbers and titles, which another shape
may not have. So each line of the runbook keeps the rule that it has in the file's own shape: a start in another one is
refused where a task, or a box of one, would be left by another policy's gate.

Where the file cannot be read without a shape, there is no own one: then no rule may have a gate in another shape and
none in this one.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from typing import get_args

from gates.policy import GatePolicy, GateRule, Policies
from state.errors import BadInput, Problem
from state.model import Plan, PlannedTask
from state.path_word import path_word
from state.printable import as_name
from state.shape import Shape
from workflow.policy.look_alikes import FILE
from workflow.runbook.reader import read_runbook
from workflow.runs.load_plan import RunTarget
from workflow.runs.workflow_catalog import target_of


def require_shape_fit(policies: Policies, target: RunTarget) -> None:
    """Return where the policy says the same of every line in the shape that was asked for as in the file's own.

    Raises BadInput with the rules that would not hold.
    """
    plan, name = target.plan, target.workflow.name
    if target.shape is None or not policies.rules:
        return
    own = _read(target, None)
    if own is None:
        others = [read for each in get_args(Shape) if each != target.shape and (read := _read(target, each))]
        problems = list(_without_gate(policies, name, plan, others))
    elif own.shape == plan.shape:
        return
    else:
        problems = list(_left_otherwise(policies, name, own, plan))
    if problems:
        edit = (
            f"$EDITOR {FILE}   # or rules that hold in both; its gates: phasegate plan {path_word(plan.runbook)} "
            f"--as {target.shape}"
        )
        runbook = target_of(name, plan.runbook)
        raise BadInput(
            f"{as_name(plan.runbook)} read as {plan.shape} escapes rules of {FILE}, which hold for it "
            f"{f'as {own.shape}, its own shape' if own else 'in another shape'}",
            problems=problems,
            next_command=f"phasegate run {runbook}   # in its own shape\n      {edit}" if own else edit,
        )


def _read(target: RunTarget, shape: Shape | None) -> Plan | None:
    """The same file in this shape; None where it has none."""
    try:
        return read_runbook(target.data, name=target.workflow.name, path=target.plan.runbook, shape=shape)
    except BadInput:
        return None


def _rule(policies: Policies, name: str, task: PlannedTask) -> GateRule | None:
    about = (rule for rule in policies.rules if rule.is_about(name, task.key, task.id, task.title))
    return next(about, None)


def _without_gate(policies: Policies, name: str, plan: Plan, others: list[Plan]) -> Iterator[Problem]:
    held = {id(_rule(policies, name, task)) for task in plan.tasks}
    for other in others:
        for task in other.tasks:
            rule = _rule(policies, name, task)
            if rule is not None and id(rule) not in held:
                held.add(id(rule))
                yield Problem(rule.place, f"holds for {task.label} as {other.shape}, and for no gate as {plan.shape}")


def _left_otherwise(policies: Policies, name: str, own: Plan, plan: Plan) -> Iterator[Problem]:
    """The rules of tasks whose lines another gate's policy would be about; each once."""
    lines, gates = _gates(policies, name, plan)
    told: set[str] = set()
    for task in own.tasks:
        rule = _rule(policies, name, task)
        policy, place = (rule.policy, rule.place) if rule else (policies.default, FILE)
        if place in told:
            continue
        for line in (task.line, *(box.line for box in task.boxes())):
            before = bisect_right(lines, line)  # the last task or box that does not come after the line
            if (gates[before - 1] if before else policies.default) != policy:
                told.add(place)
                what = f"the rule for {rule.gate!r} holds" if rule else "the default holds"
                yield Problem(place, f"{what} for {task.label} (line {line}), and would not as {plan.shape}")
                break


def _gates(policies: Policies, name: str, plan: Plan) -> tuple[list[int], list[GatePolicy]]:
    """The lines with a task or a box, in order, and of each the policy of the gate behind which it lies."""
    found = {task.line: policies.for_gate(name, task.key, task.id, task.title) for task in plan.tasks}
    for task in plan.tasks:
        for box in task.boxes():
            found.setdefault(box.line, policies.for_gate(name, task.key, task.id, task.title))
    lines = sorted(found)
    return lines, [found[line] for line in lines]
