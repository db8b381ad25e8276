"""Change sets: what they show, when they may be executed, and what makes them fail."""

import json

import pytest
from botocore.exceptions import ClientError

from tests.worlds.sandbox_world import World, alarm, attributes, index, refusal, retained, stack_of, table, topic

pytestmark = pytest.mark.slow


def test_a_new_change_set_is_in_progress_until_it_has_been_looked_at(world: World) -> None:
    made = world.cloudformation.create_change_set(
        StackName="s", ChangeSetName="c", ChangeSetType="CREATE", TemplateBody=json.dumps(stack_of(Users=table()))
    )
    with pytest.raises(ClientError) as error:
        world.cloudformation.execute_change_set(ChangeSetName=made["Id"])
    assert refusal(error).startswith("InvalidChangeSetStatus") and "CREATE_IN_PROGRESS" in refusal(error)
    first = world.cloudformation.describe_change_set(ChangeSetName=made["Id"])
    second = world.cloudformation.describe_change_set(ChangeSetName=made["Id"])
    assert (first["Status"], first["ExecutionStatus"]) == ("CREATE_IN_PROGRESS", "UNAVAILABLE")
    assert (second["Status"], second["ExecutionStatus"]) == ("CREATE_COMPLETE", "AVAILABLE")
    assert world.stack()["StackStatus"] == "REVIEW_IN_PROGRESS"
    assert world.tables() == []


def test_a_change_set_shows_added_resources_with_their_values(world: World) -> None:
    change_set = world.change_set(stack_of(Users=retained(table()), Throttled=alarm({"Ref": "Users"})))
    changes = {
        c["ResourceChange"]["LogicalResourceId"]: c["ResourceChange"] for c in world.described(change_set)["Changes"]
    }
    assert {name: change["Action"] for name, change in changes.items()} == {"Users": "Add", "Throttled": "Add"}
    after = json.loads(changes["Users"]["AfterContext"])
    assert after["Properties"]["TableName"] == "Users" and after["DeletionPolicy"] == "Retain"
    dimension = json.loads(changes["Throttled"]["AfterContext"])["Properties"]["Dimensions"][0]
    assert dimension["Value"] == "{{changeSet:KNOWN_AFTER_APPLY}}"


def test_values_are_shown_only_when_they_are_asked_for(world: World) -> None:
    world.deploy(stack_of(Users=table()))
    change_set = world.change_set(stack_of(Users=table(DeletionProtectionEnabled=True)), kind="UPDATE")
    bare = world.cloudformation.describe_change_set(ChangeSetName=change_set)["Changes"][0]["ResourceChange"]
    assert "BeforeContext" not in bare and "AfterValue" not in bare["Details"][0]["Target"]
    full = world.described(change_set)["Changes"][0]["ResourceChange"]
    assert full["Details"][0]["Target"]["AfterValue"] == "true"
    assert "BeforeContext" in full and "AfterContext" in full


def test_a_property_change_in_place_is_shown_with_its_cause(world: World) -> None:
    template = stack_of(Users=table(BillingMode={"Ref": "Billing"}))
    template["Parameters"] = {"Billing": {"Type": "String", "Default": "PAY_PER_REQUEST"}}
    provisioned = {"ReadCapacityUnits": 1, "WriteCapacityUnits": 1}
    world.deploy(template)
    template["Resources"]["Users"]["Properties"]["ProvisionedThroughput"] = provisioned
    given = [{"ParameterKey": "Billing", "ParameterValue": "PROVISIONED"}]
    change = world.changes(template, Parameters=given)["Users"]
    assert (change["Action"], change["Replacement"], change["Scope"]) == ("Modify", "False", ["Properties"])
    details = {detail["Target"]["Name"]: detail for detail in change["Details"]}
    assert details["BillingMode"]["ChangeSource"] == "ParameterReference"
    assert details["BillingMode"]["CausingEntity"] == "Billing"
    assert details["BillingMode"]["Target"]["BeforeValue"] == "PAY_PER_REQUEST"
    assert details["BillingMode"]["Target"]["AfterValue"] == "PROVISIONED"
    assert details["ProvisionedThroughput"]["Target"]["AttributeChangeType"] == "Add"


def test_a_replacement_is_announced_and_reaches_what_depends_on_it(world: World) -> None:
    world.deploy(stack_of(Users=retained(table(None)), Throttled=alarm({"Ref": "Users"})))
    other_key = retained(
        table(None, KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}], AttributeDefinitions=attributes("id"))
    )
    changes = world.changes(stack_of(Users=other_key, Throttled=alarm({"Ref": "Users"})))
    assert (changes["Users"]["Replacement"], changes["Users"]["PolicyAction"]) == ("True", "ReplaceAndRetain")
    assert changes["Throttled"]["Replacement"] == "False"
    assert changes["Throttled"]["Details"][0]["Evaluation"] == "Dynamic"
    assert changes["Throttled"]["Details"][0]["ChangeSource"] == "ResourceReference"


