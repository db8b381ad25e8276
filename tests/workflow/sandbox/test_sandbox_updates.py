"""Updating, importing and deleting stacks: in place, by replacement, and back again."""

import json

import pytest
from botocore.exceptions import ClientError

from tests.worlds.sandbox_world import World, alarm, attributes, index, refusal, retained, stack_of, table, topic

pytestmark = pytest.mark.slow


def test_a_table_changes_in_place_in_everything_that_can(world: World) -> None:
    world.deploy(
        stack_of(
            Users=table(
                StreamSpecification={"StreamViewType": "KEYS_ONLY"},
                TableClass="STANDARD",
                Tags=[{"Key": "old", "Value": "1"}, {"Key": "kept", "Value": "1"}],
            )
        )
    )
    created = world.table()["CreationDateTime"]
    status = world.deploy(
        stack_of(
            Users=table(
                BillingMode="PROVISIONED",
                ProvisionedThroughput={"ReadCapacityUnits": 3, "WriteCapacityUnits": 2},
                StreamSpecification={"StreamViewType": "NEW_AND_OLD_IMAGES"},
                SSESpecification={"SSEEnabled": True},
                TableClass="STANDARD_INFREQUENT_ACCESS",
                DeletionProtectionEnabled=True,
                PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True},
                TimeToLiveSpecification={"Enabled": True, "AttributeName": "expires"},
                Tags=[{"Key": "kept", "Value": "2"}],
            )
        )
    )
    assert status == "UPDATE_COMPLETE"
    database, found = world.client("dynamodb"), world.table()
    assert found["CreationDateTime"] == created
    assert found["BillingModeSummary"]["BillingMode"] == "PROVISIONED"
    assert found["ProvisionedThroughput"]["ReadCapacityUnits"] == 3
    assert found["StreamSpecification"]["StreamViewType"] == "NEW_AND_OLD_IMAGES"
    assert found["SSEDescription"]["Status"] == "ENABLED"
    assert found["TableClassSummary"]["TableClass"] == "STANDARD_INFREQUENT_ACCESS"
    assert found["DeletionProtectionEnabled"] is True
    assert database.describe_time_to_live(TableName="Users")["TimeToLiveDescription"]["TimeToLiveStatus"] == "ENABLED"
    backups = database.describe_continuous_backups(TableName="Users")["ContinuousBackupsDescription"]
    assert backups["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"] == "ENABLED"
    tags = database.list_tags_of_resource(ResourceArn=found["TableArn"])["Tags"]
    assert [tag["Value"] for tag in tags if tag["Key"] == "kept"] == ["2"]  # replaced, not there twice
    assert "old" not in {tag["Key"] for tag in tags}


def test_one_index_at_a_time_may_come_or_go(world: World) -> None:
    def users(*indexes: str) -> dict[str, object]:
        keys = ["pk"] + [f"{name}-key" for name in indexes]
        found = [index(name, f"{name}-key") for name in indexes]
        return stack_of(Users=table(AttributeDefinitions=attributes(*keys), GlobalSecondaryIndexes=found))

    world.deploy(users())
    assert world.deploy(users("one")) == "UPDATE_COMPLETE"
    assert world.deploy(users("one", "two", "three")) == "UPDATE_ROLLBACK_COMPLETE"
    assert "Cannot perform more than one GSI creation or deletion in a single update" in world.reason("Users")
    assert [i["IndexName"] for i in world.table()["GlobalSecondaryIndexes"]] == ["one"]
    assert world.deploy(users("two")) == "UPDATE_ROLLBACK_COMPLETE"
    assert world.deploy(users()) == "UPDATE_COMPLETE"
    assert world.table()["GlobalSecondaryIndexes"] == []


def test_an_index_cannot_change_under_its_name(world: World) -> None:
    keys = attributes("pk", "gk")
    world.deploy(stack_of(Users=table(AttributeDefinitions=keys, GlobalSecondaryIndexes=[index("one")])))
    narrower = index("one", Projection={"ProjectionType": "KEYS_ONLY"})
    changed = stack_of(Users=table(AttributeDefinitions=keys, GlobalSecondaryIndexes=[narrower]))
    assert world.deploy(changed) == "UPDATE_ROLLBACK_COMPLETE"
    assert "You can create a new GSI with a different name. (one)" in world.reason("Users")


