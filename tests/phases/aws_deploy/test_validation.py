"""Phases 5 and the cost checkpoints: figures against limits, and what could not be looked at."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from phases.aws import Denied, ExpiredToken
from phases.aws_deploy.spec.load_target import load_target
from phases.aws_deploy.verify.cost import checkpoint
from phases.aws_deploy.verify.permissions import permission_check
from phases.step import Check
from tests.worlds.real_account import RealAccount
from tests.worlds.shop_world import TASKS, ShopWorld, check, failed

pytestmark = pytest.mark.slow

DAY = datetime(2026, 1, 2, tzinfo=UTC)


@pytest.fixture
def ready(shop: ShopWorld) -> ShopWorld:
    shop.resources()
    shop.ready_for("Phase 5")
    return shop


def test_everything_within_its_limits(ready: ShopWorld) -> None:
    work = ready.run("Phase 5")
    assert not failed(work)
    assert [row[2] for row in work.data["performance"]] == ["12.5 ms"] * 3
    assert ready.ran()[-2:] == ["integration", "security"]


@pytest.mark.parametrize(
    ("name", "item"), [("integration", "5.1 integration tests"), ("security", "5.3 security scan")]
)
def test_a_test_or_a_scan_that_fails_closes_the_gate(ready: ShopWorld, name: str, item: str) -> None:
    ready.said["commands"][name] = "echo found something; exit 1"
    ready.planned()
    assert failed(ready.run("Phase 5")) == [item]


@pytest.mark.parametrize(
    ("command", "verdict", "seen"),
    [
        ("echo 20", "pass", "20 ms"),
        ("echo 20.1", "fail", "20.1 ms"),
        ("echo 3 ms", "pass", "3 ms"),
        ("echo 3 s", "not-checked", "not checked: the last line is '3 s', the limit is in ms"),
        ("echo 1e3", "not-checked", "not checked: the last line is '1e3', the limit is in ms"),
        ("echo fast", "fail", "exit code 0, no figure in the last line: 'fast'"),
        ("echo 3; exit 2", "fail", "exit code 2, no figure in the last line: '3'"),
    ],
)
def test_a_figure_is_held_against_its_limit(ready: ShopWorld, command: str, verdict: str, seen: str) -> None:
    ready.said["performance"][0]["command"] = command
    ready.planned()
    found = check(ready.run("Phase 5"), "5.2 database queries: database")
    assert (found.verdict, found.seen) == (verdict, seen)


def deployed_at(shop: ShopWorld, moment: datetime) -> None:
    shop.world.give_data("Phase 4", {**LEFT, "deployed_at": moment.isoformat()})


LEFT = {"deployed_commit": "0" * 40, "seconds": {}, "cost": []}


def latency(shop: ShopWorld, **datum: Any) -> Check:
    """What comes of a probe on a metric with one datapoint."""
    data = {"MetricName": "Latency", "Value": 0.5, "Timestamp": shop.world.clock.now(), **datum}
    shop.client("cloudwatch").put_metric_data(Namespace="Shop", MetricData=[data])
    metric = {"namespace": "Shop", "name": "Latency", "statistic": "Maximum"}
    shop.said["performance"] = [{"name": "query", "about": "database", "limit": 20, "metric": metric}]
    shop.planned()
    return check(shop.run("Phase 5"), "5.2 database queries: query")


@pytest.mark.parametrize(
    ("unit", "verdict", "seen"),
    [
        ("Seconds", "not-checked", "not checked: 0.5 Seconds: the limit is in ms"),
        ("Milliseconds", "pass", "0.5 ms"),
        ("None", "pass", "0.5 ms"),
    ],
)
def test_a_figure_in_another_unit_than_its_limit_proves_nothing(
    ready: ShopWorld, unit: str, verdict: str, seen: str
) -> None:
    found = latency(ready, Unit=unit)
    assert (found.verdict, found.seen) == (verdict, seen)


def test_a_figure_from_before_the_deployment_is_none_of_what_was_deployed(ready: ShopWorld) -> None:
    now = ready.world.clock.now()
    deployed_at(ready, now - timedelta(minutes=10))
    found = latency(ready, Timestamp=now - timedelta(minutes=15))
    assert (found.verdict, found.seen[:47]) == ("not-checked", "not checked: the metric has no datapoint since ")


@pytest.mark.parametrize(
    ("statistic", "value", "verdict"),
    [("Average", 15.0, "pass"), ("Maximum", 20.0, "pass"), ("Sum", 30.0, "fail"), ("Minimum", 10.0, "pass")],
)
def test_a_metrics_figure_is_of_the_whole_time(ready: ShopWorld, statistic: str, value: float, verdict: str) -> None:
    now = ready.world.clock.now()
    deployed_at(ready, now - timedelta(minutes=10))
    data = [
        {"MetricName": "Latency", "Value": each, "Timestamp": now - timedelta(minutes=minutes)}
        for each, minutes in ((10.0, 0), (20.0, 9), (90.0, 15))
    ]
    ready.client("cloudwatch").put_metric_data(Namespace="Shop", MetricData=data)
    metric = {"namespace": "Shop", "name": "Latency", "statistic": statistic}
    ready.said["performance"] = [{"name": "query", "about": "database", "limit": 20, "metric": metric}]
    ready.planned()
    work = ready.run("Phase 5")
    found = check(work, "5.2 database queries: query")
    assert (found.seen, found.verdict) == (f"{value:g} ms", verdict)
    assert check(work, "5.2 response times").verdict == "not-checked"


def test_a_metric_without_a_datapoint_is_not_checked(ready: ShopWorld) -> None:
    metric = {"namespace": "Shop", "name": "Nothing"}
    ready.said["performance"] = [{"name": "query", "about": "database", "limit": 20, "metric": metric}]
    ready.planned()
    assert check(ready.run("Phase 5"), "5.2 database queries: query").verdict == "not-checked"


def days(*amounts: str) -> dict[str, Any]:
    return {
        "ResultsByTime": [
            {"TimePeriod": {"Start": f"2026-01-{number:02}"}, "Total": {"UnblendedCost": {"Amount": amount}}}
            for number, amount in enumerate(amounts, 2)
        ]
    }


@pytest.mark.parametrize(
    ("limit", "answer", "verdict", "seen"),
    [
        (5, days("5.00", "1.5"), "pass", "6.50 USD in 2 days, at most 5.00 on 2026-01-02"),
        (5, days("1", "5.01"), "fail", "6.01 USD in 2 days, at most 5.01 on 2026-01-03"),
        (None, days("1"), "note", "1.00 USD in 1 day, at most 1.00 on 2026-01-02"),
        (5, days(), "not-checked", "not checked: Cost Explorer has no figures yet"),
        (
            5,
            {**days("1"), "NextPageToken": "x"},
            "not-checked",
            "not checked: the answer to ce get_cost_and_usage goes on",
        ),
        (5, days("0", "0"), "not-checked", "not checked: 0.00 USD, which is what"),
        (5, Denied("ce is denied", service="ce", operation="get"), "not-checked", "not checked: ce is denied"),
    ],
)
def test_what_it_costs_is_held_against_the_limit_where_it_can_be_seen(
    ready: ShopWorld, limit: float | None, answer: Any, verdict: str, seen: str
) -> None:
    ready.planned(cost={"daily_usd": limit} if limit is not None else {})
    ready.world.aws = account = RealAccount(ready.aws, {("ce", "get_cost_and_usage"): answer})
    found, _hourly = checkpoint(load_target(ready.world.begin(TASKS["Phase 5"])), 2, DAY, DAY + timedelta(days=1))
    assert (found.name, found.verdict) == ("cost after the application", verdict)
    assert found.seen.startswith(seen)
    (_service, _operation, asked), *_ = account.asked
    assert asked["TimePeriod"] == {"Start": "2026-01-02", "End": "2026-01-04"}
    assert asked["Filter"] == {"Tags": {"Key": "project", "Values": ["shop"]}}


def test_an_expired_session_is_signed_in_again_not_passed_over(ready: ShopWorld) -> None:
    expired = ExpiredToken("expired", service="ce", operation="get_cost_and_usage")
    ready.world.aws = RealAccount(ready.aws, {("ce", "get_cost_and_usage"): expired})
    with pytest.raises(ExpiredToken):
        checkpoint(load_target(ready.world.begin(TASKS["Phase 5"])), 1, DAY, DAY)


@pytest.mark.parametrize(
    ("decisions", "verdict", "seen"),
    [
        ({"a:B": "allowed", "c:D": "allowed"}, "pass", "2 actions allowed in the simulation"),
        ({"a:B": "allowed", "c:D": "implicitDeny"}, "note", "the simulation refuses c:D"),
        ({"a:B": "allowed"}, "not-checked", "not checked: the simulation does not answer for c:D"),
    ],
)
def test_permissions_are_simulated_where_the_account_allows_it(
    shop: ShopWorld, decisions: dict[str, str], verdict: str, seen: str
) -> None:
    results = [{"EvalActionName": name, "EvalDecision": decision} for name, decision in decisions.items()]
    port = RealAccount(shop.aws, {("iam", "simulate_principal_policy"): {"EvaluationResults": results}})
    found = permission_check(port, "1.4 permissions", "arn:aws:iam::123456789012:user/ada", ["a:B", "c:D"])
    assert (found.verdict, found.seen) == (verdict, seen)


def test_each_hour_is_held_against_its_limit_where_the_account_has_hours(ready: ShopWorld) -> None:
    ready.planned(cost={"daily_usd": 50, "hourly_usd": 1})
    ready.world.aws = account = RealAccount(ready.aws, {("ce", "get_cost_and_usage"): [days("2"), days("0.5", "2")]})
    daily, hourly = checkpoint(load_target(ready.world.begin(TASKS["Phase 5"])), 1, DAY, DAY + timedelta(hours=3))
    assert (daily.verdict, hourly.verdict) == ("pass", "fail")
    assert hourly.seen == "2.50 USD in 2 hours, at most 2.00 on 2026-01-03"
    _daily, (_service, _operation, asked) = account.asked
    assert (asked["Granularity"], asked["TimePeriod"]) == (
        "HOURLY",
        {"Start": "2026-01-02T00:00:00Z", "End": "2026-01-02T04:00:00Z"},
    )


@pytest.mark.parametrize(
    ("later", "name"), [(2, "cost 2 s after"), (86_400, "cost 1 d after"), (93_780, "cost 1 d 2 h")]
)
def test_a_checkpoint_says_how_long_after_it_really_is(ready: ShopWorld, later: int, name: str) -> None:
    now = DAY + timedelta(seconds=later)
    found, _hourly = checkpoint(load_target(ready.world.begin(TASKS["Phase 5"])), 3, DAY, now, DAY)
    assert found.name.startswith(name)
