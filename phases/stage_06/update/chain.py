"""By which updates does a deployed stack become what the contract says? The shortest chain that DynamoDB allows.

Rules:
- One index of a table is created or deleted by an update, other tables may change theirs in the same one: the chain has
  as many updates with indexes as the table with the most of them needs.
- Whatever else differs comes in one update of its own behind them: "If you add or delete an index during an update, we
  recommend that you don't update any other resources." (AWS CloudFormation Template Reference, AWS::DynamoDB::Table,
  GlobalSecondaryIndexes.) The alarms and the dashboard that name an index go with it.
- An index comes before another one goes, so that queries can move over, unless a limit or the type of an attribute is
  in the way: then one has to go first.
- The chain has no memory: the first update of the chain from where the stack stands is always the next one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from phases.contract.model import Contract, Index, Table

# Source: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ServiceQuotas.html
MAX_INDEXES = 20
MAX_PROJECTED = 100
LONGEST = 2 * MAX_INDEXES + 3  # tables are adopted and get their settings, each index goes, as many come, and the rest


@dataclass(frozen=True, slots=True)
class IndexChange:
    """An index that an update creates or deletes."""

    table: str
    verb: Literal["create", "delete"]
    index: Index


@dataclass(frozen=True, slots=True)
class Update:
    """One update of the chain.

    Attributes:
        contract: what the stack is made to say by it.
        indexes: the indexes that it creates and deletes; at most one of a table.
        final: the stack is what the contract says then.
        reverts: it puts back what was changed in the account, and changes nothing of the stack (`bring_back.py`).
        imports: names of the tables that it takes over as they are, and nothing else (`existing_tables.py`).
    """

    contract: Contract
    indexes: tuple[IndexChange, ...]
    final: bool
    reverts: bool = False
    imports: tuple[str, ...] = ()


def updates(deployed: Sequence[Table], wanted: Contract) -> list[Update]:
    """The updates from the deployed tables to the contract, in order; the last one is final. At least one.

    `deployed`: each of them can become what the contract says of it (`refusals.py`).
    """
    goals = {table.name: table for table in wanted.tables}
    tables = list(deployed)
    chain: list[Update] = []
    while changes := _changes(tables, goals):
        tables = [_after(table, changes.get(table.name), goals) for table in tables]
        chain.append(Update(Contract(tuple(tables), wanted.sha256), tuple(changes.values()), final=False))
    if chain and _says_the_same(chain[-1].contract, wanted):
        chain[-1] = replace(chain[-1], contract=wanted, final=True)
    else:
        chain.append(Update(wanted, (), final=True))
    return chain


def _changes(tables: Sequence[Table], goals: Mapping[str, Table]) -> dict[str, IndexChange]:
    """The next change of each table that stays and has one left, by the table's name."""
    found = ((table.name, next_change(table, goals[table.name])) for table in tables if table.name in goals)
    return {name: change for name, change in found if change is not None}


def next_change(table: Table, goal: Table) -> IndexChange | None:
    """What comes next on the way of one table: an index that is created where it may be, else one that is deleted."""
    have, want = {index.name for index in table.indexes}, {index.name for index in goal.indexes}
    missing = [index for index in goal.indexes if index.name not in have]
    for index in missing:
        if not _in_the_way(table, index):
            return IndexChange(table.name, "create", index)
    leaving = next((index for index in table.indexes if index.name not in want), None)
    return IndexChange(table.name, "delete", leaving) if leaving is not None else None


def _in_the_way(table: Table, index: Index) -> bool:
    """Whether DynamoDB would not create this index beside those that the table has."""
    types = {key.name: key.type for key in table.key_attributes()}
    return (
        len(table.indexes) >= MAX_INDEXES
        or sum(len(each.projected) for each in (*table.indexes, index)) > MAX_PROJECTED
        or any(types.get(key.name, key.type) != key.type for key in (*index.pks, *index.sks))
    )


def _after(table: Table, change: IndexChange | None, goals: Mapping[str, Table]) -> Table:
    """The table after a change: indexes in the contract's order, those that will leave last."""
    if change is None:
        return table
    indexes = [each for each in table.indexes if each != change.index]
    if change.verb == "create":
        indexes.append(change.index)
    order = {index.name: place for place, index in enumerate(goals[table.name].indexes)}
    return replace(table, indexes=tuple(sorted(indexes, key=lambda each: order.get(each.name, len(order)))))


def _says_the_same(contract: Contract, wanted: Contract) -> bool:
    from phases.stage_06.template.template import build_template

    return build_template(contract) == build_template(wanted)
