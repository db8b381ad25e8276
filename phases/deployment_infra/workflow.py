"""What is the workflow `deployment-infra`? Its runbook, its steps in order, and what they may ask.

Importing this module loads every step's declaration and nothing heavy: `phasegate plan` lists the steps with it.
"""

from __future__ import annotations

from phases.asked import Asked
from phases.deployment_infra.files import LOG
from phases.deployment_infra.questions import all_questions
from phases.deployment_infra.render import require_jinja
from phases.deployment_infra.tasks import STEPS
from phases.packaged import packaged
from phases.step import Workflow


def runbook_text() -> bytes:
    """The plan of the module, for `phasegate init deployment-infra`."""
    return packaged("phases.deployment_infra", "runbook.md")


DEPLOYMENT_INFRA = Workflow(
    name="deployment-infra",
    summary="write a deployment module: Terraform, pipelines, monitoring, and ten properties as its own tests",
    runbook="deployment-infra-tasks.md",
    runbook_text=runbook_text,
    log=LOG,
    steps=STEPS,
    requires=require_jinja,
    questions=(
        *all_questions(),
        Asked(
            "replace-*-*",
            "A file of the module was edited. Keep it, or replace it by the module's version?",
            default="keep",
            choices=("keep", "replace"),
            when="where a file is there that differs from the module's",
            suggest=False,
        ),
    ),
)
