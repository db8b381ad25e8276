"""Task 2.1: the template's last layer, its outputs; and is the template valid? cfn-lint, our limits, CloudFormation."""

from __future__ import annotations

import json

from phases.documents.markdown import code_block
from phases.stage_06.inputs import rests_on
from phases.stage_06.paths import CONTRACT, PARAMETERS, TEMPLATE
from phases.stage_06.template.write_layer import write_layer
from phases.step import AfterCrash, Check, ReviewSection, StepContext, Work, compare, step


@step(
    "2.1",
    "Add template outputs and validate syntax with cfn-lint",
    reads=[CONTRACT, TEMPLATE],
    writes=[TEMPLATE, PARAMETERS],
    after_crash=AfterCrash.REDO,
    inputs=rests_on.whole_template,
)
def add_outputs(ctx: StepContext) -> Work:
    """Add outputs and exports, then have cfn-lint, our limits and CloudFormation judge the template."""
    from phases.stage_06.template.lint import lint_checks
    from phases.stage_06.template.template import PARAMETERS as DECLARED

    defaults = [{"ParameterKey": name, "ParameterValue": entry["Default"]} for name, entry in DECLARED.items()]
    ctx.write(PARAMETERS, json.dumps(defaults, indent=2) + "\n")
    work = write_layer(ctx, "2.1")
    data = ctx.read(TEMPLATE)
    checks = [*work.checks, *lint_checks(data, region=ctx.aws.region, path=ctx.place(TEMPLATE)), _validated(ctx, data)]
    return Work(
        checks, work.data, [*work.review, ReviewSection("Parameters", code_block(json.dumps(defaults, indent=2)))]
    )


def _validated(ctx: StepContext, data: bytes) -> Check:
    """What CloudFormation itself says; it takes 51,200 bytes, so a large template goes minified or not at all."""
    from phases.stage_06.template.limits import MAX_INLINE_BYTES
    from phases.stage_06.template.template import PARAMETERS as DECLARED
    from phases.stage_06.template.template import load_template, minified

    name, where = "CloudFormation ValidateTemplate", ctx.place(TEMPLATE)
    text = data.decode()
    if len(data) > MAX_INLINE_BYTES:
        text = minified(load_template(data))
    size = len(text.encode())
    if size > MAX_INLINE_BYTES:
        seen = f"{size} bytes minified; CloudFormation judges it from the bucket when task 3.1 makes the change set"
        return Check(name, f"at most {MAX_INLINE_BYTES} bytes", seen, "not-checked", where)
    said = ctx.aws.call("cloudformation", "validate_template", TemplateBody=text)
    declared = sorted(entry["ParameterKey"] for entry in said.get("Parameters", []))
    capabilities = said.get("Capabilities", [])
    return compare(
        name,
        f"valid; parameters {', '.join(sorted(DECLARED))}; capabilities none",
        f"valid; parameters {', '.join(declared)}; capabilities {', '.join(capabilities) or 'none'}",
        where=where,
    )


STEPS = (add_outputs,)
