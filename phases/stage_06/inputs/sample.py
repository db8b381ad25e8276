"""Where is the sample of stage 02, and what does the demo change in it? In `artifacts/` of a clone, beside this file in
an installed package.
"""

from __future__ import annotations

import json
from pathlib import Path

_IN_CLONE = Path(__file__).parents[3] / "artifacts" / "stage-02"


def sample_contract() -> bytes:
    """The bytes of the sample contract that the demo runs on."""
    return _sample("sample_contract.json", "migrationContract.json")


def sample_patterns() -> bytes:
    """What stage 02 says about the sample's access patterns."""
    return _sample("sample_data_model.md", "dynamodb_data_model.md")


def with_attribute(contract: bytes) -> bytes:
    """The contract with one attribute more, which is no key, in its last table."""
    return _with(contract, ["Colour"], [])


def with_two_indexes(contract: bytes) -> bytes:
    """The contract with two indexes more on its last table, each by an attribute of its own."""
    return _with(contract, ["Owner", "Place"], ["ByOwner", "ByPlace"])


def _with(contract: bytes, attributes: list[str], indexes: list[str]) -> bytes:
    document = json.loads(contract)
    table = document["tables"][-1]
    like = table["attributes"][-1]
    table["attributes"] += [{**like, "name": name, "type": "S", "source_column": name.lower()} for name in attributes]
    made = zip(indexes, attributes, strict=False)
    table["gsis"] += [{"index_name": index, "pk": name, "sk": None, "projection": "ALL"} for index, name in made]
    return (json.dumps(document, indent=2) + "\n").encode()


def _sample(in_package: str, in_clone: str) -> bytes:
    packaged = Path(__file__).with_name(in_package)
    return (packaged if packaged.exists() else _IN_CLONE / in_clone).read_bytes()