@pytest.mark.parametrize(("policy", "action"), [("Retain", "Retain"), ("Delete", "Delete")])
def test_a_removed_resource_says_whether_it_will_be_deleted(world: World, policy: str, action: str) -> None:
    world.deploy(stack_of(Users={**table(), "DeletionPolicy": policy}, Other=topic()))
    change = world.changes(stack_of(Other=topic()))["Users"]
    assert (change["Action"], change["PolicyAction"]) == ("Remove", action)


def test_a_policy_alone_is_a_change_that_touches_nothing(world: World) -> None:
    world.deploy(stack_of(Users=table()))
    change = world.changes(stack_of(Users=retained(table())))["Users"]
    assert (change["Scope"], change["Replacement"]) == (["DeletionPolicy", "UpdateReplacePolicy"], "False")
    before = len(world.events())
    assert world.deploy(stack_of(Users=retained(table()))) == "UPDATE_COMPLETE"
    assert not [event for event in world.events()[before:] if event.startswith("Users")]
    world.delete()
    assert world.tables() == ["Users"]


def test_the_same_template_again_fails_as_a_change_set_without_changes(world: World) -> None:
    world.deploy(stack_of(Users=table()))
    described = world.described(world.change_set(stack_of(Users=table()), kind="UPDATE"))
    assert described["Status"] == "FAILED" and described["ExecutionStatus"] == "UNAVAILABLE"
    assert described["StatusReason"] == (
        "The submitted information didn't contain changes. Submit different information to create a change set."
    )
    with pytest.raises(ClientError, match="InvalidChangeSetStatus"):
        world.cloudformation.execute_change_set(ChangeSetName=described["ChangeSetId"])


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"BillingMode": "ON_DEMAND"}, "#/BillingMode: ON_DEMAND is not a valid enum value"),
        ({"BilingMode": "PAY_PER_REQUEST"}, "extraneous key [BilingMode] is not permitted"),
        ({"KeySchema": None}, "required key [KeySchema] not found"),
        ({"AttributeDefinitions": attributes("pk", "unused")}, "does not exactly match"),
        ({"GlobalSecondaryIndexes": [index("by-gk")]}, "not defined in AttributeDefinitions"),
        (
            {
                "AttributeDefinitions": attributes("pk", "gk"),
                "GlobalSecondaryIndexes": [index(f"by-{n}") for n in range(21)],
            },
            "exceeds the per-table limit of 20: 21",
        ),
        ({"TableName": "no spaces"}, "does not match the pattern"),
        ({"TableName": "ab"}, "expected minLength: 3"),
        ({"PointInTimeRecoverySpecification": {"Enabled": True}}, "extraneous key [Enabled] is not permitted"),
        ({"WarmThroughput": {}}, "the phasegate sandbox does not implement key [WarmThroughput]"),
    ],
    ids=[
        "an invalid billing mode",
        "a misspelt property",
        "no key",
        "an attribute that no key uses",
        "an index key that is not defined",
        "twenty-one indexes",
        "a name with a space",
        "a name of two letters",
        "a misspelt part of a property",
        "a property beyond the sandbox",
    ],
)
def test_invalid_properties_fail_the_change_set_by_name(world: World, changes: dict[str, object], said: str) -> None:
    change_set = world.change_set(stack_of(Users=table(**changes)))
    described = world.described(change_set)
    assert described["Status"] == "FAILED" and "PropertyValidation" in described["StatusReason"]
    assert "FAIL /Resources/Users/Properties" in world.found(change_set) and said in world.found(change_set)


def test_an_executed_change_set_does_not_execute_again(world: World) -> None:
    change_set = world.change_set(stack_of(Users=table()))
    world.cloudformation.execute_change_set(ChangeSetName=change_set)
    for status in ("EXECUTE_IN_PROGRESS", "EXECUTE_COMPLETE"):
        with pytest.raises(ClientError) as error:
            world.cloudformation.execute_change_set(ChangeSetName=change_set)
        assert refusal(error).startswith("InvalidChangeSetStatus") and status in refusal(error)
        world.sandbox.settle("s")
    assert world.described(change_set)["ExecutionStatus"] == "EXECUTE_COMPLETE"


def test_executing_one_change_set_discards_the_others(world: World) -> None:
    stale = world.change_set(stack_of(Users=table()), name="stale")
    good = world.change_set(stack_of(Users=table(), Topic=topic()), name="good")
    world.cloudformation.execute_change_set(ChangeSetName=good)
    with pytest.raises(ClientError, match="ChangeSetNotFound"):
        world.described(stale)


