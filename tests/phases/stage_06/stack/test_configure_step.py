"""What does task 3.1 refuse, what does it show, and is the change set made once?"""

from __future__ import annotations

import copy
import json
import re
import subprocess
from typing import Any

import pytest

from phases.aws import Denied
from phases.stage_06 import paths
from phases.stage_06.template.template import render
from state.errors import BadInput, StepFailed, Waiting
from tests.worlds.deploying import CONTRACT, REGION, STACK, Deploying, failed_names

pytestmark = pytest.mark.slow

CHANGE_SET = "phasegate-stage-06-20260102-030405-3-1-a1"


def created(deploying: Deploying) -> int:
    return deploying.sandbox.calls.count(("cloudformation", "CreateChangeSet"))


def change_sets(deploying: Deploying, stack: str = STACK) -> list[str]:
    listed = deploying.client("cloudformation").list_change_sets(StackName=stack)["Summaries"]
    return [each["ChangeSetName"] for each in listed]


def changed(**fields: Any) -> dict[str, Any]:
    """The contract with other fields in its first table."""
    contract = copy.deepcopy(CONTRACT)
    contract["tables"][0] |= fields
    return contract


def test_the_change_set_is_made_and_nothing_is_deployed(deploying: Deploying) -> None:
    work = deploying.run("3.1")
    assert not failed_names(work)
    assert change_sets(deploying) == [CHANGE_SET]
    assert deploying.stack_status() == "REVIEW_IN_PROGRESS"
    assert deploying.client("dynamodb").list_tables()["TableNames"] == []
    assert work.data["stack_name"] == STACK
    assert work.data["change_set_type"] == "CREATE"
    assert work.data["resource_counts"]["AWS::DynamoDB::Table"] == 2
    assert "AWS::SNS::Subscription" not in work.data["resource_counts"]  # nobody asked for e-mail


def test_the_approver_sees_account_tables_changes_and_cost(deploying: Deploying) -> None:
    first, *others = deploying.run("3.1").review
    assert re.fullmatch(
        r"Approving this deploys it: task 3\.2 executes change set \S+ on stack \S+ in account 123456789012, "
        r"region \S+\.",
        first.body,
    )
    sections = {section.title: section.body for section in others}
    assert "123456789012 (the sandbox on this machine)" in sections["Where and as what"]
    assert "| `audit-log` | `Digest` (B) | none | none |" in sections["Tables"]
    assert "| Add | `UsersTable` | AWS::DynamoDB::Table |" in sections["Changes"]
    assert "**11.57 USD**" in sections["Cost"]
    document = deploying.text(paths.CONFIG)
    assert all(body in document for body in sections.values())
    assert (
        "The values of the 10 added resources are those of `artifacts/stage-06/dynamodb-infrastructure.yaml`"
        in document
    )
    assert len(document.split("\n")) < 150


def test_answers_become_the_templates_parameters(deploying: Deploying) -> None:
    deploying.world.given = {"project": "Web shop", "environment": "staging", "alarm-address": "ops@example.com"}
    data = deploying.run("3.1").data
    assert data["parameters"] == {"Project": "Web shop", "Environment": "staging", "AlarmEmail": "ops@example.com"}
    assert data["resource_counts"]["AWS::SNS::Subscription"] == 1
    assert json.loads(deploying.text(paths.PARAMETERS)) == [
        {"ParameterKey": "Project", "ParameterValue": "Web shop"},
        {"ParameterKey": "Environment", "ParameterValue": "staging"},
        {"ParameterKey": "AlarmEmail", "ParameterValue": "ops@example.com"},
    ]
    assert "AWS::SNS::Subscription" in deploying.text(paths.CONFIG).split("## Changes")[1].split("## Cost")[0]


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("region", "Frankfurt"),
        ("project", "shop "),
        ("project", "café"),
        ("environment", "Production"),
        ("alarm-address", "ops"),
        ("alarm-address", ""),
        ("stack-name", "1st-stack"),
        ("stack-name", "shop_stack"),
    ],
)
def test_an_answer_that_aws_would_refuse_is_refused_here(deploying: Deploying, question: str, answer: str) -> None:
    deploying.world.given = {question: answer}
    with pytest.raises(BadInput, match=rf"(?s)answer to {question} refused: .*expected"):
        deploying.run("3.1")
    assert not created(deploying)


