"""Task 5.1: what was deployed, with which settings, and how is it kept running?

Writes deployment-summary.md for the administrator who has never seen the run. Resources, keys and settings are read
back from AWS; entities and access patterns come from the contract.
"""

from __future__ import annotations

from collections.abc import Sequence

from phases.aws import AwsPort
from phases.documents.markdown import bullets, checks_table, code, document, table, verdict
from phases.stage_06 import paths
from phases.stage_06.chapters import operations
from phases.stage_06.chapters.contract_tables import access_table, attributes_table, entities_table, keys_table
from phases.stage_06.chapters.documented import documented
from phases.stage_06.chapters.example_items import variable_names
from phases.stage_06.inputs import rests_on
from phases.stage_06.inputs.recorded import Configured
from phases.stage_06.live.live_deployment import DeployedTable, LiveDeployment, at_deployment, read_deployment
from phases.stage_06.live.live_schema import billing_mode
from phases.stage_06.stack.stacks import UPDATABLE, StackResource, find_stack, stack_resources
from phases.step import AfterCrash, Check, ReviewSection, StepContext, Work, approving, compare, step
from state.counted import counted


@step(
    "5.1",
    "Create comprehensive deployment documentation",
    reads=[paths.CONTRACT],
    writes=[paths.SUMMARY],
    after_crash=AfterCrash.REDO,  # it reads AWS and writes one file
    inputs=rests_on.summary,
)
def write_summary(ctx: StepContext) -> Work:
    """Document every resource, setting and parameter, and how to run, change and remove the deployment."""
    deployment, aws = read_deployment(ctx), at_deployment(ctx)
    stack = find_stack(aws, deployment.stack_id)
    status = stack.status if stack else "gone"
    resources = stack_resources(aws, deployment.stack_id)
    answers = ctx.answers()
    body = "\n\n".join(_sections(ctx, aws, deployment, status, resources))
    checks = [*_standing(status, resources), *documented(body, deployment, resources, answers)]
    indexes = sum(len(each.index_arns) for each in deployment.tables)
    headline = (
        f"Stack {code(deployment.stack_name)} runs {counted(len(deployment.tables), 'DynamoDB table')} with "
        f"{counted(indexes, 'index', 'indexes')} in {code(deployment.region)}, account "
        f"{code(deployment.account)}, for environment {code(deployment.environment)}. {verdict(checks)}"
    )
    probes = ctx.unchanged("5.2", rests_on.probing(ctx)) is None
    ctx.write(paths.SUMMARY, document("Deployment summary", headline, body, "## Checks", checks_table(checks)))
    return Work(
        checks=checks,
        data={"stack_status": status, "resources": len(resources), **({} if probes else {"probes": False})},
        review=[*(_approving(deployment) if probes else ()), ReviewSection("Summary", headline)],
    )


def _approving(deployment: LiveDeployment) -> list[ReviewSection]:
    """That task 5.2 writes, where it does: it need not where nothing that it rests on has changed."""
    return [
        approving(
            "writes to the tables: task 5.2 puts items of its own into "
            f"{', '.join(each.name for each in deployment.tables)} in account {deployment.account}, region "
            f"{deployment.region}, changes them, and removes them."
        )
    ]


def _sections(
    ctx: StepContext, aws: AwsPort, deployment: LiveDeployment, status: str, resources: Sequence[StackResource]
) -> list[str]:
    variables = variable_names(each.planned for each in deployment.tables)
    return [
        "## At a glance",
        _glance(ctx, deployment, status),
        "## Tables",
        "Key types: S string, N number, B binary. An item appears in an index only when it has the index's keys. "
        "The contract names access patterns without their keys, so each table lists every way to read it.",
        *(_table(each) for each in deployment.tables),
        "## Settings and parameters",
        _settings(aws, deployment),
        "Parameters of the stack:",
        table(
            ("Parameter", "Value"), [(code(name), code(value)) for name, value in sorted(deployment.parameters.items())]
        ),
        "Answers given in this run:",
        table(("Question", "Answer"), [(code(name), code(value)) for name, value in sorted(ctx.answers().items())]),
        operations.sources(deployment),
        "## Resources of the stack",
        table(
            ("Logical id", "Type", "Physical id", "Status"),
            [
                (
                    code(each["LogicalResourceId"]),
                    each["ResourceType"],
                    code(each.get("PhysicalResourceId", "")),
                    each["ResourceStatus"],
                )
                for each in resources
            ],
        ),
        "## Outputs",
        table(("Output", "Value"), [(code(name), code(value)) for name, value in sorted(deployment.outputs.items())]),
        "## Connection for stage 04 and stage 05",
        table(
            ("Table", "Environment variable", "ARN", "Stream ARN"),
            [
                (code(each.name), code(variables[each.name]), code(each.arn), code(each.stream_arn))
                for each in deployment.tables
            ],
        ),
        f"Endpoint {code(aws.endpoint('dynamodb'))}, region {code(deployment.region)}; programs and client settings "
        f"are in {code(ctx.place(paths.INTEGRATION_GUIDE))}, roles in {code(ctx.place(paths.ACCESS))}.",
        "## Operation and maintenance",
        operations.calendar(),
        "### Monitoring",
        operations.monitoring(deployment),
        "### Backup and restore",
        operations.backup(deployment),
        "### Drift",
        operations.drift(deployment),
        "### Updating",
        operations.updating(deployment),
        "### Removing",
        operations.removal(deployment),
        "## Troubleshooting",
        operations.troubleshooting(deployment),
        "## Documents",
        table(("File", "What it holds"), [(code(ctx.place(path)), what) for path, what in paths.DOCUMENTS]),
    ]


