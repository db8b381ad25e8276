"""Task 5.3: how does an application use the deployed tables?

Writes application-integration-guide.md: names, ARNs and endpoint, the configuration block, programs in Python and
TypeScript that run as they stand, capacity and cost. Its checks read the guide back as a developer would.
"""

from __future__ import annotations

import json

from phases.documents.markdown import bullets, checks_table, code, code_block, document, table, verdict
from phases.stage_06.chapters.example_items import example, example_tables, variable_names
from phases.stage_06.chapters.guide_checks import guide_checks
from phases.stage_06.chapters.python_example import python_program
from phases.stage_06.chapters.typescript_example import typescript_program
from phases.stage_06.cost import capacity
from phases.stage_06.inputs import rests_on
from phases.stage_06.live.live_deployment import LiveDeployment, read_deployment
from phases.stage_06.paths import ACCESS, CONTRACT, IAM_POLICY, INTEGRATION_GUIDE, SUMMARY
from phases.stage_06.template.outputs import output_names
from phases.step import AfterCrash, ReviewSection, StepContext, Work, step
from state.counted import counted


@step(
    "5.3",
    "Create application integration guide",
    reads=[CONTRACT],
    writes=[INTEGRATION_GUIDE],
    after_crash=AfterCrash.REDO,  # it reads AWS and writes one file
    inputs=rests_on.guide,
)
def write_integration_guide(ctx: StepContext) -> Work:
    """Write names, configuration, runnable programs and capacity advice for the application."""
    deployment = read_deployment(ctx)
    environment = _environment(ctx, deployment)
    body = "\n\n".join(_sections(ctx, deployment, environment))
    checks = guide_checks(body, deployment)
    headline = (
        f"Ready for the application of stage 04: {counted(len(deployment.tables), 'table')} in "
        f"{code(deployment.region)}. {verdict(checks)}"
    )
    ctx.write(
        INTEGRATION_GUIDE, document("Application integration guide", headline, body, "## Checks", checks_table(checks))
    )
    return Work(
        checks=checks,
        data={"environment": environment},
        review=[ReviewSection("Configuration", code_block(json.dumps(environment, indent=2), "json"))],
    )


def _environment(ctx: StepContext, deployment: LiveDeployment) -> dict[str, str]:
    """The application's environment variables. The sandbox is no AWS: its endpoint and its credentials are said."""
    variables = variable_names(each.planned for each in deployment.tables)
    environment = {"AWS_REGION": deployment.region}
    if ctx.aws.sandbox:
        endpoint = ctx.aws.at(deployment.region).endpoint("dynamodb")
        environment |= {
            "AWS_ENDPOINT_URL_DYNAMODB": endpoint,
            "AWS_ACCESS_KEY_ID": "phasegate",
            "AWS_SECRET_ACCESS_KEY": "sandbox",
        }
    return environment | {variables[each.name]: each.name for each in deployment.tables}


def _sections(ctx: StepContext, deployment: LiveDeployment, environment: dict[str, str]) -> list[str]:
    tables = [each.planned for each in deployment.tables]
    variables = variable_names(tables)
    shown = example_tables(tables)
    return [
        "## Connection",
        table(
            ("What", "Value"),
            (
                ("Endpoint", code(ctx.aws.at(deployment.region).endpoint("dynamodb"))),
                ("Region", code(deployment.region)),
                ("Account", code(deployment.account)),
                (
                    "Credentials",
                    f"the role of the application, with the statements it needs of {code(ctx.place(IAM_POLICY))}",
                ),
            ),
        ),
        table(
            ("Table", "Environment variable", "ARN", "Stream ARN", "Indexes"),
            [
                (
                    code(each.name),
                    code(variables[each.name]),
                    code(each.arn),
                    code(each.stream_arn),
                    ", ".join(code(name) for name, _ in each.index_arns) or "none",
                )
                for each in deployment.tables
            ],
        ),
        "An application's own stack takes the same names by import: `!ImportValue` of `<stack name>-<output>`, for "
        f"example {code(_export(deployment))}.",
        "## Configuration of stage 04",
        code_block(json.dumps(environment, indent=2), "json"),
        _sandbox_note(ctx),
        bullets(
            (
                "Put these variables into the application's environment; the client reads the region, the code reads "
                "the tables' names. Take out names written into the code.",
                "Take out the `endpoint` and the dummy credentials that a local DynamoDB needed, from code and "
                "environment. Both SDKs then find DynamoDB by the region and credentials by the role.",
                "Make one client for the life of the process (in Lambda: outside the handler): connections are "
                "reused, and a new TLS handshake for every request costs more than the request.",
                "Keep the retries of the SDK (standard mode) and set timeouts: 2 s to connect, 5 s to read. A request "
                "of a few milliseconds that takes longer is better repeated than waited for.",
                "Do not create or alter tables at start-up any more: the stack owns them, and the Read and Write "
                f"roles may not ({code(ctx.place(ACCESS))}).",
                "To move a running application over: deploy it with the new variables to one instance, watch its "
                "errors, then the rest; to roll back, set the old names again.",
            )
        ),
        "## Programs",
        "One for each key shape, in Python and TypeScript; other tables differ by names only (keys: "
        f"{code(ctx.place(SUMMARY))}). Each runs as it stands, with the configuration above in the environment, and "
        "removes what it wrote.",
        *(_programs(each.name, deployment, variables) for each in shown),
        "## Capacity and cost",
        *_capacity(deployment),
    ]


