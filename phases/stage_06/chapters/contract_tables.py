"""How is a contract's table shown to people? Its keys, indexes, entities, attributes and access patterns as Markdown.

The contract names access patterns (`AP1`) without saying which key serves which: so every way to read a table is listed
and the names stand with the table, none is assigned by guessing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from phases.contract.model import Index, Key, Table
from phases.documents.markdown import code, table


@dataclass(frozen=True, slots=True)
class AccessPath:
    """One way to read a table: `through` is "table" or the index's name; `condition` is a key condition to fill in."""

    through: str
    operation: str
    condition: str
    returns: str


def access_paths(planned: Table) -> tuple[AccessPath, ...]:
    """Every way to read the table without a scan: by its keys, then by each index."""
    paths = [AccessPath("table", "GetItem", condition(planned, len(planned.sks)), "one item, all attributes")]
    if planned.sk is not None:
        paths.append(AccessPath("table", "Query", condition(planned), f"items of one {planned.pk.name}"))
        paths.append(AccessPath("table", "Query", condition(planned, 1, range_of=True), "a range of them"))
    for index in planned.indexes:
        paths.append(AccessPath(index.name, "Query", condition(index), projection(index)))
        for length in range(1, len(index.sks) + 1):
            returns = f"a range of them; {projection(index)}"
            paths.append(AccessPath(index.name, "Query", condition(index, length, range_of=True), returns))
    return tuple(paths)


def access_table(planned: Table) -> str:
    return table(
        ("Through", "Operation", "Key condition", "Returns"),
        [
            (
                code(path.through) if path.through != "table" else "table",
                path.operation,
                code(path.condition),
                path.returns,
            )
            for path in access_paths(planned)
        ],
    )


def keys_table(planned: Table) -> str:
    """The key schema of the table and of each index."""
    rows = [("table", key(planned.pks), key(planned.sks), "-")]
    rows += [(code(index.name), key(index.pks), key(index.sks), projection(index)) for index in planned.indexes]
    return table(("Where", "Partition key", "Sort key", "Projection"), rows)


def entities_table(planned: Table) -> str:
    """How each kind of item makes its keys; the index keys that an entity fills say in which index it appears."""
    rows = []
    for entity in planned.entities:
        declared = {attribute.name for attribute in entity.attributes}
        appears = [
            code(index.name)
            for index in planned.indexes
            if declared.issuperset(each.name for each in (*index.pks, *index.sks))
        ]
        rows.append(
            (
                code(entity.name),
                code(entity.source_table),
                code(entity.pk_template),
                code(entity.sk_template),
                ", ".join(appears) or "no index",
            )
        )
    return table(
        ("Entity", "From", code(planned.pk.name), code(planned.sk.name) if planned.sk else "Sort key", "Appears in"),
        rows,
    )


def attributes_table(planned: Table) -> str:
    """Every attribute the contract declares, with where its value comes from."""
    return table(
        ("Attribute", "Type", "From"),
        [
            (
                code(attribute.name),
                attribute.type,
                ", ".join(code(f"{attribute.source_table}.{column}") for column in attribute.source_column),
            )
            for attribute in planned.attributes
        ],
    )


def projection(index: Index) -> str:
    """`ALL`, `KEYS_ONLY`, or INCLUDE with its attributes."""
    if index.projection != "INCLUDE":
        return index.projection
    return f"INCLUDE {', '.join(code(name) for name in index.projected)}"


def how(index: Index) -> str:
    """How an index with several attributes in a key is asked, to stand behind its name; "" for any other."""
    if len(index.pks) < 2 and len(index.sks) < 2:
        return ""
    return ": every attribute of its partition key, its sort key's from the left"


def key(said: Sequence[Key]) -> str:
    """`a` (S), or `a` (S), `b` (N)."""
    return ", ".join(f"{code(each.name)} ({each.type})" for each in said) or "none"


def condition(of: Table | Index, length: int = 0, *, range_of: bool = False) -> str:
    """A key condition on the whole partition key and the first `length` attributes of the sort key.

    With `range_of` the last one of those is a range: DynamoDB takes one there alone, and none is left out before it.
    """
    parts = [*_equal(of.pks, "pk"), *_equal(of.sks[: length - range_of], "sk")]
    last = of.sks[length - 1] if range_of else None
    if last is not None:
        ranged = f"begins_with({last.name}, :start)" if last.type == "S" else f"{last.name} BETWEEN :low AND :high"
        parts.append(ranged)
    return " AND ".join(parts)


def _equal(keys: Sequence[Key], called: str) -> list[str]:
    """`a = :pk`; of several attributes `a = :pk1`, `b = :pk2`."""
    return [f"{each.name} = :{place}" for place, each in placed(keys, called).items()]


def placed(keys: Sequence[Key], called: str) -> dict[str, Key]:
    """The attributes of a key by their placeholders: `pk`; of several `pk1`, `pk2`, ..."""
    return {f"{called}{number if len(keys) > 1 else ''}": each for number, each in enumerate(keys, start=1)}
