"""Does a run with `--again` ask nobody about what is as it was approved, and exactly about what is not?"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from botocore.retries.standard import ExponentialBackoff

from state.event_types import Approved, EffectIntended, Event
from state.read_journal import read
from tests.worlds.stage_world import SOURCE, StageWorld, contract
from workflow.audit import audit_workspace
from workflow.engine.engine import Engine, Settings
from workflow.runs.begin import start
from workflow.runs.load_plan import load_plan
from workflow.sandbox.inprocess import Sandbox

WRITING = ("Put", "Update", "Delete", "Create", "Execute", "Import", "Tag", "Set", "Subscribe")
Document = dict[str, Any]


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StageWorld]:
    """A run that was approved to its end, in an account in this process in which retries do not sleep."""
    with pytest.MonkeyPatch.context() as patch, Sandbox() as sandbox:
        patch.setattr(ExponentialBackoff, "delay_amount", lambda _self, _context: 0)
        world = StageWorld(tmp_path_factory.mktemp("done"), sandbox)
        world.finish()
        yield world


def begin_again(world: StageWorld) -> Engine:
    target = load_plan(world.root, "stage-06", world.runbook)
    git_dir = world.root / ".git"
    engine = start(world.root, target, world.doors(), Settings(), sandbox=True, git_dir=git_dir, again=True)
    world.run_id = engine.run.run_id
    world.person.views, world.person.asked = [], []
    return engine


def again(world: StageWorld, *, to: str = "") -> list[str]:
    """Run again to this task, or to the end; the ids of the tasks that somebody was asked about."""
    with begin_again(world).journal:
        pass
    if to:
        world.take_to(to)
    else:
        world.finish()
    return [view.task.id or view.task.title for view in world.person.views]


def events(world: StageWorld) -> list[Event]:
    return list(read(world.root / ".phasegate" / world.run_id / "journal.jsonl"))


def findings(world: StageWorld) -> list[str]:
    return [f"{each.code}: {each.message}" for audit in audit_workspace(world.root, None) for each in audit.findings]


def write(world: StageWorld, document: Document, message: str) -> None:
    (world.root / SOURCE).write_text(json.dumps(document, indent=1))
    world.git("commit", "-qam", message)


@pytest.fixture
def world(done: StageWorld, tmp_path: Path) -> StageWorld:
    """A copy of the repository of the run that is done, later; the account is the same one."""
    done.clock.at += timedelta(hours=1)  # ids of runs, and the tokens made of them, are of a second
    return StageWorld(tmp_path, done.sandbox, built=done)


@pytest.mark.slow
def test_the_same_contract_asks_nobody_and_does_nothing_outside(world: StageWorld) -> None:
    former, calls = world.run_id, len(world.sandbox.calls)
    assert again(world) == []
    assert world.person.asked == []
    written = [name for _service, name in world.sandbox.calls[calls:] if name.startswith(WRITING)]
    assert written == ["CreateChangeSet"]  # which turned out to change nothing
    found = events(world)
    assert {each.effect for each in found if isinstance(each, EffectIntended)} == {"create-change-set"}
    approvals = [each.approval for each in found if isinstance(each, Approved)]
    assert {each.via for each in approvals} == {"unchanged"}
    assert {each.rests_on.run for each in approvals if each.rests_on} == {former}
    assert findings(world) == []
    assert again(world, to="1.1") == []  # rests on the approval that somebody gave, not on the one that followed
    resting = [each.approval.rests_on for each in events(world) if isinstance(each, Approved)]
    assert {each.run for each in resting if each} == {former}
    assert findings(world) == []
    with world.process() as engine:
        engine.abort("enough")


def attribute_more(world: StageWorld, name: str = "colour") -> None:
    document = contract()
    notes = document["tables"][0]
    notes["attributes"].append({**notes["attributes"][0], "name": name})
    write(world, document, "One attribute more")


@pytest.mark.slow
def test_a_changed_attribute_asks_for_what_depends_on_it_and_shows_how_it_differs(world: StageWorld) -> None:
    attribute_more(world)
    asked = again(world)
    assert asked == ["1.1", "5.1", "5.2", "5.3", "Output Validation Checklist"]
    pages = {view.task.id: {each.title: each.body for each in view.worked.review} for view in world.person.views}
    changed = pages["1.1"]["Changed since it was approved"]
    assert "contract" in changed and '+     "name": "colour",' in changed.replace("+      ", "+     ")
    assert findings(world) == []
    approved = {each.task: each.approval for each in events(world) if isinstance(each, Approved)}
    assert approved["t1_2"].via == "unchanged" and approved["t1_1"].via == "prompt"


@pytest.mark.slow
def test_a_setting_that_was_changed_by_hand_has_somebody_asked(world: StageWorld) -> None:
    client = world.client("dynamodb")
    arn = client.describe_table(TableName="Notes")["Table"]["TableArn"]
    client.tag_resource(ResourceArn=arn, Tags=[{"Key": "By", "Value": "hand"}])
    try:
        assert again(world, to="4.1") == ["4.1"]
    finally:
        client.untag_resource(ResourceArn=arn, TagKeys=["By"])
