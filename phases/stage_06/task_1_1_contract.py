"""Task 1.1: is the contract there, and sound? It is copied byte for byte and checked whole."""

from __future__ import annotations

from typing import TYPE_CHECKING

from phases.documents.markdown import bullets
from phases.stage_06.inputs import rests_on
from phases.stage_06.paths import CONTRACT
from phases.stage_06.template.contract_source import WHICH, candidates, check_contract
from phases.stage_06.template.write_layer import tables_overview
from phases.step import AfterCrash, Check, ReviewSection, StepContext, Work, compare, step
from state.counted import counted
from state.files import sha256

if TYPE_CHECKING:
    from phases.contract.model import Contract


@step(
    "1.1",
    "Set up stage-06 workspace and validate migration contract",
    writes=[CONTRACT],
    after_crash=AfterCrash.REDO,
    inputs=rests_on.contract_file,
)
def copy_contract(ctx: StepContext) -> Work:
    """Copy the migration contract byte for byte and check all of it."""
    found = candidates(lambda path: ctx.read(path) if ctx.exists(path) else None)
    source = next(iter(found)) if len(found) == 1 else ctx.ask(WHICH)
    contract = check_contract(found[source], path=source)
    ctx.write(CONTRACT, found[source])
    # A contract with a problem does not come this far; what the check adds is what was read.
    attributes = sum(len(each.attributes) for each in contract.tables)
    read = f"{counted(len(contract.tables), 'table')}, {counted(attributes, 'attribute')}"
    checks = [
        Check("contract", "stage 02's structure, within DynamoDB's limits", f"no problem: {read}", "pass", source),
        compare("copy, SHA-256", contract.sha256, sha256(ctx.read(CONTRACT)), where=ctx.place(CONTRACT)),
        *_notes(contract),
    ]
    data = {"contract": source, "contract_sha256": contract.sha256, "tables": [each.name for each in contract.tables]}
    review = [ReviewSection("Tables", tables_overview(contract))]
    if contract.notes:
        review.append(ReviewSection("Notes", bullets(contract.notes)))
    return Work(checks, data, review)


def _notes(contract: Contract) -> list[Check]:
    checks = []
    for number, note in enumerate(contract.notes, start=1):
        where, _, text = note.partition(": ")
        checks.append(Check(f"note {number}", "-", text, "note", where))
    return checks


STEPS = (copy_contract,)
