"""A good contract of one table, small, to change one thing in."""

from __future__ import annotations

import json
from copy import deepcopy
from typing import Any

from phases.contract.model import Contract
from phases.contract.reader import read_contract
from state.errors import BadInput

PATH = "artifacts/stage-02/migrationContract.json"


def attribute(name: str, kind: str = "S", **more: Any) -> dict[str, Any]:
    return {"name": name, "type": kind, "source_table": "orders", "source_column": "id", **more}


def index(name: str = "ByStatus", pk: Any = "Status", sk: Any = "Placed", **more: Any) -> dict[str, Any]:
    return {"index_name": name, "pk": pk, "sk": sk, **more}


def table(name: str = "Orders", **changes: Any) -> dict[str, Any]:
    """A single-entity table with one index; keys of type S, N and B among its attributes."""
    good: dict[str, Any] = {
        "table": name,
        "type": "single-entity",
        "source_table": "orders",
        "pk": "OrderId",
        "sk": "Line",
        "gsis": [index()],
        "attributes": [
            attribute("OrderId"),
            attribute("Line", "N"),
            attribute("Status"),
            attribute("Placed", "N"),
            attribute("Token", "B"),
            attribute("Note"),
        ],
        "satisfies": ["AP1"],
        "estimated_item_size_bytes": 512,
    }
    return {key: value for key, value in {**good, **deepcopy(changes)}.items() if value is not ...}


def entity(name: str, *attributes: dict[str, Any]) -> dict[str, Any]:
    return {
        "entity_type": name,
        "source_table": "orders",
        "pk_template": "{id}",
        "sk_template": "#",
        "attributes": list(attributes),
    }


def encode(*tables: Any) -> bytes:
    return json.dumps({"tables": list(tables)}).encode()


def read(*tables: Any) -> Contract:
    return read_contract(encode(*tables), path=PATH)


def problems(data: bytes) -> dict[str, str]:
    """What is refused: JSON path -> message (joined when a place has several)."""
    try:
        read_contract(data, path=PATH)
    except BadInput as error:
        found: dict[str, list[str]] = {}
        for problem in error.problems:
            found.setdefault(problem.where, []).append(problem.message)
        return {where: " / ".join(messages) for where, messages in found.items()}
    return {}
