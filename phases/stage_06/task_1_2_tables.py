"""Task 1.2: the template's first layer, the tables."""

from __future__ import annotations

from phases.stage_06.paths import CONTRACT, TEMPLATE
from phases.stage_06.template.write_layer import write_layer
from phases.step import AfterCrash, StepContext, Work, step


@step(
    "1.2",
    "Generate DynamoDB CloudFormation template",
    reads=[CONTRACT],
    writes=[TEMPLATE],
    after_crash=AfterCrash.REDO,
)
def build_tables(ctx: StepContext) -> Work:
    """Generate the tables' resources: keys, on-demand billing, encryption, point-in-time recovery."""
    return write_layer(ctx, "1.2")


STEPS = (build_tables,)