def test_the_repositorys_name_is_the_project_unless_another_is_given(deploying: Deploying) -> None:
    git = ("git", "-C", str(deploying.root))
    subprocess.run([*git, "init", "-q"], check=True)
    assert deploying.run("3.1").data["parameters"]["Project"] == re.sub(r"\W", "_", deploying.root.name)
    subprocess.run([*git, "remote", "add", "origin", "https://me:pw@example.com/shops/Web (old).git"], check=True)
    assert deploying.run("3.1", attempt=2).data["parameters"]["Project"] == "Web__old_"


def test_a_template_of_before_has_no_place_for_it_and_nobody_is_asked(deploying: Deploying) -> None:
    deploying.write(paths.TEMPLATE, render(deploying.contract, project=False))
    assert "Project" not in deploying.run("3.1").data["parameters"]
    assert "project" not in deploying.world.asked
    assert not failed_names(deploying.run("3.2"))


def test_a_region_without_known_prices_is_said_not_guessed(deploying: Deploying) -> None:
    deploying.world.given = {"region": "sa-east-1"}
    work = deploying.run("3.1")
    assert work.data["monthly_cost_usd"] is None
    assert "What DynamoDB costs in `sa-east-1` is not known" in deploying.text(paths.CONFIG)


def test_a_region_that_does_not_answer_is_asked_again(deploying: Deploying) -> None:
    deploying.sandbox.faults.lose_reply("GetCallerIdentity", times=9)
    with pytest.raises(StepFailed, match="region eu-west-1 cannot be deployed to") as refused:
        deploying.run("3.1")
    assert type(refused.value) is StepFailed  # an AwsError would keep the answer
    assert "asks for the region again" in refused.value.next_command


