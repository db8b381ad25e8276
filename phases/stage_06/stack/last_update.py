"""What did the last update of this run leave? Task 3.2's, or that of the further update with which its chain ended."""

from __future__ import annotations

from phases.stage_06.inputs.recorded import Configured, Deployed, TakenIn
from phases.step import StepContext


def update_id(number: int) -> str:
    """The id of the task that executes this update of a chain, from 1."""
    return "3.2" if number == 1 else f"3.2.{number}"


def number_of(task_id: str) -> int:
    """Which update of the chain this task executes."""
    return 1 if task_id == update_id(1) else int(task_id.rpartition(".")[2])


def taken_in(ctx: StepContext, before: int | None = None) -> dict[str, TakenIn]:
    """What 3.1 and the updates behind it took in, the latest counting; of those before update number `before` alone."""
    configured = ctx.data("3.1", Configured)
    found = dict(configured.get("taken_in", {}))
    for number in range(1, before if before is not None else configured.get("updates", 1) + 1):
        found |= ctx.data(update_id(number), Deployed).get("taken_in", {})
    return found


def last_update(ctx: StepContext) -> Deployed:
    """What it recorded."""
    return ctx.data(update_id(ctx.data("3.1", Configured).get("updates", 1)), Deployed)
