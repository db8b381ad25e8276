"""Does the output validation see what somebody did to the account after the last document was written?"""

from __future__ import annotations

from pathlib import Path

import pytest

from phases.stage_06 import paths
from phases.stage_06.template.template import load_template, minified
from tests.worlds.deployed_world import REGION
from tests.worlds.finished_stage import failed, finished_stage, look
from tests.worlds.step_world import StepWorld
from workflow.sandbox.inprocess import Sandbox

pytestmark = pytest.mark.slow


@pytest.fixture
def world(tmp_path: Path, own_sandbox: Sandbox) -> StepWorld:
    return finished_stage(tmp_path, own_sandbox)


def test_live_tables_changed_by_hand_are_seen_by_the_boxes_they_concern(world: StepWorld, own_sandbox: Sandbox) -> None:
    dynamodb = own_sandbox.client("dynamodb", REGION)
    boxes = ("GSI Configuration", "Safety Settings", "Contract Compliance", "Table Configuration")

    dynamodb.update_table(TableName="Products", DeletionProtectionEnabled=False)
    protection = failed(look(world, *boxes))
    dynamodb.update_table(TableName="Products", GlobalSecondaryIndexUpdates=[{"Delete": {"IndexName": "ByCategory"}}])
    index = failed(look(world, *boxes))
    dynamodb.delete_table(TableName="Products")
    dynamodb.create_table(
        TableName="Products",
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "ProductId", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "ProductId", "AttributeType": "S"}],
    )
    key = failed(look(world, *boxes))

    assert protection == ["Safety Settings: live tables without deletion protection"]
    assert "GSI Configuration: live indexes" in index
    assert "Contract Compliance: live tables against the contract" in index
    assert "Table Configuration: live keys" in key


def test_a_stack_updated_without_retain_is_seen_although_the_file_says_retain(
    world: StepWorld, own_sandbox: Sandbox
) -> None:
    stack = str(world.data("3.2")["stack_name"])
    template = load_template(world.read(paths.TEMPLATE))
    products = template["Resources"]["ProductsTable"]
    products["DeletionPolicy"] = "Delete"
    products["Properties"]["Tags"][0]["Value"] = "changed"
    own_sandbox.client("cloudformation", REGION).update_stack(StackName=stack, TemplateBody=minified(template))
    assert own_sandbox.settle(stack, REGION) == "UPDATE_COMPLETE"

    checks = look(world, "Safety Settings", "Template Validation")

    assert [(check.name, check.seen) for check in checks if check.verdict == "fail"] == [
        ("Safety Settings: deployed tables without Retain", "ProductsTable"),
        ("Template Validation: deployed template", "another one"),
    ]


def test_a_stack_that_was_deleted_is_seen_although_its_tables_stay(world: StepWorld, own_sandbox: Sandbox) -> None:
    stack = str(world.data("3.2")["stack_id"])
    own_sandbox.client("cloudformation", REGION).delete_stack(StackName=stack)
    own_sandbox.settle(stack, REGION)

    names = failed(look(world, "Successful Deployment"))

    assert names == ["Successful Deployment: stack"]
