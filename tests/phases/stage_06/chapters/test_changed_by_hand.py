"""What do the documents say after somebody changed the account by hand? Each test has a deployment of its own."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from phases.aws import NotFound
from phases.documents.markdown import code_blocks
from phases.stage_06 import paths
from phases.stage_06.task_4_2_access import configure_access
from phases.stage_06.task_5_1_summary import write_summary
from tests.worlds.aws_commands import aws_commands, run_command
from tests.worlds.deployed_world import REGION, SAMPLE, STACK, deployed_world
from tests.worlds.step_world import StepWorld
from workflow.sandbox.inprocess import Sandbox


@pytest.mark.slow
def test_an_index_that_is_only_live_is_granted_too(own_world: StepWorld, own_sandbox: Sandbox) -> None:
    own_sandbox.client("dynamodb", REGION).update_table(
        TableName="media-files",
        AttributeDefinitions=[
            {"AttributeName": "Checksum", "AttributeType": "B"},
            {"AttributeName": "UploadedAt", "AttributeType": "N"},
        ],
        GlobalSecondaryIndexUpdates=[
            {
                "Create": {
                    "IndexName": "ByDay",
                    "KeySchema": [{"AttributeName": "UploadedAt", "KeyType": "HASH"}],
                    "Projection": {"ProjectionType": "ALL"},
                }
            }
        ],
    )

    own_world.run(configure_access)

    assert ":table/media-files/index/ByDay" in own_world.read(paths.IAM_POLICY).decode()


@pytest.mark.slow
def test_two_runs_on_one_contract_differ_in_ids_and_times_only(tmp_path: Path) -> None:
    texts = []
    for name in ("first", "second"):
        with Sandbox() as sandbox:
            world = deployed_world(tmp_path / name, sandbox, SAMPLE.read_bytes(), run_id=name)
            world.run(write_summary)
            text = world.read(paths.SUMMARY).decode().replace(f"| `{name}` |", "| RUN |")
        text = re.sub(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "UUID", text)
        text = re.sub(r"AlarmTopic-[A-Z0-9]+", "TOPIC", text)
        texts.append(re.sub(r"stream/[0-9T:.-]+", "STREAM", text))

    assert texts[0] == texts[1]


@pytest.mark.slow
def test_a_setting_changed_by_hand_is_shown_as_found(own_world: StepWorld, own_sandbox: Sandbox) -> None:
    dynamodb = own_sandbox.client("dynamodb", REGION)
    dynamodb.update_table(TableName="Products", DeletionProtectionEnabled=False)
    dynamodb.update_continuous_backups(
        TableName="Products", PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": False}
    )

    own_world.run(write_summary)

    text = own_world.read(paths.SUMMARY).decode()
    assert "| `Products` | PAY_PER_REQUEST | KMS, ENABLED | DISABLED | off | NEW_AND_OLD_IMAGES |" in text


@pytest.mark.slow
def test_a_stack_that_is_not_settled_fails(own_world: StepWorld, own_sandbox: Sandbox) -> None:
    template = own_world.aws.call("cloudformation", "get_template", StackName=STACK)["TemplateBody"]
    own_sandbox.client("cloudformation", REGION).update_stack(
        StackName=STACK,
        TemplateBody=template if isinstance(template, str) else json.dumps(template),
        Parameters=[
            {"ParameterKey": "Project", "UsePreviousValue": True},
            {"ParameterKey": "Environment", "ParameterValue": "prod"},
            {"ParameterKey": "AlarmEmail", "UsePreviousValue": True},
        ],
    )

    work = own_world.run(write_summary)

    assert [(check.seen, check.verdict) for check in work.checks if check.name == "stack status"] == [
        ("UPDATE_IN_PROGRESS", "fail")
    ]


@pytest.mark.slow
def test_a_table_that_is_gone_stops_the_task(own_world: StepWorld, own_sandbox: Sandbox) -> None:
    dynamodb = own_sandbox.client("dynamodb", REGION)
    dynamodb.update_table(TableName="Products", DeletionProtectionEnabled=False)
    dynamodb.delete_table(TableName="Products")

    with pytest.raises(NotFound, match="DescribeTable"):
        own_world.run(write_summary)


@pytest.mark.slow
def test_the_removal_removes_what_retain_and_protection_keep(own_world: StepWorld, own_sandbox: Sandbox) -> None:
    """The four steps of "Removing", typed as they stand (each AWS command through boto3), leave nothing behind."""
    own_world.run(write_summary)
    text = own_world.read(paths.SUMMARY).decode()
    removing = text[text.index("### Removing") : text.index("## Troubleshooting")]
    stack, tables = code_blocks(removing, "bash")[2:]
    dynamodb = own_sandbox.client("dynamodb", REGION)

    for words in aws_commands(f"```bash\n{stack}```"):
        run_command(own_sandbox, REGION, words)
    kept = dynamodb.list_tables()["TableNames"]
    for name in kept:
        for words in aws_commands(f"```bash\n{tables}```"):
            run_command(own_sandbox, REGION, [name if word == "$table" else word for word in words])

    assert sorted(kept) == ["Customers", "Products", "media-files"]
    assert dynamodb.list_tables()["TableNames"] == []
