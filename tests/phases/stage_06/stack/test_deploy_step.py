"""Does task 3.2 execute what was approved, once, and does a run get on after a failure?"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest

from phases.aws import Denied, Incomplete, Throttled, Unreachable
from phases.stage_06 import paths
from phases.stage_06.template.logical_ids import logical_id
from state.errors import BadInput, StepFailed, Waiting
from tests.worlds.deploying import REGION, STACK, Deploying, failed_names
from workflow.doors.aws.client import AwsDoor
from workflow.doors.aws.retry import WAITS

pytestmark = pytest.mark.slow  # each deploys a whole stack
LAST_RESOURCE = "Dashboard"  # made when the tables stand already


def executed(deploying: Deploying) -> int:
    return deploying.sandbox.calls.count(("cloudformation", "ExecuteChangeSet"))


def tables(deploying: Deploying) -> list[str]:
    return sorted(deploying.client("dynamodb").list_tables()["TableNames"])


def test_the_approved_change_set_is_executed_by_its_arn(deploying: Deploying) -> None:
    approved = deploying.up_to("3.1").data
    work = deploying.run("3.2")
    assert not failed_names(work)
    assert work.data["stack_status"] == "CREATE_COMPLETE"
    assert work.data["stack_id"] == approved["stack_id"]
    assert work.data["outputs"]["UsersTableName"] == "Users"
    stack = deploying.client("cloudformation").describe_stacks(StackName=STACK)["Stacks"][0]
    assert stack["ChangeSetId"] == approved["change_set_arn"]
    assert stack["RetainExceptOnCreate"]
    assert f"| `{work.data['stack_id']}` |".replace("| ", "", 1) in deploying.text(paths.RESULTS)


def test_progress_names_each_resource_and_counts_indexes(deploying: Deploying) -> None:
    deploying.up_to("3.2")
    lines = "\n".join(deploying.world.lines)
    assert "waiting for UsersTable (table ACTIVE, 2 of 2 indexes ACTIVE)" in lines
    assert re.search(r"CREATE_COMPLETE +AuditLogTable\w{4}\n", lines)
    assert deploying.world.lines.count(f"  CREATE_COMPLETE              {LAST_RESOURCE}") == 1


def test_power_cut_after_the_execution_finds_it(deploying: Deploying) -> None:
    deploying.up_to("3.1")
    deploying.world.dies_at("execute-change-set")
    with pytest.raises(KeyboardInterrupt):
        deploying.run("3.2")
    assert not failed_names(deploying.run("3.2"))
    assert executed(deploying) == 1


class EventsLag(AwsDoor):
    """CloudFormation that does not show for a while what it has accepted."""

    lag = 4  # looks

    def at(self, region: str) -> EventsLag:
        return self

    def call(self, service: str, operation: str, **params: Any) -> dict[str, Any]:
        answer = super().call(service, operation, **params)
        if operation == "describe_stacks" and self.lag > 0:
            self.lag -= 1
            answer["Stacks"][0]["StackStatus"] = "REVIEW_IN_PROGRESS"
        return answer

    def pages(self, service: str, operation: str, **params: Any) -> Iterator[dict[str, Any]]:
        for page in super().pages(service, operation, **params):
            if operation == "describe_stack_events" and self.lag > 0:
                self.lag -= 1
                page["StackEvents"] = page["StackEvents"][-1:]  # the one of the change set
            yield page


def test_an_execution_that_is_accepted_but_not_shown_yet_is_not_repeated(deploying: Deploying) -> None:
    deploying.up_to("3.1")
    deploying.world.dies_at("execute-change-set")
    with pytest.raises(KeyboardInterrupt):
        deploying.run("3.2")
    session = deploying.sandbox.session(REGION)
    deploying.world.aws = EventsLag(region=REGION, sandbox=True, session=session)
    assert not failed_names(deploying.run("3.2"))
    assert executed(deploying) == 1


class Nonsense(AwsDoor):
    """One member of every event, or of a table, is something that no reader knows."""

    spoilt = ("describe_stack_events", "ResourceStatus", "wrong 'CREATE_COMPLETE'")

    def at(self, region: str) -> Nonsense:
        return self

    def call(self, service: str, operation: str, **params: Any) -> dict[str, Any]:
        answer = super().call(service, operation, **params)
        spoilt, member, value = self.spoilt
        if operation == spoilt and "Table" in answer:
            answer["Table"][member] = value
        return answer

    def pages(self, service: str, operation: str, **params: Any) -> Iterator[dict[str, Any]]:
        spoilt, member, value = self.spoilt
        for page in super().pages(service, operation, **params):
            for event in page.get("StackEvents", ()) if operation == spoilt else ():
                event[member] = value
            yield page


@pytest.mark.parametrize(
    ("spoilt", "told"),
    [
        (
            ("describe_stack_events", "ResourceStatus", "wrong 'CREATE_COMPLETE'"),
            "seen status .wrong 'CREATE_COMPLETE'. of",
        ),
        (("describe_stack_events", "ResourceStatus", ""), "seen status '' of"),
        (("describe_stack_events", "ResourceStatus", "BANANA"), "seen status 'BANANA' of"),
        (("describe_stack_events", "ResourceType", "a stack"), "seen type 'a stack' of"),
        (("describe_table", "TableStatus", "active?"), "expected a status such as ACTIVE, seen 'active.' of Users"),
    ],
    ids=lambda value: value if isinstance(value, str) else " ".join(value),
)
def test_a_wait_on_nonsense_ends_and_goes_on_where_it_was(
    deploying: Deploying, spoilt: tuple[str, str, str], told: str
) -> None:
    deploying.up_to("3.1")
    session = deploying.sandbox.session(REGION)
    deploying.world.aws = Nonsense(region=REGION, sandbox=True, session=session)
    deploying.world.aws.spoilt = spoilt
    with pytest.raises(Incomplete, match=f"{told}.*, 12 times in a row; what was begun goes on") as refused:
        deploying.run("3.2")
    assert f"phasegate resume {deploying.world.run_id}" in str(refused.value.next_command)
    assert executed(deploying) == 1
    deploying.world.aws = AwsDoor(region=REGION, sandbox=True, session=session)
    assert not failed_names(deploying.run("3.2", attempt=1))  # the same attempt: nothing is lost
    assert executed(deploying) == 1


def test_power_cut_while_the_stack_is_busy_goes_on_following(
    deploying: Deploying, monkeypatch: pytest.MonkeyPatch
) -> None:
    deploying.up_to("3.1")

    def killed(_seconds: float) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(deploying.world.clock, "wait", killed)
        with pytest.raises(KeyboardInterrupt):
            deploying.run("3.2")
    assert deploying.run("3.2").data["stack_status"] == "CREATE_COMPLETE"
    assert executed(deploying) == 1


def test_a_lost_reply_executes_once(deploying: Deploying) -> None:
    deploying.up_to("3.1")
    deploying.sandbox.faults.lose_reply("ExecuteChangeSet", times=3)
    with pytest.raises(Unreachable, match="whether AWS did it is not known"):
        deploying.run("3.2")
    before = executed(deploying)
    assert not failed_names(deploying.run("3.2"))
    assert executed(deploying) == before


def test_throttling_beyond_the_retries_keeps_the_attempt(deploying: Deploying) -> None:
    deploying.up_to("3.1")
    tries = 3 * (len(WAITS) + 1)  # boto3's own three, each time
    deploying.sandbox.faults.throttle("ExecuteChangeSet", times=tries)
    with pytest.raises(Throttled):
        deploying.run("3.2")
    assert deploying.world.clock.waited[-len(WAITS) :] == list(WAITS)
    assert not failed_names(deploying.run("3.2", attempt=1))


def test_a_denied_execution_is_passed_on_by_its_name(deploying: Deploying) -> None:
    deploying.up_to("3.1")
    deploying.sandbox.faults.deny("ExecuteChangeSet")
    with pytest.raises(Denied, match="cloudformation:ExecuteChangeSet"):
        deploying.run("3.2")
    deploying.sandbox.faults.clear()
    assert not failed_names(deploying.run("3.2"))


def test_credentials_of_another_account_deploy_nothing(deploying: Deploying) -> None:
    approved = deploying.up_to("3.1").data
    deploying.world.give_data("3.1", {**approved, "account": "999999999999"})
    with pytest.raises(StepFailed, match="for account 999999999999, the credentials are for 123456789012"):
        deploying.run("3.2")
    assert not executed(deploying)


def test_a_busy_stack_is_left_alone_and_executed_later(deploying: Deploying) -> None:
    deploying.up_to("3.1")
    deploying.sandbox.faults.stack_busy()
    with pytest.raises(StepFailed, match="is busy with another operation"):
        deploying.run("3.2")
    assert tables(deploying) == []
    assert not failed_names(deploying.run("3.2", attempt=2))


def test_a_deployment_that_was_rejected_is_not_done_again(deploying: Deploying) -> None:
    first = deploying.up_to("3.2")
    second = deploying.run("3.2", attempt=2)
    assert second.data == first.data
    assert executed(deploying) == 1


def test_a_rollback_tells_reasons_and_what_is_left(deploying: Deploying) -> None:
    failure = deploying.fails_at(LAST_RESOURCE)
    told = str(failure)
    assert "ended ROLLBACK_FAILED" in told  # deletion protection holds the tables
    assert "Dashboard (AWS::CloudWatch::Dashboard) CREATE_FAILED: the quota is used up" in told
    assert "Users: is left behind" in told
    assert "audit-log: is left behind" in told
    assert "phasegate resume" in failure.next_command
    assert not deploying.world.written


def test_power_cut_after_a_rollback_still_tells_the_reasons(deploying: Deploying) -> None:
    deploying.fails_at(LAST_RESOURCE)
    with pytest.raises(StepFailed, match="the quota is used up"):
        deploying.run("3.2", attempt=1)  # its failure was not recorded


def test_after_a_rollback_the_next_attempt_clears_up_by_typed_names(deploying: Deploying) -> None:
    deploying.fails_at(LAST_RESOURCE)
    for question, answer in (
        ("retry-failed-stack", STACK),
        ("remove-orphan-users", "Users"),
        ("remove-orphan-audit-log", "audit-log"),
    ):
        with pytest.raises(Waiting, match=question):
            deploying.run("3.2", attempt=2)
        deploying.world.given[question] = answer
    work = deploying.run("3.2", attempt=2)
    assert work.data["stack_status"] == "CREATE_COMPLETE"
    assert "consent-2" not in deploying.world.asked  # it does exactly what was approved
    assert not failed_names(work)
    assert not failed_names(deploying.run("3.3"))


def test_a_rollback_before_any_table_asks_for_the_stack_only(deploying: Deploying) -> None:
    failure = deploying.fails_at("UsersTable")
    assert "ended ROLLBACK_COMPLETE" in str(failure)
    assert "left behind" not in str(failure)
    deploying.world.given = {"retry-failed-stack": STACK}
    assert not failed_names(deploying.run("3.2", attempt=2))


def test_a_failed_stack_is_not_deleted_for_another_word(deploying: Deploying) -> None:
    deploying.fails_at(LAST_RESOURCE)
    deploying.world.given = {"retry-failed-stack": "yes"}
    with pytest.raises(BadInput, match=f"expected exactly {STACK}"):
        deploying.run("3.2", attempt=2)
    assert deploying.stack_status() == "ROLLBACK_FAILED"


def test_a_left_table_with_items_is_never_removed(deploying: Deploying) -> None:
    deploying.fails_at(LAST_RESOURCE)
    deploying.client("dynamodb").put_item(TableName="audit-log", Item={"Digest": {"B": b"theirs"}})
    deploying.world.given = {
        "retry-failed-stack": STACK,
        "remove-orphan-users": "Users",
        "remove-orphan-audit-log": "audit-log",
    }
    with pytest.raises(StepFailed, match=r"table audit-log, left behind .* holds items"):
        deploying.run("3.2", attempt=2)
    assert tables(deploying) == ["audit-log"]


@pytest.mark.parametrize(
    "effect",
    ["delete-failed-stack", "remove-table-Users", "remove-table-audit-log", "create-change-set", "execute-change-set"],
)
def test_power_cut_while_clearing_up_is_taken_up_where_it_was(deploying: Deploying, effect: str) -> None:
    deploying.fails_at(LAST_RESOURCE)
    deploying.world.given = {
        "retry-failed-stack": STACK,
        "remove-orphan-users": "Users",
        "remove-orphan-audit-log": "audit-log",
    }
    deploying.world.dies_at(effect)
    with pytest.raises(KeyboardInterrupt):
        deploying.run("3.2", attempt=2)
    before = executed(deploying)
    assert deploying.run("3.2", attempt=2).data["stack_status"] == "CREATE_COMPLETE"
    assert executed(deploying) == (before if effect == "execute-change-set" else before + 1)
    assert tables(deploying) == ["Users", "audit-log"]


def test_a_change_set_that_is_gone_is_proposed_anew(deploying: Deploying) -> None:
    approved = deploying.up_to("3.1").data
    deploying.client("cloudformation").delete_change_set(ChangeSetName=approved["change_set_arn"])
    with pytest.raises(StepFailed, match=r"approved change set .* is gone") as failure:
        deploying.run("3.2")
    assert "offers to propose it anew" in failure.value.next_command
    assert not executed(deploying)
    assert not failed_names(deploying.run("3.2", attempt=2))


def test_another_change_set_than_the_approved_one_is_not_executed(deploying: Deploying) -> None:
    approved = deploying.up_to("3.1").data
    deploying.world.give_data("3.1", {**approved, "changes_sha256": "0" * 64})
    with pytest.raises(StepFailed, match="not the approved one any more: approved were changes 0000000"):
        deploying.run("3.2")
    with pytest.raises(Waiting, match="consent-2"):
        deploying.run("3.2", attempt=2)
    deploying.world.given = {"consent-2": "yes"}
    with pytest.raises(BadInput, match=r"expected [0-9a-f]{7}") as refused:
        deploying.run("3.2", attempt=2)
    assert not executed(deploying)
    deploying.world.given = {"consent-2": refused.value.message[-7:]}
    assert not failed_names(deploying.run("3.2", attempt=2))


def test_a_failed_update_can_be_proposed_again(deploying: Deploying) -> None:
    deploying.up_to("3.2")
    deploying.world.new_run("stage-06-20260203-040506")
    deploying.world.given = {"environment": "prod", "retry-failed-stack": STACK}
    deploying.run("3.1")
    deploying.sandbox.faults.fail_resource("UsersTable", "no", on="update")
    with pytest.raises(StepFailed, match="ended UPDATE_ROLLBACK_COMPLETE"):
        deploying.run("3.2")
    work = deploying.run("3.2", attempt=2)
    assert work.data["stack_status"] == "UPDATE_COMPLETE"
    assert tables(deploying) == ["Users", "audit-log"]


def test_a_stack_that_only_a_person_can_mend_is_left_to_one(
    deploying: Deploying, monkeypatch: pytest.MonkeyPatch
) -> None:
    deploying.up_to("3.2")
    deploying.world.new_run("stage-06-20260203-040506")
    deploying.world.given = {"environment": "prod"}
    deploying.run("3.1")
    faults = deploying.sandbox.faults
    faults.fail_resource(logical_id("audit-log"), "no", on="update")

    def spoil_the_way_back(line: str) -> None:
        if line.split() == ["UPDATE_COMPLETE", "UsersTable"]:
            faults.fail_resource("UsersTable", "no way back", on="update")

    monkeypatch.setattr(deploying.world.person, "progress", spoil_the_way_back)
    with pytest.raises(StepFailed, match="ended UPDATE_ROLLBACK_FAILED"):
        deploying.run("3.2")
    with pytest.raises(StepFailed, match="has to be mended by hand") as failure:
        deploying.run("3.2", attempt=2)
    assert "continue-update-rollback" in failure.value.next_command


def test_the_stack_is_followed_in_the_region_that_was_chosen(deploying: Deploying) -> None:
    deploying.world.given = {"region": "us-west-2"}
    work = deploying.up_to("5.2")
    assert not failed_names(work)
    assert deploying.client("dynamodb").list_tables()["TableNames"] == []
    assert REGION not in deploying.text(paths.VALIDATION)
