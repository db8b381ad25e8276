"""How does the stack take over a table that is there already? On request, property by property, by an import.

Rules:
- A table is adopted when its name is typed. What no update could make of it what the contract says (its keys, its local
  indexes, an index of other keys, another stack that holds it) is told instead of the question.
- The import hands the table over as it is, and changes nothing of it; it may do nothing else, so the stack's other
  resources and outputs stay (`table_as_it_is.py`). The updates behind it bring the table to the contract, settings
  first, then one index at a time.
- Every property is compared and shown at the gate of 3.1: what is as the template says, what an update behind will
  change, and what stays, which approving 3.1 takes in as it was seen.

Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/resource-import.html (identifiers,
DeletionPolicy, what is validated and what is not). Not tried against a real account.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from phases.aws import AwsPort
from phases.contract.model import Contract, Table
from phases.documents.markdown import table as markdown_table
from phases.stage_06.inputs.recorded import TakenIn
from phases.stage_06.live.live_features import table_checks
from phases.stage_06.live.live_schema import compare_table
from phases.stage_06.live.live_tables import STACK_ID_TAG, describe_table, table_tags
from phases.stage_06.live.other_settings import other_settings
from phases.stage_06.live.table_as_it_is import as_it_is
from phases.stage_06.stack.approved import Approved
from phases.stage_06.stack.change_set import TABLE
from phases.stage_06.stack.stacks import REVIEW, find_stack, stack_resources
from phases.stage_06.stack.typed_confirmation import question_name
from phases.stage_06.template.logical_ids import logical_id
from phases.stage_06.template.template_values import TemplateValues
from phases.stage_06.update.deployed_tables import deployed_template, tables_in
from phases.stage_06.update.refusals import refusals
from phases.step import Check, Question, ReviewSection, StepContext
from state.errors import Problem, StepFailed

if TYPE_CHECKING:
    from phases.described_table import TableDescription
    from phases.stage_06.template.template_shape import Properties, Resource, Template

NO = "no"


@dataclass(frozen=True, slots=True)
class Existing:
    """A table of the contract that stands outside the stack.

    Attributes:
        resource: of a template that changes nothing of it.
        compared: every property of it, against contract and template.
        stays: those that no update behind the import changes.
    """

    name: str
    resource: Resource
    compared: tuple[Check, ...]
    stays: tuple[Check, ...]


@dataclass(frozen=True, slots=True)
class Adoption:
    """The tables that are taken over, and the template that the import hands over."""

    tables: tuple[Existing, ...]
    template: Template

    @property
    def imports(self) -> dict[str, str]:
        """Logical id -> name."""
        return {logical_id(each.name): each.name for each in self.tables}

    @property
    def body(self) -> bytes:
        """As it is sent."""
        return json.dumps(self.template, separators=(",", ":")).encode()

    def taken_in(self, ctx: StepContext) -> dict[str, TakenIn]:
        """What stays as it was seen, by who adopts its table."""
        names = [each.name for each in self.tables]
        by = {name: ctx.given_by(question_name("adopt-table", name, names)) for name in names}
        return {check.name: TakenIn(seen=check.seen, by=by[each.name]) for each in self.tables for check in each.stays}


def adopt_existing(
    ctx: StepContext,
    aws: AwsPort,
    contract: Contract,
    template: Template,
    parameters: Mapping[str, str],
    *,
    stack_name: str,
    outside: Collection[str],
    deployed: Template,
) -> Adoption | None:
    """Ask about each table of the contract that stands outside the stack; None when there is none.

    Args:
        template, parameters: what the stack is to become.
        deployed: the template that it has, {} for a new one.

    Raises StepFailed where one is not adopted, or cannot be.
    """
    found: list[Existing] = []
    problems: list[Problem] = []
    names = {"AWS::StackName": stack_name, **parameters}
    for each, existing, live in _existing_tables(aws, contract, template, names, outside):
        what = f"exists already outside this stack: {live['TableArn']}, {live['TableStatus']}"
        if why := _why_not(aws, each, existing, live):
            problems += [Problem(each.name, f"{what}; it cannot be adopted: {reason}") for reason in why]
        elif not _wanted(ctx, existing, stack_name, outside):
            problems.append(Problem(each.name, what))
        else:
            found.append(existing)
    if problems:
        raise StepFailed(
            f"stack {stack_name} cannot be deployed to {aws.region}: "
            "tables of the contract are there already, and are not adopted",
            problems=problems,
            next_command=f"phasegate resume {ctx.run_id}   # asks again",
        )
    return Adoption(tuple(found), _with_tables(deployed, found)) if found else None


def adopt_again(
    aws: AwsPort, contract: Contract, template: Template, of: Approved, parameters: Mapping[str, str]
) -> Adoption:
    """The approved adoption, from the tables as they are now; `parameters` are those of the whole template."""
    stack = find_stack(aws, of.stack_name)
    held = stack is not None and stack.status != REVIEW and stack_resources(aws, stack.stack_id)
    deployed: Template = deployed_template(aws, stack) if stack is not None and held else {}
    names = {"AWS::StackName": of.stack_name, **parameters}
    found = [existing for _, existing, _ in _existing_tables(aws, contract, template, names, of.adopts)]
    return Adoption(tuple(found), _with_tables(deployed, found))


def _existing_tables(
    aws: AwsPort, contract: Contract, template: Template, names: Mapping[str, str], outside: Collection[str]
) -> Iterator[tuple[Table, Existing, TableDescription]]:
    """Those of the contract's tables that are there, as they are planned, compared, and live."""
    values = TemplateValues({"AWS::Region": aws.region, **names}, {})
    for each in contract.tables:
        live = describe_table(aws, each.name) if each.name in outside else None
        if live is not None:
            wanted = values.resolve(template["Resources"][logical_id(each.name)]["Properties"])
            yield each, _existing(aws, each, live, wanted), live


