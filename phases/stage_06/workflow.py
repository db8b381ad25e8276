"""What is the workflow `stage-06`? Its runbook, its steps in order, and what is looked at before a run.

Importing this module loads every step's declaration and nothing heavy: `phasegate plan` lists the steps with it.
"""

from __future__ import annotations

from collections.abc import Mapping

from phases.packaged import packaged
from phases.stage_06 import (
    output_validation,
    rollback,
    task_1_1_contract,
    task_1_2_tables,
    task_1_3_indexes,
    task_1_4_safety,
    task_2_1_outputs,
    task_3_1_configure,
    task_3_2_deploy,
    task_3_3_validation,
    task_4_1_production,
    task_4_2_access,
    task_5_1_summary,
    task_5_2_validation,
    task_5_3_integration,
)
from phases.stage_06.contract_source import preflight
from phases.stage_06.paths import CONTRACT_SOURCES, WORKING_LOG
from phases.step import Workflow


def runbook_text() -> bytes:
    """The project's own runbook of this stage, for `phasegate init stage-06`."""
    return packaged("phases.stage_06", "runbook.md")


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
        *task_1_1_contract.STEPS,
        *task_1_2_tables.STEPS,
        *task_1_3_indexes.STEPS,
        *task_1_4_safety.STEPS,
        *task_2_1_outputs.STEPS,
        *task_3_1_configure.STEPS,
        *task_3_2_deploy.STEPS,
        *task_3_3_validation.STEPS,
        *task_4_1_production.STEPS,
        *task_4_2_access.STEPS,
        *task_5_1_summary.STEPS,
        *task_5_2_validation.STEPS,
        *task_5_3_integration.STEPS,
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
