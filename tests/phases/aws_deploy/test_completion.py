"""Phase 8: people are told once, the watch is as long as it was said, the tag is on what was deployed."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest

from state.errors import Waiting
from state.files import sha256
from tests.worlds.shop_world import TOPIC, ShopWorld, check, failed

pytestmark = pytest.mark.slow

HOOK = "https://hooks.example.com/deployments"
TAG = "deployed/shop-test-20260102-030405"


@pytest.fixture
def ready(shop: ShopWorld) -> ShopWorld:
    shop.said |= {"notification": {"sns_topic": TOPIC, "webhook": HOOK}, "archive": ["test.env"]}
    shop.change()
    shop.resources()
    shop.ready_for("Phase 8")
    return shop


def published(shop: ShopWorld) -> int:
    return shop.sandbox.calls.count(("sns", "Publish"))


def test_told_watched_tagged_and_archived(ready: ShopWorld) -> None:
    work = ready.run("Phase 8")
    assert not failed(work)
    assert published(ready) == 1
    ((url, body),) = ready.world.posted
    assert (url, body["text"], body["components"]) == (HOOK, "shop was deployed to test", "stock, orders")
    deployed = ready.world.data("Phase 4")["deployed_commit"]
    assert ready.git("rev-parse", f"{TAG}^{{commit}}").strip() == deployed
    assert "Phasegate-Run: aws-deploy-20260102-030405" in ready.git("cat-file", "-p", TAG)
    manifest = json.loads((ready.root / "artifacts/aws-deploy/08-manifest.json").read_text())
    assert (manifest["commit"], manifest["tag"]) == (deployed, TAG)
    assert "test.env" in [file["path"] for file in manifest["files"]]
    assert all(sha256((ready.root / file["path"]).read_bytes()) == file["sha256"] for file in manifest["files"])


def test_the_tag_stays_on_what_was_deployed_and_what_came_later_is_told(ready: ShopWorld, tmp_path: Path) -> None:
    ready.git("init", "-q", "--bare", str(tmp_path / "remote"))
    ready.git("remote", "add", "origin", str(tmp_path / "remote"))
    ready.put("later.txt", "after the deployment\n")
    ready.commit("Later")
    work = ready.run("Phase 8")
    deployed = ready.world.data("Phase 4")["deployed_commit"]
    assert ready.git("rev-parse", f"{TAG}^{{commit}}").strip() == deployed
    assert ready.git("ls-remote", "origin", f"refs/tags/{TAG}^{{}}").split()[0] == deployed
    assert (check(work, "8.5 source since").verdict, check(work, "8.5 source since").seen) == ("note", "later.txt")
    assert check(work, "8.5 branch pushed").verdict == "pass"


def test_a_tag_of_that_name_on_another_commit_is_not_moved(ready: ShopWorld) -> None:
    from state.errors import StepFailed

    ready.git("tag", TAG)
    with pytest.raises(StepFailed, match="tags are not moved"):
        ready.run("Phase 8")


def test_the_watch_waits_for_its_end_and_nothing_is_sent_again(ready: ShopWorld) -> None:
    ready.world.patient = False
    for _ in range(2):
        with pytest.raises(Waiting, match="the end of the watch"):
            ready.run("Phase 8")
    assert (published(ready), len(ready.world.posted)) == (1, 1)
    ready.world.clock.at += timedelta(hours=25)
    assert not failed(ready.run("Phase 8"))
    assert (published(ready), len(ready.world.posted)) == (1, 1)


def test_a_later_attempt_waits_for_the_same_end_and_tells_nobody_unless_asked_to(ready: ShopWorld) -> None:
    first = ready.run("Phase 8").data["watched_until"]
    ready.world.clock.at += timedelta(hours=2)
    work = ready.run("Phase 8", attempt=2)
    assert work.data["watched_until"] == first
    assert (published(ready), check(work, "8.2 notice").verdict) == (1, "attested")
    ready.world.given["notify-again-3"] = "yes"
    ready.run("Phase 8", attempt=3)
    assert published(ready) == 2


def test_an_error_in_the_last_minute_of_the_watch_fails(ready: ShopWorld) -> None:
    ready.log_line("ERROR at last", ready.world.clock.at + timedelta(minutes=59))
    ready.world.given["watch-until"] = (ready.world.clock.at + timedelta(hours=1)).isoformat()
    work = ready.run("Phase 8")
    assert failed(work) == ["8.3 log shop-log"]
    assert ready.git("tag") == ""  # what is not stable is not tagged


@pytest.mark.parametrize("answer", ["tomorrow", "2026-01-02T03:04:05"])
def test_an_end_that_is_no_moment_is_refused(ready: ShopWorld, answer: str) -> None:
    from state.errors import BadInput

    ready.world.given["watch-until"] = answer
    with pytest.raises(BadInput, match="watch-until"):
        ready.run("Phase 8")


@pytest.mark.parametrize(("said", "sent"), [("arrived", 1), ("again", 2)])
def test_a_notice_cut_off_by_a_crash_is_asked_about(ready: ShopWorld, said: str, sent: int) -> None:
    ready.world.dies_at("notice-sns")
    with pytest.raises(KeyboardInterrupt):
        ready.run("Phase 8")
    with pytest.raises(Waiting, match="notice-sns-arrived-1"):
        ready.run("Phase 8")
    ready.world.given["notice-sns-arrived-1"] = said
    work = ready.run("Phase 8")
    assert published(ready) == sent
    assert check(work, "8.2 topic").verdict == ("attested" if said == "arrived" else "pass")


def test_a_webhook_that_says_no_fails(ready: ShopWorld) -> None:
    ready.world.answers_post = 500
    assert failed(ready.run("Phase 8")) == ["8.2 webhook"]


def test_a_topic_that_is_gone_fails(ready: ShopWorld) -> None:
    ready.client("sns").delete_topic(TopicArn=TOPIC)
    assert failed(ready.run("Phase 8")) == ["8.2 topic"]


def test_nobody_to_tell_is_said(ready: ShopWorld) -> None:
    ready.planned(notification={})
    work = ready.run("Phase 8")
    assert check(work, "8.2 notice").verdict == "not-checked"


def test_a_file_that_should_be_archived_and_is_gone_fails(ready: ShopWorld) -> None:
    ready.planned(archive=["deploy.sh"])
    work = ready.run("Phase 8")
    assert (failed(work), check(work, "8.5 archive").seen) == (["8.5 archive"], "not there: deploy.sh")


def test_what_was_changed_is_listed_field_by_field(ready: ShopWorld) -> None:
    ready.client("logs").put_retention_policy(logGroupName="shop-log", retentionInDays=7)
    work = ready.run("Phase 8")
    assert check(work, "8.1 configuration changes").seen == "1 field of 3 resources"
    text = (ready.root / "artifacts/aws-deploy/08-configuration-changes.md").read_text()
    assert "| `retentionInDays` | `not set` | `7` |" in text


def test_the_report_has_what_was_said_and_seen(ready: ShopWorld) -> None:
    ready.world.given |= {"lessons-learned": "test the way back", "issues": "a slow start"}
    ready.run("Phase 8")
    text = (ready.root / "artifacts/aws-deploy/08-report.md").read_text()
    assert all(words in text for words in ("test the way back", "a slow start", "12.5 ms", "1 d after the application"))


@pytest.mark.parametrize(("where", "said"), [("test", "Rehearsed in `test`: 2.5 s back"), ("none", "Not rehearsed.")])
def test_the_report_says_whether_the_way_back_was_walked(ready: ShopWorld, where: str, said: str) -> None:
    ready.world.give_data("Phase 7", {**ready.world.data("Phase 7"), "rehearsed_in": where})
    ready.run("Phase 8")
    assert said in (ready.root / "artifacts/aws-deploy/08-report.md").read_text()
