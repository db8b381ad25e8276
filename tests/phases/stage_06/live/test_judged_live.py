"""What does AWS answer that the sandbox never does? Tables under way, recovery without times, open subscriptions."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from phases.contract.reader import read_contract
from phases.stage_06.live.live_features import subscription_check, table_checks
from phases.stage_06.live.live_schema import billing_mode, compare_table
from phases.stage_06.template.template_values import TemplateValues
from phases.step import Check
from state.errors import StepFailed
from tests.worlds.deploying import CONTRACT, STACK, Deploying

USERS = read_contract(json.dumps(CONTRACT).encode(), path="contract").tables[0]
WANTED: dict[str, Any] = {
    "PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": True},
    "SSESpecification": {"SSEEnabled": True},
    "DeletionProtectionEnabled": True,
    "StreamSpecification": {"StreamViewType": "NEW_AND_OLD_IMAGES"},
    "Tags": [],
}


def by_name(checks: list[Check]) -> dict[str, Check]:
    return {check.name: check for check in checks}


def test_a_table_or_index_under_way_is_not_good_yet() -> None:
    index = {"IndexName": "ByMail", "IndexStatus": "ACTIVE", "Backfilling": True}
    seen = by_name(compare_table(USERS, {"TableStatus": "UPDATING", "GlobalSecondaryIndexes": [index]}))
    assert (seen["Users: status"].seen, seen["Users: status"].verdict) == ("UPDATING", "fail")
    assert (seen["Users.ByMail: status"].seen, seen["Users.ByMail: status"].verdict) == ("BACKFILLING", "fail")


def test_a_missing_table_is_one_failure() -> None:
    assert [(check.name, check.verdict) for check in compare_table(USERS, None)] == [("Users: table", "fail")]


def test_no_billing_summary_means_provisioned() -> None:
    assert billing_mode({}) == "PROVISIONED"
    assert billing_mode({"BillingModeSummary": {"BillingMode": "PAY_PER_REQUEST"}}) == "PAY_PER_REQUEST"


def test_recovery_that_is_on_but_has_no_time_yet_is_a_note() -> None:
    recovery = {"PointInTimeRecoveryStatus": "ENABLED"}
    backups = {"ContinuousBackupsStatus": "ENABLED", "PointInTimeRecoveryDescription": recovery}
    seen = by_name(table_checks("Users", WANTED, {}, backups, {}))
    assert seen["Users: point-in-time recovery"].verdict == "pass"
    assert seen["Users: restorable"].verdict == "note"


@pytest.mark.parametrize(
    ("description", "seen", "verdict"),
    [
        (None, "AWS owned key (no SSEDescription)", "fail"),
        ({"Status": "ENABLED", "SSEType": "KMS"}, "KMS, ENABLED", "pass"),
        ({"Status": "UPDATING", "SSEType": "KMS"}, "KMS, UPDATING", "fail"),
    ],
)
def test_encryption_is_good_with_a_key_of_the_account_only(description: Any, seen: str, verdict: str) -> None:
    check = by_name(table_checks("Users", WANTED, {"SSEDescription": description}, {}, {}))["Users: encryption at rest"]
    assert (check.seen, check.verdict) == (seen, verdict)


@pytest.mark.parametrize(
    ("address", "subscribed", "verdict"),
    [
        ("", [], "note"),
        ("ops@example.com", [], "fail"),
        ("ops@example.com", ["PendingConfirmation"], "note"),
        ("ops@example.com", ["arn:aws:sns:eu-west-1:1:topic:1"], "pass"),
    ],
    ids=["nobody", "not subscribed", "not confirmed", "confirmed"],
)
def test_an_alarm_address_counts_when_it_is_confirmed(address: str, subscribed: list[str], verdict: str) -> None:
    found = [{"Protocol": "email", "Endpoint": address, "SubscriptionArn": arn} for arn in subscribed]
    assert subscription_check(address, found).verdict == verdict


def test_template_expressions_come_to_their_values_or_are_refused() -> None:
    values = TemplateValues({"AWS::StackName": "shop", "Topic": "arn:topic"}, {"Alarm.Arn": "arn:alarm"})
    expression = {"Name": {"Fn::Sub": "${AWS::StackName}-x ${!kept}"}, "To": [{"Ref": "Topic"}]}
    assert values.resolve(expression) == {"Name": "shop-x ${kept}", "To": ["arn:topic"]}
    assert values.resolve({"Fn::GetAtt": ["Alarm", "Arn"]}) == "arn:alarm"
    with pytest.raises(StepFailed, match="refers to Table"):
        values.resolve({"Ref": "Table"})
    with pytest.raises(StepFailed, match="Fn::Join"):
        values.resolve({"Fn::Join": ["", []]})


@pytest.mark.slow
@pytest.mark.parametrize("task", ["3.3", "4.1", "5.2"])
def test_a_stack_that_was_deleted_since_is_said_so(deploying: Deploying, task: str, tmp_path: Path) -> None:
    deploying.up_to("3.2")
    deploying.client("cloudformation").delete_stack(StackName=STACK)
    deploying.sandbox.settle(STACK, "eu-west-1")
    with pytest.raises(StepFailed, match=r"was deleted after task 3\.2 deployed it"):
        deploying.run(task)
