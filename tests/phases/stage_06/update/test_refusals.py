"""What does task 3.1 refuse of a deployed stack? All of it at once, before anything is proposed."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest

from phases.contract.model import Contract
from phases.stage_06.stack.change_set import table_losses
from phases.stage_06.template.template import load_template
from phases.stage_06.update.refusals import refusals
from state.errors import StepFailed
from tests.worlds.deploying import CONTRACT, STACK, Deploying
from tests.worlds.planned_tables import an_index, table

SECOND = "stage-06-20260203-040506"


def without_change_set(deploying: Deploying, contract: dict[str, Any]) -> StepFailed:
    """The refusal of task 3.1 of a second run with this contract; nothing was proposed."""
    deploying.up_to("3.2")
    made = deploying.sandbox.calls.count(("cloudformation", "CreateChangeSet"))
    deploying.world.new_run(SECOND)
    deploying.take_contract(contract)
    with pytest.raises(StepFailed) as refused:
        deploying.run("3.1")
    assert deploying.sandbox.calls.count(("cloudformation", "CreateChangeSet")) == made
    return refused.value


def places(refused: StepFailed) -> list[str]:
    return [problem.where for problem in refused.problems]


@pytest.mark.slow
def test_keys_and_projections_under_one_name_are_all_refused(deploying: Deploying) -> None:
    contract = copy.deepcopy(CONTRACT)
    users = contract["tables"][0]
    users["pk"] = "Name"
    users["gsis"][0]["sk"] = None
    users["gsis"][1] |= {"projection": "ALL"}
    del users["gsis"][1]["projected_attributes"]
    refused = without_change_set(deploying, contract)
    assert places(refused) == ["Users", "Users.ByMail", "Users.ByHash"]
    assert "give it another name" in str(refused)
    assert "abort" in refused.next_command


@pytest.mark.slow
def test_a_type_that_changes_under_an_index_is_refused(deploying: Deploying) -> None:
    contract = copy.deepcopy(CONTRACT)
    next(each for each in contract["tables"][0]["attributes"] if each["name"] == "Seen")["type"] = "S"
    refused = without_change_set(deploying, contract)
    assert places(refused) == ["Users.ByMail"]
    assert "RANGE Seen (N)" in str(refused)


@pytest.mark.slow
def test_an_export_in_use_keeps_its_table(deploying: Deploying) -> None:
    deploying.up_to("3.2")
    cloudformation = deploying.client("cloudformation")
    topic = {"Type": "AWS::SNS::Topic", "Properties": {"DisplayName": {"Fn::ImportValue": f"{STACK}-UsersTableName"}}}
    cloudformation.create_stack(StackName="reader", TemplateBody=json.dumps({"Resources": {"T": topic}}))
    assert deploying.sandbox.settle("reader", "eu-west-1") == "CREATE_COMPLETE"
    deploying.world.new_run(SECOND)
    deploying.take_contract({"tables": CONTRACT["tables"][1:]})
    with pytest.raises(StepFailed) as refused:
        deploying.run("3.1")
    assert places(refused.value) == [f"{STACK}-UsersTableName"]
    assert "in use by stack reader" in str(refused.value)


@pytest.mark.slow
def test_an_export_of_another_stack_keeps_its_name(deploying: Deploying) -> None:
    output = {"Value": "x", "Export": {"Name": f"{STACK}-DashboardName"}}
    body = json.dumps({"Resources": {"T": {"Type": "AWS::SNS::Topic"}}, "Outputs": {"O": output}})
    deploying.client("cloudformation").create_stack(StackName="other", TemplateBody=body)
    deploying.sandbox.settle("other", "eu-west-1")
    with pytest.raises(StepFailed, match="is the name of an export of another stack already"):
        deploying.run("3.1")


LIVE: dict[str, Any] = {
    "TableStatus": "ACTIVE",
    "GlobalSecondaryIndexes": [{"IndexName": "A", "IndexStatus": "ACTIVE"}],
}


@pytest.mark.parametrize(
    ("live", "words"),
    [
        pytest.param(None, "no such table any more", id="gone"),
        pytest.param({**LIVE, "TableStatus": "UPDATING"}, "is UPDATING", id="busy"),
        pytest.param({**LIVE, "LocalSecondaryIndexes": [{"IndexName": "L"}]}, "local indexes (L)", id="local index"),
        pytest.param({"TableStatus": "ACTIVE"}, "deleted behind the stack's back", id="index gone"),
        pytest.param(
            {**LIVE, "GlobalSecondaryIndexes": [*LIVE["GlobalSecondaryIndexes"], {"IndexName": "X"}]},
            "is not the stack's",
            id="index more",
        ),
        pytest.param(
            {**LIVE, "GlobalSecondaryIndexes": [{"IndexName": "A", "IndexStatus": "CREATING"}]},
            "is CREATING",
            id="index under way",
        ),
        pytest.param(
            {**LIVE, "GlobalSecondaryIndexes": [{"IndexName": "A", "IndexStatus": "ACTIVE", "Backfilling": True}]},
            "wait until it is ACTIVE",
            id="index being filled",
        ),
    ],
)
def test_what_is_under_way_or_not_the_stacks_is_refused(live: Any, words: str) -> None:
    was = table(an_index("A"))
    found = list(refusals([was], {"Orders": live}, Contract((was,), "0" * 64)))
    assert len(found) == 1
    assert words in str(found[0])


def test_what_stays_as_it_is_is_not_refused() -> None:
    was = table(an_index("A"))
    assert list(refusals([was], {"Orders": LIVE}, Contract((was,), "0" * 64))) == []


@pytest.mark.slow
def test_a_global_table_in_the_stack_is_refused_by_name(deploying: Deploying) -> None:
    deploying.up_to("3.2")
    cloudformation = deploying.client("cloudformation")
    (stack,) = cloudformation.describe_stacks(StackName=STACK)["Stacks"]
    template = cloudformation.get_template(StackName=STACK, TemplateStage="Original")["TemplateBody"]
    template = copy.deepcopy(template if isinstance(template, dict) else load_template(template.encode()))
    template["Resources"]["Sessions"] = {
        "Type": "AWS::DynamoDB::GlobalTable",
        "Properties": {
            "TableName": "Sessions",
            "BillingMode": "PAY_PER_REQUEST",
            "KeySchema": [{"AttributeName": "Id", "KeyType": "HASH"}],
            "AttributeDefinitions": [{"AttributeName": "Id", "AttributeType": "S"}],
            "Replicas": [{"Region": {"Ref": "AWS::Region"}}],
        },
    }
    cloudformation.update_stack(
        StackName=STACK, TemplateBody=json.dumps(template), Parameters=stack["Parameters"], Tags=stack["Tags"]
    )
    assert deploying.sandbox.settle(STACK, "eu-west-1") == "UPDATE_COMPLETE"
    deploying.world.new_run(SECOND)
    with pytest.raises(StepFailed) as refused:
        deploying.run("3.1")
    assert places(refused.value) == ["Sessions"]
    assert "an AWS::DynamoDB::GlobalTable of the stack" in str(refused.value)


def test_a_global_table_that_leaves_or_is_replaced_is_a_loss() -> None:
    change = {"ResourceType": "AWS::DynamoDB::GlobalTable", "Action": "Remove", "LogicalResourceId": "Sessions"}
    assert [loss.table for loss in table_losses([change])] == ["Sessions"]  # type: ignore[list-item]
