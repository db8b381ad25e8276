"""Task 1.4: the template's third layer, safety and monitoring."""

from __future__ import annotations

from phases.stage_06.paths import CONTRACT, TEMPLATE
from phases.stage_06.template.write_layer import write_layer
from phases.step import AfterCrash, StepContext, Work, step


@step(
    "1.4",
    "Configure safety and production settings in template",
    reads=[CONTRACT, TEMPLATE],
    writes=[TEMPLATE],
    after_crash=AfterCrash.REDO,
)
def add_safety(ctx: StepContext) -> Work:
    """Add Retain, deletion protection, tags, alarms and the dashboard."""
    return write_layer(ctx, "1.4")


STEPS = (add_safety,)
