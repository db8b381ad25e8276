"""Creating stacks: order, progress, what a failure leaves behind."""

import json

import pytest
from botocore.exceptions import ClientError

from tests.worlds.sandbox_world import World, alarm, refusal, retained, stack_of, table, topic

pytestmark = pytest.mark.slow


def test_a_stack_is_created_one_resource_a_poll(world: World) -> None:
    change_set = world.change_set(stack_of(Throttled=alarm({"Ref": "Users"}), Users=table(), Topic=topic()))
    world.cloudformation.execute_change_set(ChangeSetName=change_set)
    assert world.tables() == []
    seen = []
    while (status := world.stack()["StackStatus"]) == "CREATE_IN_PROGRESS":
        resources = world.cloudformation.list_stack_resources(StackName="s")["StackResourceSummaries"]
        seen.append([r["ResourceStatus"].removeprefix("CREATE_") for r in resources])
    assert seen == [["IN_PROGRESS"], ["COMPLETE", "IN_PROGRESS"], ["COMPLETE", "COMPLETE", "IN_PROGRESS"]]
    assert status == "CREATE_COMPLETE"


def test_every_status_is_an_event_in_its_order(world: World) -> None:
    assert world.deploy(stack_of(Throttled=alarm({"Ref": "Users"}), Users=table())) == "CREATE_COMPLETE"
    assert world.events() == [
        "s REVIEW_IN_PROGRESS",
        "s CREATE_IN_PROGRESS",
        "Users CREATE_IN_PROGRESS",
        "Users CREATE_IN_PROGRESS",
        "Users CREATE_COMPLETE",
        "Throttled CREATE_IN_PROGRESS",
        "Throttled CREATE_IN_PROGRESS",
        "Throttled CREATE_COMPLETE",
        "s CREATE_COMPLETE",
    ]
    events = world.cloudformation.describe_stack_events(StackName="s")["StackEvents"]
    assert events[-4]["ResourceStatusReason"] == "Resource creation Initiated"
    assert len({event["Timestamp"] for event in events}) == len(events)


def test_depends_on_makes_tables_one_after_the_other(world: World) -> None:
    template = stack_of(A=table("Aaa"), B=table("Bbb"))
    template["Resources"]["A"]["DependsOn"] = "B"
    world.deploy(template)
    assert world.events().index("B CREATE_COMPLETE") < world.events().index("A CREATE_IN_PROGRESS")


def test_what_is_deployed_is_really_there(world: World) -> None:
    world.deploy(
        stack_of(
            Users=table(
                PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True},
                SSESpecification={"SSEEnabled": True},
                StreamSpecification={"StreamViewType": "NEW_IMAGE"},
                TimeToLiveSpecification={"Enabled": True, "AttributeName": "expires"},
                DeletionProtectionEnabled=True,
                TableClass="STANDARD_INFREQUENT_ACCESS",
                Tags=[{"Key": "team", "Value": "data"}],
            ),
            Topic=topic(Subscription=[{"Protocol": "email", "Endpoint": "ops@example.com"}]),
            Throttled=alarm({"Ref": "Users"}, AlarmActions=[{"Ref": "Topic"}]),
        ),
        Tags=[{"Key": "project", "Value": "migration"}],
    )
    database = world.client("dynamodb")
    found = world.table()
    assert found["SSEDescription"]["Status"] == "ENABLED"
    assert found["StreamSpecification"]["StreamViewType"] == "NEW_IMAGE"
    assert found["DeletionProtectionEnabled"] is True
    assert found["TableClassSummary"]["TableClass"] == "STANDARD_INFREQUENT_ACCESS"
    backups = database.describe_continuous_backups(TableName="Users")["ContinuousBackupsDescription"]
    assert backups["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"] == "ENABLED"
    ttl = database.describe_time_to_live(TableName="Users")["TimeToLiveDescription"]
    assert (ttl["TimeToLiveStatus"], ttl["AttributeName"]) == ("ENABLED", "expires")
    tags = {t["Key"]: t["Value"] for t in database.list_tags_of_resource(ResourceArn=found["TableArn"])["Tags"]}
    assert (tags["team"], tags["project"]) == ("data", "migration")
    assert tags["aws:cloudformation:stack-name"] == "s" and tags["aws:cloudformation:logical-id"] == "Users"
    (subscription,) = world.client("sns").list_subscriptions()["Subscriptions"]
    (found_alarm,) = world.client("cloudwatch").describe_alarms()["MetricAlarms"]
    assert subscription["Endpoint"] == "ops@example.com"
    assert found_alarm["AlarmActions"] == [subscription["TopicArn"]]
    assert found_alarm["Dimensions"] == [{"Name": "TableName", "Value": "Users"}]


