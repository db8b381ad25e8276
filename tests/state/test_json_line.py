"""A line is read once and every field of it counted: one that is there twice is found wherever it is."""

from __future__ import annotations

import json
from typing import Any

import pytest

from state.json_line import read_object
from state.json_values import Misread

FIELD = '"x":1,"x":2'
LINES = [
    f"{{{FIELD}}}",
    f'{{"by":{{"git":"a"}},{FIELD}}}',
    f'{{"a":1,"by":{{{FIELD}}}}}',
    f'{{"by":1,"to":{{{FIELD}}}}}',
    f'{{"by":{{"git":"a"}},"to":{{{FIELD}}}}}',
    f'{{"by":{{"git":{{{FIELD}}}}}}}',
    f'{{"list":[{{"a":1}},{{{FIELD}}}]}}',
    '{"a":"{","x":1,"x":2}',
    '{"a":"\\":","x":1,"x":2}',
    '{"x" :1,"x":2}',
]


@pytest.mark.parametrize("line", LINES)
def test_a_field_that_is_there_twice_is_refused_wherever_it_is(line: str) -> None:
    with pytest.raises(Misread, match="field `x`: expected one field of this name, seen 2"):
        read_object(line.encode())


@pytest.mark.parametrize(
    "value",
    [
        {},
        {"a": "{"},
        {"a": '{"x":1'},
        {"a": '":', "by": {"git": '":"'}},
        {"by": {}, "a": {"by": {"x": 1}}},
        {"by": "{", "a": {"x": 1, "y": 2}},
        {"by": [{"x": 1}]},
    ],
)
def test_what_is_there_once_is_read(value: dict[str, Any]) -> None:
    assert read_object(json.dumps(value, separators=(",", ":")).encode()) == value
