"""Does a drift-aware change set bring back what was changed behind the stack's back, show it, and nothing else?"""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.worlds.sandbox_world import World, alarm, stack_of, table, topic

pytestmark = pytest.mark.slow

TEAM = [{"Key": "team", "Value": "shop"}]


def users() -> dict[str, Any]:
    index = {"IndexName": "ByMail", "KeySchema": [{"AttributeName": "mail", "KeyType": "HASH"}]}
    return table(
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in ("pk", "mail")],
        GlobalSecondaryIndexes=[{**index, "Projection": {"ProjectionType": "ALL"}}],
        PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True},
        SSESpecification={"SSEEnabled": True},
        StreamSpecification={"StreamViewType": "NEW_AND_OLD_IMAGES"},
        DeletionProtectionEnabled=True,
        Tags=TEAM,
    )


def template() -> dict[str, Any]:
    widgets = json.dumps({"widgets": []})
    dashboard = {"Type": "AWS::CloudWatch::Dashboard", "Properties": {"DashboardName": "d", "DashboardBody": widgets}}
    subscription = {"Protocol": "email", "Endpoint": "ops@example.com", "TopicArn": {"Ref": "Topic"}}
    return stack_of(
        Users=users(),
        Topic=topic(Tags=TEAM),
        Mail={"Type": "AWS::SNS::Subscription", "Properties": subscription},
        Alarm=alarm(AlarmName="a"),
        Board=dashboard,
    )


@pytest.fixture
def deployed(world: World) -> World:
    assert world.deploy(template()) == "CREATE_COMPLETE"
    return world


def arn(world: World) -> str:
    return str(world.table()["TableArn"])


def topic_arn(world: World) -> str:
    return str(world.client("sns").list_topics()["Topics"][0]["TopicArn"])


def mail_arn(world: World) -> str:
    return str(world.client("sns").list_subscriptions()["Subscriptions"][0]["SubscriptionArn"])


def set_threshold(world: World) -> None:
    (live,) = world.client("cloudwatch").describe_alarms(AlarmNames=["a"])["MetricAlarms"]
    kept = ("MetricName", "Namespace", "Statistic", "Period", "EvaluationPeriods", "ComparisonOperator", "Dimensions")
    world.client("cloudwatch").put_metric_alarm(
        AlarmName="a", Threshold=99.0, **{key: live[key] for key in kept if key in live}
    )


BY_HAND: dict[str, tuple[str, Callable[[World], object]]] = {
    "recovery off": (
        "Users",
        lambda w: w.client("dynamodb").update_continuous_backups(
            TableName="Users", PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": False}
        ),
    ),
    "protection off": (
        "Users",
        lambda w: w.client("dynamodb").update_table(TableName="Users", DeletionProtectionEnabled=False),
    ),
    "encryption off": (
        "Users",
        lambda w: w.client("dynamodb").update_table(TableName="Users", SSESpecification={"Enabled": False}),
    ),
    "stream off": (
        "Users",
        lambda w: w.client("dynamodb").update_table(TableName="Users", StreamSpecification={"StreamEnabled": False}),
    ),
    "a tag gone": ("Users", lambda w: w.client("dynamodb").untag_resource(ResourceArn=arn(w), TagKeys=["team"])),
    "a tag more": (
        "Users",
        lambda w: w.client("dynamodb").tag_resource(ResourceArn=arn(w), Tags=[{"Key": "x", "Value": "y"}]),
    ),
    "an index gone": (
        "Users",
        lambda w: w.client("dynamodb").update_table(
            TableName="Users", GlobalSecondaryIndexUpdates=[{"Delete": {"IndexName": "ByMail"}}]
        ),
    ),
    "another threshold": ("Alarm", set_threshold),
    "the alarm gone": ("Alarm", lambda w: w.client("cloudwatch").delete_alarms(AlarmNames=["a"])),
    "another dashboard": (
        "Board",
        lambda w: w.client("cloudwatch").put_dashboard(DashboardName="d", DashboardBody='{"widgets":[{"x":1}]}'),
    ),
    "the dashboard gone": ("Board", lambda w: w.client("cloudwatch").delete_dashboards(DashboardNames=["d"])),
    "nobody subscribed": ("Mail", lambda w: w.client("sns").unsubscribe(SubscriptionArn=mail_arn(w))),
}


def state(world: World) -> dict[str, Any]:
    """Everything that the stack has said something about, as it is."""
    described = world.table()
    backups = world.client("dynamodb").describe_continuous_backups(TableName="Users")["ContinuousBackupsDescription"]
    (live,) = world.client("cloudwatch").describe_alarms()["MetricAlarms"] or [{}]
    boards = world.client("cloudwatch").list_dashboards()["DashboardEntries"]
    tags = world.client("dynamodb").list_tags_of_resource(ResourceArn=described["TableArn"])["Tags"]
    return {
        "recovery": backups["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"],
        "protection": described["DeletionProtectionEnabled"],
        "encryption": described.get("SSEDescription", {}).get("Status"),
        "stream": described.get("StreamSpecification"),
        "indexes": [each["IndexName"] for each in described.get("GlobalSecondaryIndexes", [])],
        "tags": sorted(tag["Key"] for tag in tags),
        "threshold": live.get("Threshold"),
        "dashboards": [
            json.loads(world.client("cloudwatch").get_dashboard(DashboardName=each["DashboardName"])["DashboardBody"])
            for each in boards
        ],
        "hears": [each["Endpoint"] for each in world.client("sns").list_subscriptions()["Subscriptions"]],
    }


