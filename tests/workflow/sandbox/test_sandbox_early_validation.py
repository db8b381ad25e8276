"""Early validation and its events, deployment modes and aliases: CloudFormation as botocore 1.44.5 describes it."""

from __future__ import annotations

import pytest
from botocore.exceptions import ClientError

from tests.worlds.sandbox_world import World, alarm, stack_of, table, topic

pytestmark = pytest.mark.slow


def test_a_name_that_is_taken_fails_the_change_set_and_nothing_is_made(world: World) -> None:
    world.deploy(stack_of(Users=table()), stack="first")
    change_set = world.change_set(stack_of(Users=table(), Topic=topic()), stack="second")
    described = world.described(change_set)
    assert described["Status"] == "FAILED"
    assert "[AWS::EarlyValidation::ResourceExistenceCheck]" in described["StatusReason"]
    assert world.found(change_set) == (
        "FAIL /Resources/Users: Resource of type 'AWS::DynamoDB::Table' with identifier 'Users' already exists."
    )
    with pytest.raises(ClientError, match="InvalidChangeSetStatus"):
        world.cloudformation.execute_change_set(ChangeSetName=change_set)


def test_without_validation_it_fails_when_it_is_made(world: World) -> None:
    world.deploy(stack_of(Users=table()), stack="first")
    assert world.deploy(stack_of(Users=table()), stack="second", DisableValidation=True) == "ROLLBACK_COMPLETE"
    bad = stack_of(Users=table("Others", BillingMode="ON_DEMAND"))
    assert world.deploy(bad, stack="third", DisableValidation=True) == "ROLLBACK_COMPLETE"
    assert "ON_DEMAND" in world.reason("Users", "third")


def test_a_warning_is_told_and_ends_nothing(world: World) -> None:
    world.faults.find("Users", "QUOTA", "2,500 of 2,500 tables")
    change_set = world.change_set(stack_of(Users=table(), Throttled=alarm()))
    assert world.described(change_set)["Status"] == "CREATE_COMPLETE"
    assert world.found(change_set) == "WARN /Resources/Users: 2,500 of 2,500 tables"
    world.faults.clear()
    assert world.found(world.change_set(stack_of(Users=table()), stack="other")) == ""


def test_the_creation_of_a_change_set_is_an_operation(world: World) -> None:
    made = world.cloudformation.create_change_set(
        StackName="s",
        ChangeSetName="c",
        ChangeSetType="CREATE",
        TemplateBody='{"Resources": {"T": {"Type": "AWS::SNS::Topic"}}}',
    )
    before = world.cloudformation.describe_events(ChangeSetName=made["Id"])["OperationEvents"]
    assert [(each["OperationType"], each["OperationStatus"]) for each in before] == [
        ("CREATE_CHANGESET", "IN_PROGRESS")
    ]
    world.described(made["Id"])
    (after,) = world.cloudformation.describe_events(ChangeSetName="c", StackName="s")["OperationEvents"]
    assert after["OperationStatus"] == "SUCCEEDED"
    by_id = world.cloudformation.describe_events(OperationId=after["OperationId"])["OperationEvents"]
    assert by_id == [after]


def test_the_events_of_a_stack_are_told_by_operation_and_its_failures_alone(world: World) -> None:
    world.faults.fail_resource("Throttled", "no")
    world.deploy(stack_of(Users=table(), Throttled=alarm()))
    events = world.cloudformation.describe_events(StackName="s")["OperationEvents"]
    assert {each["OperationType"] for each in events} == {
        "CREATE_CHANGESET",
        "CREATE_STACK",
        "ROLLBACK",
        "DELETE_STACK",
    }
    failed = world.cloudformation.describe_events(StackName="s", Filters={"FailedEvents": True})["OperationEvents"]
    assert [(each["EventType"], each["LogicalResourceId"]) for each in failed] == [("PROVISIONING_ERROR", "Throttled")]
    of_stack = world.cloudformation.describe_stack_events(StackName="s")["StackEvents"]
    assert {each["OperationId"] for each in of_stack if each.get("OperationId")} == {failed[0]["OperationId"]}


def test_what_is_asked_for_must_be_named_and_there(world: World) -> None:
    for asked in ({}, {"OperationId": "2f0b3f54-0000-0000-0000-000000000000"}, {"StackName": "s"}):
        with pytest.raises(ClientError, match="ValidationError"):
            world.cloudformation.describe_events(**asked)


def test_express_is_complete_before_its_tables_are_ready(world: World) -> None:
    assert world.deploy(stack_of(Users=table()), DeploymentConfig={"Mode": "EXPRESS"}) == "CREATE_COMPLETE"
    assert world.stack()["DeploymentConfig"]["Mode"] == "EXPRESS"
    assert [world.table()["TableStatus"] for _ in range(4)] == ["CREATING", "CREATING", "ACTIVE", "ACTIVE"]
    world.deploy(stack_of(Users=table(), Others=table("Others")))
    assert world.stack()["DeploymentConfig"]["Mode"] == "STANDARD"
    assert world.table("Others")["TableStatus"] == "ACTIVE"


def test_an_alias_stands_for_the_name_until_it_is_removed(world: World) -> None:
    world.deploy(stack_of(Users=table()))
    world.cloudformation.set_alias(StackName="s", AliasName="shop")
    assert (world.stack("shop")["StackName"], world.stack("shop")["AliasName"]) == ("s", "shop")
    with pytest.raises(ClientError, match="already exists and cannot be created again"):
        world.change_set(stack_of(Topic=topic()), stack="shop")
    with pytest.raises(ClientError, match="AlreadyExistsException"):
        world.cloudformation.set_alias(StackName="s", AliasName="shop")
    world.cloudformation.remove_alias(AliasName="shop")
    with pytest.raises(ClientError, match="does not exist"):
        world.stack("shop")
