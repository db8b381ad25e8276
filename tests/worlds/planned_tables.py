"""Tables and indexes as a contract has them, without one: what planning is tried on."""

from __future__ import annotations

from phases.contract.model import Index, Key, KeyType, Table


def table(*indexes: Index, name: str = "Orders") -> Table:
    return Table(name, False, "orders", Key("id", "S"), None, indexes, (), (), (), 0, "")


def of_several(name: str, *hashes: Key) -> Index:
    """An index whose partition key has several attributes."""
    return Index(name, hashes, (), "ALL")


def an_index(name: str, pk: str = "a", kind: KeyType = "S", projected: int = 0) -> Index:
    names = tuple(f"{name}{number}" for number in range(projected))
    return Index(name, (Key(pk, kind),), (), "INCLUDE" if projected else "ALL", names)