@pytest.mark.parametrize("what", BY_HAND)
def test_what_was_changed_by_hand_is_shown_and_brought_back(deployed: World, what: str) -> None:
    before = state(deployed)
    name, change = BY_HAND[what]
    change(deployed)
    assert state(deployed) != before
    made = deployed.change_set(template(), kind="UPDATE", DeploymentMode="REVERT_DRIFT")
    described = deployed.described(made)
    assert (described["DeploymentMode"], described["StackDriftStatus"]) == ("REVERT_DRIFT", "DRIFTED")
    (shown,) = [each["ResourceChange"] for each in described["Changes"]]
    gone = name == "Mail" or (what.endswith("gone") and name != "Users")
    assert (shown["LogicalResourceId"], shown["ResourceDriftStatus"]) == (name, "DELETED" if gone else "MODIFIED")
    if not gone:
        for detail in shown["Details"]:
            drift = detail["Target"]["Drift"]
            assert drift["PreviousValue"] == detail["Target"]["AfterValue"] != drift["ActualValue"]
    deployed.cloudformation.execute_change_set(ChangeSetName=made)
    assert deployed.sandbox.settle("s") == "UPDATE_COMPLETE"
    assert state(deployed) == before


def test_a_topic_that_is_gone_comes_with_its_alarms_and_who_hears_of_them(deployed: World) -> None:
    deployed.client("sns").delete_topic(TopicArn=topic_arn(deployed))
    made = deployed.change_set(template(), kind="UPDATE", DeploymentMode="REVERT_DRIFT")
    deployed.cloudformation.execute_change_set(ChangeSetName=made)
    assert deployed.sandbox.settle("s") == "UPDATE_COMPLETE"
    assert [each["TopicArn"] for each in deployed.client("sns").list_subscriptions()["Subscriptions"]] == [
        topic_arn(deployed)
    ]


def test_a_stack_that_has_not_drifted_has_nothing_to_bring_back(deployed: World) -> None:
    described = deployed.described(deployed.change_set(template(), kind="UPDATE", DeploymentMode="REVERT_DRIFT"))
    assert (described["Status"], described["StackDriftStatus"]) == ("FAILED", "IN_SYNC")
    assert "didn't contain changes" in described["StatusReason"]


def test_what_no_template_has_said_is_no_drift(deployed: World) -> None:
    deployed.client("dynamodb").update_time_to_live(
        TableName="Users", TimeToLiveSpecification={"Enabled": True, "AttributeName": "until"}
    )
    described = deployed.described(deployed.change_set(template(), kind="UPDATE", DeploymentMode="REVERT_DRIFT"))
    assert described["StackDriftStatus"] == "IN_SYNC"


def test_a_plain_change_set_does_not_look_at_what_is_live(deployed: World) -> None:
    BY_HAND["protection off"][1](deployed)
    described = deployed.described(deployed.change_set(template(), kind="UPDATE"))
    assert (described["Status"], described.get("StackDriftStatus")) == ("FAILED", None)


def test_one_that_fails_leaves_everything_as_it_was_found(deployed: World) -> None:
    for what in ("protection off", "another threshold"):
        BY_HAND[what][1](deployed)
    found = state(deployed)
    deployed.faults.fail_resource("Alarm", "on strike", on="update")
    made = deployed.change_set(template(), kind="UPDATE", DeploymentMode="REVERT_DRIFT")
    deployed.cloudformation.execute_change_set(ChangeSetName=made)
    assert deployed.sandbox.settle("s") == "UPDATE_ROLLBACK_COMPLETE"
    assert state(deployed) == found
    again = deployed.described(deployed.change_set(template(), kind="UPDATE", DeploymentMode="REVERT_DRIFT"))
    shown = {each["ResourceChange"]["LogicalResourceId"] for each in again["Changes"]}
    assert (again["StackDriftStatus"], shown) == ("DRIFTED", {"Users", "Alarm"})


def test_it_comes_with_another_template_as_well(deployed: World) -> None:
    BY_HAND["protection off"][1](deployed)
    wanted = copy.deepcopy(template())
    wanted["Resources"]["Users"]["Properties"]["Tags"] = [{"Key": "team", "Value": "other"}]
    made = deployed.change_set(wanted, kind="UPDATE", DeploymentMode="REVERT_DRIFT")
    (shown,) = [each["ResourceChange"] for each in deployed.described(made)["Changes"]]
    assert {detail["Target"]["Name"]: "Drift" in detail["Target"] for detail in shown["Details"]} == {
        "DeletionProtectionEnabled": True,
        "Tags": False,
    }


def test_a_new_stack_has_none(world: World) -> None:
    with pytest.raises(world.cloudformation.exceptions.ClientError, match="REVERT_DRIFT can only be used"):
        world.change_set(template(), DeploymentMode="REVERT_DRIFT")