def test_tables_and_stack_in_the_way_are_all_named(deploying: Deploying) -> None:
    deploying.client("dynamodb").create_table(
        TableName="Users",
        KeySchema=[{"AttributeName": "Id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "Id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    topic = {"Resources": {"Topic": {"Type": "AWS::SNS::Topic"}}}
    deploying.client("cloudformation").create_stack(StackName=STACK, TemplateBody=json.dumps(topic))
    deploying.sandbox.settle(STACK, REGION)
    with pytest.raises(StepFailed) as refused:
        deploying.run("3.1")
    where = {problem.where: problem.message for problem in refused.value.problems}
    assert "phasegate did not make" in where[STACK]
    assert "exists already outside this stack" in where["Users"]
    assert "audit-log" not in where
    assert not created(deploying)


def test_change_sets_of_somebody_else_keep_the_name(deploying: Deploying) -> None:
    topic = {"Resources": {"Topic": {"Type": "AWS::SNS::Topic"}}}
    deploying.client("cloudformation").create_change_set(
        StackName=STACK, ChangeSetName="theirs", ChangeSetType="CREATE", TemplateBody=json.dumps(topic)
    )
    with pytest.raises(StepFailed) as refused:
        deploying.run("3.1")
    assert "theirs" in refused.value.problems[0].message


def leave_change_set(deploying: Deploying, name: str) -> None:
    topic = {"Resources": {"Topic": {"Type": "AWS::SNS::Topic"}}}
    deploying.client("cloudformation").create_change_set(
        StackName=STACK, ChangeSetName=name, ChangeSetType="CREATE", TemplateBody=json.dumps(topic)
    )


@pytest.mark.parametrize(
    ("run_id", "ending"),
    [
        ("stage-06-20251231-235959", "3-1-a1"),
        ("stage-06-20251231-235959-2", "3-1-a12"),
        ("stage-06-20251231-235959-7f3a", "3-1-a1-import"),
    ],
)
def test_what_an_earlier_run_of_this_repository_left_is_ours(deploying: Deploying, run_id: str, ending: str) -> None:
    leave_change_set(deploying, f"phasegate-{run_id}-{ending}")
    with pytest.raises(StepFailed, match="cannot be deployed") as refused:
        deploying.run("3.1")
    assert "somebody else" in refused.value.problems[0].message  # its journal is in another clone
    deploying.write(f".phasegate/{run_id}/journal.jsonl", b"{}\n")
    assert not failed_names(deploying.run("3.1"))
    assert deploying.stack_status() == "REVIEW_IN_PROGRESS"


def test_beside_what_we_left_the_change_set_of_somebody_else_is_named(deploying: Deploying) -> None:
    deploying.write(".phasegate/stage-06-20251231-235959/journal.jsonl", b"{}\n")
    leave_change_set(deploying, "phasegate-stage-06-20251231-235959-3-1-a1")
    leave_change_set(deploying, "phasegate-stage-06-20251231-235959-theirs")
    with pytest.raises(StepFailed) as refused:
        deploying.run("3.1")
    assert refused.value.problems[0].message.endswith("somebody else: phasegate-stage-06-20251231-235959-theirs")


def test_a_busy_stack_is_said_so(deploying: Deploying) -> None:
    deploying.sandbox.faults.stack_busy()
    with pytest.raises(StepFailed, match="busy with another operation") as refused:
        deploying.run("3.1")
    assert "phasegate resume" in refused.value.next_command


def test_a_denied_action_is_passed_on_by_its_name(deploying: Deploying) -> None:
    deploying.sandbox.faults.deny("CreateChangeSet")
    with pytest.raises(Denied, match="cloudformation:CreateChangeSet"):
        deploying.run("3.1")
    deploying.sandbox.faults.clear()
    assert not failed_names(deploying.run("3.1"))


def test_power_cut_after_the_change_set_finds_it(deploying: Deploying) -> None:
    deploying.world.dies_at("create-change-set")
    with pytest.raises(KeyboardInterrupt):
        deploying.run("3.1")
    assert not failed_names(deploying.run("3.1"))
    assert created(deploying) == 1


def test_a_lost_reply_makes_no_second_change_set(deploying: Deploying) -> None:
    deploying.sandbox.faults.lose_reply("CreateChangeSet")
    deploying.run("3.1")
    assert change_sets(deploying) == [CHANGE_SET]


def test_a_template_that_cannot_be_worked_out_fails_with_the_reason(deploying: Deploying) -> None:
    template = deploying.text(paths.TEMPLATE).replace('"audit-log"', "audit log").replace(": audit-log", ": audit log")
    deploying.write(paths.TEMPLATE, template.encode())
    with pytest.raises(StepFailed, match=r"(?s)could not work out change set .*TableName"):
        deploying.run("3.1")


def test_the_witness_names_what_drifted(deploying: Deploying) -> None:
    deploying.run("3.1")
    shown = deploying.witness()
    assert shown == deploying.witness()
    assert shown["change set execution status"] == "AVAILABLE"
    deploying.client("cloudformation").delete_change_set(StackName=STACK, ChangeSetName=CHANGE_SET)
    deploying.write(paths.TEMPLATE, b"{}")
    now = deploying.witness()
    assert {name for name in shown if shown[name] != now[name]} == {
        "template SHA-256",
        "change set",
        "change set status",
        "change set execution status",
        "changes SHA-256",
    }


def test_a_rejected_change_set_is_replaced(deploying: Deploying) -> None:
    deploying.run("3.1")
    deploying.world.given = {"environment": "prod"}
    deploying.run("3.1", attempt=2)
    assert change_sets(deploying) == [CHANGE_SET.replace("a1", "a2")]


def test_another_name_after_a_reject_leaves_no_empty_stack(deploying: Deploying) -> None:
    deploying.run("3.1")
    deploying.world.given = {"stack-name": "shop"}
    deploying.run("3.1", attempt=2)
    assert deploying.sandbox.settle(STACK, REGION) == "DELETE_COMPLETE"
    stacks = deploying.client("cloudformation").describe_stacks()["Stacks"]
    assert [stack["StackName"] for stack in stacks] == ["shop"]


def test_a_second_run_with_nothing_new_has_nothing_to_execute(deploying: Deploying) -> None:
    deploying.up_to("3.2")
    executed = deploying.sandbox.calls.count(("cloudformation", "ExecuteChangeSet"))
    deploying.world.new_run("stage-06-20260203-040506")
    work = deploying.run("3.1")
    assert work.data["nothing_to_change"]
    assert "Approving this" not in [section.title for section in work.review]
    assert "Nothing would change" in deploying.text(paths.CONFIG)
    assert not failed_names(deploying.run("3.2"))
    assert deploying.sandbox.calls.count(("cloudformation", "ExecuteChangeSet")) == executed
    assert "left as it is" in deploying.text(paths.RESULTS)


def test_a_further_index_is_shown_as_an_update_of_our_stack(deploying: Deploying) -> None:
    deploying.up_to("3.2")
    deploying.world.new_run("stage-06-20260203-040506")
    index = {"index_name": "ByName", "pk": "Name", "sk": None, "projection": "KEYS_ONLY"}
    deploying.take_contract(changed(gsis=[*CONTRACT["tables"][0]["gsis"], index]))
    work = deploying.run("3.1")
    assert work.data["change_set_type"] == "UPDATE"
    changes = {section.title: section.body for section in work.review}["Changes"]
    assert "| Modify | `UsersTable` | AWS::DynamoDB::Table | `Users` | no | `AttributeDefinitions`" in changes
    assert not failed_names(deploying.run("3.2"))
    assert not failed_names(deploying.run("3.3"))


def test_losing_a_table_needs_its_name_typed(deploying: Deploying) -> None:
    deploying.up_to("3.2")
    deploying.world.new_run("stage-06-20260203-040506")
    deploying.take_contract({"tables": [CONTRACT["tables"][1]]})
    with pytest.raises(Waiting, match="confirm-replace-users"):
        deploying.run("3.1")
    deploying.world.given = {"confirm-replace-users": "yes"}
    with pytest.raises(BadInput, match="expected exactly Users"):
        deploying.run("3.1")
    deploying.world.given = {"confirm-replace-users": "Users"}
    work = deploying.run("3.1")
    assert not failed_names(work)
    assert [check.verdict for check in work.checks if check.name == "no table is lost"] == ["note"]
    assert "leaves the stack" in deploying.text(paths.CONFIG)


def many_tables(count: int) -> dict[str, Any]:
    table = CONTRACT["tables"][0]
    return {"tables": [{**table, "table": f"Users{number}"} for number in range(count)]}


def test_a_template_that_only_its_comments_make_too_long_is_sent_without_them(deploying: Deploying) -> None:
    deploying.write(paths.TEMPLATE, deploying.text(paths.TEMPLATE).encode() + b"# why\n" * 10_000)
    assert not failed_names(deploying.run("3.1"))
    assert "template-bucket" not in deploying.world.asked


def test_a_very_long_template_goes_to_the_bucket_that_the_sandbox_brings(deploying: Deploying) -> None:
    deploying.take_contract(many_tables(30))
    assert not failed_names(deploying.run("3.1"))
    assert deploying.world.asked["template-bucket"] == f"phasegate-sandbox-templates-{REGION}"


def test_a_very_long_template_goes_to_a_bucket_that_a_person_names(deploying: Deploying) -> None:
    deploying.take_contract(many_tables(30))
    place = {"LocationConstraint": REGION}
    deploying.client("s3").create_bucket(Bucket="templates", CreateBucketConfiguration=place)
    deploying.world.given = {"template-bucket": "templates"}
    assert not failed_names(deploying.run("3.1"))
    keys = [each["Key"] for each in deploying.client("s3").list_objects_v2(Bucket="templates")["Contents"]]
    assert [key.startswith("phasegate/stage-06-20260102-030405/") for key in keys] == [True]
