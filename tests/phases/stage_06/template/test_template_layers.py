"""What does each layer of the template hold, and does one contract always give the same bytes?"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from phases.contract.model import Contract
from phases.contract.reader import read_contract
from phases.stage_06.template.outputs import output_names
from phases.stage_06.template.template import LAYERS, build_template, logical_id, render
from tests.worlds.contract_builder import attribute, entity, index, read, table

ROOT = Path(__file__).parents[4]


@pytest.fixture(scope="module")
def sample() -> Contract:
    path = "artifacts/stage-02/migrationContract.json"
    return read_contract((ROOT / path).read_bytes(), path=path)


def tables_of(template: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {
        name: resource for name, resource in template["Resources"].items() if resource["Type"] == "AWS::DynamoDB::Table"
    }


def test_task_1_2_makes_tables_with_the_attributes_that_their_own_keys_use(sample: Contract) -> None:
    template = build_template(sample, upto="1.2")
    assert list(template) == ["AWSTemplateFormatVersion", "Description", "Resources"]
    assert list(template["Resources"]) == ["CustomersTable", "ProductsTable", "MediaFilesTable7be7"]
    customers = template["Resources"]["CustomersTable"]["Properties"]
    assert customers["AttributeDefinitions"] == [
        {"AttributeName": "CustomerId", "AttributeType": "S"},
        {"AttributeName": "Record", "AttributeType": "S"},
    ]
    assert "GlobalSecondaryIndexes" not in customers
    for name in ("BillingMode", "SSESpecification", "PointInTimeRecoverySpecification", "StreamSpecification"):
        assert name in customers
    assert customers["BillingMode"] == "PAY_PER_REQUEST"
    products = template["Resources"]["ProductsTable"]["Properties"]
    assert products["KeySchema"] == [{"AttributeName": "ProductId", "KeyType": "HASH"}]
    assert products["AttributeDefinitions"] == [{"AttributeName": "ProductId", "AttributeType": "N"}]


def test_task_1_3_adds_the_indexes_as_the_contract_projects_them(sample: Contract) -> None:
    tables = tables_of(build_template(sample, upto="1.3"))
    customers = tables["CustomersTable"]["Properties"]
    assert customers["GlobalSecondaryIndexes"] == [
        {
            "IndexName": "ByEmail",
            "KeySchema": [{"AttributeName": "Email", "KeyType": "HASH"}],
            "Projection": {"ProjectionType": "KEYS_ONLY"},
        },
        {
            "IndexName": "OrdersByStatus",
            "KeySchema": [
                {"AttributeName": "OrderStatus", "KeyType": "HASH"},
                {"AttributeName": "OrderedAt", "KeyType": "RANGE"},
            ],
            "Projection": {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["OrderTotal", "ItemCount"]},
        },
    ]
    assert [each["AttributeName"] for each in customers["AttributeDefinitions"]] == [
        "CustomerId",
        "Record",
        "Email",
        "OrderStatus",
        "OrderedAt",
    ]


def test_an_attribute_that_several_keys_use_is_defined_once() -> None:
    contract = read(table(gsis=[index("One", "Line", "Placed"), index("Two", "Placed", "OrderId")]))
    definitions = tables_of(build_template(contract))["OrdersTable"]["Properties"]["AttributeDefinitions"]
    assert [each["AttributeName"] for each in definitions] == ["OrderId", "Line", "Placed"]


def test_tables_with_indexes_wait_for_one_another_and_the_others_for_nobody() -> None:
    contract = read(table("First"), table("Plain", gsis=[]), table("Second"), table("Third"))
    waits = {name: each.get("DependsOn") for name, each in tables_of(build_template(contract)).items()}
    assert waits == {"FirstTable": None, "PlainTable": None, "SecondTable": "FirstTable", "ThirdTable": "SecondTable"}
    assert not any("DependsOn" in each for each in tables_of(build_template(contract, upto="1.2")).values())


def test_task_1_4_keeps_tables_whatever_happens_to_the_stack(sample: Contract) -> None:
    for layer, kept in (("1.3", False), ("1.4", True)):
        for each in tables_of(build_template(sample, upto=layer)).values():  # type: ignore[arg-type]
            assert (each.get("DeletionPolicy") == "Retain") is kept
            assert (each.get("UpdateReplacePolicy") == "Retain") is kept
            assert each["Properties"].get("DeletionProtectionEnabled", False) is kept


def test_task_1_4_tags_every_table_with_its_source(sample: Contract) -> None:
    tags = {
        name: {tag["Key"]: tag["Value"] for tag in each["Properties"]["Tags"]}
        for name, each in tables_of(build_template(sample, upto="1.4")).items()
    }
    assert tags["MediaFilesTable7be7"] == {
        "Project": {"Ref": "Project"},
        "Environment": {"Ref": "Environment"},
        "ManagedBy": "phasegate",
        "Stage": "stage-06",
        "SourceTable": "media_files",
    }


def test_a_source_table_that_no_tag_can_hold_is_cut_to_what_it_can() -> None:
    contract = read(table(source_table="größe|`x`" + "y" * 300))
    tags = tables_of(build_template(contract))["OrdersTable"]["Properties"]["Tags"]
    value = next(tag["Value"] for tag in tags if tag["Key"] == "SourceTable")
    assert value.startswith("gr__e__x_y")
    assert len(value) == 256


def test_task_2_1_adds_three_outputs_a_table_and_two_for_the_stack(sample: Contract) -> None:
    assert "Outputs" not in build_template(sample, upto="1.4")
    outputs = build_template(sample)["Outputs"]
    assert list(outputs) == [
        *output_names("Customers"),
        *output_names("Products"),
        *output_names("media-files"),
        "AlarmTopicArn",
        "DashboardName",
    ]
    assert outputs["ProductsTableStreamArn"] == {
        "Description": "ARN of the stream of Products",
        "Value": {"Fn::GetAtt": ["ProductsTable", "StreamArn"]},
        "Export": {"Name": {"Fn::Sub": "${AWS::StackName}-ProductsTableStreamArn"}},
    }


def test_the_same_contract_gives_the_same_bytes(sample: Contract) -> None:
    for layer in LAYERS:
        assert render(sample, upto=layer) == render(sample, upto=layer)


def test_another_table_renames_nothing() -> None:
    alone = read(table("users"))
    crowded = read(table("Users"), table("us_ers"), table("users"))
    mine = {name for name in build_template(alone)["Resources"] if name.startswith(logical_id("users"))}
    assert mine <= set(build_template(crowded)["Resources"])


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Users", "UsersTable"),
        ("UserProfiles2", "UserProfiles2Table"),
        ("users", r"UsersTable[0-9a-f]{4}"),
        ("user-profiles.v2", r"UserProfilesV2Table[0-9a-f]{4}"),
        ("---", r"Table[0-9a-f]{4}"),
        ("A" * 255, r"A{80}Table[0-9a-f]{4}"),
    ],
)
def test_logical_ids_read_like_the_table(name: str, expected: str) -> None:
    assert re.fullmatch(expected, logical_id(name))


@pytest.mark.slow
@given(st.lists(st.from_regex(r"[a-zA-Z0-9_.-]{3,30}", fullmatch=True), unique=True, max_size=8))
def test_logical_ids_are_alphanumeric_short_and_different(names: list[str]) -> None:
    ids = [logical_id(name) for name in names]
    assert all(re.fullmatch(r"[A-Za-z0-9]{1,89}", each) for each in ids)
    assert len(set(ids)) == len(ids)


def test_entities_give_their_attributes_to_the_definitions() -> None:
    contract = read(
        table(
            type="multi-entity",
            attributes=...,
            entities=[
                entity("A", attribute("OrderId", "B"), attribute("Line", "N"), attribute("Status")),
                entity("B", attribute("OrderId", "B"), attribute("Placed", "N")),
            ],
        )
    )
    definitions = tables_of(build_template(contract))["OrdersTable"]["Properties"]["AttributeDefinitions"]
    assert [(each["AttributeName"], each["AttributeType"]) for each in definitions] == [
        ("OrderId", "B"),
        ("Line", "N"),
        ("Status", "S"),
        ("Placed", "N"),
    ]
