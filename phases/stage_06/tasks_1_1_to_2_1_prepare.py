"""What do tasks 1.1 to 2.1 do? Copy and check the contract, build the template in four layers, lint it.

Rules:
- Every task reads back what it wrote and compares that with the contract; the contract is the only source.
- The template belongs to the contract: one that was edited by hand between two tasks is refused, not overwritten.
- All of it is redone after a crash: nothing here has an effect outside its own files.
"""

from __future__ import annotations

import difflib
import json
from collections import Counter
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from phases.documents.markdown import bullets, code, code_block, table
from phases.stage_06.contract_source import WHICH, candidates, check_contract, lost_checks
from phases.stage_06.paths import CONTRACT, PARAMETERS, TEMPLATE
from phases.stage_06.recorded import ContractRead, LayerLeft
from phases.step import AfterCrash, Check, Review, Step, StepContext, Work, compare, step
from state.errors import StepFailed
from state.files import sha256

if TYPE_CHECKING:
    from phases.contract.model import Contract, Key
    from phases.stage_06.template.template import Layer


@step(
    "1.1",
    "Set up stage-06 workspace and validate migration contract",
    writes=[CONTRACT],
    after_crash=AfterCrash.REDO,
)
def copy_contract(ctx: StepContext) -> Work:
    """Copy the migration contract byte for byte and check all of it."""
    found = candidates(lambda path: ctx.read(path) if ctx.exists(path) else None)
    source = next(iter(found)) if len(found) == 1 else ctx.ask(WHICH)
    contract = check_contract(found[source], path=source)
    ctx.write(CONTRACT, found[source])
    # A contract with a problem does not come this far; what the check adds is what was read.
    read = f"{len(contract.tables)} tables, {sum(len(each.attributes) for each in contract.tables)} attributes"
    checks = [
        Check("contract", "stage 02's structure, within DynamoDB's limits", f"no problem: {read}", "pass", source),
        compare("copy, SHA-256", contract.sha256, sha256(ctx.read(CONTRACT)), where=CONTRACT),
        *_notes(contract),
    ]
    data = {"contract": source, "contract_sha256": contract.sha256, "tables": [each.name for each in contract.tables]}
    review = [Review("Tables", _tables(contract))]
    if contract.notes:
        review.append(Review("Notes", bullets(contract.notes)))
    return Work(checks, data, review)


@step(
    "1.2",
    "Generate DynamoDB CloudFormation template",
    reads=[CONTRACT],
    writes=[TEMPLATE],
    after_crash=AfterCrash.REDO,
)
def build_tables(ctx: StepContext) -> Work:
    """Generate the tables' resources: keys, on-demand billing, encryption, point-in-time recovery."""
    return _layer(ctx, "1.2")


@step(
    "1.3",
    "Add Global Secondary Index configurations to template",
    reads=[CONTRACT, TEMPLATE],
    writes=[TEMPLATE],
    after_crash=AfterCrash.REDO,
)
def add_indexes(ctx: StepContext) -> Work:
    """Add the global secondary indexes as the contract projects them."""
    return _layer(ctx, "1.3")


@step(
    "1.4",
    "Configure safety and production settings in template",
    reads=[CONTRACT, TEMPLATE],
    writes=[TEMPLATE],
    after_crash=AfterCrash.REDO,
)
def add_safety(ctx: StepContext) -> Work:
    """Add Retain, deletion protection, tags, alarms and the dashboard."""
    return _layer(ctx, "1.4")


@step(
    "2.1",
    "Add template outputs and validate syntax with cfn-lint",
    reads=[CONTRACT, TEMPLATE],
    writes=[TEMPLATE, PARAMETERS],
    after_crash=AfterCrash.REDO,
)
def add_outputs(ctx: StepContext) -> Work:
    """Add outputs and exports, then have cfn-lint, our limits and CloudFormation judge the template."""
    from phases.stage_06.template.lint import lint_checks
    from phases.stage_06.template.template import PARAMETERS as DECLARED

    defaults = [{"ParameterKey": name, "ParameterValue": entry["Default"]} for name, entry in DECLARED.items()]
    ctx.write(PARAMETERS, json.dumps(defaults, indent=2) + "\n")
    work = _layer(ctx, "2.1")
    data = ctx.read(TEMPLATE)
    checks = [*work.checks, *lint_checks(data, region=ctx.aws.region), _validated(ctx, data)]
    return Work(checks, work.data, [*work.review, Review("Parameters", code_block(json.dumps(defaults, indent=2)))])


STEPS: tuple[Step, ...] = (copy_contract, build_tables, add_indexes, add_safety, add_outputs)


