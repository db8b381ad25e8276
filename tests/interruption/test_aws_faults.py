"""What AWS can do to a run between its gates, through the whole engine: told, kept, and gone on with.

Most of these stop at task 3.3, which looks at everything that was deployed; one goes to the end.
"""

from __future__ import annotations

from datetime import timedelta

import pytest
from botocore.exceptions import EndpointConnectionError

from phases.aws import Denied, ExpiredToken, Throttled, Unreachable
from phases.stage_06.paths import WORKING_LOG
from state.errors import BadAnswer, StepFailed, Waiting
from tests.worlds.stage_world import REGION, STACK, TABLES, StageWorld
from workflow.doors.aws.retry import WAITS
from workflow.ports import Approve, ReviewView

pytestmark = pytest.mark.slow

TRIES_OF_BOTO3 = 3  # https://docs.aws.amazon.com/boto3/latest/guide/retries.html (standard mode)


def deployed_well(stage: StageWorld) -> None:
    """Go on in a new process; the deployment is one, whole, and verified."""
    stage.take_to("3.3")
    assert stage.stack_status() == "CREATE_COMPLETE"
    assert len(stage.client("cloudformation").list_stacks()["StackSummaries"]) == 1
    assert stage.client("dynamodb").list_tables()["TableNames"] == sorted(TABLES)


def test_throttled_calls_are_made_again_and_the_person_sees_it(stage: StageWorld) -> None:
    stage.take_to("3.1")
    stage.sandbox.faults.throttle("ExecuteChangeSet", 2 * TRIES_OF_BOTO3)
    stage.sandbox.faults.throttle("DescribeStackEvents", TRIES_OF_BOTO3)
    deployed_well(stage)
    assert stage.attempt("t3_2") == 1
    said = [line for line in stage.person.lines if "slow down" in line]
    assert said == [
        "  AWS asks to slow down (cloudformation:execute_change_set); try 2 of 6 in 2 s",
        "  AWS asks to slow down (cloudformation:execute_change_set); try 3 of 6 in 4 s",
        "  AWS asks to slow down (cloudformation:describe_stack_events); try 2 of 6 in 2 s",
    ]


def test_throttling_without_end_stops_and_the_same_attempt_goes_on(stage: StageWorld) -> None:
    stage.take_to("3.1")
    stage.sandbox.faults.throttle("ExecuteChangeSet", (len(WAITS) + 1) * TRIES_OF_BOTO3)
    with pytest.raises(Throttled, match="slow down more often") as stopped:
        stage.take_to("3.2")
    assert (stopped.value.exit_code, stopped.value.next_command) == (5, "phasegate resume")
    deployed_well(stage)
    assert stage.attempt("t3_2") == 1


@pytest.mark.parametrize("calls", [0, 4, 9, 17, 30], ids=lambda calls: f"after {calls} more calls")
def test_an_expired_token_keeps_the_attempt_wherever_it_strikes(stage: StageWorld, calls: int) -> None:
    stage.sandbox.faults.expire_token(after=calls)
    with pytest.raises(ExpiredToken, match="the session's token has expired") as stopped:
        stage.take_to("3.2")
    assert stopped.value.exit_code == 5
    assert stopped.value.next_command.startswith("aws sso login   # ")
    assert stopped.value.next_command.endswith("\n      phasegate resume")
    with pytest.raises(ExpiredToken):  # still expired: nothing is lost by trying
        stage.take_to("3.2")
    stage.sandbox.faults.clear()
    deployed_well(stage)
    assert (stage.attempt("t3_1"), stage.attempt("t3_2")) == (1, 1)
    # either call may be the one that the token refused: it is made once more
    assert {stage.calls("CreateChangeSet"), stage.calls("ExecuteChangeSet")} in ({1}, {1, 2})


def test_a_token_that_expires_after_the_approval_keeps_the_approval(stage: StageWorld) -> None:
    def approve_and_expire(_view: ReviewView) -> Approve:
        stage.sandbox.faults.expire_token()
        return Approve("prompt")

    stage.person.verdicts = [approve_and_expire]
    with pytest.raises(ExpiredToken):
        stage.take_to("3.1")
    stage.sandbox.faults.clear()
    stage.take_to("3.1")
    assert len(stage.person.views) == 1


@pytest.mark.parametrize("action", ["CreateChangeSet", "ExecuteChangeSet", "DescribeStackEvents", "DescribeTable"])
def test_a_denied_action_is_named_and_the_run_goes_on_when_it_is_allowed(stage: StageWorld, action: str) -> None:
    stage.sandbox.faults.deny(action)
    with pytest.raises(Denied, match=rf"may not perform \w+:{action}") as stopped:
        stage.take_to("3.3")
    assert stopped.value.exit_code == 5
    assert stopped.value.next_command.endswith(f":{action} is allowed")
    stage.sandbox.faults.clear()
    deployed_well(stage)


