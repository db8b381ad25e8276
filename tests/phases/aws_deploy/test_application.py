"""Phase 4: one after the other, tested at once, then watched; what fails stops what comes after it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from state.errors import Waiting
from tests.worlds.shop_world import ShopWorld, check, failed

pytestmark = pytest.mark.slow


@pytest.fixture
def ready(shop: ShopWorld) -> ShopWorld:
    shop.resources()
    shop.ready_for("Phase 4")
    return shop


def test_components_go_out_in_order_each_tested_before_the_next(ready: ShopWorld) -> None:
    work = ready.run("Phase 4")
    assert not failed(work)
    assert ready.ran() == ["deploy stock", "smoke stock", "deploy orders", "smoke orders"]
    assert check(work, "4.2 AI/ML components").verdict == "note"
    assert work.data["deployed_commit"] == ready.git("rev-parse", "HEAD").strip()


@pytest.mark.parametrize("what", ["deploy", "smoke_test"])
def test_a_component_that_fails_stops_what_comes_after_it(ready: ShopWorld, what: str) -> None:
    ready.said["components"][0][what] = "echo it is on fire; exit 3"
    ready.planned()
    work = ready.run("Phase 4")
    name = "4.1 data pipeline: stock" if what == "deploy" else "4.4 smoke test: stock"
    assert (failed(work), check(work, name).seen) == ([name], "exit code 3: it is on fire")
    assert "deploy orders" not in ready.ran()
    assert "it is on fire" in (ready.root / "artifacts/aws-deploy/04-application.md").read_text()


def test_nothing_goes_out_from_a_dirty_tree(ready: ShopWorld) -> None:
    ready.put("test.env", "TABLE=another\n")
    assert failed(ready.run("Phase 4")) == ["4.3 uncommitted changes"]
    assert ready.ran() == []


@pytest.mark.parametrize(
    ("again", "ran"),
    [
        ("all", ["deploy stock", "smoke stock", "deploy orders", "smoke orders"]),
        ("orders", ["smoke stock", "deploy orders", "smoke orders"]),
        ("none", ["smoke stock", "smoke orders"]),
    ],
)
def test_a_later_attempt_deploys_what_a_person_says(ready: ShopWorld, again: str, ran: list[str]) -> None:
    ready.run("Phase 4")
    ready.log.write_text("")
    ready.world.given["deploy-again-2"] = again
    work = ready.run("Phase 4", attempt=2)
    assert (failed(work), ready.ran()) == ([], ran)
    left_out = [each.name for each in work.checks if each.seen.startswith("by an earlier attempt")]
    assert len(left_out) == {"all": 0, "orders": 1, "none": 2}[again]


def test_the_deployed_commit_is_the_one_that_was_deployed_whatever_was_committed_since(ready: ShopWorld) -> None:
    deployed = ready.git("rev-parse", "HEAD").strip()
    ready.run("Phase 4")
    ready.commit("A fix")
    ready.world.given["deploy-again-2"] = "none"
    assert ready.run("Phase 4", attempt=2).data["deployed_commit"] == deployed

    ready.world.given["deploy-again-3"] = "orders"
    work = ready.run("Phase 4", attempt=3)
    assert failed(work) == ["4.3 source"]  # two commits are deployed, and no tag could name both
    assert ready.run("Phase 4", attempt=4).data["deployed_commit"] == ready.git("rev-parse", "HEAD").strip()


def test_what_nobody_deployed_is_not_tested_into_being(ready: ShopWorld) -> None:
    ready.world.given["deploy-again-2"] = "none"
    assert failed(ready.run("Phase 4", attempt=2)) == ["4.3 source"]


@pytest.mark.parametrize(("said", "times"), [("done", 1), ("repeat", 2)])
def test_a_deployment_cut_off_by_a_crash_is_asked_about_and_what_went_before_is_not_repeated(
    ready: ShopWorld, said: str, times: int
) -> None:
    ready.world.dies_at("deploy-orders")
    with pytest.raises(KeyboardInterrupt):
        ready.run("Phase 4")
    ready.world.given["deploy-orders-interrupted-1"] = said
    work = ready.run("Phase 4")
    assert not failed(work)
    assert (ready.ran().count("deploy stock"), ready.ran().count("deploy orders")) == (1, times)


def test_a_smoke_test_cut_off_by_a_crash_is_simply_run_again(ready: ShopWorld) -> None:
    ready.world.dies_at("smoke-test-stock")
    with pytest.raises(KeyboardInterrupt):
        ready.run("Phase 4")
    assert not failed(ready.run("Phase 4"))
    assert (ready.ran().count("smoke stock"), ready.ran().count("deploy stock")) == (2, 1)


def test_a_run_that_waits_for_the_first_minutes_comes_back_without_deploying_or_testing_again(ready: ShopWorld) -> None:
    ready.said["watch"]["after_deployment"] = "15m"
    ready.planned()
    ready.world.patient = False
    for _ in range(2):
        with pytest.raises(Waiting, match="the first minutes"):
            ready.run("Phase 4")
    ready.world.clock.at += timedelta(minutes=16)
    assert not failed(ready.run("Phase 4"))
    assert ready.ran() == ["deploy stock", "smoke stock", "deploy orders", "smoke orders"]


@pytest.mark.parametrize("line", ["ERROR no such table", "Traceback: Exception", "Task timed out after 10 s"])
def test_an_error_in_the_log_fails(ready: ShopWorld, line: str) -> None:
    ready.log_line("INFO all is well")
    ready.log_line(line)
    work = ready.run("Phase 4")
    assert failed(work) == ["4.5 log shop-log"]
    assert check(work, "4.5 log shop-log").seen == f"1: {line}"


def test_an_error_from_before_the_deployment_is_not_its(ready: ShopWorld) -> None:
    ready.log_line("ERROR of yesterday", datetime.now(UTC) - timedelta(days=1))
    assert not failed(ready.run("Phase 4"))


@pytest.mark.parametrize(("value", "good"), [(1.0, True), (2.0, False)])
def test_an_error_metric_is_held_against_its_limit(ready: ShopWorld, value: float, good: bool) -> None:
    minute = datetime.now(UTC).replace(second=0, microsecond=0)  # as CloudWatch keeps it
    data = {"MetricName": "Errors", "Value": value, "Timestamp": minute}
    ready.client("cloudwatch").put_metric_data(Namespace="Shop", MetricData=[data])
    work = ready.run("Phase 4")
    assert failed(work) == ([] if good else ["4.5 metric Shop Errors"])


def test_an_alarm_that_is_going_off_fails(ready: ShopWorld) -> None:
    ready.client("cloudwatch").set_alarm_state(AlarmName="shop-errors", StateValue="ALARM", StateReason="real")
    assert failed(ready.run("Phase 4")) == ["4.5 alarm shop-errors"]


@pytest.mark.parametrize(
    ("watch", "name"), [({"log_groups": ["gone"]}, "4.5 log gone"), ({"alarms": ["gone"]}, "4.5 alarm gone")]
)
def test_what_is_watched_and_is_not_there_fails(ready: ShopWorld, watch: dict[str, list[str]], name: str) -> None:
    ready.said["watch"] |= watch
    ready.planned()
    assert failed(ready.run("Phase 4")) == [name]


def test_nothing_to_watch_is_not_a_quiet_time(ready: ShopWorld) -> None:
    ready.said["watch"] = {"after_deployment": "0s"}
    ready.planned()
    work = ready.run("Phase 4")
    assert check(work, "exit: No critical errors in logs").verdict == "not-checked"
