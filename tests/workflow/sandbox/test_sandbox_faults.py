"""Scripted faults: each one strikes exactly where and as often as it was told."""

import json
from pathlib import Path

import pytest
from botocore.config import Config
from botocore.exceptions import ClientError, ConnectionClosedError

from tests.worlds.sandbox_world import World, refusal, stack_of, table, topic
from workflow.sandbox.errors import SandboxRefused
from workflow.sandbox.faults import Faults

ONCE = Config(retries={"mode": "standard", "total_max_attempts": 1})


def patient_world(world: World) -> World:
    """The same account through clients that do not retry, so that every answer is seen."""
    world.cloudformation = world.sandbox.session().client("cloudformation", config=ONCE)
    return world


def test_throttling_passes_after_the_given_number_of_calls(world: World) -> None:
    patient_world(world).faults.throttle("DescribeStacks", 2)
    for _ in range(2):
        with pytest.raises(ClientError) as error:
            world.cloudformation.describe_stacks()
        assert refusal(error) == "Throttling: Rate exceeded"
    assert world.cloudformation.describe_stacks()["Stacks"] == []


@pytest.mark.slow
def test_throttling_reaches_every_service_in_its_own_words(world: World) -> None:
    for service, action, call in (
        ("dynamodb", "ListTables", "list_tables"),
        ("sns", "ListTopics", "list_topics"),
        ("s3", "ListBuckets", "list_buckets"),
        ("lambda", "ListFunctions", "list_functions"),
    ):
        client = world.sandbox.session().client(service, config=ONCE)
        world.faults.throttle(action)
        with pytest.raises(ClientError) as error:
            getattr(client, call)()
        assert refusal(error) == "Throttling: Rate exceeded", service
        getattr(client, call)()


@pytest.mark.slow
def test_boto3_gets_over_one_throttled_call_by_itself(world: World) -> None:
    world.faults.throttle("DescribeStacks")
    assert world.cloudformation.describe_stacks()["Stacks"] == []
    assert world.sandbox.calls == [("cloudformation", "DescribeStacks")] * 2


def test_an_expired_token_stays_expired_until_it_is_renewed(world: World) -> None:
    world.faults.expire_token(after=1)
    world.client("dynamodb").list_tables()
    with pytest.raises(ClientError, match="ExpiredTokenException"):
        world.client("dynamodb").list_tables()
    with pytest.raises(ClientError, match=r"\(ExpiredToken\)"):
        world.cloudformation.describe_stacks()
    world.faults.clear()
    assert world.tables() == []


def test_a_denied_action_is_named(world: World) -> None:
    world.faults.deny("ExecuteChangeSet")
    change_set = world.change_set(stack_of(Users=table()))
    with pytest.raises(ClientError) as error:
        world.cloudformation.execute_change_set(ChangeSetName=change_set)
    assert "not authorized to perform: cloudformation:ExecuteChangeSet" in refusal(error)
    assert world.stack()["StackStatus"] == "REVIEW_IN_PROGRESS"


def test_a_lost_reply_has_taken_effect(world: World) -> None:
    change_set = patient_world(world).change_set(stack_of(Users=table()))
    world.faults.lose_reply("ExecuteChangeSet")
    with pytest.raises(ConnectionClosedError):
        world.cloudformation.execute_change_set(ChangeSetName=change_set)
    assert world.sandbox.settle("s") == "CREATE_COMPLETE"
    assert world.tables() == ["Users"]


def test_the_second_reply_can_be_the_one_that_is_lost(world: World) -> None:
    patient_world(world).faults.lose_reply("CreateStack", nth=2)
    for name in ("first", "second"):
        request = {"StackName": name, "TemplateBody": json.dumps(stack_of(T=topic()))}
        if name == "second":
            with pytest.raises(ConnectionClosedError):
                world.cloudformation.create_stack(**request)
        else:
            world.cloudformation.create_stack(**request)
    assert world.exists("first") and world.exists("second")


def test_with_a_token_a_retry_after_a_lost_reply_is_the_same_execution(world: World) -> None:
    change_set = patient_world(world).change_set(stack_of(Users=table()))
    world.faults.lose_reply("ExecuteChangeSet")
    for attempt in (1, 2):
        try:
            world.cloudformation.execute_change_set(ChangeSetName=change_set, ClientRequestToken="run-1")
        except ConnectionClosedError:
            assert attempt == 1
    world.sandbox.settle("s")
    assert world.events().count("s CREATE_IN_PROGRESS") == 1


def test_a_busy_stack_refuses_changes_and_not_looks(world: World) -> None:
    change_set = patient_world(world).change_set(stack_of(Users=table()))
    world.faults.stack_busy()
    assert world.stack()["StackStatus"] == "REVIEW_IN_PROGRESS"
    with pytest.raises(ClientError, match="is in UPDATE_IN_PROGRESS state and can not be updated"):
        world.cloudformation.execute_change_set(ChangeSetName=change_set)
    world.cloudformation.execute_change_set(ChangeSetName=change_set)


def test_a_resource_fails_as_often_as_it_was_told(world: World) -> None:
    world.faults.fail_resource("Users", "strike", times=2)
    outcomes = [world.deploy(stack_of(Users=table()), stack=name) for name in ("one", "two", "three")]
    assert outcomes == ["ROLLBACK_COMPLETE", "ROLLBACK_COMPLETE", "CREATE_COMPLETE"]


def test_a_delete_fails_when_it_was_told(world: World) -> None:
    world.deploy(stack_of(Users=table()))
    world.faults.fail_resource("Users", "stuck", on="delete")
    assert world.delete() == "DELETE_FAILED"
    assert world.delete() == "DELETE_COMPLETE"


def test_faults_travel_as_json_and_come_back_the_same() -> None:
    faults = Faults()
    faults.fail_resource("Users", "boom", on="update")
    faults.throttle("PutItem", 3)
    faults.deny("ExecuteChangeSet")
    faults.lose_reply("CreateChangeSet", nth=2)
    faults.expire_token(after=4)
    faults.stack_busy(2)
    other = Faults()
    other.replace_from_json(json.loads(json.dumps(faults.to_json())))
    assert other == faults
    other.replace_from_json({})
    assert other == Faults()


def test_the_json_of_the_documentation_is_taken() -> None:
    text = (Path(__file__).parents[3] / "docs" / "sandbox.md").read_text()
    faults = Faults()
    faults.replace_from_json(json.loads(text.split("```json")[1].split("```")[0]))
    assert faults.resources["Users"].reason == "boom" and faults.expires_after == 3


@pytest.mark.parametrize(
    "document",
    [{"throtled": {}}, {"resources": {"Users": {"cause": "boom"}}}, {"throttled": {"PutItem": "often"}}],
    ids=["an unknown key", "an unknown part", "a word for a number"],
)
def test_a_malformed_fault_is_refused_and_arms_nothing(document: dict[str, object]) -> None:
    faults = Faults()
    with pytest.raises(SandboxRefused, match="fault refused"):
        faults.replace_from_json(document)
    assert faults == Faults()