@pytest.mark.parametrize("action", ["CreateChangeSet", "ExecuteChangeSet"])
def test_a_reply_that_is_lost_is_asked_for_not_acted_on_again(stage: StageWorld, action: str) -> None:
    stage.sandbox.faults.lose_reply(action, times=TRIES_OF_BOTO3)
    with pytest.raises(Unreachable, match="whether AWS did it is not known"):
        stage.take_to("3.2")
    before = stage.calls(action)
    deployed_well(stage)
    assert stage.calls(action) == before


def test_an_endpoint_that_is_gone_stops_and_the_same_attempt_goes_on(stage: StageWorld) -> None:
    stage.take_to("3.1")

    def nobody_there(*_call: str) -> None:
        raise EndpointConnectionError(endpoint_url="https://cloudformation.eu-west-1.amazonaws.com/")

    stage.clock.on_wait = lambda: setattr(stage.sandbox.faults, "refusal", nobody_there)
    with pytest.raises(Unreachable, match=r"cloudformation\.eu-west-1\.amazonaws\.com") as stopped:
        stage.take_to("3.2")
    assert stopped.value.exit_code == 5
    del stage.sandbox.faults.__dict__["refusal"]
    stage.clock.on_wait = None
    deployed_well(stage)
    assert stage.calls("ExecuteChangeSet") == 1


def test_a_stack_that_fails_on_one_table_tells_why_and_is_tried_again_by_typed_names(stage: StageWorld) -> None:
    stage.take_to("3.1")
    stage.sandbox.faults.fail_resource("TagsTable", "the quota of tables is used up")
    with pytest.raises(StepFailed, match=f"the deployment of stack {STACK} ended ROLLBACK_FAILED") as failed:
        stage.take_to("3.2")
    assert "TagsTable (AWS::DynamoDB::Table) CREATE_FAILED: the quota of tables is used up" in str(failed.value)
    assert "Notes: is left behind" in str(failed.value)
    assert "offers to clear up and try again" in failed.value.next_command

    stage.person.absent = True
    with pytest.raises(Waiting, match=f"Delete this stack and propose it again.* Type {STACK} to confirm"):
        stage.take_to("3.2")
    stage.person.absent = False
    stage.person.answers |= {"retry-failed-stack": "yes"}
    with pytest.raises(BadAnswer, match=f"expected exactly {STACK}"):
        stage.take_to("3.2")
    assert stage.stack_status() == "ROLLBACK_FAILED"
    stage.person.answers |= {"retry-failed-stack": STACK, "adopt-orphan-notes": "no", "remove-orphan-notes": "notes"}
    with pytest.raises(BadAnswer, match="expected exactly Notes"):
        stage.take_to("3.2")
    assert stage.client("dynamodb").list_tables()["TableNames"] == ["Notes"]
    stage.person.answers |= {"remove-orphan-notes": "Notes"}
    stage.take_to("3.3")
    assert stage.attempt("t3_2") == 2
    assert stage.stack_status() == "CREATE_COMPLETE"
    log = (stage.root / WORKING_LOG).read_text()
    assert f"attempt 1 failed: the deployment of stack {STACK} ended ROLLBACK_FAILED" in log


def test_a_left_table_is_adopted_by_its_name_and_both_change_sets_are_approved_as_shown(stage: StageWorld) -> None:
    stage.take_to("3.1")
    stage.sandbox.faults.fail_resource("TagsTable", "no")
    with pytest.raises(StepFailed):
        stage.take_to("3.2")
    made = stage.client("dynamodb").describe_table(TableName="Notes")["Table"]["CreationDateTime"]
    stage.person.answers |= {"retry-failed-stack": STACK, "adopt-orphan-notes": "Notes"}
    for question in ("consent-import-2", "consent-2"):
        stage.person.answers[question] = "yes"
        with pytest.raises(BadAnswer, match=f"answer to {question} refused") as refused:
            stage.take_to("3.2")
        stage.person.answers[question] = refused.value.message[-7:]
    stage.finish()
    assert (stage.attempt("t3_2"), stage.stack_status()) == (2, "UPDATE_COMPLETE")
    assert stage.client("dynamodb").describe_table(TableName="Notes")["Table"]["CreationDateTime"] == made


