"""How is a contract's table shown to people? Its keys, indexes, entities, attributes and access patterns as Markdown.

The contract names access patterns (`AP1`) without saying which key serves which: so every way to read a table is listed
and the names stand with the table, none is assigned by guessing.
"""

from __future__ import annotations

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
    paths = [AccessPath("table", "GetItem", _condition(planned.pk, planned.sk), "one item, all attributes")]
    if planned.sk is not None:
        paths.append(AccessPath("table", "Query", _condition(planned.pk), f"items of one {planned.pk.name}"))
        paths.append(AccessPath("table", "Query", _condition(planned.pk, planned.sk, range_of=True), "a range of them"))
    for index in planned.indexes:
        paths.append(AccessPath(index.name, "Query", _condition(index.pk), projection(index)))
        if index.sk is not None:
            condition = _condition(index.pk, index.sk, range_of=True)
            paths.append(AccessPath(index.name, "Query", condition, f"a range of them; {projection(index)}"))
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
    rows = [("table", key(planned.pk), key(planned.sk), "-")]
    rows += [(code(index.name), key(index.pk), key(index.sk), projection(index)) for index in planned.indexes]
    return table(("Where", "Partition key", "Sort key", "Projection"), rows)


def entities_table(planned: Table) -> str:
    """How each kind of item makes its keys; the index keys that an entity fills say in which index it appears."""
    rows = []
    for entity in planned.entities:
        declared = {attribute.name for attribute in entity.attributes}
        appears = [
            code(index.name)
            for index in planned.indexes
            if index.pk.name in declared and (index.sk is None or index.sk.name in declared)
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


def key(said: Key | None) -> str:
    return f"{code(said.name)} ({said.type})" if said else "none"


def _condition(pk: Key, sk: Key | None = None, *, range_of: bool = False) -> str:
    if sk is None:
        return f"{pk.name} = :pk"
    if not range_of:
        return f"{pk.name} = :pk AND {sk.name} = :sk"
    if sk.type == "S":
        return f"{pk.name} = :pk AND begins_with({sk.name}, :start)"
    return f"{pk.name} = :pk AND {sk.name} BETWEEN :low AND :high"
