"""What does a migration contract say? The frozen tables, keys and indexes that everything else is made from.

Reading and refusing a contract's bytes is `phases/contract/reader.py`. The contract has no TTL, stream,
billing, tag or prefix: those are deployment configuration (docs/contract.md).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

KeyType = Literal["S", "N", "B"]
AttributeType = Literal["S", "N", "B", "SS", "NS", "BS", "M", "L", "BOOL", "NULL"]
Projection = Literal["ALL", "KEYS_ONLY", "INCLUDE"]


@dataclass(frozen=True, slots=True)
class Key:
    """A key attribute: DynamoDB allows the types S, N and B for it."""

    name: str
    type: KeyType


@dataclass(frozen=True, slots=True)
class Attribute:
    """An attribute as the contract declares it, with where its value comes from."""

    name: str
    type: AttributeType
    source_table: str
    source_column: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Index:
    """A global secondary index. `projected` is empty unless the projection is INCLUDE.

    `pks` are its partition key's attributes, one to four; `sks` its sort key's, up to four, in their order.
    Source: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/GSI.DesignPattern.MultiAttributeKeys.html
    """

    name: str
    pks: tuple[Key, ...]
    sks: tuple[Key, ...]
    projection: Projection
    projected: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Entity:
    """One kind of item in a multi-entity table."""

    name: str
    source_table: str
    pk_template: str
    sk_template: str
    attributes: tuple[Attribute, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """One table. `attributes` is the union over its entities (or its own list), in order of appearance.

    `item_bytes` is the contract's estimated average item size [bytes]; `path` its JSON path (`$.tables[0]`).
    """

    name: str
    multi_entity: bool
    source_table: str
    pk: Key
    sk: Key | None
    indexes: tuple[Index, ...]
    entities: tuple[Entity, ...]
    attributes: tuple[Attribute, ...]
    satisfies: tuple[str, ...]
    item_bytes: int
    path: str

    @property
    def pks(self) -> tuple[Key, ...]:
        """The partition key as an index has it, which may have several attributes; a table has one."""
        return (self.pk,)

    @property
    def sks(self) -> tuple[Key, ...]:
        """The sort key as an index has it: the one attribute of a table's, or none."""
        return (self.sk,) if self.sk else ()

    def key_attributes(self) -> tuple[Key, ...]:
        """Exactly the attributes that AttributeDefinitions must hold: every key once, table's keys first."""
        found: dict[str, Key] = {}
        holders: tuple[Table | Index, ...] = (self, *self.indexes)
        for key in (key for each in holders for key in (*each.pks, *each.sks)):
            found.setdefault(key.name, key)
        return tuple(found.values())


@dataclass(frozen=True, slots=True)
class Contract:
    """A contract that was read and found good. `notes` are remarks that refuse nothing.

    `lost` is what it asks for in vain, in a run of phasegate 0.1, which took that; today such a contract starts no run.
    """

    tables: tuple[Table, ...]
    sha256: str
    notes: tuple[str, ...] = field(default=())
    lost: tuple[str, ...] = field(default=())