def _existing(aws: AwsPort, planned: Table, live: TableDescription, wanted: Properties) -> Existing:
    backups = aws.call("dynamodb", "describe_continuous_backups", TableName=planned.name)[
        "ContinuousBackupsDescription"
    ]
    tags = table_tags(aws, live["TableArn"])
    features = table_checks(planned.name, wanted, live, backups, tags)  # type: ignore[arg-type]
    others = other_settings(aws, planned.name, live, backups)
    resource: Resource = {
        "Type": TABLE,
        "DeletionPolicy": "Retain",
        "UpdateReplacePolicy": "Retain",
        "Properties": as_it_is(live, backups, tags),
    }
    stays = tuple(check for check in others if check.verdict == "fail" and not _is_capacity(check))
    return Existing(planned.name, resource, (*compare_table(planned, live), *features, *others), stays)


def _is_capacity(check: Check) -> bool:
    """Whether it goes with the provisioned mode, which an update behind the import takes away."""
    return check.name.endswith("ProvisionedThroughput")


def _why_not(aws: AwsPort, planned: Table, existing: Existing, live: TableDescription) -> list[str]:
    """What no update could change."""
    (table,) = tables_in({"Resources": {logical_id(planned.name): existing.resource}})
    found = [str(each.message) for each in refusals([table], {planned.name: live}, Contract((planned,), ""))]
    holder = table_tags(aws, live["TableArn"]).get(STACK_ID_TAG, "")
    stack = find_stack(aws, holder) if holder else None
    if stack is not None and not stack.status.startswith("DELETE_COMPLETE"):
        found.append(f"stack {stack.name} holds it")
    return found


def _wanted(ctx: StepContext, existing: Existing, stack_name: str, among: Collection[str]) -> bool:
    """Whether a person typed the table's name. Raises Waiting, BadInput."""
    different = [check.name for check in existing.compared if check.verdict == "fail"]
    name = existing.name
    answer = ctx.ask(
        Question(
            question_name("adopt-table", name, among),
            f"Table {name} is there already, outside stack {stack_name}. "
            f"Not as the template says: {', '.join(different) or 'nothing'}. Type {name} to adopt it with its items; "
            f"{NO} leaves it alone, and ends here.",
            default=NO,
            problem_with=lambda said: None if said in (name, NO) else f"expected exactly {name}, or {NO}",
            suggest=False,
        )
    )
    return answer == name


def _with_tables(deployed: Template, tables: Sequence[Existing]) -> Template:
    """The stack's own template with these tables in it, and nothing else that is new."""
    base: Template = deployed or {"AWSTemplateFormatVersion": "2010-09-09"}
    imported = {logical_id(each.name): each.resource for each in tables}
    return {**base, "Resources": {**base.get("Resources", {}), **imported}}


def adopted_section(adoption: Adoption | None) -> list[ReviewSection]:
    """Each property of each adopted table, and what becomes of it."""
    if adoption is None:
        return []
    rows = [
        (check.name, check.seen, check.expected, _becomes(each, check))
        for each in adoption.tables
        for check in each.compared
    ]
    return [ReviewSection("Adopted tables", markdown_table(("Property", "Is", "Template", "What becomes of it"), rows))]


def _becomes(existing: Existing, check: Check) -> str:
    if check in existing.stays:
        return "stays, as it was seen"
    if check.verdict == "fail":
        return "changed by an update behind the import"
    return "as the template says" if check.verdict == "pass" else check.verdict
