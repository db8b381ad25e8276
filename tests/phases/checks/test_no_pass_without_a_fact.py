"""A check that holds whatever the answer is, or by a code that is the shell's own, is refused."""

from __future__ import annotations

import json

import pytest

from phases.checks.reader import read_checks
from state.errors import BadInput
from state.json_values import Json
from tests.worlds.checking import MODELS


def refused(entry: dict[str, Json]) -> str:
    """Why a checks file with this one check is refused; "" where it is taken."""
    checks: Json = {"checks": [{"id": "it", "name": "It", **entry}]}
    try:
        read_checks(json.dumps(checks).encode(), "it.checks.yaml", MODELS)
    except BadInput as error:
        return str(error)
    return ""


def of_table(expression: str, expect: Json) -> dict[str, Json]:
    asked: dict[str, Json] = {"service": "dynamodb", "operation": "describe_table", "parameters": {"TableName": "t"}}
    return {**asked, "expression": expression, "expect": expect}


DECIDES = [
    "Table.ItemCount > `0`",
    "Table.TableStatus == 'DELETING'",
    "!(Table.TableStatus)",
    "contains(Table.TableName, 'x')",
    "Table | starts_with(TableName, 'x')",
    "Table.ItemCount > `0` && Table.TableStatus == 'ACTIVE'",
]


@pytest.mark.parametrize("expect", ["present", "absent"])
@pytest.mark.parametrize("expression", DECIDES)
def test_what_is_true_or_false_is_neither_present_nor_absent(expression: str, expect: str) -> None:
    assert "a comparison is true or false" in refused(of_table(expression, expect))
    assert refused(of_table(expression, {"equals": True})) == ""
    printed: dict[str, Json] = {"command": {"run": "make x", "changes": True}, "expression": "a > `0`"}
    assert "a comparison is true or false" in refused({**printed, "expect": "present"})


@pytest.mark.parametrize(
    "expression", ["Table.ItemCount", "Table.Replicas[?RegionName=='x']", "Table.ItemCount && Table"]
)
def test_what_may_be_missing_is_present_or_not(expression: str) -> None:
    assert refused(of_table(expression, "present")) == ""


@pytest.mark.parametrize("expression", ["`true`", "`[1]`[0]", "'x' == 'x'", '`[{"a": 1}]`[*].a', "length('abc')"])
def test_what_reads_nothing_of_the_answer_is_refused(expression: str) -> None:
    assert "reads nothing of the answer" in refused(of_table(expression, {"equals": True}))


@pytest.mark.parametrize("code", [126, 127, 130, 137])
def test_a_code_of_the_shells_own_is_refused(code: int) -> None:
    command: dict[str, Json] = {"run": f"exit {code}", "exit": code, "changes": True}
    assert "nothing started or a signal ended it" in refused({"command": command})
    for own in (1, 125, 128, 255):
        assert refused({"command": {**command, "exit": own}}) == ""
