"""Phase 6: dashboards and alarms put up or verified, and each alarm set off."""

from __future__ import annotations

import json
from typing import Any

import pytest

from phases.aws_deploy.verify.alarm_drill import alarm_checks
from phases.aws_deploy.verify.dashboards import Dashboard, shown_metrics
from phases.aws_deploy.verify.items import ALARM_DRILL
from tests.worlds.real_account import RealAccount
from tests.worlds.shop_world import REGION, TASKS, TOPIC, ShopWorld, check, failed

pytestmark = pytest.mark.slow

BODY = {"widgets": [{"type": "metric", "properties": {"metrics": [["Shop", "Errors"], [".", "Orders"]]}}]}
ALARM = {
    "Namespace": "Shop",
    "MetricName": "Slow",
    "Statistic": "Average",
    "Period": 60,
    "EvaluationPeriods": 1,
    "Threshold": 5,
    "ComparisonOperator": "GreaterThanThreshold",
    "AlarmActions": [TOPIC],
    "Dimensions": [{"Name": "a", "Value": "b"}],
}
ARN = f"arn:aws:cloudwatch:{REGION}:123456789012:alarm:shop-errors"


@pytest.fixture
def ready(shop: ShopWorld) -> ShopWorld:
    shop.put("dashboard.json", json.dumps(BODY))
    shop.put("slow.json", json.dumps(ALARM))
    shop.said["monitoring"] = {
        "dashboards": [{"name": "shop", "file": "dashboard.json"}],
        "alarms": [{"name": "shop-errors"}, {"name": "shop-slow", "about": "performance", "file": "slow.json"}],
    }
    shop.change()
    shop.resources()
    shop.ready_for("Phase 6")
    return shop


def state(shop: ShopWorld, name: str) -> str:
    return str(shop.client("cloudwatch").describe_alarms(AlarmNames=[name])["MetricAlarms"][0]["StateValue"])


def test_what_is_missing_is_put_up_and_every_alarm_is_tried_and_put_back(ready: ShopWorld) -> None:
    work = ready.run("Phase 6")
    assert not failed(work)
    body = json.loads(ready.client("cloudwatch").get_dashboard(DashboardName="shop")["DashboardBody"])
    assert body == BODY
    metrics = check(work, "6.1 dashboard shop: metrics")
    assert (metrics.verdict, metrics.seen) == ("not-checked", "not checked: no datapoint yet: Shop Errors")
    assert check(work, "6.4 shop-slow changes").verdict == "pass"
    assert check(work, "6.4 shop-slow acts").verdict == "not-checked"  # the sandbox must not say more than it knows
    assert check(work, "exit: Alerts tested and working").verdict == "not-checked"
    assert (state(ready, "shop-errors"), state(ready, "shop-slow")) == ("OK", "OK")
    guide = (ready.root / "artifacts/aws-deploy/06-operations.md").read_text()
    assert "aws logs tail shop-log" in guide


def test_a_second_look_puts_nothing_up(ready: ShopWorld) -> None:
    ready.run("Phase 6")
    before = len(ready.sandbox.calls)
    work = ready.run("Phase 6", attempt=2)
    made = [action for _service, action in ready.sandbox.calls[before:] if action.startswith("Put")]
    assert (failed(work), made) == ([], [])


@pytest.mark.parametrize(
    ("field", "value", "seen"),
    [("Threshold", 9, "differs: Threshold 9.0"), ("Statistic", "Sum", "differs: Statistic 'Sum'")],
)
def test_an_alarm_that_differs_from_its_file_is_told_and_left_alone(
    ready: ShopWorld, field: str, value: Any, seen: str
) -> None:
    ready.client("cloudwatch").put_metric_alarm(AlarmName="shop-slow", **{**ALARM, field: value})
    work = ready.run("Phase 6")
    assert (failed(work), check(work, "6.2 alarm shop-slow").seen) == (["6.2 alarm shop-slow"], seen)


def shown(metrics: list[list[object]], region: str = "") -> list[str]:
    """The metrics of a dashboard with these rows."""
    body: Dashboard = {"widgets": [{"properties": {"metrics": metrics, "region": region}}]}
    return [f"{each} {each.region}".strip() for each in shown_metrics(body)]


def test_the_rows_of_a_dashboard_are_read_as_cloudwatch_does() -> None:
    first: list[object] = ["AWS/Lambda", "Errors", "FunctionName", "one", {"stat": "Sum"}]
    assert shown([first, ["...", "two"], ["...", {"stat": "p90"}], [".", "Duration", ".", "."]]) == [
        "AWS/Lambda Errors one",
        "AWS/Lambda Errors two",
        "AWS/Lambda Errors two",
        "AWS/Lambda Duration two",
    ]
    assert shown([[{"expression": "m1 / m2"}], ["Shop", "Orders", {"region": "eu-west-1"}]], "us-east-1") == [
        "Shop Orders eu-west-1"
    ]


@pytest.mark.parametrize(
    ("dimensions", "verdict"),
    [
        (["Stage", "live"], "pass"),
        (["Stage", "lvie"], "not-checked"),
        ([], "not-checked"),
        (["Stage", "live", "A", "b"], "not-checked"),
    ],
)
def test_a_metric_of_a_dashboard_is_known_by_its_dimensions(
    ready: ShopWorld, dimensions: list[object], verdict: str
) -> None:
    datum = {"MetricName": "Slow", "Value": 1, "Dimensions": [{"Name": "Stage", "Value": "live"}]}
    cloudwatch = ready.client("cloudwatch")
    cloudwatch.put_metric_data(Namespace="Shop", MetricData=[datum])
    ready.put("dashboard.json", json.dumps({"widgets": [{"properties": {"metrics": [["Shop", "Slow", *dimensions]]}}]}))
    assert check(ready.run("Phase 6"), "6.1 dashboard shop: metrics").verdict == verdict