def _glance(ctx: StepContext, deployment: LiveDeployment, status: str) -> str:
    cost, config = ctx.data("3.1", Configured).get("monthly_cost_usd"), code(ctx.place(paths.CONFIG))
    return table(
        ("What", "Value"),
        [
            ("Stack", code(deployment.stack_name)),
            ("Stack id", code(deployment.stack_id)),
            ("Status", status),
            ("Region", code(deployment.region)),
            ("Account", code(deployment.account)),
            ("Environment", code(deployment.environment)),
            ("Contract, SHA-256", code(deployment.contract_sha256)),
            ("Template, SHA-256", code(deployment.template_sha256)),
            (
                "Cost estimate",
                f"see {config}" if cost is None else f"{cost} USD a month ({config})",
            ),
            ("Run", code(ctx.run_id)),
        ],
    )


def _table(deployed: DeployedTable) -> str:
    planned = deployed.planned
    kind = "multi-entity" if planned.multi_entity else "single-entity"
    patterns = ", ".join(map(code, planned.satisfies)) or "none named"
    parts = [
        f"### {planned.name}",
        f"{kind.capitalize()} table from {code(planned.source_table)}; {code(deployed.arn)}; items of about "
        f"{planned.item_bytes:,} bytes by the contract's estimate.",
        keys_table(planned),
    ]
    if planned.entities:
        parts += ["Entities, and how each makes its keys:", entities_table(planned)]
    parts += [f"Access patterns: {patterns}. The ways to read the table:", access_table(planned)]
    parts += ["Attributes:", attributes_table(planned)]
    return "\n\n".join(parts)


def _settings(aws: AwsPort, deployment: LiveDeployment) -> str:
    """The settings as found now."""
    rows = []
    for each in deployment.tables:
        backups = aws.call("dynamodb", "describe_continuous_backups", TableName=each.name)
        recovery = backups["ContinuousBackupsDescription"].get("PointInTimeRecoveryDescription", {})
        rows.append(
            (
                code(each.name),
                billing_mode(each.live),
                each.encryption,
                recovery.get("PointInTimeRecoveryStatus", "DISABLED"),
                "on" if each.live.get("DeletionProtectionEnabled") else "off",
                each.live.get("StreamSpecification", {}).get("StreamViewType", "off"),
            )
        )
    headers = ("Table", "Billing", "Encryption at rest", "Point-in-time recovery", "Deletion protection", "Stream")
    return "\n\n".join(
        (
            table(headers, rows),
            bullets(
                (
                    "`DeletionPolicy: Retain` and `UpdateReplacePolicy: Retain` keep every table when the stack is "
                    "deleted or replaces it.",
                    "The streams are on for their ARN, which consumers subscribe by; they cost nothing until they are "
                    "read.",
                )
            ),
        )
    )


def _standing(status: str, resources: Sequence[StackResource]) -> list[Check]:
    unsettled = [
        f"{each['LogicalResourceId']}: {each['ResourceStatus']}"
        for each in resources
        if not each["ResourceStatus"].endswith("_COMPLETE")
    ]
    return [
        Check("stack status", " or ".join(sorted(UPDATABLE)), status, "pass" if status in UPDATABLE else "fail"),
        compare(
            "resources that are not settled",
            "none",
            (", ".join(unsettled) or "none") if resources else "CloudFormation lists no resource of the stack",
        ),
    ]


STEPS = (write_summary,)
