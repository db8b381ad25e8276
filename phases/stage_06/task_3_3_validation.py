"""Task 3.3: did the deployment make what the contract says? Every table and index, and the stack's outputs, read back.

Reads only. The features that the contract does not know (recovery, encryption, alarms) are task 4.1's.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from phases.aws import AwsPort
from phases.contract.model import Contract
from phases.documents.markdown import checks_table, code, document, table, verdict
from phases.stage_06.inputs import rests_on
from phases.stage_06.live.live_schema import compare_table
from phases.stage_06.live.live_tables import describe_table, table_names
from phases.stage_06.paths import CONTRACT, TEMPLATE, VALIDATION
from phases.stage_06.stack.last_update import last_update
from phases.stage_06.stack.stacks import require_stack
from phases.stage_06.template.outputs import output_names
from phases.step import AfterCrash, Check, ReviewSection, StepContext, Work, compare, step
from state.counted import counted

if TYPE_CHECKING:
    from phases.described_table import TableDescription


@step(
    "3.3",
    "Validate successful deployment",
    reads=[CONTRACT, TEMPLATE],
    writes=[VALIDATION],
    after_crash=AfterCrash.REDO,  # it reads only
    inputs=rests_on.validation,
)
def validate_deployment(ctx: StepContext) -> Work:
    """Compare every live table, index and stack output with the contract and the template."""
    from phases.contract.reader import read_contract
    from phases.stage_06.template.template import load_template

    stack = last_update(ctx)
    aws = ctx.aws.at(stack["region"])
    found = require_stack(ctx, aws)
    contract = read_contract(ctx.read(CONTRACT), path=ctx.place(CONTRACT), under_way=True)
    live = {each.name: describe_table(aws, each.name) for each in contract.tables}
    schema = [check for each in contract.tables for check in compare_table(each, live[each.name])]
    wanted = list(load_template(ctx.read(TEMPLATE), path=ctx.place(TEMPLATE))["Outputs"])
    access = [*_listed(aws, contract), *_outputs(found.outputs, wanted, live)]
    checks = [*schema, *access]
    rows = [_row(name, found) for name, found in live.items()]
    overview = table(("Table", "Status", "Indexes ACTIVE", "ARN", "Stream"), rows)
    ctx.write(
        VALIDATION,
        document(
            "Deployment validation",
            f"{counted(len(contract.tables), 'table')} of stack {code(stack['stack_name'])} in {code(stack['region'])} "
            f"{'was' if len(contract.tables) == 1 else 'were'} "
            f"compared with the contract, field by field. {verdict(checks)}",
            "## Tables",
            overview,
            "## Schema against the contract",
            "Status, keys, key types, billing, and exactly the contract's indexes with their keys and projections. "
            "Attributes that are not keys are not part of a DynamoDB schema.",
            checks_table(schema),
            "## Access and outputs",
            checks_table(access),
        ),
    )
    data = {
        "tables": {
            name: {
                "arn": found["TableArn"],
                "stream_arn": found.get("LatestStreamArn", ""),
                "status": found["TableStatus"],
            }
            for name, found in live.items()
            if found
        }
    }
    return Work(checks, data, [ReviewSection("Tables", overview)])


def _listed(aws: AwsPort, contract: Contract) -> list[Check]:
    """Whether ListTables shows every table: an application that looks for them does so."""
    names = table_names(aws)
    return [compare(f"{each.name}: listed", "yes", "yes" if each.name in names else "no") for each in contract.tables]


def _outputs(
    seen: Mapping[str, str], wanted: Sequence[str], live: Mapping[str, TableDescription | None]
) -> list[Check]:
    """Every output that the template declares is there, and those of a table name the live one."""
    expected: dict[str, str] = {}
    for name, found in live.items():
        facts = (name, found["TableArn"], found.get("LatestStreamArn", "")) if found else (name, "a table", "a table")
        expected |= dict(zip(output_names(name), facts, strict=True))
    checks = []
    for output in wanted:
        value = seen.get(output, "")
        if output in expected:
            checks.append(compare(f"output {output}", expected[output], value or "missing"))
        else:
            checks.append(Check(f"output {output}", "a value", value or "missing", "pass" if value else "fail"))
    return checks


def _row(name: str, live: TableDescription | None) -> tuple[str, ...]:
    if live is None:
        return code(name), "**missing**", "-", "-", "-"
    indexes = live.get("GlobalSecondaryIndexes", [])
    ready = sum(index["IndexStatus"] == "ACTIVE" for index in indexes)
    return (
        code(name),
        live["TableStatus"],
        f"{ready} of {len(indexes)}",
        code(live["TableArn"]),
        code(live.get("LatestStreamArn", "")),
    )


STEPS = (validate_deployment,)
