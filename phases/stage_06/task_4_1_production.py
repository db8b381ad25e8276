"""Task 4.1: are backups, encryption, protection, alarms and dashboard on, as the template configures them?

Everything is read back from AWS and compared with the template's own values, resolved in this stack. Reads only.
"""

from __future__ import annotations

from phases.documents.markdown import checks_table, code, document, table, verdict
from phases.stage_06.inputs import rests_on
from phases.stage_06.inputs.recorded import Configured
from phases.stage_06.live.account_features import ALARM, Features, InStack, account_features, existence, of_type
from phases.stage_06.live.drift import with_taken_in
from phases.stage_06.live.other_settings import kept
from phases.stage_06.paths import FEATURES, TEMPLATE
from phases.stage_06.stack.last_update import last_update, taken_in
from phases.stage_06.stack.stacks import require_stack, stack_resources
from phases.step import AfterCrash, ReviewSection, StepContext, Work, step
from state.counted import counted


@step(
    "4.1",
    "Verify production features are enabled",
    reads=[TEMPLATE],
    writes=[FEATURES],
    after_crash=AfterCrash.REDO,  # it reads only
    inputs=rests_on.features,
)
def verify_production_features(ctx: StepContext) -> Work:
    """Read backups, encryption, protection, alarms and dashboard back and compare them with the template."""
    from phases.stage_06.template.template import load_template

    stack, configured = last_update(ctx), ctx.data("3.1", Configured)
    aws = ctx.aws.at(stack["region"])
    require_stack(ctx, aws)
    resources = load_template(ctx.read(TEMPLATE), path=ctx.place(TEMPLATE))["Resources"]
    physical = {str(each["LogicalResourceId"]): each for each in stack_resources(aws, stack["stack_id"])}
    existing = [existence(name, physical) for name, resource in resources.items() if "Condition" not in resource]
    place = InStack(stack["stack_name"], stack["stack_id"], stack["region"], stack["account"], configured["parameters"])
    found = account_features(aws, place, resources, physical, path=ctx.place(TEMPLATE))
    stays = taken_in(ctx)
    tables, alarms, watching, others = (
        with_taken_in(each, stays) for each in (found.tables, found.alarms, found.watching, found.others)
    )
    others, features = kept(ctx, others), found.features
    checks = [*existing, *tables, *others, *alarms, *watching]
    overview = _overview(features)
    ctx.write(
        FEATURES,
        document(
            "Production features",
            f"Stack {code(stack['stack_name'])} in {code(stack['region'])}: {counted(len(features), 'table')}, "
            f"{counted(len(of_type(resources, ALARM)), 'alarm')}. {verdict(checks)}",
            "## Tables",
            overview,
            "Point-in-time recovery restores to any second of the last 35 days, always into a new table. Encryption "
            "uses the KMS key `aws/dynamodb` of the account, so that its use shows in CloudTrail. A protected table "
            "cannot be deleted before somebody switches the protection off.",
            checks_table(tables),
            "## What else is set on the tables",
            "Everything that can be set on a table and that neither contract nor template asks for: it is not set, or "
            "it is named here. What somebody wants to stay is named in the answer to `keep-settings`, and is a note.",
            checks_table(others),
            "## Alarms",
            checks_table(alarms),
            "## Alarm topic and dashboard",
            checks_table(watching),
            "## Resources of the stack",
            checks_table(existing),
        ),
    )
    return Work(checks, {"features": features}, [ReviewSection("Tables", overview)])


def _overview(features: Features) -> str:
    rows = [
        (
            code(name),
            each["pitr"],
            each["sse"],
            "on" if each["deletion_protection"] else "**off**",
            each["stream"],
            each["billing_mode"],
            ", ".join(code(f"{key}={value}") for key, value in each["tags"].items()),
        )
        for name, each in features.items()
    ]
    return table(("Table", "Recovery", "Encryption", "Protection", "Stream", "Billing", "Tags"), rows)


STEPS = (verify_production_features,)