def test_an_active_ttl_does_not_move_to_another_attribute(world: World) -> None:
    world.deploy(stack_of(Users=table(TimeToLiveSpecification={"Enabled": True, "AttributeName": "a"})))
    moved = stack_of(Users=table(TimeToLiveSpecification={"Enabled": True, "AttributeName": "b"}))
    assert world.deploy(moved) == "UPDATE_ROLLBACK_COMPLETE"
    assert "TimeToLive is active on a different AttributeName" in world.reason("Users")


OTHER_KEY = {"KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}], "AttributeDefinitions": attributes("id")}


def test_another_key_replaces_a_table_and_the_old_one_goes_last(world: World) -> None:
    world.deploy(stack_of(Users=table(None), Throttled=alarm({"Ref": "Users"})))
    (old,) = world.tables()
    before = len(world.events())
    assert (
        world.deploy(stack_of(Users=table(None, **OTHER_KEY), Throttled=alarm({"Ref": "Users"}))) == "UPDATE_COMPLETE"
    )
    (new,) = world.tables()
    assert new != old
    (found,) = world.client("cloudwatch").describe_alarms()["MetricAlarms"]
    assert found["Dimensions"][0]["Value"] == new
    assert world.events()[before:] == [
        "s UPDATE_IN_PROGRESS",
        "Users UPDATE_IN_PROGRESS",
        "Users UPDATE_IN_PROGRESS",
        "Users UPDATE_COMPLETE",
        "Throttled UPDATE_IN_PROGRESS",
        "Throttled UPDATE_COMPLETE",
        "s UPDATE_COMPLETE_CLEANUP_IN_PROGRESS",
        "Users DELETE_IN_PROGRESS",
        "Users DELETE_COMPLETE",
        "s UPDATE_COMPLETE",
    ]


def test_a_retained_table_survives_its_replacement(world: World) -> None:
    world.deploy(stack_of(Users=retained(table(None))))
    (old,) = world.tables()
    assert world.deploy(stack_of(Users=retained(table(None, **OTHER_KEY)))) == "UPDATE_COMPLETE"
    assert old in world.tables() and len(world.tables()) == 2
    assert "Users DELETE_SKIPPED" in world.events()


def test_a_named_table_is_not_replaced(world: World) -> None:
    world.deploy(stack_of(Users=table()))
    assert world.deploy(stack_of(Users=table(**OTHER_KEY))) == "UPDATE_ROLLBACK_COMPLETE"
    assert "cannot update a stack when a custom-named resource requires replacing" in world.reason("Users")
    assert world.table()["KeySchema"][0]["AttributeName"] == "pk"


def test_a_failed_update_puts_everything_back(world: World) -> None:
    world.deploy(stack_of(Users=table(None), Orders=table("Orders"), Last=alarm()))
    names = world.tables()
    before = len(world.events())
    world.faults.fail_resource("Last", "not today", on="update")
    wanted = stack_of(
        New=topic(TopicName="new"),
        Users=table(None, **OTHER_KEY),
        Orders=table("Orders", DeletionProtectionEnabled=True),
        Last=alarm(Threshold=7),
    )
    assert world.deploy(wanted) == "UPDATE_ROLLBACK_COMPLETE"
    assert world.tables() == names
    assert world.table("Orders")["DeletionProtectionEnabled"] is False
    assert world.client("sns").list_topics()["Topics"] == []
    assert world.client("cloudwatch").describe_alarms()["MetricAlarms"][0]["Threshold"] == 1
    stack_events = [event for event in world.events()[before:] if event.startswith("s ")]
    assert stack_events == [
        "s UPDATE_IN_PROGRESS",
        "s UPDATE_ROLLBACK_IN_PROGRESS",
        "s UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS",
        "s UPDATE_ROLLBACK_COMPLETE",
    ]
    resources = world.cloudformation.describe_stack_resources(StackName="s")["StackResources"]
    assert {r["LogicalResourceId"] for r in resources} == {"Users", "Orders", "Last"}
    text = world.cloudformation.get_template(StackName="s")["TemplateBody"]
    assert "New" not in json.dumps(text)
    assert world.deploy(wanted) == "UPDATE_COMPLETE"


def test_an_update_that_cannot_be_put_back_says_so(world: World) -> None:
    world.deploy(stack_of(Orders=table("Orders"), Last=topic()))
    world.faults.fail_resource("Last", "no", on="update")
    wanted = stack_of(Orders=table("Orders", DeletionProtectionEnabled=True), Last=topic(DisplayName="x"))
    world.cloudformation.execute_change_set(ChangeSetName=world.change_set(wanted, kind="UPDATE"))
    world.stack(), world.stack()
    world.faults.fail_resource("Orders", "stuck", on="update")
    assert world.sandbox.settle("s") == "UPDATE_ROLLBACK_FAILED"


def test_a_removed_resource_is_deleted_and_one_that_resists_is_left_behind(world: World) -> None:
    world.deploy(stack_of(Users=table(), Orders=table("Orders", DeletionProtectionEnabled=True), Topic=topic()))
    assert world.deploy(stack_of(Topic=topic())) == "UPDATE_COMPLETE"
    assert world.tables() == ["Orders"]
    assert "Orders DELETE_FAILED" in world.events()
    resources = world.cloudformation.list_stack_resources(StackName="s")["StackResourceSummaries"]
    assert [r["LogicalResourceId"] for r in resources] == ["Topic"]


def test_a_cancelled_update_goes_back(world: World) -> None:
    world.deploy(stack_of(Users=table(), Orders=table("Orders")))
    protected = stack_of(
        Users=table(DeletionProtectionEnabled=True), Orders=table("Orders", DeletionProtectionEnabled=True)
    )
    world.cloudformation.execute_change_set(ChangeSetName=world.change_set(protected, kind="UPDATE"))
    world.stack()
    world.cloudformation.cancel_update_stack(StackName="s")
    assert world.sandbox.settle("s") == "UPDATE_ROLLBACK_COMPLETE"
    assert world.table()["DeletionProtectionEnabled"] is False
    with pytest.raises(ClientError, match="cannot be called from current stack status"):
        world.cloudformation.cancel_update_stack(StackName="s")


def test_update_stack_refuses_when_there_is_nothing_to_do(world: World) -> None:
    world.deploy(stack_of(Users=table()))
    with pytest.raises(ClientError) as error:
        world.cloudformation.update_stack(StackName="s", UsePreviousTemplate=True)
    assert refusal(error) == "ValidationError: No updates are to be performed."


def test_a_parameter_keeps_its_previous_value(world: World) -> None:
    template = stack_of(Users=table({"Ref": "Name"}))
    template["Parameters"] = {"Name": {"Type": "String"}}
    world.deploy(template, Parameters=[{"ParameterKey": "Name", "ParameterValue": "People"}])
    template["Resources"]["Users"]["Properties"]["DeletionProtectionEnabled"] = True
    assert world.deploy(template, Parameters=[{"ParameterKey": "Name", "UsePreviousValue": True}]) == "UPDATE_COMPLETE"
    assert world.table("People")["DeletionProtectionEnabled"] is True


# --- deleting ---


def test_a_deleted_stack_is_found_by_its_id_only(world: World) -> None:
    world.deploy(stack_of(Users=table(), Throttled=alarm({"Ref": "Users"})))
    stack_id = world.stack()["StackId"]
    assert world.delete() == "DELETE_COMPLETE"
    assert world.tables() == [] and world.client("cloudwatch").describe_alarms()["MetricAlarms"] == []
    assert world.stack(stack_id)["StackStatus"] == "DELETE_COMPLETE"
    with pytest.raises(ClientError, match="Stack with id s does not exist"):
        world.stack()
    events = world.events(stack_id)
    assert events.index("Throttled DELETE_COMPLETE") < events.index("Users DELETE_IN_PROGRESS")


def test_deleting_keeps_what_is_retained(world: World) -> None:
    world.deploy(stack_of(Users=retained(table()), Topic=topic()))
    stack_id = world.stack()["StackId"]
    assert world.delete() == "DELETE_COMPLETE"
    assert world.tables() == ["Users"]
    assert "Users DELETE_SKIPPED" in world.events(stack_id)


def test_deletion_protection_fails_the_delete_and_keeps_what_it_stands_on(world: World) -> None:
    template = stack_of(Topic=topic(), Users=table(DeletionProtectionEnabled=True))
    template["Resources"]["Users"]["DependsOn"] = ["Topic"]
    world.deploy(template)
    assert world.delete() == "DELETE_FAILED"
    assert world.tables() == ["Users"] and len(world.client("sns").list_topics()["Topics"]) == 1
    assert "[Users]" in world.stack()["StackStatusReason"]
    assert world.delete(RetainResources=["Users"]) == "DELETE_COMPLETE"
    assert world.tables() == ["Users"] and world.client("sns").list_topics()["Topics"] == []


def test_retain_resources_is_for_a_delete_that_has_failed(world: World) -> None:
    world.deploy(stack_of(Users=table()))
    with pytest.raises(ClientError, match="DELETE_FAILED state"):
        world.cloudformation.delete_stack(StackName="s", RetainResources=["Users"])


def test_a_stack_under_review_is_deleted_without_a_trace_in_the_services(world: World) -> None:
    world.change_set(stack_of(Users=table()))
    assert world.delete() == "DELETE_COMPLETE"
    world.cloudformation.delete_stack(StackName="never-there")


# --- importing ---


def importing(identifier: str = "Users") -> list[dict[str, object]]:
    return [
        {
            "ResourceType": "AWS::DynamoDB::Table",
            "LogicalResourceId": "Users",
            "ResourceIdentifier": {"TableName": identifier},
        }
    ]


def orphan(world: World) -> None:
    """A table that a failed create has left behind."""
    world.faults.fail_resource("Last", "no")
    world.deploy(stack_of(Users=retained(table()), Last=topic()), stack="failed")


def test_an_orphan_is_imported_into_a_new_stack(world: World) -> None:
    orphan(world)
    change_set = world.change_set(stack_of(Users=retained(table())), kind="IMPORT", ResourcesToImport=importing())
    (change,) = world.described(change_set)["Changes"]
    assert (change["ResourceChange"]["Action"], change["ResourceChange"]["PhysicalResourceId"]) == ("Import", "Users")
    world.cloudformation.execute_change_set(ChangeSetName=change_set)
    assert world.sandbox.settle("s") == "IMPORT_COMPLETE"
    assert world.events()[-3:] == ["Users IMPORT_IN_PROGRESS", "Users IMPORT_COMPLETE", "s IMPORT_COMPLETE"]
    assert world.deploy(stack_of(Users=retained(table(DeletionProtectionEnabled=True)))) == "UPDATE_COMPLETE"
    assert world.table()["DeletionProtectionEnabled"] is True


def test_an_orphan_is_imported_into_an_existing_stack(world: World) -> None:
    orphan(world)
    world.deploy(stack_of(Topic=topic()))
    both = stack_of(Topic=topic(), Users=retained(table()))
    change_set = world.change_set(both, kind="IMPORT", ResourcesToImport=importing())
    world.cloudformation.execute_change_set(ChangeSetName=change_set)
    assert world.sandbox.settle("s") == "IMPORT_COMPLETE"
    assert world.deploy(stack_of(Topic=topic(), Users=retained(table()), More=topic())) == "UPDATE_COMPLETE"


def test_what_is_not_there_cannot_be_imported(world: World) -> None:
    world.deploy(stack_of(Topic=topic()))
    both = stack_of(Topic=topic(), Users=retained(table("Nobody")))
    change_set = world.change_set(both, kind="IMPORT", ResourcesToImport=importing("Nobody"))
    world.cloudformation.execute_change_set(ChangeSetName=change_set)
    assert world.sandbox.settle("s") == "IMPORT_ROLLBACK_COMPLETE"
    assert "HandlerErrorCode: NotFound" in world.reason("Users")
    assert world.deploy(stack_of(Topic=topic(DisplayName="still mine"))) == "UPDATE_COMPLETE"


@pytest.mark.parametrize(
    ("template", "said"),
    [
        (stack_of(Users=table()), "Resources [Users] to import must have a DeletionPolicy"),
        (stack_of(Users=retained(table()), More=topic()), "cannot modify or add or delete resources [More]"),
        (
            {**stack_of(Users=retained(table())), "Outputs": {"Name": {"Value": {"Ref": "Users"}}}},
            "As part of the import operation, you cannot modify or add [Outputs]",
        ),
        (stack_of(People=retained(table())), "Resources [Users] to import of type AWS::DynamoDB::Table are missing"),
    ],
    ids=[
        "without a deletion policy",
        "together with another change",
        "together with an output",
        "under a name the template does not have",
    ],
)
def test_an_import_is_refused(world: World, template: dict[str, object], said: str) -> None:
    with pytest.raises(ClientError) as error:
        world.change_set(template, kind="IMPORT", ResourcesToImport=importing())
    assert said in refusal(error)
