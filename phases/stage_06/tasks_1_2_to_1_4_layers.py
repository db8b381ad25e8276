"""Tasks 1.2 to 1.4: the template's three layers, a task each: tables, indexes, safety and monitoring."""

from __future__ import annotations

from phases.stage_06.inputs import rests_on
from phases.stage_06.paths import CONTRACT, TEMPLATE
from phases.stage_06.template.write_layer import write_layer
from phases.step import AfterCrash, StepContext, Work, step


@step(
    "1.2",
    "Generate DynamoDB CloudFormation template",
    reads=[CONTRACT],
    writes=[TEMPLATE],
    after_crash=AfterCrash.REDO,
    inputs=rests_on.layer,
)
def build_tables(ctx: StepContext) -> Work:
    """Generate the tables' resources: keys, on-demand billing, encryption, point-in-time recovery."""
    return write_layer(ctx, "1.2")


@step(
    "1.3",
    "Add Global Secondary Index configurations to template",
    reads=[CONTRACT, TEMPLATE],
    writes=[TEMPLATE],
    after_crash=AfterCrash.REDO,
    inputs=rests_on.layer,
)
def add_indexes(ctx: StepContext) -> Work:
    """Add the global secondary indexes as the contract projects them."""
    return write_layer(ctx, "1.3")


@step(
    "1.4",
    "Configure safety and production settings in template",
    reads=[CONTRACT, TEMPLATE],
    writes=[TEMPLATE],
    after_crash=AfterCrash.REDO,
    inputs=rests_on.layer,
)
def add_safety(ctx: StepContext) -> Work:
    """Add Retain, deletion protection, tags, alarms and the dashboard."""
    return write_layer(ctx, "1.4")


STEPS = (build_tables, add_indexes, add_safety)
