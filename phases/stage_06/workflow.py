"""What is the workflow `stage-06`? Its runbook, its steps in order, and what is looked at before a run.

Importing this module loads every step's declaration and nothing heavy: `phasegate plan` lists the steps with it.
"""

from __future__ import annotations

from collections.abc import Mapping

from phases.stage_06 import output_validation, rollback, validate
from phases.stage_06 import task_3_1_configure as configure
from phases.stage_06 import task_3_2_deploy as deploy
from phases.stage_06 import task_4_1_production as production
from phases.stage_06 import task_4_2_access as access
from phases.stage_06 import task_5_1_summary as summary
from phases.stage_06 import task_5_2_validation as contract_validation
from phases.stage_06 import task_5_3_integration as integration
from phases.stage_06 import tasks_1_1_to_2_1_prepare as prepare
from phases.stage_06.contract_source import preflight
from phases.stage_06.paths import CONTRACT_SOURCES, WORKING_LOG
from phases.step import Workflow


def runbook_text() -> bytes:
    """The project's own runbook of this stage, for `phasegate init stage-06`."""
    # Inside: importing importlib.resources takes 15 ms, and only `init` needs it.
    from importlib.resources import files

    return files("phases.stage_06").joinpath("runbook.md").read_bytes()


def sample() -> Mapping[str, bytes]:
    """The contract that the demo runs on, where stage 02 would leave it."""
    from phases.stage_06.sample import sample_contract

    return {CONTRACT_SOURCES[0]: sample_contract()}


STAGE_06 = Workflow(
    name="stage-06",
    summary="deploy DynamoDB tables from a migration contract, reviewed and verified",
    runbook="tasks.md",
    runbook_text=runbook_text,
    log=WORKING_LOG,
    steps=(
        *prepare.STEPS,
        *configure.STEPS,
        *deploy.STEPS,
        *validate.STEPS,
        *production.STEPS,
        *access.STEPS,
        *summary.STEPS,
        *contract_validation.STEPS,
        *integration.STEPS,
        *output_validation.STEPS,
    ),
    preflight=preflight,
    rollback=rollback.STEPS,
    sample=sample,
    questions=(
        "contract",
        "region",
        "environment",
        "alarm-address",
        "stack-name",
        "template-bucket",
        "confirm-replace-*",
        "adopt-orphan-*",
        "remove-orphan-*",
        "retry-failed-stack",
        "consent-*",
        "consent-import-*",
        "rollback-left",
    ),
)
