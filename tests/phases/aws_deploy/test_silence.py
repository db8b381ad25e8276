"""Silence is no fact: a quiet watch without use, a topic that nobody hears, an alarm without data, an exit code."""

from __future__ import annotations

from typing import Any

import pytest

from phases.aws_deploy.verify.alarm_drill import alarm_checks
from phases.aws_deploy.verify.items import ALARM_DRILL
from state.errors import Waiting
from tests.worlds.real_account import RealAccount
from tests.worlds.shop_world import TASKS, TOPIC, ShopWorld, check, failed

pytestmark = pytest.mark.slow


@pytest.fixture
def ready(shop: ShopWorld) -> ShopWorld:
    shop.resources()
    shop.ready_for("Phase 4")
    return shop


@pytest.mark.parametrize(
    ("at_least", "verdict", "seen"),
    [(3, "pass", ""), (1_000, "not-checked", "not checked: ")],
)
def test_traffic_is_held_against_its_least(ready: ShopWorld, at_least: int, verdict: str, seen: str) -> None:
    ready.said["watch"]["traffic"][0]["at_least"] = at_least
    ready.planned()
    work = ready.run("Phase 4")
    found = check(work, "4.5 traffic Shop Orders")
    assert (found.verdict, found.seen[: len(seen)]) == (verdict, seen)
    # an error metric is only sent when there is an error: without traffic its silence proves nothing
    assert check(work, "4.5 metric Shop Errors").verdict == verdict
    assert check(work, "exit: No critical errors in logs").verdict == verdict


def test_a_log_without_an_event_is_not_quiet(ready: ShopWorld) -> None:
    ready.client("logs").delete_log_stream(logGroupName="shop-log", logStreamName="one")
    found = check(ready.run("Phase 4"), "4.5 log shop-log")
    assert (found.verdict, found.seen[:31]) == ("not-checked", "not checked: nothing was logged")


def test_an_alarm_without_data_says_nothing(ready: ShopWorld) -> None:
    ready.client("cloudwatch").set_alarm_state(
        AlarmName="shop-errors", StateValue="INSUFFICIENT_DATA", StateReason="no data"
    )
    found = check(ready.run("Phase 4"), "4.5 alarm shop-errors")
    assert (found.verdict, found.seen) == ("not-checked", "not checked: it is in INSUFFICIENT_DATA")


@pytest.mark.parametrize(
    ("missing", "reason", "errors", "at_least", "verdict"),
    [
        pytest.param("missing", "1 datapoint was not greater", None, 1_000, "pass", id="data or INSUFFICIENT_DATA"),
        pytest.param("notBreaching", "no datapoints were received", None, 1_000, "not-checked", id="missing is good"),
        pytest.param("notBreaching", "no datapoints were received", None, 3, "pass", id="missing is good, traffic"),
        pytest.param("ignore", "1 datapoint was not greater", None, 1_000, "not-checked", id="missing changes nothing"),
        pytest.param("ignore", "1 datapoint was not greater", 0, 1_000, "pass", id="a datapoint"),
        pytest.param("missing", "phasegate: end of the test", None, 1_000, "not-checked", id="put there by phasegate"),
        pytest.param("missing", "phasegate: end of the test", 0, 1_000, "pass", id="put there, and a datapoint"),
    ],
)
def test_an_alarm_is_ok_by_what_cloudwatch_has_seen(
    ready: ShopWorld, missing: str, reason: str, errors: float | None, at_least: int, verdict: str
) -> None:
    ready.said["watch"]["traffic"][0]["at_least"] = at_least
    ready.planned()
    cloudwatch = ready.client("cloudwatch")
    ready.alarm(TreatMissingData=missing)
    if errors is not None:
        datum = {"MetricName": "Errors", "Value": errors, "Timestamp": ready.world.clock.at}
        cloudwatch.put_metric_data(Namespace="Shop", MetricData=[datum])
    cloudwatch.set_alarm_state(AlarmName="shop-errors", StateValue="OK", StateReason=reason)
    found = check(ready.run("Phase 4"), "4.5 alarm shop-errors")
    assert (found.verdict, found.seen[:2] == "OK") == (verdict, verdict == "pass")


def test_a_log_in_which_nothing_is_looked_for_is_not_quiet(ready: ShopWorld) -> None:
    ready.said["watch"]["error_terms"] = []
    ready.planned()
    assert check(ready.run("Phase 4"), "4.5 log shop-log").seen == "not checked: watch.error_terms has no term"


@pytest.mark.parametrize(("reason", "verdict"), [("it is real", "fail"), ("phasegate: test alarm of run x", "pass")])
def test_an_alarm_that_went_off_and_came_back_is_told_but_for_drills(
    ready: ShopWorld, reason: str, verdict: str
) -> None:
    moment = ready.world.clock.at
    entry = {"Timestamp": moment, "HistorySummary": "Alarm updated from OK to ALARM", "HistoryData": reason}
    history = {("cloudwatch", "describe_alarm_history"): {"AlarmHistoryItems": [entry]}}
    unbilled: dict[tuple[str, str], Any] = {("ce", "get_cost_and_usage"): {"ResultsByTime": []}}
    ready.world.aws = RealAccount(ready.aws, history | unbilled)
    found = check(ready.run("Phase 4"), "4.5 alarm shop-errors")
    assert found.verdict == verdict
    assert (f"{moment:%Y-%m-%d %H:%M}" in found.seen) == (verdict == "fail")


