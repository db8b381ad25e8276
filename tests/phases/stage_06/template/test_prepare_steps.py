"""Do tasks 1.1 to 2.1 leave what the runbook names, and refuse what must not go on?"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from phases.aws import Denied
from phases.contract.reader import read_contract
from phases.stage_06.paths import CONTRACT, CONTRACT_SOURCES, PARAMETERS, TEMPLATE
from phases.stage_06.template import limits
from phases.stage_06.template.template import render
from phases.stage_06.workflow import STAGE_06
from phases.step import AfterCrash, Step, Work
from state.errors import BadInput, StepFailed, Waiting
from state.files import sha256
from tests.worlds.contract_builder import encode, read, table
from tests.worlds.step_world import StepWorld
from workflow.doors.aws.client import AwsDoor
from workflow.sandbox.inprocess import Sandbox

ROOT = Path(__file__).parents[4]
SAMPLE = (ROOT / CONTRACT_SOURCES[0]).read_bytes()
STEPS = [step for step in STAGE_06.steps if step.task_id in ("1.1", "1.2", "1.3", "1.4", "2.1")]
BY_ID = {step.task_id: step for step in STEPS}


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as entered:
        yield entered


@pytest.fixture
def world(tmp_path: Path) -> StepWorld:
    """A workspace with the sample contract and no AWS."""
    world = StepWorld(tmp_path)
    put(world, CONTRACT_SOURCES[0], SAMPLE)
    return world


def put(world: StepWorld, path: str, data: bytes) -> None:
    target = world.root / path
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(data)


def upto(world: StepWorld, last: str) -> Work:
    for task_id, step in BY_ID.items():
        work = world.run(step)
        if task_id == last:
            return work
    raise AssertionError(last)


def failed(work: Work) -> list[str]:
    return [check.name for check in work.checks if check.verdict == "fail"]


def test_the_contract_is_copied_byte_for_byte_and_told_to_the_later_tasks(world: StepWorld) -> None:
    put(world, CONTRACT_SOURCES[0], SAMPLE.replace(b"\n", b"\r\n"))
    work = world.run(BY_ID["1.1"])
    assert world.read(CONTRACT) == SAMPLE.replace(b"\n", b"\r\n")
    assert work.data == {
        "contract": CONTRACT_SOURCES[0],
        "contract_sha256": sha256(world.read(CONTRACT)),
        "tables": ["Customers", "Products", "media-files"],
    }
    assert failed(work) == []
    assert [check.where for check in work.checks if check.verdict == "note"] == ["$.tables[0]"]
    assert "| `Products` | one | `ProductId` N | - |" in work.review[0].body


def test_the_contract_of_the_other_approach_is_found(tmp_path: Path) -> None:
    world = StepWorld(tmp_path)
    put(world, CONTRACT_SOURCES[1], SAMPLE)
    assert world.run(BY_ID["1.1"]).data["contract"] == CONTRACT_SOURCES[1]


def test_two_contracts_that_differ_are_a_question_and_the_answer_decides(world: StepWorld) -> None:
    put(world, CONTRACT_SOURCES[1], encode(table()))
    with pytest.raises(Waiting):
        world.run(BY_ID["1.1"])
    assert not world.exists(CONTRACT)
    world.given["contract"] = CONTRACT_SOURCES[1]
    assert world.run(BY_ID["1.1"]).data["tables"] == ["Orders"]


def test_two_contracts_of_the_same_bytes_are_no_question(world: StepWorld) -> None:
    put(world, CONTRACT_SOURCES[1], SAMPLE)
    assert world.run(BY_ID["1.1"]).data["contract"] == CONTRACT_SOURCES[0]


def test_no_contract_is_refused_naming_both_places(tmp_path: Path) -> None:
    with pytest.raises(BadInput) as refused:
        StepWorld(tmp_path).run(BY_ID["1.1"])
    assert all(path in refused.value.message for path in CONTRACT_SOURCES)
    assert refused.value.next_command


def test_a_bad_contract_is_refused_and_not_copied(world: StepWorld) -> None:
    put(world, CONTRACT_SOURCES[0], encode(table(pk="Nope")))
    with pytest.raises(BadInput, match="declared nowhere"):
        world.run(BY_ID["1.1"])
    assert not world.exists(CONTRACT)


def test_a_contract_too_large_for_one_stack_is_refused_at_the_first_task(world: StepWorld) -> None:
    put(world, CONTRACT_SOURCES[0], encode(*(table(f"Table{number}") for number in range(67))))
    with pytest.raises(BadInput, match="at most 66 tables"):
        world.run(BY_ID["1.1"])


@pytest.mark.parametrize("task_id", ["1.2", "1.3", "1.4"])
def test_each_task_writes_its_layer_and_its_checks_pass(world: StepWorld, task_id: str) -> None:
    work = upto(world, task_id)
    assert world.written == {TEMPLATE: render(read_contract(SAMPLE, path=CONTRACT), upto=task_id)}  # type: ignore[arg-type]
    assert failed(work) == []
    assert work.data["template_sha256"] == sha256(world.read(TEMPLATE))
    assert work.data["resource_counts"]["AWS::DynamoDB::Table"] == 3


def test_the_approver_sees_the_change_of_the_template_and_nothing_else(world: StepWorld) -> None:
    work = upto(world, "1.3")
    diff = work.review[-1].body
    assert diff.startswith("```diff\n")
    assert "+        - IndexName: OrdersByStatus" in diff
    assert "+    DependsOn: CustomersTable" in diff
    assert "\n-    " not in diff
    assert "DeletionPolicy" not in diff
    assert "+    DeletionPolicy: Retain" in world.run(BY_ID["1.4"]).review[-1].body


def test_a_task_that_is_redone_after_a_crash_leaves_the_same_and_shows_the_same(world: StepWorld) -> None:
    first = upto(world, "1.3")
    again = world.run(BY_ID["1.3"])
    assert again == first


def test_a_template_edited_by_hand_between_two_tasks_is_refused_and_kept(world: StepWorld) -> None:
    upto(world, "1.2")
    put(world, TEMPLATE, world.read(TEMPLATE) + b"# mine\n")
    with pytest.raises(StepFailed, match=r"is not what task 1\.2 left") as refused:
        world.run(BY_ID["1.3"])
    assert world.read(TEMPLATE).endswith(b"# mine\n")
    assert refused.value.next_command == f"git restore {TEMPLATE} && phasegate resume"


def test_a_contract_exchanged_after_its_check_is_refused(world: StepWorld) -> None:
    upto(world, "1.2")
    put(world, CONTRACT, encode(table()))
    with pytest.raises(StepFailed, match=r"is not the contract that task 1\.1 checked"):
        world.run(BY_ID["1.3"])


def test_a_difference_between_template_and_contract_closes_the_gate(
    world: StepWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    upto(world, "1.2")
    honest = render(read_contract(SAMPLE, path=CONTRACT), upto="1.3")
    monkeypatch.setattr(
        "phases.stage_06.template.template.render", lambda *_args, **_named: honest.replace(b"KEYS_ONLY", b"ALL")
    )
    assert failed(world.run(BY_ID["1.3"])) == ["Customers: index ByEmail"]


@pytest.mark.slow
def test_task_2_1_lints_asks_cloudformation_and_leaves_the_parameters(world: StepWorld, sandbox: Sandbox) -> None:
    world.aws = AwsDoor(sandbox=True, session=sandbox.session())
    work = upto(world, "2.1")
    assert failed(work) == []
    assert {"cfn-lint", "CloudFormation ValidateTemplate", "alarm series", "dashboard"} <= {
        check.name for check in work.checks
    }
    assert ("cloudformation", "ValidateTemplate") in sandbox.calls
    assert json.loads(world.read(PARAMETERS)) == [
        {"ParameterKey": "Project", "ParameterValue": "dynamodb-migration"},
        {"ParameterKey": "Environment", "ParameterValue": "dev"},
        {"ParameterKey": "AlarmEmail", "ParameterValue": ""},
    ]
    assert work.data["outputs"][-2:] == ["AlarmTopicArn", "DashboardName"]


@pytest.mark.slow
def test_a_failure_of_aws_reaches_the_engine_as_it_is(world: StepWorld, sandbox: Sandbox) -> None:
    world.aws = AwsDoor(sandbox=True, session=sandbox.session())
    upto(world, "1.4")
    sandbox.faults.deny("ValidateTemplate")
    with pytest.raises(Denied):
        world.run(BY_ID["2.1"])


@pytest.mark.slow
def test_a_template_over_the_inline_limit_is_not_checked_rather_than_passed(
    world: StepWorld, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "MAX_INLINE_BYTES", 10_000)
    world.aws = AwsDoor(sandbox=True, session=sandbox.session())
    work = upto(world, "2.1")
    verdicts = {check.name: check.verdict for check in work.checks}
    assert verdicts["CloudFormation ValidateTemplate"] == "not-checked"
    assert verdicts["size inline, minified [bytes]"] == "note"
    assert ("cloudformation", "ValidateTemplate") not in sandbox.calls


@pytest.mark.parametrize("step", STEPS, ids=[step.task_id for step in STEPS])
def test_every_task_can_be_redone_after_a_crash_and_names_what_it_writes(step: Step) -> None:
    assert step.after_crash is AfterCrash.REDO
    assert step.writes
    assert step.summary.endswith(".")


def test_a_run_of_0_1_whose_contract_asks_for_what_is_lost_goes_on_and_its_approvers_see_that(tmp_path: Path) -> None:
    world = StepWorld(tmp_path)
    put(world, CONTRACT_SOURCES[0], encode(table()))
    world.run(BY_ID["1.1"])
    asks = encode(table(lsis=[{"index_name": "ByNote", "sk": "Note"}]))  # copied and approved by 0.1
    put(world, CONTRACT, asks)
    world.give_data("1.1", {**world.data("1.1"), "contract_sha256": sha256(asks)})
    work = world.run(BY_ID["1.2"])
    assert failed(work) == []
    (lost,) = [check for check in work.checks if check.verdict == "note"]
    assert (lost.where, "LocalSecondaryIndexes" in lost.seen) == ("$.tables[0].lsis", True)


def test_a_contract_of_one_table_needs_no_chain(tmp_path: Path) -> None:
    world = StepWorld(tmp_path)
    put(world, CONTRACT_SOURCES[0], encode(table()))
    assert failed(upto(world, "1.4")) == []
    assert b"DependsOn:" not in world.read(TEMPLATE)
    assert world.read(TEMPLATE) == render(read(table()), upto="1.4")
