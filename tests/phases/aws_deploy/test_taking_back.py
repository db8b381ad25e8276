"""The way back: what was done is undone, the latest first; data only when a person says so."""

from __future__ import annotations

import pytest

from state.errors import Waiting
from tests.worlds.shop_world import TOPIC, ShopWorld, check, failed

pytestmark = pytest.mark.slow

APPLY = {"apply": "echo applied", "rollback": "echo taken back"}


@pytest.fixture
def deployed(shop: ShopWorld) -> ShopWorld:
    shop.resources()
    shop.ready_for("Phase 4")
    assert not failed(shop.run("Phase 4"))
    shop.log.write_text("")
    return shop


def test_a_run_that_did_nothing_outside_has_nothing_to_take_back(shop: ShopWorld) -> None:
    works = shop.take_back()
    assert [[each.name for each in work.checks] for work in works.values()] == [["nothing to take back"]] * 5
    assert shop.ran() == []


def test_components_go_back_in_reverse_and_people_are_told_twice(deployed: ShopWorld) -> None:
    works = deployed.take_back()
    assert [failed(work) for work in works.values()] == [[]] * 5
    assert deployed.ran() == ["back orders in test", "back stock in test"]
    assert deployed.sandbox.calls.count(("sns", "Publish")) == 2
    assert check(works["R4"], "infrastructure changed by hand").verdict == "attested"
    record = (deployed.root / "artifacts/aws-deploy/rollback-record.md").read_text()
    assert "Reason: it is broken" in record


@pytest.mark.parametrize("what", ["deploy", "smoke_test"])
def test_what_failed_halfway_is_taken_back_as_well(shop: ShopWorld, what: str) -> None:
    shop.said["components"][1][what] = "exit 1"
    shop.change()
    shop.resources()
    shop.ready_for("Phase 4")
    assert failed(shop.run("Phase 4"))
    shop.log.write_text("")
    shop.take_back()
    assert shop.ran() == ["back orders in test", "back stock in test"]


def test_a_component_that_was_never_reached_is_left_alone(shop: ShopWorld) -> None:
    shop.said["components"][0]["deploy"] = "exit 1"
    shop.change()
    shop.resources()
    shop.ready_for("Phase 4")
    shop.run("Phase 4")
    shop.log.write_text("")
    shop.take_back()
    assert shop.ran() == ["back stock in test"]


def test_a_way_back_that_fails_stops_before_what_it_rests_on(deployed: ShopWorld) -> None:
    deployed.said["components"][1]["rollback"] = "echo stuck; exit 1"
    deployed.planned()
    works = deployed.take_back()
    assert (list(works), failed(works["R3"])) == (["R2", "R3"], ["component orders"])
    assert deployed.ran() == []


@pytest.mark.parametrize(("said", "times"), [("done", 1), ("repeat", 2)])
def test_a_way_back_cut_off_by_a_crash_is_asked_about(deployed: ShopWorld, said: str, times: int) -> None:
    deployed.world.dies_at("back-orders")
    with pytest.raises(KeyboardInterrupt):
        deployed.take_back()
    with pytest.raises(Waiting, match="back-orders-interrupted-1"):
        deployed.take_back()
    deployed.world.given["back-orders-interrupted-1"] = said
    deployed.take_back()
    assert (deployed.ran().count("back orders in test"), deployed.ran().count("back stock in test")) == (times, 1)


@pytest.mark.parametrize(("answer", "verdict"), [("yes", "pass"), ("no", "attested")])
def test_the_infrastructure_goes_back_by_its_own_command_when_a_person_says_so(
    shop: ShopWorld, answer: str, verdict: str
) -> None:
    shop.change(infrastructure=APPLY)
    shop.resources()
    shop.ready_for("Phase 3")
    shop.run("Phase 3")
    shop.world.given["take-back-infrastructure"] = answer
    assert check(shop.take_back()["R4"], "infrastructure").verdict == verdict


def test_damaged_data_is_restored_beside_when_a_person_says_so(deployed: ShopWorld) -> None:
    deployed.world.given["restore-shop-orders"] = "yes"
    works = deployed.take_back()
    copy = "shop-orders-restored-20260102-030405"
    assert works["R5"].data["restored"] == {"shop-orders": copy}
    assert deployed.client("dynamodb").list_tables()["TableNames"] == ["shop-orders", copy]
    record = (deployed.root / "artifacts/aws-deploy/rollback-record.md").read_text()
    assert f"`shop-orders` is restored as `{copy}`" in record


def test_data_that_is_whole_is_not_touched(deployed: ShopWorld) -> None:
    assert check(deployed.take_back()["R5"], "data of shop-orders").verdict == "attested"
    assert deployed.client("dynamodb").list_tables()["TableNames"] == ["shop-orders"]


def test_a_table_that_is_missing_afterwards_is_not_stable(deployed: ShopWorld) -> None:
    deployed.client("dynamodb").delete_table(TableName="shop-orders")
    assert failed(deployed.take_back()["R6"]) == ["table shop-orders"]


def test_an_alarm_that_goes_off_afterwards_is_not_stable(deployed: ShopWorld) -> None:
    deployed.client("cloudwatch").set_alarm_state(AlarmName="shop-errors", StateValue="ALARM", StateReason="real")
    works = deployed.take_back()
    assert failed(works["R6"]) == ["alarm shop-errors"]
    assert deployed.sandbox.calls.count(("sns", "Publish")) == 1  # that it is over is not said


def test_an_alarm_that_was_left_set_off_is_put_back(deployed: ShopWorld) -> None:
    deployed.run("Phase 5")
    deployed.world.dies_at("set-off-shop-errors")
    with pytest.raises(KeyboardInterrupt):
        deployed.run("Phase 6")
    works = deployed.take_back()
    assert check(works["R3"], "alarm shop-errors").seen == "put back to OK"
    assert failed(works["R6"]) == []
    assert check(works["R6"], "alarm shop-errors").verdict == "not-checked"  # its OK is what R3 has put there


@pytest.mark.parametrize(("answer", "left"), [("yes", 1), ("no", 2)])
def test_what_was_put_up_to_watch_goes_when_a_person_says_so(shop: ShopWorld, answer: str, left: int) -> None:
    shop.put(
        "slow.json",
        '{"MetricName": "Slow", "Namespace": "Shop", "Statistic": "Sum", "Period": 60, "Threshold": 1,'
        f' "EvaluationPeriods": 1, "ComparisonOperator": "GreaterThanThreshold", "AlarmActions": ["{TOPIC}"]}}',
    )
    alarms = [{"name": "shop-errors"}, {"name": "shop-slow", "file": "slow.json"}]
    shop.change(monitoring={"alarms": alarms})
    shop.resources()
    shop.ready_for("Phase 6")
    shop.run("Phase 6")
    shop.world.given["remove-monitoring"] = answer
    shop.take_back()
    assert len(shop.client("cloudwatch").describe_alarms()["MetricAlarms"]) == left


def test_a_topic_that_went_with_the_infrastructure_does_not_keep_it_from_ending(deployed: ShopWorld) -> None:
    deployed.client("sns").delete_topic(TopicArn=TOPIC)
    works = deployed.take_back()
    assert list(works) == ["R2", "R3", "R4", "R5", "R6"]
    assert check(works["R6"], "notice topic").verdict == "note"