def _layer(ctx: StepContext, upto: Layer) -> Work:
    """Write the template up to this layer, read it back, compare it."""
    from phases.contract.reader import read_contract
    from phases.stage_06.template.limits import limit_checks
    from phases.stage_06.template.template import LAYERS, load_template, render
    from phases.stage_06.template.template_comparison import compare_with_contract

    contract = read_contract(ctx.read(CONTRACT), path=CONTRACT, under_way=True)
    _refuse_another_contract(ctx, contract)
    content = render(contract, upto=upto)
    before = b""
    if upto != LAYERS[0]:
        previous = LAYERS[LAYERS.index(upto) - 1]
        _refuse_edited_template(ctx, previous, content)
        before = render(contract, upto=previous)
    ctx.write(TEMPLATE, content)

    written = ctx.read(TEMPLATE)
    template = load_template(written)
    counts = dict(sorted(Counter(entry["Type"] for entry in template["Resources"].values()).items()))
    checks = [*compare_with_contract(template, contract, upto=upto), *limit_checks(template, written)]
    checks += lost_checks(contract)
    data = {
        "template_sha256": sha256(written),
        "resource_counts": counts,
        "outputs": list(template.get("Outputs", {})),
    }
    review = [
        Review("Tables", _tables(contract)),
        Review("Resources", table(("Type", "Count"), [(code(kind), count) for kind, count in counts.items()])),
        Review("Change of the template", code_block(_diff(before, written), "diff")),
    ]
    return Work(checks, data, review)


def _refuse_another_contract(ctx: StepContext, contract: Contract) -> None:
    approved = ctx.data("1.1", ContractRead)["contract_sha256"]
    if contract.sha256 != approved:
        raise StepFailed(
            f"{CONTRACT} is not the contract that task 1.1 checked: SHA-256 {approved[:12]} expected, "
            f"seen {contract.sha256[:12]}",
            next_command=f"git restore {CONTRACT} && phasegate resume",
        )


def _refuse_edited_template(ctx: StepContext, previous: str, content: bytes) -> None:
    """A template that is neither what the task before left nor what this one writes was edited by hand."""
    left, seen = ctx.data(previous, LayerLeft)["template_sha256"], sha256(ctx.read(TEMPLATE))
    if seen not in (left, sha256(content)):
        raise StepFailed(
            f"{TEMPLATE} is not what task {previous} left: SHA-256 {left[:12]} expected, seen {seen[:12]}; "
            "it is made from the contract, and an edit would be lost",
            next_command=f"git restore {TEMPLATE} && phasegate resume",
        )


def _validated(ctx: StepContext, data: bytes) -> Check:
    """What CloudFormation itself says; it takes 51,200 bytes, so a large template goes minified or not at all."""
    from phases.stage_06.template.limits import MAX_INLINE_BYTES
    from phases.stage_06.template.template import PARAMETERS as DECLARED
    from phases.stage_06.template.template import load_template, minified

    name, where = "CloudFormation ValidateTemplate", TEMPLATE
    text = data.decode()
    if len(data) > MAX_INLINE_BYTES:
        text = minified(load_template(data))
    size = len(text.encode())
    if size > MAX_INLINE_BYTES:
        seen = f"{size} bytes minified; CloudFormation judges it from the bucket when task 3.1 makes the change set"
        return Check(name, f"at most {MAX_INLINE_BYTES} bytes", seen, "not-checked", where)
    said: Mapping[str, Any] = ctx.aws.call("cloudformation", "validate_template", TemplateBody=text)
    declared = sorted(entry["ParameterKey"] for entry in said.get("Parameters", []))
    capabilities = said.get("Capabilities", [])
    return compare(
        name,
        f"valid; parameters {', '.join(sorted(DECLARED))}; capabilities none",
        f"valid; parameters {', '.join(declared)}; capabilities {', '.join(capabilities) or 'none'}",
        where=where,
    )


def _notes(contract: Contract) -> list[Check]:
    checks = []
    for number, note in enumerate(contract.notes, start=1):
        where, _, text = note.partition(": ")
        checks.append(Check(f"note {number}", "-", text, "note", where))
    return checks


def _tables(contract: Contract) -> str:
    rows = [
        (
            code(each.name),
            "several" if each.multi_entity else "one",
            _key(each.pk),
            _key(each.sk),
            "\n".join(
                f"{code(index.name)}: {_key(index.pk)}, {_key(index.sk)}, {index.projection}" for index in each.indexes
            )
            or "-",
            f"{each.item_bytes:,}",
        )
        for each in contract.tables
    ]
    return table(("Table", "Entities", "Partition key", "Sort key", "Indexes", "Item [bytes]"), rows)


def _key(key: Key | None) -> str:
    return f"{code(key.name)} {key.type}" if key else "-"


def _diff(before: bytes, after: bytes) -> str:
    lines = difflib.unified_diff(
        before.decode().splitlines(), after.decode().splitlines(), f"a/{TEMPLATE}", f"b/{TEMPLATE}", lineterm=""
    )
    return "\n".join(lines)