def test_an_update_past_the_change_sets_makes_them_obsolete(world: World) -> None:
    world.deploy(stack_of(Users=table()))
    change_set = world.change_set(stack_of(Users=table(), Topic=topic()), kind="UPDATE")
    world.cloudformation.update_stack(
        StackName="s", TemplateBody=json.dumps(stack_of(Users=table(DeletionProtectionEnabled=True)))
    )
    world.sandbox.settle("s")
    assert world.described(change_set)["ExecutionStatus"] == "OBSOLETE"
    with pytest.raises(ClientError, match="InvalidChangeSetStatus"):
        world.cloudformation.execute_change_set(ChangeSetName=change_set)


def test_a_change_set_is_listed_by_its_stack_and_deleted_once(world: World) -> None:
    change_set = world.change_set(stack_of(Users=table()))
    (listed,) = world.cloudformation.list_change_sets(StackName="s")["Summaries"]
    assert (listed["ChangeSetId"], listed["Status"]) == (change_set, "CREATE_COMPLETE")
    for _ in range(2):
        world.cloudformation.delete_change_set(ChangeSetName=change_set)
    assert world.cloudformation.list_change_sets(StackName="s")["Summaries"] == []


def test_a_client_token_repeats_the_answer_and_refuses_another_request(world: World) -> None:
    request = {
        "StackName": "s",
        "ChangeSetName": "c",
        "ChangeSetType": "CREATE",
        "TemplateBody": json.dumps(stack_of(Users=table())),
        "ClientToken": "run-7-task-3",
    }
    first = world.cloudformation.create_change_set(**request)
    assert world.cloudformation.create_change_set(**request)["Id"] == first["Id"]
    with pytest.raises(ClientError, match="TokenAlreadyExistsException"):
        world.cloudformation.create_change_set(**{**request, "ChangeSetName": "d"})


def test_a_name_without_its_token_is_taken(world: World) -> None:
    world.change_set(stack_of(Users=table()), name="same")
    with pytest.raises(ClientError, match="AlreadyExistsException"):
        world.change_set(stack_of(Users=table()), name="same")


def test_the_same_execution_token_executes_once(world: World) -> None:
    change_set = world.change_set(stack_of(Users=table()))
    for _ in range(2):
        world.cloudformation.execute_change_set(ChangeSetName=change_set, ClientRequestToken="once")
    world.sandbox.settle("s")
    assert world.events().count("s CREATE_IN_PROGRESS") == 1
    assert world.tables() == ["Users"]


@pytest.mark.parametrize("token", ["has space", "-leading", "ümlaut"])
def test_a_malformed_token_is_refused_with_its_pattern(world: World, token: str) -> None:
    change_set = world.change_set(stack_of(Users=table()))
    with pytest.raises(ClientError) as error:
        world.cloudformation.execute_change_set(ChangeSetName=change_set, ClientRequestToken=token)
    assert "'clientRequestToken' failed to satisfy constraint" in refusal(error)


def test_create_refuses_a_stack_that_exists_and_update_one_that_does_not(world: World) -> None:
    with pytest.raises(ClientError, match="does not exist"):
        world.change_set(stack_of(Users=table()), kind="UPDATE")
    world.deploy(stack_of(Users=table()))
    with pytest.raises(ClientError, match="already exists and cannot be created again"):
        world.change_set(stack_of(Users=table()), kind="CREATE", name="again")


def test_what_is_not_implemented_is_refused_by_name(world: World) -> None:
    with pytest.raises(ClientError) as action:
        world.cloudformation.detect_stack_drift(StackName="s")
    assert (
        refusal(action)
        == "NotImplemented: the phasegate sandbox does not implement the CloudFormation action DetectStackDrift"
    )
    with pytest.raises(ClientError) as parameter:
        world.change_set(stack_of(Users=table()), RoleARN="arn:aws:iam::123456789012:role/deployer")
    assert "the parameter RoleARN of CreateChangeSet" in refusal(parameter)


def test_importing_what_exists_is_refused_by_name_and_changes_nothing_where_nothing_does(world: World) -> None:
    template = stack_of(Users=retained(table()), Topic=topic())
    asked = {"ImportExistingResources": True, "IncludeNestedStacks": True}  # as `cdk bootstrap` asks
    for validated in ({}, {"DisableValidation": True}):
        world.cloudformation.delete_stack(StackName="s", DeploymentConfig={"Mode": "STANDARD"})
        assert world.deploy(stack_of(Topic=topic()), **asked, **validated) == "CREATE_COMPLETE"
        assert world.delete() == "DELETE_COMPLETE"
    world.deploy(template)
    with pytest.raises(ClientError) as error:
        world.change_set(stack_of(Users=retained(table())), stack="second", **asked)
    assert refusal(error).startswith("NotImplemented") and "ImportExistingResources of what exists: Users" in refusal(
        error
    )
    assert [stack["StackName"] for stack in world.cloudformation.describe_stacks()["Stacks"]] == ["s"]