def test_a_left_table_that_holds_items_is_never_removed(stage: StageWorld) -> None:
    stage.take_to("3.1")
    stage.sandbox.faults.fail_resource("TagsTable", "no")
    with pytest.raises(StepFailed):
        stage.take_to("3.2")
    stage.client("dynamodb").put_item(TableName="Notes", Item={"id": {"S": "theirs"}})
    stage.person.answers |= {"retry-failed-stack": STACK, "adopt-orphan-notes": "no", "remove-orphan-notes": "Notes"}
    with pytest.raises(StepFailed, match=r"table Notes, left behind .* holds items by now; it is not removed"):
        stage.take_to("3.2")
    assert stage.client("dynamodb").scan(TableName="Notes")["Count"] == 1


def test_a_change_set_without_changes_is_no_failure(stage: StageWorld) -> None:
    stage.take_to("3.2")
    executed = stage.calls("ExecuteChangeSet")
    again = StageWorld(stage.root.parent / "again", stage.sandbox)
    again.clock.at += timedelta(days=1)
    again.take_to("3.3")
    assert stage.calls("ExecuteChangeSet") == executed
    shown = next(view for view in again.person.views if view.task.id == "3.1")
    assert "Nothing: the stack is as the template says already" in str(shown.worked.review)
    assert again.stack_status() == "CREATE_COMPLETE"


@pytest.mark.parametrize("task", ["3.1", "3.2"])
def test_a_stack_busy_with_somebody_elses_update_is_left_alone(stage: StageWorld, task: str) -> None:
    if task == "3.2":
        stage.take_to("3.1")
    stage.sandbox.faults.stack_busy()
    with pytest.raises(StepFailed, match=f"stack .*{STACK}.* is busy with another operation") as stopped:
        stage.take_to(task)
    assert "when it has settled" in stopped.value.next_command
    assert stage.client("dynamodb").list_tables()["TableNames"] == []
    deployed_well(stage)


def test_a_stack_that_somebody_deleted_is_said_and_nothing_is_made_again(stage: StageWorld) -> None:
    stage.take_to("3.2")
    for table in TABLES:
        stage.client("dynamodb").update_table(TableName=table, DeletionProtectionEnabled=False)
    stage.client("cloudformation").delete_stack(StackName=STACK)
    stage.sandbox.settle(STACK, REGION)
    before = len(stage.sandbox.calls)
    with pytest.raises(StepFailed, match=f"stack {STACK} was deleted after task 3.2 deployed it") as stopped:
        stage.take_to("3.3")
    assert stopped.value.exit_code == 5
    assert stopped.value.next_command.startswith(f"phasegate abort {stage.run_id}")
    assert not {action for _, action in stage.sandbox.calls[before:]} & {"CreateChangeSet", "CreateTable"}


@pytest.mark.parametrize("task", ["3.3", "4.1", "5.2"])
def test_a_table_that_was_changed_outside_fails_the_task_that_looks(stage: StageWorld, task: str) -> None:
    before = {"3.3": "3.2", "4.1": "3.3", "5.2": "5.1"}[task]
    stage.take_to(before)
    stage.client("dynamodb").update_table(
        TableName="Notes",
        GlobalSecondaryIndexUpdates=[{"Delete": {"IndexName": "ByTag"}}],
        DeletionProtectionEnabled=False,
    )
    with pytest.raises(StepFailed, match=f"task {task}: .* checks failed") as stopped:
        stage.take_to(task)
    assert "Notes" in str(stopped.value)
    assert stopped.value.next_command == f"phasegate resume {stage.run_id}   # when the cause is fixed"


def test_a_run_that_met_everything_ends_as_one_that_met_nothing(stage: StageWorld) -> None:
    faults = stage.sandbox.faults
    faults.stack_busy()
    with pytest.raises(StepFailed):
        stage.take_to("3.1")
    faults.expire_token(after=6)
    with pytest.raises(ExpiredToken):
        stage.take_to("3.1")
    faults.clear()
    stage.take_to("3.1")
    faults.deny("PutItem")
    faults.throttle("DescribeTable", TRIES_OF_BOTO3)
    with pytest.raises(Denied):
        stage.take_to("5.2")
    faults.clear()
    stage.finish()


def test_a_wrong_answer_at_the_terminal_costs_no_attempt(stage: StageWorld) -> None:
    stage.person.answers["environment"] = "Production!"
    with pytest.raises(BadAnswer, match="answer to environment refused"):
        stage.take_to("3.1")
    stage.person.answers["environment"] = "prod"
    stage.take_to("3.1")
    assert stage.attempt("t3_1") == 1
