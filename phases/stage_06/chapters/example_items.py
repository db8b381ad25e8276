"""With which table and which values do the integration guide's examples work?

Rules:
- One example for each key shape: tables whose keys have the same types differ in their programs by names only.
- Values are typed as the contract's keys are; the key values cannot be mistaken for real data.
- Pure: a table in, values out; the programs are written by `python_example` and `typescript_example`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from phases.contract.model import Attribute, AttributeType, Index, Key, KeyType, Table
from phases.stage_06.chapters.contract_tables import placed

Value = str | int | bytes | bool | None | dict[str, str] | list[str] | tuple[str | int | bytes, ...]

_OTHER_ATTRIBUTES = 3  # beside the keys: enough to show how types are written

KeyShape = tuple[KeyType, KeyType | None]


@dataclass(frozen=True, slots=True)
class Example:
    """One table's example.

    Attributes:
        keys: the primary keys of its two items; with a sort key both share the partition key.
        others: index keys and some more attributes: name -> value (a tuple is a set).
        changed, new_value: a non-key attribute that the update sets.
    """

    table: Table
    keys: tuple[dict[str, Value], dict[str, Value]]
    others: dict[str, Value]
    changed: str
    new_value: Value


def example_tables(tables: Sequence[Table]) -> tuple[Table, ...]:
    """The first table of each key shape, the one with most indexes preferred, in the contract's order."""
    chosen: dict[KeyShape, Table] = {}
    for table in tables:
        shape = (table.pk.type, table.sk.type if table.sk else None)
        if shape not in chosen or len(table.indexes) > len(chosen[shape].indexes):
            chosen[shape] = table
    names = {table.name for table in chosen.values()}
    return tuple(table for table in tables if table.name in names)


def example(table: Table) -> Example:
    """Values for every key and a few other attributes of this table."""
    primary = [key.name for key in (*table.pks, *table.sks)]
    index_keys = [key for key in table.key_attributes() if key.name not in primary]
    plain = _plain_attributes(table)
    others: dict[str, Value] = {key.name: _key_value(key, 1) for key in index_keys}
    others |= {attribute.name: _value(attribute.type) for attribute in plain[:_OTHER_ATTRIBUTES]}
    changed, new_value = _update(plain)
    return Example(
        table=table,
        keys=(_keys(table, 1), _keys(table, 2)),
        others=others,
        changed=changed,
        new_value=new_value,
    )


def _plain_attributes(table: Table) -> list[Attribute]:
    """The attributes that are no keys."""
    keys = {key.name for key in table.key_attributes()}
    return [attribute for attribute in table.attributes if attribute.name not in keys]


def index_keys(index: Index, example: Example) -> dict[str, tuple[str, Value]]:
    """What a query through the index names: placeholder -> attribute and value.

    The whole partition key; of a sort key of several attributes all but the last, since they are read from the left.
    """
    values = {**example.others, **example.keys[0]}
    several = index.sks[:-1] if len(index.sks) > 1 else ()
    asked = placed(index.pks, "pk") | {f"sk{number}": each for number, each in enumerate(several, start=1)}
    return {place: (key.name, values[key.name]) for place, key in asked.items()}


def variable_names(tables: Iterable[Table]) -> dict[str, str]:
    """Table name -> the environment variable that carries it, made unique: `Order.Lines` -> `ORDER_LINES_TABLE`."""
    names: dict[str, str] = {}
    for table in tables:
        stem = re.sub(r"\W+", "_", table.name).strip("_").upper()
        base = name = f"{'T_' if stem[:1].isdigit() else ''}{stem}_TABLE"
        number = 2
        while name in names.values():
            name, number = f"{base}_{number}", number + 1
        names[table.name] = name
    return names


def _keys(table: Table, number: int) -> dict[str, Value]:
    if table.sk is None:
        return {table.pk.name: _key_value(table.pk, number)}
    return {table.pk.name: _key_value(table.pk, 1), table.sk.name: _key_value(table.sk, number)}


def _key_value(key: Key, number: int) -> Value:
    if key.type == "N":
        return 900_000_000 + number
    return f"phasegate-example-{number}" if key.type == "S" else f"phasegate-example-{number}".encode()


def _value(type_: AttributeType) -> Value:
    values: dict[AttributeType, Value] = {
        "S": "example",
        "N": 42,
        "B": b"example",
        "BOOL": True,
        "NULL": None,
        "M": {"first": "one"},
        "L": ["one", "two"],
        "SS": ("one", "two"),
        "NS": (1, 2),
        "BS": (b"one", b"two"),
    }
    return values[type_]


def _update(attributes: Sequence[Attribute]) -> tuple[str, Value]:
    """Which attribute the example's update sets, and to what; one of its own where none of these is plain enough."""
    new_values: dict[AttributeType, Value] = {"S": "changed", "N": 43, "BOOL": False}
    changeable = ((each.name, new_values[each.type]) for each in attributes if each.type in new_values)
    return next(changeable, ("example_note", "changed"))
