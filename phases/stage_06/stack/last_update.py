"""What did the last update of this run leave? Task 3.2's, or that of the further update with which its chain ended."""

from __future__ import annotations

from phases.stage_06.inputs.recorded import Configured, Deployed
from phases.step import StepContext


def update_id(number: int) -> str:
    """The id of the task that executes this update of a chain, from 1."""
    return "3.2" if number == 1 else f"3.2.{number}"


def last_update(ctx: StepContext) -> Deployed:
    """What it recorded."""
    return ctx.data(update_id(ctx.data("3.1", Configured).get("updates", 1)), Deployed)
