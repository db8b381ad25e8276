"""What does the work of each task rest on? Declared with its step; equal digests let a run with `--again` ask nobody.

Rules:
- As much as the work depends on, and no more: an attribute that is no key reaches neither template nor stack, so the
  tasks about those do not rest on it.
- Of the template its meaning counts. Its comments name the contract, which task 1.1 is about.
- What counts of the account are the settings that were read, not how full a table is or who asks. The sandbox's address
  is its process's.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import metadata
from typing import TYPE_CHECKING

from phases.stage_06.inputs.recorded import Configured
from phases.stage_06.live.live_deployment import read_deployment
from phases.stage_06.live.live_tables import describe_table
from phases.stage_06.live.pattern_files import FILES
from phases.stage_06.paths import CONTRACT, TEMPLATE
from phases.stage_06.stack.last_update import last_update
from phases.stage_06.template.write_layer import tables_overview
from phases.step import StepContext, Work
from state.files import sha256

if TYPE_CHECKING:
    from phases.contract.model import Contract
    from phases.described_table import TableDescription

Rests = Mapping[str, object]


def contract_file(ctx: StepContext, work: Work) -> Rests:
    """1.1: the contract, and which of the two it is."""
    return {"contract": _contract_digest(ctx), "source": work.data["contract"]}


def layer(ctx: StepContext, _work: Work) -> Rests:
    """1.2 to 1.4: what of the contract the template is made from, and what was made."""
    contract = _contract(ctx)
    return {"tables": tables_overview(contract), "lost": list(contract.lost), "template": _template(ctx)}


def whole_template(ctx: StepContext, work: Work) -> Rests:
    """2.1: the same, with the region that it is judged for and the tool that judges it."""
    return {**layer(ctx, work), "region": ctx.aws.region, "cfn-lint": metadata.version("cfn-lint")}


def configuration(ctx: StepContext, work: Work) -> Rests:
    """3.1: what goes where, as what, and what it is said to cost."""
    data = work.data
    target = {name: data[name] for name in ("account", "region", "stack_name", "stack_id")}
    said = {"target": target, "parameters": data["parameters"], "cost": data["monthly_cost_usd"]}
    of_account = {name: data[name] for name in ("taken_in", "brought_back") if name in data}
    return {**layer(ctx, work), **said, **of_account}


def deployment(ctx: StepContext, _work: Work) -> Rests:
    """3.2, and the further updates of a chain: what 3.1 rests on, and the stack that it led to."""
    return {"task 3.1": ctx.input_digest("3.1"), "template": _template(ctx)}


def validation(ctx: StepContext, _work: Work) -> Rests:
    """3.3: keys and indexes of the contract, the template's outputs, and the live tables."""
    return {**_deployed(ctx), "template": _template(ctx), "tables": _keys(ctx), "live": live_tables(ctx)}


def features(ctx: StepContext, work: Work) -> Rests:
    """4.1: what the template says in this stack, and what was seen of it."""
    return {**_deployed(ctx), "template": _template(ctx), "live": work.data["features"]}


def access(ctx: StepContext, _work: Work) -> Rests:
    """4.2: the names of tables and indexes in the account."""
    return {**_deployed(ctx), "live": _arns(ctx)}


def summary(ctx: StepContext, work: Work) -> Rests:
    """5.1: everything that was said in the run, and everything that is there."""
    return {
        **_deployed(ctx),
        "contract": _contract_digest(ctx),
        "template": _template(ctx),
        "said in this run": dict(ctx.answers()),
        "live": live_tables(ctx),
        "stack": {"status": work.data["stack_status"], "resources": work.data["resources"]},
        "cost": ctx.data("3.1", Configured).get("monthly_cost_usd"),
    }


def probing(ctx: StepContext, _work: Work | None = None) -> Rests:
    """5.2: the contract, what stages 01 and 02 say of its access patterns, and the live tables."""
    patterns = {path: sha256(ctx.read(path)) for path in FILES if ctx.exists(path)}
    return {**_deployed(ctx), "contract": _contract_digest(ctx), "patterns": patterns, "live": live_tables(ctx)}


def guide(ctx: StepContext, _work: Work) -> Rests:
    """5.3: the contract, and where the tables are."""
    endpoint = "" if ctx.aws.sandbox else ctx.aws.at(last_update(ctx)["region"]).endpoint("dynamodb")
    return {**_deployed(ctx), "contract": _contract_digest(ctx), "live": _arns(ctx), "endpoint": endpoint}


def everything(ctx: StepContext, _work: Work) -> Rests:
    """The output validation: what every task before it rests on."""
    before = [task.id for task in ctx.tasks if task.id and task.key != ctx.task.key]
    return {
        **{f"task {each}": ctx.input_digest(each) for each in before},
        "cfn-lint": metadata.version("cfn-lint"),
    }


def live_tables(ctx: StepContext) -> dict[str, object]:
    """The settings of the contract's tables that DescribeTable answers with, by name; None for one that is gone."""
    aws = ctx.aws.at(last_update(ctx)["region"])
    return {each.name: _settings(describe_table(aws, each.name)) for each in _contract(ctx).tables}


def _settings(live: TableDescription | None) -> object:
    """How a table is set, in an order of its own; not how full it is."""
    if live is None:
        return None
    indexes = [
        {name: index.get(name) for name in ("IndexName", "KeySchema", "Projection", "IndexStatus")}
        for index in live.get("GlobalSecondaryIndexes", [])
    ]
    names = ("TableArn", "TableStatus", "KeySchema", "StreamSpecification", "LatestStreamArn")
    return {
        **{name: live.get(name) for name in names},
        "AttributeDefinitions": sorted(live.get("AttributeDefinitions", []), key=lambda each: each["AttributeName"]),
        "GlobalSecondaryIndexes": sorted(indexes, key=lambda each: str(each["IndexName"])),
        "LocalSecondaryIndexes": sorted(str(each["IndexName"]) for each in live.get("LocalSecondaryIndexes", [])),
        "BillingMode": live.get("BillingModeSummary", {}).get("BillingMode"),
        "SSE": {name: live.get("SSEDescription", {}).get(name) for name in ("Status", "SSEType", "KMSMasterKeyArn")},
        "DeletionProtectionEnabled": live.get("DeletionProtectionEnabled"),
    }


def _arns(ctx: StepContext) -> list[object]:
    return [[each.name, each.arn, each.stream_arn, list(each.index_arns)] for each in read_deployment(ctx).tables]


def _deployed(ctx: StepContext) -> Rests:
    """Which stack, with what parameters."""
    stack = last_update(ctx)
    target = {name: stack[name] for name in ("account", "region", "stack_name", "stack_id")}
    return {"target": target, "parameters": ctx.data("3.1", Configured)["parameters"], "outputs": stack["outputs"]}


def _keys(ctx: StepContext) -> str:
    return tables_overview(_contract(ctx))


def _contract_digest(ctx: StepContext) -> str:
    return sha256(ctx.read(CONTRACT))


def _contract(ctx: StepContext) -> Contract:
    from phases.contract.reader import read_contract

    return read_contract(ctx.read(CONTRACT), path=ctx.place(CONTRACT), under_way=True)


def _template(ctx: StepContext) -> str:
    from phases.stage_06.template.template import load_template, minified

    return minified(load_template(ctx.read(TEMPLATE), path=ctx.place(TEMPLATE)))
