"""Tables of every key shape, and running the guide's programs against them."""

from __future__ import annotations

import contextlib
import io
from typing import Any

import boto3
import pytest

from phases.contract.model import Attribute, Index, Key, KeyType, Projection, Table


def table(name: str, pk: KeyType = "S", sk: KeyType | None = None, **fields: Any) -> Table:
    """A table of the contract with key attributes whose names need placeholders."""
    given: dict[str, Any] = {
        "multi_entity": False,
        "source_table": "t",
        "indexes": (),
        "entities": (),
        "attributes": (),
        "satisfies": (),
        "item_bytes": 100,
        "path": "$",
        **fields,
    }
    return Table(name=name, pk=Key("the key", pk), sk=Key("at.time", sk) if sk else None, **given)


def key_shape(pk: KeyType, sk: KeyType | None) -> Table:
    """A table with these key types, an index on an attribute of another type, and a number and a set beside them."""
    owner: KeyType = {"S": "N", "N": "B", "B": "S"}[pk]  # type: ignore[assignment]
    projection: Projection = {"S": "ALL", "N": "KEYS_ONLY", "B": "INCLUDE"}[pk]  # type: ignore[assignment]
    projected = ("size",) if projection == "INCLUDE" else ()
    return table(
        f"Shape-{pk}{sk or ''}.v1",
        pk,
        sk,
        indexes=(Index("by.owner", (Key("owner-id", owner),), (), projection, projected),),
        attributes=(Attribute("size", "N", "t", ("size",)), Attribute("tags", "SS", "t", ("tags",))),
    )


def several_keys(hashes: int, ranges: int) -> Table:
    """A table with an index whose keys have several attributes, of every type."""
    kinds: tuple[KeyType, ...] = ("S", "N", "B", "N")
    pks = tuple(Key(f"part-{number}", kinds[number]) for number in range(hashes))
    sks = tuple(Key(f"sort.{number}", kinds[-1 - number]) for number in range(ranges))
    index = Index("by.owner", pks, sks, "ALL")
    attributes = (Attribute("size", "N", "t", ("size",)), Attribute("tags", "SS", "t", ("tags",)))
    return table(f"Several-{hashes}-{ranges}", indexes=(index,), attributes=attributes)


KEY_SHAPES = [
    *(key_shape(pk, sk) for pk in ("S", "N", "B") for sk in ("S", "N", "B", None)),  # type: ignore[arg-type]
    *(several_keys(hashes, ranges) for hashes, ranges in ((2, 0), (2, 2), (4, 4))),
]


def create(dynamodb: Any, shape: Table) -> None:
    """Create the table through the API."""
    indexes = [
        {
            "IndexName": index.name,
            "KeySchema": key_schema(index),
            "Projection": {"ProjectionType": index.projection}
            | ({"NonKeyAttributes": list(index.projected)} if index.projected else {}),
        }
        for index in shape.indexes
    ]
    dynamodb.create_table(
        TableName=shape.name,
        BillingMode="PAY_PER_REQUEST",
        KeySchema=key_schema(shape),
        AttributeDefinitions=[{"AttributeName": key.name, "AttributeType": key.type} for key in shape.key_attributes()],
        **({"GlobalSecondaryIndexes": indexes} if indexes else {}),
    )


def expected_lines(shape: Table, *, new: str) -> list[str]:
    """What the program of a `key_shape` prints; `new` is the updated value as its language writes it."""
    return [
        "put: 1 item",
        "put again: refused",
        f"get: {2 + len(shape.key_attributes())} attributes",
        f"update: {new}",
        "transaction: 2 items",
        f"query: {2 if shape.sk else 1} items",
        "index by.owner: 2 items",
        "delete: 2 items",
    ]


def run_program(program: str, session: Any, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What the Python program prints, with this boto3 session as the default one."""
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", session)
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        exec(compile(program, "example.py", "exec"), {"__name__": "__main__"})
    return out.getvalue().splitlines()


def key_schema(of: Table | Index) -> list[dict[str, str]]:
    """As DynamoDB has it."""
    keys = [(key, "HASH") for key in of.pks] + [(key, "RANGE") for key in of.sks]
    return [{"AttributeName": key.name, "KeyType": kind} for key, kind in keys]
