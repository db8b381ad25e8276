"""A contract whose one table has an index for each number of key attributes: one to four HASH, none to four RANGE."""

from __future__ import annotations

from typing import Any

from tests.worlds.contract_builder import attribute

HASHES, RANGES = ("A1", "A2", "A3", "A4"), ("B1", "B2", "B3", "B4")
SIZES = [(hashes, ranges) for hashes in range(1, 5) for ranges in range(5)]
TYPES = ("S", "N", "B", "S")


def an_index(hashes: int, ranges: int) -> dict[str, Any]:
    """The index of that size; a key of one attribute is written as a text, as ever."""
    pk, sk = list(HASHES[:hashes]), list(RANGES[:ranges])
    return {
        "index_name": f"H{hashes}R{ranges}",
        "pk": pk if hashes > 1 else pk[0],
        "sk": sk if ranges > 1 else next(iter(sk), None),
        "projection": "ALL",
    }


def pattern(hashes: int, ranges: int) -> str:
    """An access pattern that reads through it: a range on the last attribute of the sort key."""
    equal = [*HASHES[:hashes], *RANGES[: max(ranges - 1, 0)]]
    parts = [f"{name} = :{name.lower()}" for name in equal]
    parts += [f"{RANGES[ranges - 1]} BETWEEN :low AND :high"] if ranges else []
    return f"AP{hashes}{ranges}: Query H{hashes}R{ranges} by {' and '.join(parts)}"


def contract() -> dict[str, Any]:
    """Twenty indexes, which is all that a table may have."""
    kinds = zip((*HASHES, *RANGES), TYPES * 2, strict=True)
    matches = {
        "table": "Matches",
        "type": "single-entity",
        "source_table": "matches",
        "pk": "Id",
        "sk": None,
        "gsis": [an_index(*size) for size in SIZES],
        "attributes": [attribute("Id"), attribute("Note"), *(attribute(name, kind) for name, kind in kinds)],
        "satisfies": [pattern(*size) for size in SIZES],
        "estimated_item_size_bytes": 512,
    }
    return {"tables": [matches]}
