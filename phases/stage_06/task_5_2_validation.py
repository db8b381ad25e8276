"""Task 5.2: does the deployment do what the contract promises? Schema once more, then real items in every table.

Compared with task 3.3 this one writes: a probe item a table, taken away again (`probe.py`).
"""

from __future__ import annotations

from phases.checks.answered import answering
from phases.contract.model import Contract, Table
from phases.documents.markdown import checks_table, code, document, table, verdict
from phases.stage_06.live.live_schema import compare_table, table_id
from phases.stage_06.live.live_tables import describe_table
from phases.stage_06.live.probe import MARK, Probe, query_id
from phases.stage_06.paths import CONTRACT, CONTRACT_VALIDATION
from phases.stage_06.recorded import Deployed
from phases.stage_06.stack.stacks import require_stack
from phases.step import AfterCrash, Check, ReviewSection, StepContext, Work, compare, step


@step(
    "5.2",
    "Validate deployment against migration contract",
    reads=[CONTRACT],
    writes=[CONTRACT_VALIDATION],
    after_crash=AfterCrash.ASK_THE_WORLD,  # a probe item left by a killed try is looked for by its key, and removed
)
def validate_against_contract(ctx: StepContext) -> Work:
    """Compare the live schema with the contract again, and run its operations and access patterns."""
    from phases.contract.reader import read_contract

    stack = ctx.data("3.2", Deployed)
    aws = ctx.aws.at(stack["region"])
    require_stack(ctx, aws)
    contract = read_contract(ctx.read(CONTRACT), path=CONTRACT, under_way=True)
    schema: list[Check] = []
    operations: list[Check] = []
    for each in contract.tables:
        schema += (compared := compare_table(each, describe_table(aws, each.name)))
        if all(check.verdict == "pass" for check in compared):
            ctx.progress(f"  probing {each.name}: put, get, update, query, {len(each.indexes)} indexes, delete")
            operations += Probe(ctx, aws, each).run()
    patterns = [check for each in contract.tables for check in _patterns(each, operations)]
    checks = [*schema, *operations, *patterns]
    overview = _overview(contract, checks)
    ctx.write(
        CONTRACT_VALIDATION,
        document(
            "Validation against the migration contract",
            f"{len(contract.tables)} tables of stack {code(stack['stack_name'])} in {code(stack['region'])} against "
            f"{code(CONTRACT)} (SHA-256 {code(contract.sha256)}). {verdict(checks)}",
            overview,
            "## Schema",
            checks_table(schema),
            "## Operations",
            "Done with one item a table, under keys that only this run has, marked by the attribute "
            f"{code(MARK)}, put only where nothing was, and removed again. It passed through the tables' streams: a "
            f"consumer can tell it by that attribute. A table whose schema differs is not written to.",
            checks_table(operations),
            "## Access patterns",
            "The contract names its access patterns without saying which key serves which. So each one is held to be "
            "possible when its table and every index of it answer queries by their whole keys.",
            checks_table(patterns),
        ),
    )
    return Work(checks, {"tables": [each.name for each in contract.tables]}, [ReviewSection("Tables", overview)])


def _patterns(each: Table, operations: list[Check]) -> list[Check]:
    """One check for each access pattern: whether every way to query its table works."""
    ways = {"table": query_id(each.name)} | {index.name: query_id(each.name, index.name) for index in each.indexes}
    passed = [check for check in operations if check.verdict == "pass"]
    expected = ", ".join(ways)
    seen = ", ".join(way for way, query in ways.items() if answering([query], passed)) or "none"
    answers = (table_id(each.name),)
    return [
        compare(f"{each.name}: {name}", expected, seen, where=each.name, answers=answers) for name in each.satisfies
    ]


def _overview(contract: Contract, checks: list[Check]) -> str:
    rows = []
    for each in contract.tables:
        own = answering([table_id(each.name)], checks)
        rows.append(
            (
                code(each.name),
                len(each.indexes),
                ", ".join(each.satisfies) or "none named",
                f"{sum(check.verdict == 'pass' for check in own)} of {len(own)}",
            )
        )
    return table(("Table", "Indexes", "Access patterns", "Checks passed"), rows)


STEPS = (validate_against_contract,)
