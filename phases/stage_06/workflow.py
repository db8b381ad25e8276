"""What is the workflow `stage-06`? Its runbook, its steps in order, and what is looked at before a run.

Importing this module loads every step's declaration and nothing heavy: `phasegate plan` lists the steps with it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from phases.packaged import packaged
from phases.stage_06 import (
    output_validation,
    rollback,
    task_1_1_contract,
    task_2_1_outputs,
    task_3_1_configure,
    task_3_2_deploy,
    task_3_3_validation,
    task_4_1_production,
    task_4_2_access,
    task_5_1_summary,
    task_5_2_validation,
    task_5_3_integration,
    tasks_1_2_to_1_4_layers,
)
from phases.stage_06.inputs.questions import QUESTIONS
from phases.stage_06.paths import CONTRACT_SOURCES, WORKING_LOG
from phases.stage_06.stack.last_update import update_id
from phases.stage_06.template.contract_source import preflight
from phases.step import SampleChange, Workflow


def runbook_text() -> bytes:
    """The project's own runbook of this stage, for `phasegate init stage-06`."""
    return packaged("phases.stage_06", "runbook.md")


def sample() -> Mapping[str, bytes]:
    """The contract that the demo runs on, with its access patterns, where stage 02 would leave them."""
    from phases.stage_06.inputs.sample import sample_contract, sample_patterns
    from phases.stage_06.live.pattern_files import DATA_MODEL

    return {CONTRACT_SOURCES[0]: sample_contract(), DATA_MODEL: sample_patterns()}


def sample_changes() -> Sequence[SampleChange]:
    """How the demo's contract changes, deployment by deployment."""
    from phases.stage_06.inputs.sample import sample_contract, with_attribute, with_two_indexes

    more = with_attribute(sample_contract())
    return (
        SampleChange("the same contract again", {}),
        SampleChange("one attribute more in a table", {CONTRACT_SOURCES[0]: more}),
        SampleChange(
            "two indexes more on that table, which take two updates; killed between them, and resumed",
            {CONTRACT_SOURCES[0]: with_two_indexes(more)},
            killed_at=update_id(2),
        ),
    )


STAGE_06 = Workflow(
    name="stage-06",
    summary="deploy DynamoDB tables from a migration contract, reviewed and verified",
    runbook="tasks.md",
    runbook_text=runbook_text,
    log=WORKING_LOG,
    steps=(
        *task_1_1_contract.STEPS,
        *tasks_1_2_to_1_4_layers.STEPS,
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
    questions=QUESTIONS,
    sample_changes=sample_changes,
)
