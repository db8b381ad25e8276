"""Is every change to one production feature of a live deployment reported by task 4.1, and a false output by 3.3?"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from phases.contract.reader import read_contract
from phases.stage_06.template.logical_ids import logical_id
from state.errors import StepFailed
from tests.worlds.deploying import CONTRACT, REGION, STACK, STEPS, failed_names
from tests.worlds.live_changes import Live, Spec
from workflow.sandbox.inprocess import Sandbox

ADDRESS = "ops@example.com"
TABLES = read_contract(json.dumps(CONTRACT).encode(), path="contract").tables
NAMES = [table.name for table in TABLES]


@pytest.fixture(scope="module")
def deployed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Live, Callable[[], None]]]:
    """Deployed once, with what puts every feature back."""
    with Sandbox() as opened:
        live = Live(tmp_path_factory.mktemp("live"), opened, answers={"alarm-address": ADDRESS})
        live.up_to("4.1")
        yield live, restoring(live)


@pytest.fixture
def live(deployed: tuple[Live, Callable[[], None]]) -> Iterator[Live]:
    """The deployment with every feature as it was made."""
    found, restore = deployed
    yield found
    restore()


def restoring(live: Live) -> Callable[[], None]:
    """A function that brings back what the changes below take away."""
    dynamodb, cloudwatch, sns = live.client("dynamodb"), live.client("cloudwatch"), live.client("sns")
    arns = {name: dynamodb.describe_table(TableName=name)["Table"]["TableArn"] for name in NAMES}
    tags = {name: dynamodb.list_tags_of_resource(ResourceArn=arn)["Tags"] for name, arn in arns.items()}
    alarms = [put_request(live, alarm) for alarm in cloudwatch.describe_alarms()["MetricAlarms"]]
    dashboard = cloudwatch.get_dashboard(DashboardName=STACK)["DashboardBody"]
    topic = sns.list_topics()["Topics"][0]["TopicArn"]

    def restore() -> None:
        for name in NAMES:
            dynamodb.update_table(TableName=name, DeletionProtectionEnabled=True, SSESpecification={"Enabled": True})
            dynamodb.update_table(TableName=name, StreamSpecification={"StreamEnabled": False})
            view = {"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"}
            dynamodb.update_table(TableName=name, StreamSpecification=view)
            on = {"PointInTimeRecoveryEnabled": True}
            dynamodb.update_continuous_backups(TableName=name, PointInTimeRecoverySpecification=on)
            # moto adds a tag that is there already once more
            dynamodb.untag_resource(ResourceArn=arns[name], TagKeys=[tag["Key"] for tag in tags[name]])
            dynamodb.tag_resource(ResourceArn=arns[name], Tags=tags[name])
        for alarm in alarms:
            cloudwatch.put_metric_alarm(**alarm)
        cloudwatch.put_dashboard(DashboardName=STACK, DashboardBody=dashboard)
        assert sns.create_topic(Name=topic.rpartition(":")[2])["TopicArn"] == topic
        sns.subscribe(TopicArn=topic, Protocol="email", Endpoint=ADDRESS)

    return restore


def put_request(live: Live, alarm: dict[str, Any]) -> dict[str, Any]:
    """The PutMetricAlarm request that makes this alarm."""
    members = live.client("cloudwatch").meta.service_model.operation_model("PutMetricAlarm").input_shape.members
    return {key: value for key, value in alarm.items() if key in members}


ALARM = f"{STACK}-UsersTableReadThrottle"
FeatureChange = Callable[[Live], object]


def update_table(name: str, **fields: Any) -> FeatureChange:
    return lambda live: live.client("dynamodb").update_table(TableName=name, **fields)


def recovery_off(name: str) -> FeatureChange:
    off = {"PointInTimeRecoveryEnabled": False}
    return lambda live: live.client("dynamodb").update_continuous_backups(
        TableName=name, PointInTimeRecoverySpecification=off
    )


def other_view(name: str) -> FeatureChange:
    def change(live: Live) -> None:
        live.client("dynamodb").update_table(TableName=name, StreamSpecification={"StreamEnabled": False})
        view = {"StreamEnabled": True, "StreamViewType": "KEYS_ONLY"}
        live.client("dynamodb").update_table(TableName=name, StreamSpecification=view)

    return change


def tags(name: str, verb: str, **fields: Any) -> FeatureChange:
    def change(live: Live) -> None:
        arn = live.client("dynamodb").describe_table(TableName=name)["Table"]["TableArn"]
        getattr(live.client("dynamodb"), verb)(ResourceArn=arn, **fields)

    return change


def alarm(spoil: Callable[[dict[str, Any]], object]) -> FeatureChange:
    def change(live: Live) -> None:
        client = live.client("cloudwatch")
        found = client.describe_alarms(AlarmNames=[ALARM])["MetricAlarms"][0]
        request = put_request(live, found)
        spoil(request)
        client.put_metric_alarm(**request)

    return change


def query(spoil: Callable[[dict[str, Any]], object]) -> FeatureChange:
    """A change of the first series that the alarm watches."""
    return alarm(lambda request: spoil(next(each for each in request["Metrics"] if "MetricStat" in each)["MetricStat"]))


def delete_topic(live: Live) -> None:
    for topic in live.client("sns").list_topics()["Topics"]:
        live.client("sns").delete_topic(TopicArn=topic["TopicArn"])


def unsubscribe(live: Live) -> None:
    for each in live.client("sns").list_subscriptions()["Subscriptions"]:
        live.client("sns").unsubscribe(SubscriptionArn=each["SubscriptionArn"])


def other_dashboard(live: Live) -> None:
    live.client("cloudwatch").put_dashboard(DashboardName=STACK, DashboardBody='{"widgets": []}')


def per_table(name: str) -> dict[str, tuple[str, FeatureChange]]:
    return {
        f"{name}: recovery off": (f"{name}: point-in-time recovery", recovery_off(name)),
        f"{name}: encryption by AWS's own key": (
            f"{name}: encryption at rest",
            update_table(name, SSESpecification={"Enabled": False}),
        ),
        f"{name}: protection off": (
            f"{name}: deletion protection",
            update_table(name, DeletionProtectionEnabled=False),
        ),
        f"{name}: stream off": (f"{name}: stream", update_table(name, StreamSpecification={"StreamEnabled": False})),
        f"{name}: stream view": (f"{name}: stream", other_view(name)),
        f"{name}: tag gone": (f"{name}: tags", tags(name, "untag_resource", TagKeys=["Stage"])),
        f"{name}: tag changed": (
            f"{name}: tags",
            tags(name, "tag_resource", Tags=[{"Key": "Environment", "Value": "prod"}]),
        ),
    }


FEATURE_CHANGES: dict[str, tuple[str, FeatureChange]] = {
    **{key: change for name in NAMES for key, change in per_table(name).items()},
    "alarm gone": (f"alarm {ALARM}", lambda live: live.client("cloudwatch").delete_alarms(AlarmNames=[ALARM])),
    "alarm threshold": (f"alarm {ALARM}", alarm(lambda request: request.update(Threshold=99))),
    "alarm comparison": (f"alarm {ALARM}", alarm(lambda r: r.update(ComparisonOperator="LessThanThreshold"))),
    "alarm periods": (f"alarm {ALARM}", alarm(lambda request: request.update(EvaluationPeriods=60))),
    "alarm datapoints": (f"alarm {ALARM}", alarm(lambda request: request.update(DatapointsToAlarm=5))),
    "alarm missing data": (f"alarm {ALARM}", alarm(lambda request: request.update(TreatMissingData="breaching"))),
    "alarm without action": (f"alarm {ALARM}", alarm(lambda request: request.update(AlarmActions=[]))),
    "alarm tells somebody else": (
        f"alarm {ALARM}",
        alarm(lambda r: r.update(AlarmActions=["arn:aws:sns:eu-west-1:123456789012:theirs"])),
    ),
    "alarm without all-clear": (f"alarm {ALARM}", alarm(lambda request: request.update(OKActions=[]))),
    "alarm actions off": (f"alarm {ALARM}: actions", alarm(lambda request: request.update(ActionsEnabled=False))),
    "alarm watches less": (f"alarm {ALARM}", alarm(lambda request: request["Metrics"].pop())),
    "alarm expression": (f"alarm {ALARM}", alarm(lambda request: request["Metrics"][0].update(Expression="MIN(m1)"))),
    "alarm metric": (f"alarm {ALARM}", query(lambda stat: stat["Metric"].update(MetricName="UserErrors"))),
    "alarm namespace": (f"alarm {ALARM}", query(lambda stat: stat["Metric"].update(Namespace="AWS/Lambda"))),
    "alarm table": (f"alarm {ALARM}", query(lambda stat: stat["Metric"]["Dimensions"][0].update(Value="Other"))),
    "alarm period": (f"alarm {ALARM}", query(lambda stat: stat.update(Period=3600))),
    "alarm statistic": (f"alarm {ALARM}", query(lambda stat: stat.update(Stat="Average"))),
    "topic gone": ("alarm topic", delete_topic),
    "nobody subscribed": ("alarm address", unsubscribe),
    "dashboard gone": (
        f"dashboard {STACK}",
        lambda live: live.client("cloudwatch").delete_dashboards(DashboardNames=[STACK]),
    ),
    "dashboard body": (f"dashboard {STACK}", other_dashboard),
}


@pytest.mark.slow
@pytest.mark.parametrize("change", FEATURE_CHANGES)
def test_a_changed_feature_closes_the_next_change_until_it_is_taken_in_or_brought_back_as_it_was_approved(
    live: Live, change: str
) -> None:
    """And 4.1 reports it, and nothing else, until then."""
    check, act = FEATURE_CHANGES[change]
    act(live)
    world = live.next_run()
    with pytest.raises(StepFailed, match="nothing was proposed") as refused:
        world.run(STEPS["3.1"])
    assert [problem.where for problem in refused.value.problems] == [check]
    world.given = {**world.given, "take-in-drift": check}
    work = world.run(STEPS["3.1"])
    assert {each.name for each in work.checks if each.verdict == "note"} >= {check, "settings in the account"}
    assert check in next(each.body for each in work.review if each.title == "Taken in from the account")
    if change == "topic gone":
        assert live.failing("4.1") == {check}
    else:
        live.bring_back(check)  # 4.1 is asked before and behind it


@pytest.mark.slow
def test_what_stands_as_it_was_approved_is_not_reported_by_4_1(live: Live) -> None:
    """As the changes above find it."""
    assert live.failing("4.1") == set()


@pytest.mark.slow
def test_what_was_taken_in_holds_for_4_1_as_long_as_it_is_that(live: Live) -> None:
    check, act = FEATURE_CHANGES["Users: tag changed"]
    act(live)
    world = live.next_run()
    world.given = {**world.given, "take-in-drift": check}
    for task in ("3.1", "3.2"):
        world.run(STEPS[task])
    assert failed_names(world.fork().run(STEPS["4.1"])) == set()
    tags("Users", "untag_resource", TagKeys=["Environment"])(live)
    assert failed_names(world.fork().run(STEPS["4.1"])) == {check}


@pytest.mark.slow
def test_what_was_brought_back_is_no_drift_any_more(deployed: tuple[Live, Callable[[], None]], live: Live) -> None:
    update_table("Users", DeletionProtectionEnabled=False)(live)
    world = live.next_run()
    with pytest.raises(StepFailed, match="nothing was proposed"):
        world.run(STEPS["3.1"])
    deployed[1]()
    seen = {each.name: each.verdict for each in world.run(STEPS["3.1"]).checks}
    assert seen["settings in the account"] == "pass"


@pytest.mark.slow
def test_an_index_that_was_changed_by_hand_is_named_and_cannot_be_taken_in(live: Live) -> None:
    live.client("dynamodb").update_table(
        TableName="Users", GlobalSecondaryIndexUpdates=[{"Delete": {"IndexName": "ByMail"}}]
    )
    world = live.next_run()
    world.given = {**world.given, "take-in-drift": "Users: global indexes"}
    with pytest.raises(StepFailed, match="nothing was proposed") as refused:
        world.run(STEPS["3.1"])
    assert "Users: global indexes" in [problem.where for problem in refused.value.problems]
    live.make(Spec.of(TABLES[0]))


@pytest.mark.slow
def test_a_resource_that_left_the_stack_is_reported_by_4_1(live: Live, monkeypatch: pytest.MonkeyPatch) -> None:
    stack = live.sandbox.account.region(REGION).find(STACK)
    assert stack is not None
    monkeypatch.delitem(stack.resources, "UsersTableSystemErrors")
    monkeypatch.setattr(stack.resources["Dashboard"], "status", "UPDATE_FAILED")
    # The dashboard shows the alarm, so it cannot be compared without it.
    with pytest.raises(StepFailed, match="UsersTableSystemErrors"):
        live.run("4.1")
    monkeypatch.undo()
    monkeypatch.setattr(stack.resources["Dashboard"], "status", "UPDATE_FAILED")
    assert live.failing("4.1") == {"resource Dashboard"}


@pytest.mark.slow
def test_an_output_that_is_gone_is_reported_by_3_3(live: Live, monkeypatch: pytest.MonkeyPatch) -> None:
    stack = live.sandbox.account.region(REGION).find(STACK)
    assert stack is not None
    gone = {f"{logical_id('audit-log')}Arn", "DashboardName"}
    before = live.failing("3.3")  # restoring the streams gave them other names
    monkeypatch.setattr(stack, "outputs", [each for each in stack.outputs if each["OutputKey"] not in gone])
    assert live.failing("3.3") - before == {f"output {name}" for name in gone}


@pytest.mark.slow
def test_an_output_that_names_another_stream_is_reported_by_3_3(live: Live) -> None:
    live.make(Spec.of(TABLES[0]))  # the same table, but not the one that the stack knows
    assert "output UsersTableStreamArn" in live.failing("3.3")
    assert "Users: tags" in live.failing("4.1")


@pytest.mark.slow
def test_a_table_that_is_gone_is_reported_by_4_1(tmp_path: Path, live: Live) -> None:
    live.make(Spec("Users", [], {}, {}, exists=False))
    assert "Users: table" in live.failing("4.1")
    live.make(Spec.of(TABLES[0]))