@pytest.mark.parametrize(
    ("monitors", "status", "verdict"),
    [
        (["arn:m"], "CONFIRMED", "pass"),
        (["arn:m"], "DECLINED", "not-checked"),
        (["arn:another"], "CONFIRMED", "not-checked"),
    ],
)
def test_a_cost_monitor_tells_whoever_has_subscribed_to_it(
    ready: ShopWorld, monitors: list[str], status: str, verdict: str
) -> None:
    told = {"MonitorArnList": monitors, "Subscribers": [{"Status": status}]}
    known = {"AnomalyMonitors": [{"MonitorName": "all", "MonitorArn": "arn:m"}]}
    ready.world.aws = RealAccount(
        ready.aws,
        {
            ("ce", "get_anomaly_monitors"): known,
            ("ce", "get_anomaly_subscriptions"): {"AnomalySubscriptions": [told]},
            ("cloudwatch", "list_alarm_mute_rules"): {"AlarmMuteRuleSummaries": []},
            ("cloudwatch", "describe_alarm_history"): {"AlarmHistoryItems": []},
        },
    )
    assert check(ready.run("Phase 6"), "6.2 cost anomalies").verdict == verdict


def test_a_dashboard_that_differs_from_its_file_is_told(ready: ShopWorld) -> None:
    ready.client("cloudwatch").put_dashboard(DashboardName="shop", DashboardBody='{"widgets": []}')
    assert failed(ready.run("Phase 6")) == ["6.1 dashboard shop"]


def test_what_is_missing_and_has_no_file_fails(ready: ShopWorld) -> None:
    ready.client("cloudwatch").delete_alarms(AlarmNames=["shop-errors"])
    assert set(failed(ready.run("Phase 6"))) == {"6.2 alarm shop-errors", "6.4 shop-errors"}


@pytest.mark.parametrize("fields", [{"AlarmActions": []}, {"ActionsEnabled": False}])
def test_an_alarm_that_tells_nobody_fails(ready: ShopWorld, fields: dict[str, Any]) -> None:
    ready.alarm(**fields)
    assert failed(ready.run("Phase 6")) == ["6.4 shop-errors tells"]


def test_an_alarm_that_is_going_off_is_left_alone(ready: ShopWorld) -> None:
    ready.client("cloudwatch").set_alarm_state(AlarmName="shop-errors", StateValue="ALARM", StateReason="real")
    before = len(ready.sandbox.calls)
    work = ready.run("Phase 6")
    assert check(work, "6.4 shop-errors changes").seen == "not checked: it is in ALARM already"
    assert ready.sandbox.calls[before:].count(("cloudwatch", "SetAlarmState")) == 2  # the other one, off and back
    assert state(ready, "shop-errors") == "ALARM"


def test_a_crash_while_an_alarm_is_off_does_not_set_it_off_again(ready: ShopWorld) -> None:
    ready.world.dies_at("set-off-shop-errors")
    with pytest.raises(KeyboardInterrupt):
        ready.run("Phase 6")
    assert state(ready, "shop-errors") == "ALARM"
    before = len(ready.sandbox.calls)
    assert not failed(ready.run("Phase 6"))
    assert ready.sandbox.calls[before:].count(("cloudwatch", "SetAlarmState")) == 1 + 2  # back; the other off and back
    assert state(ready, "shop-errors") == "OK"


def history(*summaries: tuple[str, str]) -> dict[str, Any]:
    return {
        "AlarmHistoryItems": [
            {"Timestamp": at, "HistoryItemType": kind, "HistorySummary": text, "HistoryData": text}
            for at, (kind, text) in enumerate(summaries)
        ]
    }


REASON = "phasegate: test alarm of run aws-deploy-20260102-030405, attempt 1; nothing is wrong"
CHANGED = ("StateUpdate", REASON)


@pytest.mark.parametrize(
    ("items", "changes", "acts"),
    [
        pytest.param([CHANGED, ("Action", f"Successfully executed action {TOPIC}")], "pass", "pass", id="it acted"),
        pytest.param([CHANGED, ("Action", f"Failed to execute action {TOPIC}")], "pass", "fail", id="it failed to act"),
        pytest.param([CHANGED], "pass", "fail", id="nothing happened"),
        pytest.param([("Action", f"Successfully executed action {TOPIC}")], "fail", "fail", id="no change was seen"),
        pytest.param(
            [("Action", f"Successfully executed action {TOPIC}"), CHANGED], "pass", "fail", id="it acted before that"
        ),
        pytest.param(
            [("StateUpdate", "from OK to ALARM"), ("Action", f"Successfully executed action {TOPIC}")],
            "fail",
            "fail",
            id="another change was seen",
        ),
    ],
)
def test_in_an_account_the_history_says_whether_it_acted(
    ready: ShopWorld, items: list[tuple[str, str]], changes: str, acts: str
) -> None:
    port = RealAccount(
        ready.aws,
        {
            ("cloudwatch", "describe_alarm_history"): [history(), history(*items)],
            ("cloudwatch", "list_alarm_mute_rules"): {"AlarmMuteRuleSummaries": []},
        },
    )
    ctx = ready.world.begin(TASKS["Phase 6"])
    found = {check.name: check.verdict for check in alarm_checks(ctx, port, ALARM_DRILL, "shop-errors")}
    assert (found["6.4 shop-errors changes"], found["6.4 shop-errors acts"]) == (changes, acts)
    assert ready.world.clock.waited  # it was given time