def test_generated_names_are_of_stack_and_logical_id(world: World) -> None:
    world.deploy(stack_of(Users=table(None)))
    (name,) = world.tables()
    assert name.startswith("s-Users-") and len(name) == len("s-Users-") + 12


def test_a_failed_resource_rolls_the_stack_back_and_says_why(world: World) -> None:
    world.faults.fail_resource("Throttled", "the metric is on strike")
    assert world.deploy(stack_of(Users=table(), Throttled=alarm({"Ref": "Users"}))) == "ROLLBACK_COMPLETE"
    assert world.tables() == []
    assert world.events()[5:] == [
        "Throttled CREATE_IN_PROGRESS",
        "Throttled CREATE_FAILED",
        "s ROLLBACK_IN_PROGRESS",
        "Throttled DELETE_COMPLETE",
        "Users DELETE_IN_PROGRESS",
        "Users DELETE_COMPLETE",
        "s ROLLBACK_COMPLETE",
    ]
    assert "the metric is on strike" in [
        event.get("ResourceStatusReason")
        for event in world.cloudformation.describe_stack_events(StackName="s")["StackEvents"]
    ]
    with pytest.raises(ClientError, match="is in ROLLBACK_COMPLETE state and can not be updated"):
        world.change_set(stack_of(Users=table()), kind="UPDATE", name="again")
    assert world.delete() == "DELETE_COMPLETE"


def test_retain_keeps_the_table_of_a_failed_create_and_the_next_try_finds_it(world: World) -> None:
    template = stack_of(Users=retained(table()), Throttled=alarm({"Ref": "Users"}))
    world.faults.fail_resource("Throttled", "no")
    assert world.deploy(template) == "ROLLBACK_COMPLETE"
    assert "Users DELETE_SKIPPED" in world.events()
    assert world.tables() == ["Users"]
    assert world.deploy(template, stack="second", DisableValidation=True) == "ROLLBACK_COMPLETE"
    assert "Resource of type 'AWS::DynamoDB::Table' with identifier 'Users' already exists." in world.reason(
        "Users", "second"
    )
    assert "HandlerErrorCode: AlreadyExists" in world.reason("Users", "second")


def test_retain_except_on_create_takes_the_table_of_a_failed_create_away(world: World) -> None:
    world.faults.fail_resource("Throttled", "no")
    template = stack_of(Users=retained(table()), Throttled=alarm({"Ref": "Users"}))
    assert world.deploy(template, execute={"RetainExceptOnCreate": True}) == "ROLLBACK_COMPLETE"
    assert world.tables() == []


def test_retain_except_on_create_as_a_policy_does_the_same(world: World) -> None:
    world.faults.fail_resource("Throttled", "no")
    users = {**table(), "DeletionPolicy": "RetainExceptOnCreate"}
    assert world.deploy(stack_of(Users=users, Throttled=alarm({"Ref": "Users"}))) == "ROLLBACK_COMPLETE"
    assert world.tables() == []
    assert world.deploy(stack_of(Users=users), stack="good") == "CREATE_COMPLETE"
    world.delete("good")
    assert world.tables() == ["Users"]


def test_deletion_protection_holds_a_table_through_a_rollback(world: World) -> None:
    world.faults.fail_resource("Throttled", "no")
    template = stack_of(Users=table(DeletionProtectionEnabled=True), Throttled=alarm({"Ref": "Users"}))
    assert world.deploy(template, execute={"RetainExceptOnCreate": True}) == "ROLLBACK_FAILED"
    assert world.tables() == ["Users"]
    assert "DeletionProtectionEnabled" in world.reason("Users")
    assert world.stack()["StackStatusReason"].startswith("The following resource(s) failed to delete: [Users].")


