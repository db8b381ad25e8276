"""Are tables that are there adopted on request alone, as they are, and brought to the contract by further updates?"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from phases.stage_06.live.table_as_it_is import as_it_is
from state.errors import StepFailed
from tests.worlds.chained_run import Killed, findings, indexes
from tests.worlds.stage_world import REGION, SOURCE, STACK, StageWorld, contract
from workflow.runs.grow_plan import drive
from workflow.sandbox.inprocess import Sandbox

pytestmark = pytest.mark.slow

BY_TAG = {
    "IndexName": "ByTag",
    "KeySchema": [{"AttributeName": "tag", "KeyType": "HASH"}],
    "Projection": {"ProjectionType": "ALL"},
}
ITEM = {"id": {"S": "one"}, "tag": {"S": "red"}}


def make(world: StageWorld, name: str = "Notes", key: str = "id", **more: Any) -> None:
    """A table of somebody's, with an item."""
    names = {
        key,
        *(each["AttributeName"] for index in more.get("GlobalSecondaryIndexes", []) for each in index["KeySchema"]),
    }
    names |= {each["AttributeName"] for index in more.get("LocalSecondaryIndexes", []) for each in index["KeySchema"]}
    dynamodb = world.client("dynamodb")
    dynamodb.create_table(
        **{
            "TableName": name,
            "BillingMode": "PAY_PER_REQUEST",
            "KeySchema": [{"AttributeName": key, "KeyType": "HASH"}],
            "AttributeDefinitions": [{"AttributeName": each, "AttributeType": "S"} for each in sorted(names)],
            "Tags": [{"Key": "team", "Value": "notes"}],
            **more,
        }
    )
    if key == "id" and "LocalSecondaryIndexes" not in more:
        dynamodb.put_item(TableName=name, Item=ITEM)


def adopting(world: StageWorld, **answers: str) -> StageWorld:
    world.person.answers |= {"adopt-table-notes": "Notes", **answers}
    return world


def holds_item(world: StageWorld) -> bool:
    return world.client("dynamodb").get_item(TableName="Notes", Key={"id": ITEM["id"]}).get("Item") == ITEM


def changes_of_3_1(world: StageWorld) -> tuple[list[str], dict[str, str], list[str]]:
    """What the proposed change set does, the page's sections, and the tasks of the updates."""
    with world.process() as engine:
        drive(engine, lambda task: task.id == "3.1")
        page = engine.run.tasks["t3_1"].worked
        assert page is not None
        tasks = [task.id for task in engine.plan.tasks if task.id.startswith("3.2")]
    (name,) = [
        each["ChangeSetName"]
        for each in world.client("cloudformation").list_change_sets(StackName=STACK)["Summaries"]
        if each["ExecutionStatus"] == "AVAILABLE"
    ]
    described = world.client("cloudformation").describe_change_set(StackName=STACK, ChangeSetName=name)
    does = [
        f"{each['ResourceChange']['Action']} {each['ResourceChange']['LogicalResourceId']}"
        for each in described["Changes"]
    ]
    noted = {check.name for check in page.checks if check.verdict == "note"}
    assert "table names" in noted  # so that no policy opens the gate
    return does, {section.title: section.body for section in page.review}, tasks


def test_a_table_is_adopted_as_it_is_and_then_brought_to_the_contract(tmp_path: Path, sandbox: Sandbox) -> None:
    world = adopting(StageWorld(tmp_path, sandbox))
    make(world)
    does, page, tasks = changes_of_3_1(world)
    assert does == ["Import NotesTable"]
    # adopted, settings, the index, and everything else: the bound of index changes, one for the rest, and two before
    assert tasks == ["3.2", "3.2.2", "3.2.3", "3.2.4"]
    rows = page["Adopted tables"]
    assert "| Notes: point-in-time recovery | DISABLED | ENABLED | changed by an update behind the import |" in rows
    assert "| Notes: key schema | HASH id | HASH id | as the template says |" in rows
    before = world.client("dynamodb").describe_table(TableName="Notes")["Table"]
    world.take_to("3.2")
    assert world.stack_status() == "IMPORT_COMPLETE"
    assert world.client("dynamodb").describe_table(TableName="Notes")["Table"] == before
    world.take_to("3.2.2")
    assert not world.client("dynamodb").describe_table(TableName="Notes")["Table"].get("GlobalSecondaryIndexes")
    world.finish()
    assert indexes(world) == ["ByTag"]
    assert holds_item(world)
    assert findings(world) == []


def test_a_table_that_has_its_indexes_needs_one_update_behind_the_import(tmp_path: Path, sandbox: Sandbox) -> None:
    world = adopting(StageWorld(tmp_path, sandbox))
    make(world, GlobalSecondaryIndexes=[BY_TAG])
    _does, _page, tasks = changes_of_3_1(world)
    assert tasks == ["3.2", "3.2.2"]
    world.finish()
    assert holds_item(world)
    assert findings(world) == []


def test_what_stays_is_taken_in_with_the_approval_and_holds_for_4_1(tmp_path: Path, sandbox: Sandbox) -> None:
    world = adopting(StageWorld(tmp_path, sandbox))
    make(world, GlobalSecondaryIndexes=[BY_TAG])
    world.client("dynamodb").update_time_to_live(
        TableName="Notes", TimeToLiveSpecification={"Enabled": True, "AttributeName": "until"}
    )
    _does, page, _tasks = changes_of_3_1(world)
    assert "| Notes: time to live | ENABLED on until | DISABLED | stays, as it was seen |" in page["Adopted tables"]
    world.finish()
    assert "taken in, by Ada" in (world.root / "artifacts/stage-06/production-features.md").read_text()
    assert findings(world) == []


