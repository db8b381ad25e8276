"""Does anything but BadInput ever come out of the reader? Arbitrary bytes, arbitrary JSON, good contracts spoilt."""

from __future__ import annotations

import json
from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from phases.contract.model import Contract
from phases.contract.reader import read_contract
from state.errors import BadInput
from tests.worlds.contract_builder import PATH, attribute, entity, index, table

KEYS = [
    *("tables", "table", "type", "source_table", "pk", "sk", "gsis", "entities", "attributes", "satisfies"),
    *("estimated_item_size_bytes", "index_name", "name", "projection", "projected_attributes", "entity_type"),
    *("source_column", "join", "calculation", "transformation", "joins", "construction"),
]
WORDS = st.sampled_from(["Table", "GSI", "multi-entity", "single-entity", "S", "N", "M", "INCLUDE", "chain", "Orders"])
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | WORDS
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(KEYS) | st.text(max_size=4), inner, max_size=5)
    ),
    max_leaves=25,
)
GOOD: list[Any] = [
    {"tables": [table(), table("Other", gsis=[index(projection="INCLUDE", projected_attributes=["Note"])])]},
    {
        "tables": [
            table(type="multi-entity", entities=[entity("E", attribute("A", join={"type": "chain", "joins": []}))])
        ]
    },
    [
        {
            **table(),
            "type": "Table",
            "attributes": {"OrderId": {"type": "S", "source_table": "o", "source_column": "c"}},
        },
        {"type": "GSI", "table": "Orders", "name": "ByNote", "pk": "Note", "attributes": {"Note": {"type": "S"}}},
    ],
]


def read_or_refuse(data: bytes) -> Contract | None:
    try:
        return read_contract(data, path=PATH)
    except BadInput as error:
        assert str(error)
        str(error).encode("utf-8")  # a message that cannot be printed is no message
        return None


def places(document: Any) -> list[list[str | int]]:
    found: list[list[str | int]] = [[]]
    children: Any = ()
    if isinstance(document, dict):
        children = document.items()
    elif isinstance(document, list):
        children = enumerate(document)
    for key, value in children:
        found += [[key, *rest] for rest in places(value)]
    return found


@pytest.mark.slow
@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=60))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    read_or_refuse(data)


@pytest.mark.slow
@settings(max_examples=300, deadline=None)
@given(VALUES)
def test_any_json_is_read_or_refused(value: Any) -> None:
    read_or_refuse(json.dumps(value).encode())


@pytest.mark.slow
@settings(max_examples=400, deadline=None)
@given(st.data(), st.sampled_from(GOOD), VALUES)
def test_a_good_contract_with_one_value_replaced_is_read_or_refused(data: Any, good: Any, value: Any) -> None:
    document = deepcopy(good)
    *path, last = data.draw(st.sampled_from(places(document)[1:]))
    holder = document
    for key in path:
        holder = holder[key]
    holder[last] = value
    contract = read_or_refuse(json.dumps(document).encode())
    if contract is not None:
        for each in contract.tables:
            assert each.key_attributes()
            assert {key.type for key in each.key_attributes()} <= {"S", "N", "B"}
