"""Pairs of contracts at random: what is deployed, and what it is to become, some index changes further."""

from __future__ import annotations

import copy
import random
from typing import Any

from tests.worlds.contract_builder import attribute

NAMES = ("A", "B", "C", "D", "E", "F")
Document = dict[str, Any]


def index(rng: random.Random, name: str, attributes: list[str]) -> Document:
    hashes, ranges = rng.choice(((1, 0), (1, 1), (1, 1), (2, 0), (2, 2), (1, 3), (3, 1), (4, 2)))
    keys = rng.sample(attributes, hashes + ranges)
    pk, sk = keys[:hashes], keys[hashes:]
    made: Document = {"index_name": name, "pk": pk, "sk": sk or None, "projection": "ALL"}
    kind = rng.choice(("ALL", "KEYS_ONLY", "INCLUDE"))
    return {**made, "projection": kind} | ({"projected_attributes": ["Note"]} if kind == "INCLUDE" else {})


def table(rng: random.Random, name: str) -> Document:
    attributes = [attribute("Id"), attribute("Note")]
    attributes += [attribute(each, rng.choice(("S", "N", "B"))) for each in NAMES]
    wanted = rng.sample(NAMES, rng.randint(0, 4))
    return {
        "table": name,
        "type": "single-entity",
        "source_table": "orders",
        "pk": "Id",
        "sk": None,
        "gsis": [index(rng, f"By{each}", list(NAMES)) for each in wanted],
        "attributes": attributes,
        "satisfies": ["AP1"],
        "estimated_item_size_bytes": 100,
    }


def changed(rng: random.Random, before: Document) -> tuple[Document, bool]:
    """The contract further on, and whether DynamoDB never does a part of it: a key, a projection or a type changes."""
    after = copy.deepcopy(before)
    never = False
    for each in after["tables"]:
        for _ in range(rng.randint(0, 5)):
            gone = [one for one in each["gsis"] if rng.random() < 0.4][:1]
            each["gsis"] = [one for one in each["gsis"] if one not in gone]
            if not gone:
                name = f"New{rng.randrange(6)}"
                if name not in [one["index_name"] for one in each["gsis"]]:
                    each["gsis"].append(index(rng, name, list(NAMES)))
    spoiled = rng.random()
    first = after["tables"][0]
    kept = [one for one in first["gsis"] if one in before["tables"][0]["gsis"]]
    if spoiled < 0.1:
        first["pk"], never = "A", True
    elif spoiled < 0.25 and kept:
        several = rng.choice(("pk", "sk"))
        keys = kept[0][several] or []
        kept[0][several] = keys[::-1] if len(keys) > 1 else [*keys, "Id"]
        never = True
    elif spoiled < 0.4 and kept:
        kept[0].pop("projected_attributes", None)
        kept[0]["projection"] = "KEYS_ONLY" if kept[0]["projection"] == "ALL" else "ALL"
        never = True
    if rng.random() < 0.3:
        after["tables"].append(table(rng, "Later"))
    if rng.random() < 0.2 and not never:
        after["tables"] = after["tables"][1:]
    return after, never


def pair(seed: int) -> tuple[Document, Document, bool]:
    """What is deployed, what it is to become, and whether that is refused."""
    rng = random.Random(seed)
    before = {"tables": [table(rng, name) for name in ("Orders", "Users")]}
    return before, *changed(rng, before)