def test_a_stack_that_is_there_takes_a_table_in_and_keeps_the_rest(tmp_path: Path, sandbox: Sandbox) -> None:
    world = StageWorld(tmp_path, sandbox)
    document = contract()
    notes = document["tables"].pop(0)
    (world.root / SOURCE).write_text(json.dumps(document))
    world.git("commit", "-qam", "Tags alone")
    world.take_to("3.2")
    with world.process() as engine:
        engine.abort("the next contract")
    runbook = world.root / world.runbook
    runbook.write_text(runbook.read_text().replace("[x]", "[ ]"))
    document["tables"].insert(0, notes)
    (world.root / SOURCE).write_text(json.dumps(document))
    world.git("add", "-A")
    world.git("commit", "-qm", "Notes, which is there")
    world.run_id = ""
    make(world, GlobalSecondaryIndexes=[BY_TAG])
    does, _page, tasks = changes_of_3_1(adopting(world))
    assert does == ["Import NotesTable"]
    assert tasks == ["3.2", "3.2.2"]
    world.finish()
    assert holds_item(world)
    assert findings(world) == []


def test_an_import_that_fails_leaves_the_table_and_is_tried_again(tmp_path: Path, sandbox: Sandbox) -> None:
    world = adopting(StageWorld(tmp_path, sandbox), **{"retry-failed-stack": STACK})
    make(world, GlobalSecondaryIndexes=[BY_TAG])
    sandbox.faults.fail_resource("NotesTable", "on strike", on="import")
    with pytest.raises(StepFailed, match="IMPORT_ROLLBACK_COMPLETE"):
        world.take_to("3.2")
    assert holds_item(world)
    sandbox.faults.clear()
    world.finish()
    assert holds_item(world)
    assert findings(world) == []


def test_a_process_that_dies_while_it_imports_goes_on(tmp_path: Path, sandbox: Sandbox) -> None:
    world = adopting(StageWorld(tmp_path, sandbox))
    make(world)
    world.take_to("3.1")

    def killed() -> None:
        if world.calls("ExecuteChangeSet"):
            raise Killed

    world.clock.on_wait = killed
    with pytest.raises(Killed):
        world.take_to("3.2")
    world.clock.on_wait = None
    world.finish()
    assert world.calls("ExecuteChangeSet") == 4
    assert findings(world) == []


@pytest.mark.parametrize(
    ("made", "said"),
    [
        pytest.param({}, "", id="nobody asks for it"),
        pytest.param({"key": "other"}, "its keys are HASH other (S), the contract says HASH id (S)", id="another key"),
        pytest.param(
            {"GlobalSecondaryIndexes": [{**BY_TAG, "Projection": {"ProjectionType": "KEYS_ONLY"}}]},
            "its projection is KEYS_ONLY, the contract says ALL",
            id="an index of another projection",
        ),
        pytest.param(
            {
                "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}, {"AttributeName": "at", "KeyType": "RANGE"}],
                "LocalSecondaryIndexes": [
                    {
                        "IndexName": "Local",
                        "KeySchema": [
                            {"AttributeName": "id", "KeyType": "HASH"},
                            {"AttributeName": "at", "KeyType": "RANGE"},
                        ],
                        "Projection": {"ProjectionType": "ALL"},
                    }
                ],
            },
            "has local indexes (Local)",
            id="a local index",
        ),
    ],
)
def test_a_table_that_is_not_or_cannot_be_adopted_is_refused_before_anything(
    tmp_path: Path, sandbox: Sandbox, made: dict[str, Any], said: str
) -> None:
    world = StageWorld(tmp_path, sandbox)
    world.person.answers |= {"adopt-table-notes": "Notes" if said else "no"}
    make(world, **made)
    with pytest.raises(StepFailed, match="exists already outside this stack") as refused:
        world.take_to("3.1")
    assert said in str(refused.value)
    assert ("it cannot be adopted" in str(refused.value)) == bool(said)
    assert world.calls("CreateChangeSet") == 0


def test_a_table_of_another_stack_stays_that_stacks(tmp_path: Path, sandbox: Sandbox) -> None:
    world = adopting(StageWorld(tmp_path, sandbox))
    properties = {
        "TableName": "Notes",
        "BillingMode": "PAY_PER_REQUEST",
        "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
        "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
    }
    body = {"Resources": {"T": {"Type": "AWS::DynamoDB::Table", "Properties": properties}}}
    world.client("cloudformation").create_stack(StackName="theirs", TemplateBody=json.dumps(body))
    sandbox.settle("theirs", REGION)
    with pytest.raises(StepFailed, match="stack theirs holds it"):
        world.take_to("3.1")


def test_a_provisioned_table_is_handed_over_with_its_capacity() -> None:
    units = {"ReadCapacityUnits": 5, "WriteCapacityUnits": 2}
    key = [{"AttributeName": "id", "KeyType": "HASH"}]
    live: Any = {
        "TableName": "Notes",
        "KeySchema": key,
        "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
        "ProvisionedThroughput": {**units, "NumberOfDecreasesToday": 0},
        "GlobalSecondaryIndexes": [
            {
                "IndexName": "I",
                "KeySchema": key,
                "Projection": {"ProjectionType": "ALL"},
                "ProvisionedThroughput": units,
            }
        ],
    }
    made = as_it_is(live, {}, {"aws:cloudformation:stack-name": "gone", "team": "notes"})
    assert made["BillingMode"] == "PROVISIONED"
    assert made["ProvisionedThroughput"] == made["GlobalSecondaryIndexes"][0]["ProvisionedThroughput"] == units
    assert made["Tags"] == [{"Key": "team", "Value": "notes"}]
