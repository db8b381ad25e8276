"""What can the deployed tables not become? All that DynamoDB and CloudFormation refuse, found before it is tried.

Rules:
- Pure: what the stack's template has, what DescribeTable answers, and the contract in; problems out, all at once.
- Keys and projection of an index, and keys of a table, are for ever: another one needs another name. Every table has
  its name from the contract: "CloudFormation cannot update a stack when a custom-named resource requires replacing".
- What is under way at a table, or was changed at it behind the stack's back, is named: the update would fail at it.

Sources: UpdateTable in the DynamoDB API reference; AWS::DynamoDB::Table in the CloudFormation template reference
(KeySchema, AttributeDefinitions, GlobalSecondaryIndexes, LocalSecondaryIndexes: "Update requires").
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from phases.contract.model import Contract, Index, Table
from phases.stage_06.update.deployed_tables import global_tables_in
from state.errors import Problem

if TYPE_CHECKING:
    from phases.described_table import TableDescription
    from phases.stage_06.template.template_shape import Template


def refusals(
    deployed: Sequence[Table],
    live: Mapping[str, TableDescription | None],
    wanted: Contract,
    *,
    reverted: bool = False,
) -> Iterator[Problem]:
    """What keeps the deployed tables from becoming what the contract says.

    Args:
        deployed: the tables of the stack's template.
        live: the `Table` structure of DescribeTable for each of them, None for one that is gone.
        reverted: an index that was deleted by hand comes back before.
    """
    goals = {table.name: table for table in wanted.tables}
    for table in deployed:
        goal = goals.get(table.name)
        if goal is not None:
            yield from _never(table, goal)
            yield from _not_now(table, live[table.name], reverted=reverted)


def global_table_problems(deployed: Template) -> Iterator[Problem]:
    """The global tables of the stack's template: a contract becomes tables, and no resource changes its type.

    Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/troubleshooting.html ("Update of resource
    type is not permitted").
    """
    for logical_id, name in global_tables_in(deployed).items():
        yield Problem(
            name or logical_id,
            f"is {logical_id}, an AWS::DynamoDB::GlobalTable of the stack: a contract becomes AWS::DynamoDB::Table, "
            "and CloudFormation never changes a resource's type; let it go from the stack with DeletionPolicy Retain "
            "first, by the tool that made it",
        )


def _never(table: Table, goal: Table) -> Iterator[Problem]:
    """What DynamoDB never changes of a table, or of an index under one name."""
    was, wanted = keys_text(table), keys_text(goal)
    if was != wanted:
        yield Problem(
            table.name,
            f"its keys are {was}, the contract says {wanted}: the keys of a table never change, and a table that is "
            "replaced cannot keep its name; give the new one another name",
        )
    have = {index.name: index for index in table.indexes}
    for index in goal.indexes:
        if index.name in have and (why := _other_index(have[index.name], index)):
            yield Problem(
                f"{table.name}.{index.name}", f"{why}: an index never changes; give it another name in the contract"
            )


def _other_index(old: Index, new: Index) -> str:
    """How an index would be another one under its name; "" where it stays the same."""
    pairs = (
        ("keys are", keys_text(old), keys_text(new)),
        ("projection is", _projection(old), _projection(new)),
    )
    return "; ".join(f"its {what} {was}, the contract says {wanted}" for what, was, wanted in pairs if was != wanted)


def _not_now(table: Table, live: TableDescription | None, *, reverted: bool) -> Iterator[Problem]:
    """What is under way at a table, or stands at it and is not the stack's."""
    if live is None:
        yield Problem(table.name, "is in the stack, and there is no such table any more: it was deleted by hand")
        return
    if (status := live.get("TableStatus")) != "ACTIVE":
        yield Problem(table.name, f"is {status}: a table takes one change at a time; wait until it is ACTIVE")
    if local := [str(index["IndexName"]) for index in live.get("LocalSecondaryIndexes", [])]:
        yield Problem(
            table.name, f"has local indexes ({', '.join(local)}), which no update removes and no contract names"
        )
    yield from _indexes_not_now(table, live, reverted=reverted)


def _indexes_not_now(table: Table, live: TableDescription, *, reverted: bool) -> Iterator[Problem]:
    """The indexes of a table that are under way, or are not those of the stack."""
    indexes = {str(index["IndexName"]): index for index in live.get("GlobalSecondaryIndexes", [])}
    for name, index in indexes.items():
        if (status := index.get("IndexStatus", "ACTIVE")) != "ACTIVE" or index.get("Backfilling"):
            yield Problem(f"{table.name}.{name}", f"is {status}: wait until it is ACTIVE")
    known = {index.name for index in table.indexes}
    for name in sorted((indexes.keys() - known) if reverted else (known ^ indexes.keys())):
        how = "was deleted behind the stack's back" if name in known else "stands at the table, and is not the stack's"
        yield Problem(f"{table.name}.{name}", f"{how}: the stack's template and the table must say the same first")


def keys_text(of: Table | Index) -> str:
    """`HASH a (S), RANGE b (N)`."""
    keys = [("HASH", key) for key in of.pks] + [("RANGE", key) for key in of.sks]
    return ", ".join(f"{kind} {key.name} ({key.type})" for kind, key in keys)


def _projection(index: Index) -> str:
    return f"{index.projection} {', '.join(index.projected)}".rstrip()
