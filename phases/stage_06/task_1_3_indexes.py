"""Task 1.3: the template's second layer, the global secondary indexes."""

from __future__ import annotations

from phases.stage_06.paths import CONTRACT, TEMPLATE
from phases.stage_06.template.write_layer import write_layer
from phases.step import AfterCrash, StepContext, Work, step


@step(
    "1.3",
    "Add Global Secondary Index configurations to template",
    reads=[CONTRACT, TEMPLATE],
    writes=[TEMPLATE],
    after_crash=AfterCrash.REDO,
)
def add_indexes(ctx: StepContext) -> Work:
    """Add the global secondary indexes as the contract projects them."""
    return write_layer(ctx, "1.3")


STEPS = (add_indexes,)