PENDING = {"Subscriptions": [{"SubscriptionArn": "PendingConfirmation"}]}
NOBODY: dict[str, Any] = {"Subscriptions": []}
SOMEBODY = {"Subscriptions": [{"SubscriptionArn": f"{TOPIC}:1"}, {"SubscriptionArn": "PendingConfirmation"}]}


@pytest.mark.parametrize(
    ("answer", "verdict", "heard"),
    [
        pytest.param(NOBODY, "not-checked", "0 confirmed subscribers", id="nobody"),
        pytest.param(PENDING, "not-checked", "0 confirmed subscribers, 1 not confirmed", id="pending"),
        pytest.param(SOMEBODY, "pass", "1 confirmed subscriber, 1 not confirmed", id="somebody"),
        pytest.param({**SOMEBODY, "NextToken": "x"}, "not-checked", "goes on (NextToken)", id="a page of them"),
    ],
)
def test_a_topic_tells_those_who_have_confirmed(
    shop: ShopWorld, answer: dict[str, Any], verdict: str, heard: str
) -> None:
    shop.resources()
    shop.ready_for("Phase 6")
    port = RealAccount(shop.aws, {("sns", "list_subscriptions_by_topic"): answer})
    port.sandbox = True
    shop.world.aws = port
    found = check(shop.run("Phase 6"), "6.4 shop-errors tells")
    assert (found.verdict, heard in found.seen) == (verdict, True)


def test_a_muted_alarm_tells_nobody(shop: ShopWorld) -> None:
    shop.resources()
    shop.ready_for("Phase 6")
    rule = {"AlarmMuteRuleArn": "arn:aws:cloudwatch:mute", "Status": "ACTIVE"}
    port = RealAccount(
        shop.aws,
        {
            ("cloudwatch", "list_alarm_mute_rules"): {"AlarmMuteRuleSummaries": [rule]},
            ("cloudwatch", "describe_alarm_history"): {"AlarmHistoryItems": []},
        },
    )
    ctx = shop.world.begin(TASKS["Phase 6"])
    found = {each.name: each for each in alarm_checks(ctx, port, ALARM_DRILL, "shop-errors")}
    tells = found["6.4 shop-errors tells"]
    assert (tells.verdict, tells.seen) == ("not-checked", "not checked: it is muted by arn:aws:cloudwatch:mute")


def test_a_notice_that_nobody_hears_is_sent_and_not_checked(shop: ShopWorld) -> None:
    shop.resources()
    sns = shop.client("sns")
    (subscription,) = sns.list_subscriptions_by_topic(TopicArn=TOPIC)["Subscriptions"]
    sns.unsubscribe(SubscriptionArn=subscription["SubscriptionArn"])
    shop.ready_for("Phase 8")
    work = shop.run("Phase 8")
    assert check(work, "8.2 topic").verdict == "not-checked"
    assert check(work, "8.2 topic").seen.endswith("to 0 confirmed subscribers")
    assert check(work, "exit: Stakeholders notified").verdict == "not-checked"
    assert shop.sandbox.calls.count(("sns", "Publish")) == 1


def test_an_exit_code_is_nobodys_word(shop: ShopWorld) -> None:
    shop.resources()
    shop.ready_for("Phase 3")
    shop.planned(infrastructure={"apply": "true"})
    shop.world.defaults = False
    with pytest.raises(Waiting, match="infrastructure-confirmed"):
        shop.run("Phase 3")
    shop.world.given["infrastructure-confirmed"] = "confirmed"
    work = shop.run("Phase 3")
    assert check(work, "3.1 confirmed by a person").seen == "confirmed, says Ada <ada@example.com> (prompt)"
    assert check(work, "exit: User confirms all infrastructure changes applied").verdict == "attested"


def test_the_last_notice_is_sent_before_its_topic_goes(shop: ShopWorld) -> None:
    gone = '"$PHASEGATE_PYTHON" -c "print(1)"'
    shop.change(infrastructure={"apply": "true", "rollback": gone})
    shop.resources()
    shop.ready_for("Phase 3")
    assert not failed(shop.run("Phase 3"))
    sent: list[str] = []
    original = shop.aws.call

    def call(service: str, operation: str, **params: Any) -> dict[str, Any]:
        if operation == "publish":
            sent.append(params["Subject"])
        return original(service, operation, **params)

    shop.aws.call = call  # type: ignore[method-assign]
    works = shop.take_back()
    assert [check.name for check in works["R4"].checks] == ["notice topic", "infrastructure"]
    assert check(works["R4"], "notice topic").verdict == "pass"
    assert sent[1].endswith("the components are back, the infrastructure goes")
    assert len(sent) == 3


def test_before_a_first_deployment_nothing_was_seen(shop: ShopWorld) -> None:
    work = shop.run("Phase 1")
    silent = {each.name for each in work.checks if each.verdict == "not-checked"}
    assert {"1.2 resources by tag", "1.2 service dynamodb", "1.2 service iam"} <= silent
    assert check(work, "exit: Infrastructure state verified").verdict == "not-checked"


def test_nothing_that_could_be_restored_is_no_rehearsal(shop: ShopWorld) -> None:
    shop.resources()
    shop.client("dynamodb").delete_item(TableName="shop-orders", Key={"id": {"S": "1"}})
    shop.ready_for("Phase 7")
    found = check(shop.run("Phase 7"), "7.2 data of shop-orders: items")
    assert (found.verdict, found.seen) == ("not-checked", "not checked: the table was empty")
