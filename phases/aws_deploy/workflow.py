"""What is the workflow `aws-deploy`? Its runbook, its phases in order, and what is looked at before a run.

Importing this module loads every step's declaration and nothing heavy: `phasegate plan` lists the steps with it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from phases.aws_deploy import phase_1_analyse as analyse
from phases.aws_deploy import phase_2_prepare as prepare
from phases.aws_deploy import phase_3_infrastructure as infrastructure
from phases.aws_deploy import phase_4_application as application
from phases.aws_deploy import phase_5_validation as validation
from phases.aws_deploy import phase_6_monitoring as monitoring
from phases.aws_deploy import phase_7_rehearsal as rehearsal
from phases.aws_deploy import phase_8_completion as completion
from phases.aws_deploy.paths import DEPLOYMENT, RUNBOOK, WORKING_LOG
from phases.aws_deploy.recover import rollback_steps as taking_back
from phases.aws_deploy.spec.questions import QUESTIONS
from phases.packaged import packaged
from phases.step import Workflow
from state.errors import BadInput


def runbook_text() -> bytes:
    """The project's own runbook, for `phasegate init aws-deploy`."""
    return packaged("phases.aws_deploy", "runbook.md")


def beside() -> Mapping[str, bytes]:
    """What `init` writes beside the runbook: a deployment to be filled in, every setting explained."""
    return {DEPLOYMENT: packaged("phases.aws_deploy", "deployment.yaml")}


def sample() -> Mapping[str, bytes]:
    """The files of the sample application, by workspace path."""
    from phases.aws_deploy.sample import sample_files

    return sample_files()


def preflight(read: Callable[[str], bytes | None], _answers: Mapping[str, str]) -> None:
    """The deployment file is there and sound. Raises BadInput with every problem in it."""
    from phases.aws_deploy.spec.deployment_file import read_deployment

    data = read(DEPLOYMENT)
    if data is None:
        raise BadInput(
            f"{DEPLOYMENT} is not there: what is to be deployed?",
            next_command="phasegate init aws-deploy   # writes one to fill in",
        )
    read_deployment(data)


AWS_DEPLOY = Workflow(
    name="aws-deploy",
    summary="deploy an application in eight phases, verified through AWS, with a rehearsed way back",
    runbook=RUNBOOK,
    runbook_text=runbook_text,
    log=WORKING_LOG,
    steps=(
        *analyse.STEPS,
        *prepare.STEPS,
        *infrastructure.STEPS,
        *application.STEPS,
        *validation.STEPS,
        *monitoring.STEPS,
        *rehearsal.STEPS,
        *completion.STEPS,
    ),
    rollback=taking_back.STEPS,
    preflight=preflight,
    beside=beside,
    sample=sample,
    questions=QUESTIONS,
)