def _programs(name: str, deployment: LiveDeployment, variables: dict[str, str]) -> str:
    planned = next(each.planned for each in deployment.tables if each.name == name)
    shape = f"{planned.pk.name} ({planned.pk.type})" + (
        f", {planned.sk.name} ({planned.sk.type})" if planned.sk else ""
    )
    variable = variables[name]
    file = variable.removesuffix("_TABLE").lower()
    return "\n\n".join(
        (
            f"### {name}: {shape}",
            f"Python, `python {file}_example.py`:",
            code_block(python_program(example(planned), region=deployment.region, variable=variable), "python"),
            f"TypeScript, `npx tsx {file}_example.mts`:",
            code_block(typescript_program(example(planned), region=deployment.region, variable=variable), "ts"),
        )
    )


def _capacity(deployment: LiveDeployment) -> list[str]:
    rows = []
    for each in (deployed.planned for deployed in deployment.tables):
        rows.append(
            (
                code(each.name),
                f"{each.item_bytes:,}",
                capacity.size_remark(each.item_bytes),
                f"{capacity.read_units(each.item_bytes):g}",
                f"{capacity.items_per_read_unit(each.item_bytes):.1f}",
                f"{capacity.write_units(each.item_bytes):g}",
                f"{capacity.put_units(each):g}",
            )
        )
    partial = [each.name for each in deployment.tables if any(i.projection != "ALL" for i in each.planned.indexes)]
    return [
        "The tables are billed by request. From the contract's item sizes, in request units:",
        table(
            (
                "Table",
                "Item [bytes]",
                "Of 400 KB",
                "Get",
                "Items per unit in a query",
                "Put, table only",
                "Put with all indexes",
            ),
            rows,
        ),
        "A get is counted as eventually consistent; a strongly consistent one costs twice that, a transactional read "
        "four times, a transactional write twice. A put with all indexes is for an item that has the keys of each; "
        + (
            f"for {', '.join(map(code, partial))} it is the least there can be, since some indexes hold a part of the "
            "item."
            if partial
            else "an item without an index's keys does not pay for it."
        ),
        bullets(
            (
                f"A new on-demand table takes {capacity.NEW_TABLE_WRITE_UNITS:,} write and "
                f"{capacity.NEW_TABLE_READ_UNITS:,} read units a second at once, and twice its former peak from then "
                "on; faster growth than that within 30 minutes is throttled. Before a known rush, such as the import "
                "of the old data, set warm throughput.",
                f"The account's default quota is {capacity.DEFAULT_TABLE_QUOTA:,} read and as many write units a "
                "second for one table; a maximum of your own (`OnDemandThroughput`) caps a runaway bill.",
                f"One partition key value takes {capacity.PARTITION_READ_UNITS:,} read and "
                f"{capacity.PARTITION_WRITE_UNITS:,} write units a second, whatever the table may do. Keys such as a "
                "status, a date or a tenant that is most of the traffic are hot: spread them by a suffix, or cache.",
                "A query costs by the bytes it reads, before its filter: put what you filter by into a sort key or an "
                "index.",
                "Every index that holds an attribute is written when it changes: KEYS_ONLY or INCLUDE instead of ALL, "
                "and no index keys on items that are never looked up through it, save the most.",
                "Read the price of a request with `ReturnConsumedCapacity=TOTAL` while developing, and compare with "
                "the table above.",
                "Move a table to provisioned capacity with auto scaling when its use is steady for weeks: the same "
                "units then cost less. Delete old items by TTL, which is free, rather than by deletes.",
            )
        ),
    ]


def _export(deployment: LiveDeployment) -> str:
    return f"{deployment.stack_name}-{output_names(deployment.tables[0].name)[0]}"


def _sandbox_note(ctx: StepContext) -> str:
    if not ctx.aws.sandbox:
        return ""
    return (
        "**This deployment is in phasegate's sandbox**: endpoint and dummy credentials in this block are the "
        "sandbox's. `phasegate sandbox start` prints the endpoint when it has changed."
    )


STEPS = (write_integration_guide,)
