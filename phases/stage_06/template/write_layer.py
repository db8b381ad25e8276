"""How does a task add its layer to the template? From the contract alone, read back, compared with it.

Rules:
- Every task reads back what it wrote and compares that with the contract; the contract is the only source.
- The template belongs to the contract: one that was edited by hand between two tasks is refused, not overwritten.
- All of it is redone after a crash: nothing here has an effect outside its own files.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

from phases.documents.markdown import code, code_block, table
from phases.documents.text_difference import text_difference
from phases.stage_06.inputs.recorded import ContractRead, LayerLeft
from phases.stage_06.paths import CONTRACT, TEMPLATE
from phases.stage_06.template.contract_source import lost_checks
from phases.step import ReviewSection, StepContext, Work
from state.errors import StepFailed
from state.files import sha256
from state.path_word import path_word

if TYPE_CHECKING:
    from phases.contract.model import Contract, Index, Key
    from phases.stage_06.template.template import Layer


def write_layer(ctx: StepContext, upto: Layer) -> Work:
    """Write the template up to this layer, read it back, compare it with the contract.

    Raises StepFailed when the contract is not the one of task 1.1, or the template is not what the task before left.
    """
    from phases.contract.reader import read_contract
    from phases.stage_06.template.limits import limit_checks
    from phases.stage_06.template.template import LAYERS, load_template, render
    from phases.stage_06.template.template_comparison import compare_with_contract

    contract = read_contract(ctx.read(CONTRACT), path=ctx.place(CONTRACT), under_way=True)
    _refuse_another_contract(ctx, contract)
    source = ctx.place(CONTRACT)
    content = render(contract, upto=upto, source=source)
    before = b""
    if upto != LAYERS[0]:
        previous = LAYERS[LAYERS.index(upto) - 1]
        _refuse_edited_template(ctx, previous, content)
        before = render(contract, upto=previous, source=source)
    ctx.write(TEMPLATE, content)

    written = ctx.read(TEMPLATE)
    template = load_template(written, path=ctx.place(TEMPLATE))
    counts = dict(sorted(Counter(entry["Type"] for entry in template["Resources"].values()).items()))
    checks = [*compare_with_contract(template, contract, upto=upto), *limit_checks(template, written)]
    checks += lost_checks(contract)
    data = {
        "template_sha256": sha256(written),
        "resource_counts": counts,
        "outputs": list(template.get("Outputs", {})),
    }
    review = [
        ReviewSection("Tables", tables_overview(contract)),
        ReviewSection("Resources", table(("Type", "Count"), [(code(kind), count) for kind, count in counts.items()])),
        ReviewSection("Change of the template", code_block(_diff(before, written, ctx.place(TEMPLATE)), "diff")),
    ]
    return Work(checks, data, review)


def _refuse_another_contract(ctx: StepContext, contract: Contract) -> None:
    approved = ctx.data("1.1", ContractRead)["contract_sha256"]
    if contract.sha256 != approved:
        path = ctx.place(CONTRACT)
        raise StepFailed(
            f"{path} is not the contract that task 1.1 checked: SHA-256 {approved[:12]} expected, "
            f"seen {contract.sha256[:12]}",
            next_command=f"git restore {path_word(path)} && phasegate resume",
        )


def _refuse_edited_template(ctx: StepContext, previous: str, content: bytes) -> None:
    """A template that is neither what the task before left nor what this one writes was edited by hand."""
    left, seen = ctx.data(previous, LayerLeft)["template_sha256"], sha256(ctx.read(TEMPLATE))
    if seen not in (left, sha256(content)):
        path = ctx.place(TEMPLATE)
        raise StepFailed(
            f"{path} is not what task {previous} left: SHA-256 {left[:12]} expected, seen {seen[:12]}; "
            "it is made from the contract, and an edit would be lost",
            next_command=f"git restore {path_word(path)} && phasegate resume",
        )


def tables_overview(contract: Contract) -> str:
    """The contract's tables with their keys and indexes, as a Markdown table."""
    rows = [
        (
            code(each.name),
            "several" if each.multi_entity else "one",
            _key(each.pks),
            _key(each.sks),
            "\n".join(map(_index, each.indexes)) or "-",
            f"{each.item_bytes:,}",
        )
        for each in contract.tables
    ]
    return table(("Table", "Entities", "Partition key", "Sort key", "Indexes", "Item [bytes]"), rows)


def _index(index: Index) -> str:
    return f"{code(index.name)}: {_key(index.pks)}, {_key(index.sks)}, {index.projection}"


def _key(keys: Sequence[Key]) -> str:
    return " + ".join(f"{code(key.name)} {key.type}" for key in keys) or "-"


def _diff(before: bytes, after: bytes, path: str) -> str:
    return text_difference(before.decode(), after.decode(), f"a/{path}", f"b/{path}")
