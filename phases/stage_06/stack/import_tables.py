"""How does the new stack take over tables that the failed one left? By a change set of type IMPORT, before the others.

Rules:
- Offered are only tables that are empty and are, property by property, what the template says: CloudFormation does not
  compare, so a difference would stay for ever and no later update would mend it.
- A table is adopted when its name is typed; what is then imported is shown as a change set, and executed when its
  digest is typed.
- An import may do nothing else, and has no outputs: its template has the adopted tables only. The rest of the approved
  template follows as an update (`redeploy.py`).

Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/resource-import.html (identifiers,
DeletionPolicy, what is validated and what is not). To new outputs CloudFormation answers "As part of the import
operation, you cannot modify or add [Outputs]". Not tried against a real account.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING

from phases.aws import AwsPort
from phases.stage_06.live.live_features import table_checks
from phases.stage_06.live.live_schema import compare_table
from phases.stage_06.live.live_tables import describe_table, table_tags
from phases.stage_06.paths import CONTRACT, TEMPLATE
from phases.stage_06.stack.approved import Approved
from phases.stage_06.stack.change_set import TABLE, ChangeSet, changes_table, describe_change_set
from phases.stage_06.stack.create_change_set import Proposal, create_change_set, wait_until_created
from phases.stage_06.stack.execute_change_set import execute_change_set
from phases.stage_06.stack.stack_events import reasons
from phases.stage_06.stack.stacks import IMPORT, operation_name
from phases.stage_06.stack.typed_confirmation import confirm_digest, question_name
from phases.stage_06.template.template_values import TemplateValues
from phases.step import Question, StepContext
from state.errors import StepFailed

if TYPE_CHECKING:
    from phases.stage_06.template.template_shape import Resource, TableProperties

NO = "no"
_KEPT = ("AWSTemplateFormatVersion", "Description", "Parameters")  # of the template, beside the tables themselves


def import_begun(ctx: StepContext, aws: AwsPort, stack_name: str) -> ChangeSet | None:
    """The import that this very attempt has proposed already, in a process that died."""
    found = describe_change_set(aws, operation_name(ctx, IMPORT), stack_name)
    return wait_until_created(ctx, aws, found.arn) if found else None


def differences(ctx: StepContext, aws: AwsPort, approved: Approved, name: str) -> list[str]:
    """Where a live table is not what the template and the contract say: `Users: stream is off, expected ...`."""
    from phases.contract.reader import read_contract

    contract = read_contract(ctx.read(CONTRACT), path=ctx.place(CONTRACT))
    planned = next(each for each in contract.tables if each.name == name)
    live = describe_table(aws, name)
    checks = compare_table(planned, live)
    if live is not None:
        described = aws.call("dynamodb", "describe_continuous_backups", TableName=name)
        backups, tags = described["ContinuousBackupsDescription"], table_tags(aws, live["TableArn"])
        checks += table_checks(name, _wanted(ctx, aws, approved)[name], live, backups, tags)
    return [f"{each.name} is {each.seen}, expected {each.expected}" for each in checks if each.verdict == "fail"]


def wants_adoption(ctx: StepContext, table: str, stack_name: str, among: Collection[str]) -> bool:
    """Whether a person typed the table's name, so that the new stack takes it over. Raises Waiting, BadInput."""
    answer = ctx.ask(
        Question(
            question_name("adopt-orphan", table, among),
            f"Table {table} was left behind, empty, by the failed stack {stack_name}, and is what the template says. "
            f"Type {table} to adopt it into the new stack, or {NO} to be asked about its removal.",
            default=NO,
            problem_with=lambda said: None if said in (table, NO) else f"expected exactly {table}, or {NO}",
        )
    )
    return answer == table


def adopt(ctx: StepContext, aws: AwsPort, approved: Approved, tables: Sequence[str]) -> None:
    """Make a stack of the approved name that holds these tables and nothing else.

    Raises Waiting for the digest of what is imported, StepFailed when it does not come to IMPORT_COMPLETE.
    """
    resources = _tables(ctx)
    physical = {name: resource["Properties"]["TableName"] for name, resource in resources.items()}
    imports = {name: table for name, table in physical.items() if table in tables}
    proposal = Proposal(
        approved.stack_name, "IMPORT", approved.parameters, imports, _template(ctx, imports), suffix=IMPORT
    )
    made = create_change_set(ctx, aws, proposal)
    confirm_digest(
        ctx, f"consent-import-{ctx.attempt}", made, f"These tables are adopted:\n\n{changes_table(made.changes)}"
    )
    done = execute_change_set(ctx, aws, made.arn, made.stack_id, "IMPORT", made.changes, suffix=IMPORT)
    if done.status != "IMPORT_COMPLETE":
        raise StepFailed(
            f"the import of {', '.join(tables)} into stack {approved.stack_name} ended {done.status}: "
            + "; ".join(reasons(done.failures)),
            next_command=f"phasegate resume {ctx.run_id}   # asks again what is to become of the tables",
        )


def adopted_by(change_set: ChangeSet) -> list[str]:
    """The tables that an import takes over."""
    return [str(change["PhysicalResourceId"]) for change in change_set.changes]


def _tables(ctx: StepContext) -> Mapping[str, Resource]:
    from phases.stage_06.template.template import load_template

    resources = load_template(ctx.read(TEMPLATE), path=ctx.place(TEMPLATE))["Resources"]
    return {name: resource for name, resource in resources.items() if resource["Type"] == TABLE}


def _wanted(ctx: StepContext, aws: AwsPort, approved: Approved) -> dict[str, TableProperties]:
    """Table name -> its properties, resolved for this stack."""
    names = {"AWS::StackName": approved.stack_name, "AWS::Region": aws.region, **approved.parameters}
    values = TemplateValues(names, {}, path=ctx.place(TEMPLATE))
    return {
        resource["Properties"]["TableName"]: values.resolve(resource["Properties"])
        for resource in _tables(ctx).values()
    }


def _template(ctx: StepContext, imports: Mapping[str, str]) -> bytes:
    """The approved template with these tables only; they exist, so none waits for another."""
    from phases.stage_06.template.template import load_template, minified

    template = load_template(ctx.read(TEMPLATE), path=ctx.place(TEMPLATE))
    sections: Mapping[str, object] = template
    resources = {
        name: {key: value for key, value in template["Resources"][name].items() if key != "DependsOn"}
        for name in imports
    }
    return minified({**{key: sections[key] for key in _KEPT if key in sections}, "Resources": resources}).encode()
