"""Is a live table the one that the contract describes? Field by field, each a check of its own.

Rules:
- Pure: a table of the contract and the `Table` structure of DescribeTable in, checks out. What the contract does not
  say is not judged here (encryption, recovery, alarms: `live_features.py`), but what DynamoDB could have besides it is:
  one index too many is a failure, not a detail.
- Order never matters where it does not matter to DynamoDB: definitions, indexes and projected attributes are sorted.

Source: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TableDescription.html
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from phases.contract.model import Index, Key, Table
from phases.step import Check, compare

if TYPE_CHECKING:
    from phases.described_table import IndexDescription, TableDescription

KEYS, INDEXES = "live keys", "live indexes"  # ids of what the checks answer, beside the table's own
MISSING = "no such table"
BILLING = "PAY_PER_REQUEST"


def table_id(name: str) -> str:
    """The id that every check about this table answers."""
    return f"table {name}"


def compare_table(table: Table, live: TableDescription | None) -> list[Check]:
    """Every difference that a live table can have to its contract, as one check a field.

    Args:
        live: the `Table` structure of DescribeTable, or None when there is no such table.
    """
    name = table.name
    if live is None:
        return [Check(f"{name}: table", "exists", MISSING, "fail", name, (table_id(name),))]
    indexes = {str(index["IndexName"]): index for index in live.get("GlobalSecondaryIndexes", [])}
    wanted = [index.name for index in table.indexes]

    def check(what: str, expected: str, seen: object, *answers: str) -> Check:
        return compare(f"{name}: {what}", expected, seen, where=name, answers=(table_id(name), *answers))

    checks = [
        check("status", "ACTIVE", live.get("TableStatus")),
        check("key schema", _keys(table), _live_keys(live), KEYS),
        check("attribute types", _types(table.key_attributes()), _live_types(live), KEYS),
        check("billing mode", BILLING, billing_mode(live)),
        check("global indexes", _listed(wanted), _listed(indexes), INDEXES),
        check("local indexes", _listed(()), _listed(_local_indexes(live))),
    ]
    for index in table.indexes:
        if index.name in indexes:  # one that is missing is named by the check on the set
            checks += _compare_index(name, index, indexes[index.name])
    return checks


def billing_mode(live: TableDescription) -> str:
    """The table's billing mode. DynamoDB leaves the summary out for a table that was always provisioned.

    Source: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BillingModeSummary.html
    """
    return str(live.get("BillingModeSummary", {}).get("BillingMode", "PROVISIONED"))


def _compare_index(table: str, index: Index, live: IndexDescription) -> list[Check]:
    def check(what: str, expected: str, seen: str) -> Check:
        answers = (table_id(table), INDEXES)
        return compare(f"{table}.{index.name}: {what}", expected, seen, where=table, answers=answers)

    return [
        check("status", "ACTIVE", _index_status(live)),
        check("key schema", _keys(index), _live_keys(live)),
        check("projection", _projection(index), _live_projection(live)),
    ]


def _index_status(live: IndexDescription) -> str:
    """ACTIVE only when it also holds every item: an index that is being filled answers queries incompletely."""
    return "BACKFILLING" if live.get("Backfilling") else str(live.get("IndexStatus"))


def _keys(of: Table | Index) -> str:
    return ", ".join([*(f"HASH {key.name}" for key in of.pks), *(f"RANGE {key.name}" for key in of.sks)])


def _live_keys(live: TableDescription | IndexDescription) -> str:
    return ", ".join(f"{key['KeyType']} {key['AttributeName']}" for key in live.get("KeySchema", []))


def _types(keys: Iterable[Key]) -> str:
    return _listed(f"{key.name} {key.type}" for key in keys)


def _live_types(live: TableDescription) -> str:
    return _listed(f"{each['AttributeName']} {each['AttributeType']}" for each in live.get("AttributeDefinitions", []))


def _projection(index: Index) -> str:
    return _projected(index.projection, index.projected)


def _live_projection(live: IndexDescription) -> str:
    projection = live.get("Projection", {})
    return _projected(str(projection.get("ProjectionType")), projection.get("NonKeyAttributes") or ())


def _projected(kind: str, attributes: Iterable[str]) -> str:
    names = ", ".join(sorted(attributes))
    return f"{kind} {names}" if names else kind


def _local_indexes(live: TableDescription) -> list[str]:
    return [str(index["IndexName"]) for index in live.get("LocalSecondaryIndexes", [])]


def _listed(names: Iterable[str]) -> str:
    return ", ".join(sorted(names)) or "none"
