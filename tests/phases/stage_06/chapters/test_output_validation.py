"""Is each box of the output validation ticked by looking, and not ticked when what it says does not hold?

One whole run of the stage, shared; every test changes one thing, looks, and puts it back.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from phases.stage_06 import paths
from phases.stage_06.output_validation import (
    BOXES,
    TITLE,
    StageFacts,
    contract_compliance,
    gsi_configuration,
    table_configuration,
    validate_outputs,
)
from phases.stage_06.workflow import STAGE_06
from tests.worlds.deployed_world import SOURCE
from tests.worlds.finished_stage import LAST, failed, finished_stage, look
from tests.worlds.step_world import StepWorld
from workflow.sandbox.inprocess import Sandbox

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory, sandbox: Sandbox) -> StepWorld:
    return finished_stage(tmp_path_factory.mktemp("finished"), sandbox)


@pytest.fixture
def world(finished: StepWorld) -> Iterator[StepWorld]:
    """The finished stage, as far as its last task; files are put back afterwards."""
    files = {path: path.read_bytes() for path in finished.root.rglob("*") if path.is_file()}
    yield finished.fork()
    for path, data in files.items():
        path.write_bytes(data)


def edit(path: str, old: str, new: str) -> Callable[[StepWorld], None]:
    def apply(world: StepWorld) -> None:
        file = world.root / path
        text = file.read_text()
        assert old in text, f"{old!r} is not in {path}"
        file.write_text(text.replace(old, new))

    return apply


def replace(path: str, content: str) -> Callable[[StepWorld], None]:
    return lambda world: (world.root / path).write_text(content) and None


def test_a_good_run_ticks_all_eleven_boxes(world: StepWorld) -> None:
    work = world.run(validate_outputs, task=LAST)

    assert [item.title.casefold() for item in LAST.items] == list(BOXES)
    for item in LAST.items:
        own = [check for check in work.checks if check.name.startswith(f"{item.title}: ")]
        assert own, f"{item.title} was not checked"
        assert {check.verdict for check in own} == {"pass"}
    assert "All 25 checks passed." in work.review[0].body


def test_the_step_is_bound_to_the_checklist_and_writes_nothing(world: StepWorld) -> None:
    assert STAGE_06.step_for(LAST) is validate_outputs
    world.run(validate_outputs, task=LAST)
    assert world.written == {}
    assert (validate_outputs.task_id, validate_outputs.task_title) == ("", TITLE)


def test_a_box_whose_comparison_found_nothing_to_compare_is_not_ticked(world: StepWorld) -> None:
    findings = StageFacts(world.ctx())
    findings.template_checks = findings.live_checks = []

    for box in (table_configuration, gsi_configuration, contract_compliance):
        assert {(check.seen, check.verdict) for check in box(findings)} == {("0 of 0", "fail")}


def test_a_box_nobody_knows_is_not_ticked(world: StepWorld) -> None:
    unknown = LAST.items[0]._replace(title="World Peace")

    work = world.run(validate_outputs, task=LAST._replace(items=(unknown,)))

    assert [(check.name, check.seen, check.verdict) for check in work.checks] == [
        ("World Peace: a check of this item", "no check for this item", "fail")
    ]


def test_a_checklist_without_boxes_is_no_checklist(world: StepWorld) -> None:
    empty = LAST._replace(items=())

    assert failed(list(world.run(validate_outputs, task=empty).checks)) == ["boxes to check"]


@pytest.mark.parametrize(
    ("box", "spoil", "seen_by"),
    [
        pytest.param(
            "Artifact Organization",
            lambda world: (world.root / paths.FEATURES).unlink(),
            "missing or empty in artifacts/stage-06",
            id="an artifact is gone",
        ),
        pytest.param(
            "Artifact Organization",
            replace(paths.CONFIG, "\n"),
            "missing or empty in artifacts/stage-06",
            id="an artifact is empty",
        ),
        pytest.param(
            "Artifact Organization",
            replace(paths.IAM_POLICY, "{"),
            "files that are not JSON",
            id="the policy is cut off",
        ),
        pytest.param(
            "Migration Contract",
            edit(paths.CONTRACT, '"tables": [', '"tables":  ['),
            "contract that task 1.1 checked, SHA-256",
            id="one blank more in the contract",
        ),
        pytest.param(
            "Migration Contract",
            edit(SOURCE, '"tables": [', '"tables":  ['),
            "its source, SHA-256",
            id="stage 02 has another contract by now",
        ),
        pytest.param(
            "Migration Contract",
            edit(paths.TEMPLATE, "Outputs:", "# by hand\nOutputs:"),
            "template made again from the contract, SHA-256",
            id="a comment in the template",
        ),
        pytest.param(
            "Table Configuration",
            edit(
                paths.TEMPLATE, "AttributeName: UploadedAt, KeyType: RANGE", "AttributeName: FileName, KeyType: RANGE"
            ),
            "keys in the template",
            id="another sort key in the template",
        ),
        pytest.param(
            "GSI Configuration",
            edit(paths.TEMPLATE, "KEYS_ONLY", "ALL"),
            "indexes in the template",
            id="another projection in the template",
        ),
        pytest.param(
            "Safety Settings",
            edit(paths.TEMPLATE, "DeletionPolicy: Retain", "DeletionPolicy: Delete"),
            "in the template",
            id="deletion policy in the template",
        ),
        pytest.param(
            "Safety Settings",
            edit(paths.TEMPLATE, "DeletionProtectionEnabled: true", "DeletionProtectionEnabled: false"),
            "in the template",
            id="deletion protection in the template",
        ),
        pytest.param(
            "Template Validation",
            edit(paths.TEMPLATE, "BillingMode: PAY_PER_REQUEST", "BillingMode: ON_DEMAND"),
            "cfn-lint",
            id="a billing mode that does not exist",
        ),
        pytest.param(
            "Template Validation",
            edit(paths.TEMPLATE, "made by phasegate", "made by hand"),
            "deployed template",
            id="another template than the deployed one",
        ),
        pytest.param(
            "User Confirmation",
            lambda world: world.answer_otherwise("region", None),
            "region answered, deployed to",
            id="nobody answered the region",
        ),
        pytest.param(
            "User Confirmation",
            lambda world: world.answer_otherwise("region", "us-east-1"),
            "region answered, deployed to",
            id="another region was answered",
        ),
        pytest.param(
            "User Confirmation",
            lambda world: world.answer_otherwise("stack-name", "another"),
            "stack answered, approved",
            id="another stack was answered",
        ),
        pytest.param(
            "Documentation",
            edit(paths.SUMMARY, "`media-files`", "a table"),
            "artifacts/stage-06/deployment-summary.md",
            id="a table is not documented",
        ),
        pytest.param(
            "Documentation",
            edit(paths.VALIDATION, "| pass |", "| **FAIL** |"),
            "documents that report a failure",
            id="a document reports a failure",
        ),
        pytest.param(
            "Integration Guide",
            edit(paths.INTEGRATION_GUIDE, "table/Products`", "table/Goods`"),
            "artifacts/stage-06/application-integration-guide.md",
            id="an ARN in the guide is wrong",
        ),
    ],
)
def test_a_box_that_does_not_hold_is_not_ticked(
    world: StepWorld, box: str, spoil: Callable[[StepWorld], object], seen_by: str
) -> None:
    spoil(world)

    assert f"{box}: {seen_by}" in failed(look(world, box))
