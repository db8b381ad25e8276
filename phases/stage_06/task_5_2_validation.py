"""Task 5.2: does the deployment do what the contract promises? Schema once more, then real items in every table.

Compared with task 3.3 this one writes: a probe item a table, taken away again (`probe.py`).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from phases.aws import AwsPort
from phases.checks.answered import answering
from phases.contract.access_patterns import Words
from phases.contract.model import Contract, Table
from phases.documents.markdown import checks_table, code, document, table, verdict
from phases.stage_06.inputs import rests_on
from phases.stage_06.inputs.recorded import Summarised
from phases.stage_06.live.live_schema import compare_table, table_id
from phases.stage_06.live.live_tables import describe_table
from phases.stage_06.live.pattern_checks import pattern_checks
from phases.stage_06.live.pattern_files import pattern_words
from phases.stage_06.live.probe import Probe
from phases.stage_06.live.probe_items import MARK
from phases.stage_06.paths import CONTRACT, CONTRACT_VALIDATION
from phases.stage_06.stack.last_update import last_update
from phases.stage_06.stack.stacks import require_stack
from phases.step import AfterCrash, Check, ReviewSection, StepContext, Work, step
from state.counted import counted
from state.evidence import CheckResult, Verdict

PASSED = ("pass", "derived")


@step(
    "5.2",
    "Validate deployment against migration contract",
    reads=[CONTRACT],
    writes=[CONTRACT_VALIDATION],
    after_crash=AfterCrash.ASK_THE_WORLD,  # a probe item left by a killed try is looked for by its key, and removed
    inputs=rests_on.probing,
)
def validate_against_contract(ctx: StepContext) -> Work:
    """Compare the live schema with the contract again, and run its operations and access patterns."""
    from phases.contract.reader import read_contract

    stack = last_update(ctx)
    aws = ctx.aws.at(stack["region"])
    require_stack(ctx, aws)
    contract = read_contract(ctx.read(CONTRACT), path=ctx.place(CONTRACT), under_way=True)
    said = pattern_words(lambda path: ctx.read(path) if ctx.exists(path) else None)
    before = ctx.unchanged("5.2", rests_on.probing(ctx))
    told = bool(ctx.input_digest("5.1"))
    untold = before is None and told and not ctx.data("5.1", Summarised).get("probes", True)
    schema: list[Check] = []
    operations: list[Check] = []
    patterns: list[Check] = []
    for each in contract.tables:
        schema += (compared := compare_table(each, describe_table(aws, each.name)))
        if before is None:
            tried, found = _tried(ctx, aws, each, said, compared, untold=untold)
            operations += tried
            patterns += found
    if before is not None:
        operations = _as_before(*before, made={check.name for check in schema}, contract=contract)
    checks = [*schema, *operations, *patterns]
    overview = _overview(contract, checks)
    ctx.write(
        CONTRACT_VALIDATION,
        document(
            "Validation against the migration contract",
            f"{counted(len(contract.tables), 'table')} of stack {code(stack['stack_name'])} in {code(stack['region'])} "
            f"against {code(ctx.place(CONTRACT))} (SHA-256 {code(contract.sha256)}). {verdict(checks)}",
            overview,
            "## Schema",
            checks_table(schema),
            "## Operations",
            *([f"Nothing was written: what this rests on is what it was in run {code(before[0])}."] if before else []),
            "Done with one item for each entity, made by its key templates, under keys that only this run has, marked "
            f"by the attribute {code(MARK)}, put only where nothing was, and removed again. They passed through the "
            "tables' streams: a "
            f"consumer can tell them by that attribute. A table whose schema differs is not written to.",
            checks_table(operations),
            "## Access patterns",
            "Each pattern's key condition, from the contract's own words or from a file of stages 01 and 02, executed "
            "while the items were there. A pattern that names no key condition is not checked.",
            checks_table(patterns),
        ),
    )
    return Work(checks, {"tables": [each.name for each in contract.tables]}, [ReviewSection("Tables", overview)])


def _untold(name: str) -> Check:
    """Task 5.1 had said that nothing is written, and since then something has changed."""
    why = "not tried: what it rests on has changed since task 5.1 said that nothing is written"
    return Check(f"{name}: operations", "tried", why, "not-checked", name, (table_id(name),))


def _as_before(run: str, checks: Sequence[CheckResult], *, made: Collection[str], contract: Contract) -> list[Check]:
    """The operations and patterns that were tried in that run, on the same inputs, and need not be tried again."""
    names = [each.name for each in contract.tables]
    found = []
    for check in checks:
        if check.name in made:
            continue
        table_ids = tuple(table_id(name) for name in names if check.name.startswith(f"{name}:"))
        passed = check.verdict in PASSED
        seen = f"{check.seen} (run {run})" if check.verdict == "pass" else check.seen
        verdict: Verdict = "derived" if passed else check.verdict
        found.append(Check(check.name, check.expected, seen, verdict, check.where, table_ids))
    return found


def _tried(
    ctx: StepContext,
    aws: AwsPort,
    each: Table,
    said: Mapping[str, Words],
    compared: Sequence[Check],
    *,
    untold: bool,
) -> tuple[list[Check], list[Check]]:
    """The operations on one table, and its access patterns, executed while its items are there.

    Nothing is written to a table that differs from the contract, and to none where that is `untold`.
    """
    if untold or any(check.verdict != "pass" for check in compared):
        return [_untold(each.name)] if untold else [], list(pattern_checks(each, said, None))
    ctx.begins(
        f"  probing {each.name}: put, get, update, query, {counted(len(each.indexes), 'index', 'indexes')}, "
        f"{counted(len(each.satisfies), 'access pattern')}, delete"
    )
    patterns: list[Check] = []
    operations = Probe(ctx, aws, each).run(lambda there: patterns.extend(pattern_checks(there.table, said, there)))
    return operations, patterns


def _overview(contract: Contract, checks: list[Check]) -> str:
    rows = []
    for each in contract.tables:
        own = answering([table_id(each.name)], checks)
        rows.append(
            (
                code(each.name),
                len(each.indexes),
                ", ".join(each.satisfies) or "none named",
                f"{sum(check.verdict in PASSED for check in own)} of {len(own)}",
            )
        )
    return table(("Table", "Indexes", "Access patterns", "Checks passed"), rows)


STEPS = (validate_against_contract,)
