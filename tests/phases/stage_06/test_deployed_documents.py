"""Do whole contracts go through, and do two runs write the same documents but for ids and times?"""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from phases.stage_06 import paths
from phases.stage_06.workflow import STAGE_06
from phases.step import AfterCrash
from tests.worlds.deploying import CONTRACT, Deploying, failed_names
from workflow.sandbox.inprocess import Sandbox

ROOT = Path(__file__).parents[3]
SAMPLE = ROOT / "artifacts/stage-02/migrationContract.json"
PUBLISHED = ROOT.parent / "shared/contracts/published-migrationContract.json"
DOCUMENTS = (paths.CONFIG, paths.RESULTS, paths.VALIDATION, paths.FEATURES, paths.CONTRACT_VALIDATION)
IDS = (
    r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}",  # of stacks and change sets
    r"-AlarmTopic-\w+",  # a generated name
    r"/stream/[-\d:T.]+",
)


@pytest.mark.slow
@pytest.mark.parametrize("source", [SAMPLE, PUBLISHED], ids=["sample", "published"])
def test_a_whole_contract_is_deployed_and_good(tmp_path: Path, sandbox: Sandbox, source: Path) -> None:
    if not source.exists():
        pytest.skip(f"{source.name} is not in this clone")
    deploying = Deploying(tmp_path, sandbox, json.loads(source.read_bytes()))
    assert not failed_names(deploying.up_to("5.2"))
    for path in DOCUMENTS:
        assert deploying.text(path).startswith("# ")


@pytest.mark.slow
def test_two_runs_differ_in_ids_and_times_only(tmp_path: Path) -> None:
    written = []
    for number in (1, 2):
        with Sandbox() as opened:
            deploying = Deploying(tmp_path / str(number) / "shop", opened, CONTRACT)
            deploying.up_to("5.2")
            written.append([re.sub("|".join(IDS), "ID", deploying.text(path)) for path in DOCUMENTS])
    assert written[0] == written[1]


def test_no_answer_to_a_crash_repeats_an_effect() -> None:
    steps = {step.task_id: step.after_crash for step in STAGE_06.steps}
    assert {task: steps[task] for task in ("3.1", "3.2", "3.3", "4.1", "5.2")} == {
        "3.1": AfterCrash.ASK_THE_WORLD,
        "3.2": AfterCrash.ASK_THE_WORLD,
        "3.3": AfterCrash.REDO,
        "4.1": AfterCrash.REDO,
        "5.2": AfterCrash.ASK_THE_WORLD,
    }