def test_without_rollback_a_failed_create_stays_as_it_is(world: World) -> None:
    world.faults.fail_resource("Throttled", "no")
    template = stack_of(Users=table(), Throttled=alarm({"Ref": "Users"}))
    assert world.deploy(template, execute={"DisableRollback": True}) == "CREATE_FAILED"
    assert world.tables() == ["Users"]
    assert world.delete() == "DELETE_COMPLETE"
    assert world.tables() == []


def test_a_table_of_another_stack_is_named_with_that_stack(world: World) -> None:
    world.deploy(stack_of(Users=table()), stack="owner")
    assert world.deploy(stack_of(Users=table()), stack="s", DisableValidation=True) == "ROLLBACK_COMPLETE"
    assert world.reason("Users").startswith("Users already exists in stack arn:aws:cloudformation:")
    assert world.tables() == ["Users"]


def test_outputs_and_exports_are_there_and_a_second_export_of_the_name_fails(world: World) -> None:
    template = stack_of(Users=table(None))
    template["Outputs"] = {"Arn": {"Value": {"Fn::GetAtt": ["Users", "Arn"]}, "Export": {"Name": "users-arn"}}}
    world.deploy(template)
    (output,) = world.stack()["Outputs"]
    assert output["ExportName"] == "users-arn" and output["OutputValue"].startswith("arn:aws:dynamodb:")
    assert world.cloudformation.list_exports()["Exports"][0]["Name"] == "users-arn"
    assert world.deploy(template, stack="second") == "ROLLBACK_COMPLETE"
    assert "Export with name users-arn is already exported by stack s" in world.reason("second", "second")


def test_an_export_in_use_cannot_go_away(world: World) -> None:
    exporter = stack_of(Topic=topic())
    exporter["Outputs"] = {"Topic": {"Value": {"Ref": "Topic"}, "Export": {"Name": "ops"}}}
    world.deploy(exporter, stack="exporter")
    world.deploy(stack_of(A=alarm(AlarmActions=[{"Fn::ImportValue": "ops"}])), stack="importer")
    assert world.cloudformation.list_imports(ExportName="ops")["Imports"] == ["importer"]
    assert world.deploy(stack_of(Topic=topic()), stack="exporter") == "UPDATE_ROLLBACK_COMPLETE"
    assert "Export ops cannot be deleted as it is in use by importer" in world.reason("exporter", "exporter")
    assert world.delete("exporter") == "DELETE_FAILED"
    world.delete("importer")
    assert world.delete("exporter") == "DELETE_COMPLETE"


def test_a_stack_in_progress_refuses_a_second_change(world: World) -> None:
    change_set = world.change_set(stack_of(Users=table(), Topic=topic()))
    world.cloudformation.execute_change_set(ChangeSetName=change_set)
    with pytest.raises(ClientError) as error:
        world.change_set(stack_of(Users=table()), kind="UPDATE", name="d")
    assert "is in CREATE_IN_PROGRESS state and can not be updated." in refusal(error)


def test_create_stack_works_without_a_change_set(world: World) -> None:
    made = world.cloudformation.create_stack(StackName="s", TemplateBody=json.dumps(stack_of(Users=table())))
    assert world.sandbox.settle("s") == "CREATE_COMPLETE"
    assert world.stack(made["StackId"])["StackName"] == "s"
    with pytest.raises(ClientError, match="AlreadyExistsException"):
        world.cloudformation.create_stack(StackName="s", TemplateBody=json.dumps(stack_of(Users=table())))


def test_a_boto3_waiter_sees_the_stack_complete(world: World) -> None:
    world.cloudformation.execute_change_set(ChangeSetName=world.change_set(stack_of(Users=table(), Topic=topic())))
    waiter = world.cloudformation.get_waiter("stack_create_complete")
    waiter.wait(StackName="s", WaiterConfig={"Delay": 0, "MaxAttempts": 5})
    assert world.tables() == ["Users"]
