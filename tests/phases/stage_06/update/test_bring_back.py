"""Is what was changed in the account brought back only as it was approved, and is every change behind it looked at?"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from phases.stage_06.live.ways_back import by_call, by_stack
from phases.step import DONE_OUTSIDE, Check
from state.errors import BadInput, StepFailed
from tests.worlds.chained_run import findings, indexes, second_run
from tests.worlds.deploying import REGION, STEPS, failed_names
from tests.worlds.live_changes import Live
from tests.worlds.stage_world import StageWorld
from workflow.doors.aws.client import AwsDoor
from workflow.ports import Approve, ReviewView
from workflow.runs.grow_plan import drive
from workflow.sandbox.inprocess import Sandbox

pytestmark = pytest.mark.slow

PROTECTION, STREAM, TTL = "Users: deletion protection", "Users: stream", "Users: time to live"
INSIGHTS = "Users: contributor insights"


@pytest.fixture
def live(tmp_path: Path, sandbox: Sandbox) -> Live:
    root = tmp_path / "shop"
    root.mkdir()
    found = Live(root, sandbox)
    found.up_to("3.2")
    return found


def unprotect(dynamodb: Any, table: str = "Users") -> None:
    dynamodb.update_table(TableName=table, DeletionProtectionEnabled=False)


def expire(dynamodb: Any, table: str = "Users") -> None:
    dynamodb.update_time_to_live(TableName=table, TimeToLiveSpecification={"Enabled": True, "AttributeName": "Expires"})


def test_an_index_that_was_deleted_by_hand_comes_back(live: Live) -> None:
    live.client("dynamodb").update_table(
        TableName="Users", GlobalSecondaryIndexUpdates=[{"Delete": {"IndexName": "ByMail"}}]
    )
    world = live.next_run()
    with pytest.raises(StepFailed) as refused:
        world.run(STEPS["3.1"])
    world.given = {**world.given, "bring-back-drift": ", ".join(each.where for each in refused.value.problems)}
    assert not failed_names(world.run(STEPS["3.1"]))
    assert not failed_names(world.run(STEPS["3.2"]))
    live_indexes = live.client("dynamodb").describe_table(TableName="Users")["Table"]["GlobalSecondaryIndexes"]
    assert sorted(each["IndexName"] for each in live_indexes) == ["ByHash", "ByMail"]
    assert not live.failing("3.3")


def test_a_topic_that_is_gone_comes_back_with_its_alarms(live: Live) -> None:
    sns = live.client("sns")
    for each in sns.list_topics()["Topics"]:
        sns.delete_topic(TopicArn=each["TopicArn"])
    live.bring_back("alarm topic")


def test_the_stack_brings_back_all_of_its_own_or_nothing(live: Live) -> None:
    dynamodb = live.client("dynamodb")
    unprotect(dynamodb)
    dynamodb.update_table(TableName="Users", StreamSpecification={"StreamEnabled": False})
    world = live.next_run(**{"take-in-drift": STREAM, "bring-back-drift": PROTECTION})
    made = live.sandbox.calls.count(("cloudformation", "CreateChangeSet"))
    with pytest.raises(StepFailed, match="all that its template says at once") as refused:
        world.run(STEPS["3.1"])
    assert [each.where for each in refused.value.problems] == [STREAM]
    assert live.sandbox.calls.count(("cloudformation", "CreateChangeSet")) == made


def test_one_is_taken_in_and_the_other_unset(live: Live) -> None:
    dynamodb = live.client("dynamodb")
    unprotect(dynamodb)
    expire(dynamodb)
    world = live.next_run(**{"take-in-drift": PROTECTION, "bring-back-drift": TTL})
    executed = live.sandbox.calls.count(("cloudformation", "ExecuteChangeSet"))
    assert not failed_names(world.run(STEPS["3.1"]))
    done = world.run(STEPS["3.2"])
    assert not failed_names(done)
    assert any(section.title == DONE_OUTSIDE and TTL in section.body for section in done.review)
    assert live.sandbox.calls.count(("cloudformation", "ExecuteChangeSet")) == executed
    assert dynamodb.describe_table(TableName="Users")["Table"]["DeletionProtectionEnabled"] is False
    assert not failed_names(world.fork().run(STEPS["4.1"]))  # the one is taken in, the other is gone


class Deaf(AwsDoor):
    """Answers to UpdateTimeToLive, and nothing happens."""

    def at(self, region: str) -> AwsDoor:
        return self

    def call(self, service: str, operation: str, **params: object) -> dict[str, Any]:
        return {} if operation == "update_time_to_live" else super().call(service, operation, **params)


def test_a_call_that_changes_nothing_does_not_pass(live: Live) -> None:
    expire(live.client("dynamodb"))
    world = live.next_run(**{"bring-back-drift": TTL})
    world.run(STEPS["3.1"])
    world.aws = Deaf(region=REGION, sandbox=True, session=live.sandbox.session(REGION))
    assert failed_names(world.run(STEPS["3.2"])) == {"settings brought back"}


def test_a_process_that_dies_between_two_calls_makes_the_rest(live: Live) -> None:
    dynamodb = live.client("dynamodb")
    expire(dynamodb)
    dynamodb.update_contributor_insights(TableName="Users", ContributorInsightsAction="ENABLE")
    world = live.next_run(**{"bring-back-drift": f"{TTL}, {INSIGHTS}"})
    world.run(STEPS["3.1"])

    def dies(when: str, _service: str, operation: str) -> None:
        if (when, operation) == ("after", "update_contributor_insights"):
            raise KeyboardInterrupt

    world.aws = AwsDoor(region=REGION, sandbox=True, session=live.sandbox.session(REGION), on_call=dies)
    with pytest.raises(KeyboardInterrupt):
        world.run(STEPS["3.2"])
    world.aws = live.aws
    assert not failed_names(world.run(STEPS["3.2"]))
    calls = [name for _service, name in live.sandbox.calls]
    assert (calls.count("UpdateContributorInsights"), calls.count("UpdateTimeToLive")) == (2, 2)  # on, and off
    assert not live.failing("4.1")


def test_a_revert_that_fails_is_rolled_back_and_tried_again(live: Live) -> None:
    unprotect(live.client("dynamodb"))
    world = live.next_run(**{"bring-back-drift": PROTECTION})
    world.run(STEPS["3.1"])
    live.sandbox.faults.fail_resource("UsersTable", "on strike", on="update")
    with pytest.raises(StepFailed, match="UPDATE_ROLLBACK_COMPLETE"):
        world.run(STEPS["3.2"])
    live.sandbox.faults.clear()
    world.given = {**world.given, "retry-failed-stack": world.given["stack-name"]}
    assert not failed_names(world.run(STEPS["3.2"], attempt=2))
    assert not live.failing("4.1")


@pytest.mark.parametrize(
    ("name", "expected", "seen", "way"),
    [
        (PROTECTION, "ENABLED", "DISABLED", "stack"),
        ("alarm shop-X", "as in the template", "no such alarm", "stack"),
        ("alarm shop-X: actions", "enabled", "switched off", "call"),
        ("alarm topic", "exists", "no such topic", "stack"),
        (TTL, "DISABLED", "ENABLED on Expires", "call"),
        ("Users: contributor insights of ByMail", "DISABLED", "ENABLED", "call"),
        ("Users: global indexes", "ByHash, ByMail", "ByHash", "stack"),
        ("Users: global indexes", "ByHash, ByMail", "none", ""),
        ("Users: global indexes", "ByHash", "ByHash, Theirs", ""),
        ("Users: global indexes", "ByHash, ByMail", "ByHash, Theirs", ""),
        ("Users: key schema", "HASH PK", "HASH Other", ""),
        ("Users.ByMail: key schema", "HASH Mail", "HASH Other", ""),
        ("Users.ByMail: projection", "ALL", "KEYS_ONLY", ""),
        ("Users: local indexes", "none", "Local", ""),
        ("Users: table", "exists", "no such table", ""),
        ("Users: Replicas", "not set", "us-east-1", ""),
        ("Users: a field of the future", "not set", "on", ""),
        ("resource Dashboard", "in the stack", "UPDATE_FAILED", ""),
    ],
)
def test_who_brings_a_setting_back(name: str, expected: str, seen: str, way: str) -> None:
    check = Check(name, expected, seen, "fail")
    assert (by_stack(check), by_call(check)) == (way == "stack", way == "call")


# --- in a whole run, with a chain of updates ------------------------------------------------------------------------


def answer(world: StageWorld, **answers: str) -> None:
    world.person.answers |= {name.replace("_", "-"): said for name, said in answers.items()}


def test_drift_is_reverted_by_the_first_of_the_chain_and_the_contract_follows(tmp_path: Path, sandbox: Sandbox) -> None:
    world = StageWorld(tmp_path, sandbox)
    second_run(world)
    unprotect(world.client("dynamodb"), "Notes")
    answer(world, bring_back_drift="Notes: deletion protection")
    executed = world.calls("ExecuteChangeSet")
    with world.process() as engine:
        drive(engine, lambda task: task.id == "3.1")
        assert [task.id for task in engine.plan.tasks if task.id.startswith("3.2")] == ["3.2", "3.2.2", "3.2.3"]
    assert indexes(world) == ["ByTag"]
    world.take_to("3.2")
    assert indexes(world) == ["ByTag"]
    assert world.client("dynamodb").describe_table(TableName="Notes")["Table"]["DeletionProtectionEnabled"]
    world.finish()
    assert indexes(world) == ["ByTag", "Byauthor", "Byplace"]
    assert world.calls("ExecuteChangeSet") == executed + 3
    assert findings(world) == []


def meanwhile(world: StageWorld, act: Callable[[], object]) -> Callable[[ReviewView], Approve]:
    """An approver in whose time somebody changes the account."""

    def approve(_view: ReviewView) -> Approve:
        act()
        return Approve("prompt")

    return approve


@pytest.mark.parametrize("task", ["3.2", "3.2.2"])
def test_what_changes_between_an_approval_and_its_change_stops_that(
    tmp_path: Path, sandbox: Sandbox, task: str
) -> None:
    world = StageWorld(tmp_path, sandbox)
    second_run(world)
    before = {"3.2": "3.1", "3.2.2": "3.2"}[task]
    world.take_to({"3.1": "2.1", "3.2": "3.1"}[before])
    world.person.verdicts = [meanwhile(world, lambda: expire(world.client("dynamodb"), "Tags"))]
    executed = world.calls("ExecuteChangeSet") + (task == "3.2.2")
    with pytest.raises(StepFailed, match="since this was approved; nothing was executed") as refused:
        world.take_to(task)
    assert [problem.where for problem in refused.value.problems] == ["Tags: time to live"]
    assert world.calls("ExecuteChangeSet") == executed
    off = {"Enabled": False, "AttributeName": "Expires"}
    world.client("dynamodb").update_time_to_live(TableName="Tags", TimeToLiveSpecification=off)
    world.finish()
    assert indexes(world) == ["ByTag", "Byauthor", "Byplace"]
    assert findings(world) == []


@pytest.mark.parametrize("way", ["taken in", "brought back by hand"])
def test_what_changes_while_a_link_is_executed_is_seen_before_the_next_one_is_proposed(
    tmp_path: Path, sandbox: Sandbox, way: str
) -> None:
    world = StageWorld(tmp_path, sandbox)
    second_run(world)
    world.take_to("3.1")
    done: list[bool] = []

    def by_hand() -> None:
        if not done and world.stack_status() == "UPDATE_IN_PROGRESS":
            done.append(True)
            expire(world.client("dynamodb"), "Tags")

    world.clock.on_wait = by_hand
    proposed = world.calls("CreateChangeSet")
    with pytest.raises((StepFailed, BadInput), match="Tags: time to live"):
        world.take_to("3.2")
    assert done
    assert world.calls("CreateChangeSet") == proposed
    if way == "taken in":
        answer(world, take_in_drift="Tags: time to live")
    else:
        off = {"Enabled": False, "AttributeName": "Expires"}
        world.client("dynamodb").update_time_to_live(TableName="Tags", TimeToLiveSpecification=off)
    world.take_to("3.2")
    assert indexes(world) == ["ByTag", "Byauthor"]
    results = (world.root / "artifacts/stage-06/deployment-results.md").read_text()
    assert ("Tags: time to live" in results) == (way == "taken in")
    world.finish()
    assert indexes(world) == ["ByTag", "Byauthor", "Byplace"]
    assert findings(world) == []
