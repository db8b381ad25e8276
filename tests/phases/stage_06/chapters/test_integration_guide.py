"""Can an application be configured and written from the guide, and is its advice the contract's?"""

from __future__ import annotations

import json
from typing import Any

import pytest

from phases.contract.model import Index, Key
from phases.documents.markdown import code_blocks
from phases.stage_06 import paths
from phases.stage_06.chapters.example_items import example_tables, variable_names
from phases.stage_06.chapters.guide_checks import guide_checks
from phases.stage_06.cost import capacity
from phases.stage_06.live.live_deployment import read_deployment
from phases.stage_06.task_5_3_integration import write_integration_guide
from tests.worlds.deployed_world import REGION
from tests.worlds.example_programs import run_program, table
from tests.worlds.step_world import StepWorld
from workflow.sandbox.inprocess import Sandbox

pytestmark = pytest.mark.slow


def test_the_sample_contracts_programs_run(world: StepWorld, session: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    work = world.run(write_integration_guide)
    programs = code_blocks(world.read(paths.INTEGRATION_GUIDE).decode(), "python")

    printed = [run_program(program, session, monkeypatch) for program in programs]

    assert [check.verdict for check in work.checks] == ["pass"] * 6
    assert [lines[-1] for lines in printed] == ["delete: 2 items"] * 3
    assert [line for lines in printed for line in lines if line.startswith("index")] == [
        "index ByEmail: 2 items",
        "index OrdersByStatus: 2 items",
        "index ByCategory: 2 items",
    ]


@pytest.mark.parametrize("taken", [1, 2])
def test_an_item_that_is_there_is_neither_overwritten_nor_deleted(
    world: StepWorld, sandbox: Sandbox, session: Any, monkeypatch: pytest.MonkeyPatch, taken: int
) -> None:
    world.run(write_integration_guide)
    program = code_blocks(world.read(paths.INTEGRATION_GUIDE).decode(), "python")[1]
    dynamodb = sandbox.client("dynamodb", REGION)
    mine = {"ProductId": {"N": str(900_000_000 + taken)}, "Title": {"S": "mine"}}
    dynamodb.put_item(TableName="Products", Item=mine)

    with pytest.raises(Exception, match="onditional"):
        run_program(program, session, monkeypatch)

    left = dynamodb.scan(TableName="Products")["Items"]
    dynamodb.delete_item(TableName="Products", Key={"ProductId": mine["ProductId"]})
    assert left == [mine]


def test_the_configuration_block_is_the_environment_of_the_programs(world: StepWorld) -> None:
    work = world.run(write_integration_guide)

    block = json.loads(code_blocks(world.read(paths.INTEGRATION_GUIDE).decode(), "json")[0])
    assert block == work.data["environment"]
    assert block["MEDIA_FILES_TABLE"] == "media-files"
    assert block["AWS_REGION"] == REGION
    assert block["AWS_SECRET_ACCESS_KEY"] == "sandbox"  # said because this is the sandbox


def test_a_real_deployment_puts_no_credentials_and_no_endpoint_into_the_configuration(
    world: StepWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(world.aws, "_sandbox", False)

    work = world.run(write_integration_guide)

    assert set(work.data["environment"]) == {"AWS_REGION", "CUSTOMERS_TABLE", "PRODUCTS_TABLE", "MEDIA_FILES_TABLE"}
    text = world.read(paths.INTEGRATION_GUIDE).decode()
    assert "https://dynamodb.eu-west-1.amazonaws.com" in text
    assert "sandbox" not in text


@pytest.mark.parametrize(
    ("old", "new", "seen_by"),
    [
        ('"AWS_REGION": "eu-west-1"', '"AWS_REGION": "us-east-1"', "region in the configuration"),
        ('"PRODUCTS_TABLE": "Products"', '"PRODUCTS_TABLE": "Product"', "tables missing from the configuration"),
        ("table/media-files`", "table/media`", "tables without their live ARN"),
        ("import boto3", "import boto3 as", "Python programs that compile"),
        ("```python\n", "```text\n", "Python programs that compile"),
        ("```ts\n", "```text\n", "TypeScript programs"),
    ],
)
def test_a_guide_that_is_wrong_is_seen(world: StepWorld, old: str, new: str, seen_by: str) -> None:
    world.run(write_integration_guide)
    text = world.read(paths.INTEGRATION_GUIDE).decode()
    assert old in text

    checks = guide_checks(text.replace(old, new, 1), read_deployment(world.ctx()))

    assert [check.name for check in checks if check.verdict == "fail"] == [seen_by]


@pytest.mark.parametrize("block", ["{", "[]", ""])
def test_a_configuration_block_that_is_none_is_seen(world: StepWorld, block: str) -> None:
    world.run(write_integration_guide)
    text = world.read(paths.INTEGRATION_GUIDE).decode()
    broken = text.replace(code_blocks(text, "json")[0], f"{block}\n")

    checks = guide_checks(broken, read_deployment(world.ctx()))

    assert [check.name for check in checks if check.verdict == "fail"] == [
        "region in the configuration",
        "tables missing from the configuration",
    ]


def test_one_example_stands_for_each_key_shape_and_shows_the_most_indexes() -> None:
    index = Index("i", (Key("x", "S"),), (), "ALL")
    tables = [table("A"), table("B", indexes=(index,)), table("C", "N"), table("D", "S", "N"), table("E", "N")]

    assert [each.name for each in example_tables(tables)] == ["B", "C", "D"]


def test_environment_variables_are_unique_and_valid_names() -> None:
    names = variable_names([table("a.b"), table("a-b"), table("A_B"), table("2024")])

    assert list(names.values()) == ["A_B_TABLE", "A_B_TABLE_2", "A_B_TABLE_3", "T_2024_TABLE"]


@pytest.mark.parametrize(
    ("size", "reads", "writes"),
    [(1, 0.5, 1), (1024, 0.5, 1), (1025, 0.5, 2), (4096, 0.5, 4), (4097, 1.0, 5), (0, 0.5, 1)],
)
def test_request_units_are_rounded_up_as_dynamodb_does(size: int, reads: float, writes: int) -> None:
    assert (capacity.read_units(size), capacity.write_units(size)) == (reads, writes)
    assert capacity.read_units(size, consistent=True) == 2 * reads


def test_a_put_pays_for_every_index_it_enters() -> None:
    whole, keys = Index("a", (Key("x", "S"),), (), "ALL"), Index("b", (Key("y", "S"),), (), "KEYS_ONLY")

    assert capacity.put_units(table("T", item_bytes=3000, indexes=(whole, keys))) == 3 + 3 + 1


def test_an_item_beyond_the_limit_is_said_before_the_import() -> None:
    assert "refused" in capacity.size_remark(409_601)
    assert "S3" in capacity.size_remark(200_000)
    assert capacity.size_remark(4096) == "1.0 % of the limit"
