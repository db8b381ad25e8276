"""CloudFormation as it is since 2025: early validation's findings, EXPRESS, aliases, drift-aware change sets."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from phases.aws import Denied
from phases.stage_06 import paths
from phases.stage_06.stack.change_set import (
    ResourceChange,
    changes_table,
    describe_change_set,
    property_values,
    table_losses,
)
from phases.stage_06.stack.early_validation import Finding, Found, early_validation, problems_found, validation_checks
from phases.stage_06.stack.stacks import StackAlias, find_stack
from phases.stage_06.update.chain import updates
from phases.stage_06.update.next_update import NextProposal
from phases.step import Work
from state.errors import StepFailed
from tests.worlds.deploying import REGION, STACK, Deploying, failed_names

pytestmark = pytest.mark.slow

QUOTA = "2,499 of 2,500 tables are there: expected room for 2"


def verdicts(work: Work) -> dict[str, str]:
    return {check.name: check.verdict for check in work.checks if check.name.startswith("early validation")}


def section(work: Work, title: str) -> str:
    return next((each.body for each in work.review if each.title == title), "")


class Answers:
    """An account whose DescribeEvents answers so."""

    def __init__(self, *events: dict[str, Any], fails: bool = False) -> None:
        self.events, self.fails = events, fails

    def pages(self, service: str, operation: str, **_params: object) -> list[dict[str, Any]]:
        assert (service, operation) == ("cloudformation", "describe_events")
        if self.fails:
            raise Denied("not for you", service=service, operation=operation)
        return [{"OperationEvents": [each]} for each in self.events]


def found(*events: dict[str, Any], fails: bool = False) -> Found:
    return early_validation(Answers(*events, fails=fails), "arn")  # type: ignore[arg-type]


def test_a_change_set_without_findings_passes_beside_the_event_that_says_so(deploying: Deploying) -> None:
    work = deploying.run("3.1")
    assert verdicts(work) == {"early validation": "pass"}
    assert section(work, "Early validation") == ""


def test_a_warning_is_on_the_page_and_a_note(deploying: Deploying) -> None:
    deploying.sandbox.faults.find("UsersTable", "QUOTA", QUOTA)
    work = deploying.run("3.1")
    assert verdicts(work) == {"early validation: QUOTA /Resources/UsersTable": "note"}
    assert f"| QUOTA | `/Resources/UsersTable` | warns | {QUOTA} |" in section(work, "Early validation")
    assert QUOTA in deploying.text(paths.CONFIG)


def test_a_warning_about_a_further_update_is_on_its_page(deploying: Deploying) -> None:
    deploying.run("3.1")
    made, first = _change_set(deploying), updates((), deploying.contract)
    next_one = NextProposal(first, made, Found((Finding("QUOTA", "UsersTable", "", QUOTA, ends=False),), "SUCCEEDED"))
    assert [(check.name, check.verdict) for check in next_one.checks()] == [
        ("change set of the next update", "pass"),
        ("early validation: QUOTA UsersTable", "note"),
    ]
    assert QUOTA in next_one.section().body


def test_a_refusal_names_resource_place_and_reason(deploying: Deploying) -> None:
    deploying.sandbox.faults.find("UsersTable", "QUOTA", QUOTA)
    deploying.sandbox.faults.find(
        "AuditLogTable1082", "NAME_CONFLICT_VALIDATION", "audit-log already exists.", mode="FAIL"
    )
    with pytest.raises(StepFailed, match="could not work out change set") as refused:
        deploying.run("3.1")
    assert [(each.where, each.message) for each in refused.value.problems] == [
        ("/Resources/AuditLogTable1082", "NAME_CONFLICT_VALIDATION: audit-log already exists."),
        ("/Resources/UsersTable", f"QUOTA (a warning): {QUOTA}"),
    ]


def test_without_the_right_to_ask_it_is_not_checked_and_hides_no_reason(deploying: Deploying) -> None:
    deploying.sandbox.faults.deny("DescribeEvents")
    work = deploying.run("3.1")
    assert verdicts(work) == {"early validation": "not-checked"}
    deploying.sandbox.faults.find("UsersTable", "NAME_CONFLICT_VALIDATION", "taken", mode="FAIL")
    with pytest.raises(StepFailed, match=r"EarlyValidation::ResourceExistenceCheck") as refused:
        deploying.run("3.1", attempt=2)
    assert "cloudformation:DescribeEvents did not say" in refused.value.problems[0].message


def test_silence_and_what_was_skipped_are_no_pass(deploying: Deploying) -> None:
    made = deploying.run("3.1")
    assert made.data["change_set_arn"]
    change_set = _change_set(deploying)
    creation = {"EventType": "STACK_EVENT", "OperationType": "CREATE_CHANGESET"}
    skipped = {"EventType": "VALIDATION_ERROR", "ValidationName": "QUOTA", "ValidationStatus": "SKIPPED"}
    hook = {
        "EventType": "HOOK_INVOCATION_ERROR",
        "HookType": "Our::Hook",
        "HookStatusReason": "no",
        "HookFailureMode": "WARN",
    }
    told = {
        "no event": found(),
        "denied": found(fails=True),
        "no outcome": found(creation),
        "under way": found({**creation, "OperationStatus": "IN_PROGRESS"}),
        "failed": found({**creation, "OperationStatus": "FAILED"}),
        "skipped": found({**creation, "OperationStatus": "SUCCEEDED"}, skipped),
        "a hook": found({**creation, "OperationStatus": "SUCCEEDED"}, hook),
        "of no mode": found({**creation, "OperationStatus": "SUCCEEDED"}, {**skipped, "ValidationStatus": "FAILED"}),
        "well": found({**creation, "OperationStatus": "SUCCEEDED"}),
    }
    assert {name: [check.verdict for check in validation_checks(change_set, each)] for name, each in told.items()} == {
        **{each: ["not-checked"] for each in ("no event", "denied", "no outcome", "under way", "failed", "skipped")},
        "a hook": ["note"],
        "of no mode": ["fail"],
        "well": ["pass"],
    }
    assert problems_found(told["a hook"])[0].message == "Our::Hook (a warning): no"


def _change_set(deploying: Deploying) -> Any:
    return describe_change_set(deploying.aws, str(deploying.world.data("3.1")["change_set_arn"]))


# --- EXPRESS ------------------------------------------------------------------------------------------------------


class InExpress:
    """The account, in which every change set is made in EXPRESS mode: by its default, say."""

    def __init__(self, behind: Any) -> None:
        self._behind = behind

    def __getattr__(self, name: str) -> Any:
        return getattr(self._behind, name)

    def at(self, _region: str) -> InExpress:
        return self

    def call(self, service: str, operation: str, **params: object) -> Any:
        if operation == "create_change_set":
            params["DeploymentConfig"] = {"Mode": "EXPRESS"}
        return self._behind.call(service, operation, **params)


def test_in_express_mode_the_tables_are_waited_for_and_it_is_said(deploying: Deploying) -> None:
    deploying.world.aws = InExpress(deploying.aws)  # type: ignore[assignment]
    assert "EXPRESS: it ends before" in section(deploying.run("3.1"), "Where and as what")
    work = deploying.run("3.2")
    assert "EXPRESS: the tables were waited for" in section(work, "Stack")
    status = {
        name: deploying.client("dynamodb").describe_table(TableName=name)["Table"]["TableStatus"]
        for name in ("Users", "audit-log")
    }
    assert status == {"Users": "ACTIVE", "audit-log": "ACTIVE"}
    assert not failed_names(deploying.run("3.3"))


def test_in_standard_mode_it_is_said_too(deploying: Deploying) -> None:
    deploying.up_to("3.1")
    assert "| Deployment mode | STANDARD |" in deploying.text(paths.CONFIG)


# --- aliases ------------------------------------------------------------------------------------------------------


def test_the_alias_of_a_stack_is_no_name_to_deploy_to(deploying: Deploying) -> None:
    deploying.up_to("3.2")
    deploying.client("cloudformation").set_alias(StackName=STACK, AliasName="shop")
    deploying.world.new_run("stage-06-20260203-040506")
    deploying.world.given = {"stack-name": "shop"}
    made = deploying.sandbox.calls.count(("cloudformation", "CreateChangeSet"))
    with pytest.raises(StepFailed, match="stack shop cannot be deployed") as refused:
        deploying.run("3.1")
    assert "is the alias of another stack, arn:aws:cloudformation:" in refused.value.problems[0].message
    assert deploying.sandbox.calls.count(("cloudformation", "CreateChangeSet")) == made


def test_a_name_that_became_an_alias_meanwhile_is_not_touched(deploying: Deploying) -> None:
    deploying.up_to("3.1")
    client = deploying.client("cloudformation")
    client.delete_stack(StackName=STACK)
    deploying.sandbox.settle(STACK, REGION)
    client.create_stack(StackName="theirs", TemplateBody='{"Resources": {"T": {"Type": "AWS::SNS::Topic"}}}')
    deploying.sandbox.settle("theirs", REGION)
    client.set_alias(StackName="theirs", AliasName=STACK)
    for attempt in (1, 2):
        with pytest.raises(StackAlias, match="the alias of stack"):
            deploying.run("3.2", attempt=attempt)
    assert deploying.sandbox.settle("theirs", REGION) == "CREATE_COMPLETE"
    with pytest.raises(StackAlias):
        find_stack(deploying.aws, STACK)


# --- drift --------------------------------------------------------------------------------------------------------

CHANGE: ResourceChange = {
    "Action": "SyncWithActual",
    "LogicalResourceId": "UsersTable",
    "PhysicalResourceId": "Users",
    "ResourceType": "AWS::DynamoDB::Table",
    "Details": [
        {
            "Target": {
                "Attribute": "Properties",
                "Name": "DeletionProtectionEnabled",
                "BeforeValue": "false",
                "AfterValue": "true",
            }
        }
    ],
}


def test_what_is_synced_with_the_actual_state_is_shown_with_its_values() -> None:
    assert "| SyncWithActual | `UsersTable` |" in changes_table([CHANGE])
    assert "| `DeletionProtectionEnabled` | `false` | `true` |" in property_values([CHANGE], template="it")
    assert table_losses([CHANGE]) == []


def test_a_change_that_cannot_be_told_yet_may_lose_the_table() -> None:
    change = copy.deepcopy(CHANGE)
    change["Action"] = "Dynamic"
    assert [loss.how for loss in table_losses([change])] == [
        "may be removed or replaced: CloudFormation cannot tell yet"
    ]
