"""Do the guide's programs run as they stand, for every key shape and every attribute type, and leave nothing?"""

from __future__ import annotations

from typing import Any

import pytest

from phases.contract.model import Attribute, Table
from phases.stage_06.chapters.example_items import example
from phases.stage_06.chapters.python_example import python_program
from tests.worlds.deployed_world import REGION
from tests.worlds.example_programs import KEY_SHAPES, create, expected_lines, run_program, table
from workflow.sandbox.inprocess import Sandbox

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("shape", KEY_SHAPES, ids=lambda shape: shape.name)
def test_the_python_program_of_every_key_shape_runs_and_leaves_nothing(
    shape: Table, sandbox: Sandbox, session: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    dynamodb = sandbox.client("dynamodb", REGION)
    create(dynamodb, shape)

    lines = run_program(python_program(example(shape), region=REGION, variable="A_TABLE"), session, monkeypatch)

    assert lines == expected_lines(shape, new="43")
    assert dynamodb.scan(TableName=shape.name)["Count"] == 0


@pytest.mark.parametrize("kind", ["S", "N", "B", "BOOL", "NULL", "M", "L", "SS", "NS", "BS"])
def test_an_attribute_of_every_type_is_written_and_read(
    kind: Any, sandbox: Sandbox, session: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    odd = table(f"Type-{kind}", attributes=(Attribute('odd "na\\me"', kind, "t", ("c",)),))
    create(sandbox.client("dynamodb", REGION), odd)

    lines = run_program(python_program(example(odd), region=REGION, variable="A_TABLE"), session, monkeypatch)

    assert lines[2] == "get: 2 attributes"
    assert lines[-1] == "delete: 2 items"
