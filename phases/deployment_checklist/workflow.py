"""What is the workflow `deployment-checklist`? Its runbook, the checks beside it, and a sample service to try it on.

It has no steps of its own: people do the work, and each box is answered by what the checks file says of it.
"""

from __future__ import annotations

from collections.abc import Mapping

from phases.packaged import packaged
from phases.step import Workflow

RUNBOOK = "deployment-checklist.md"
CHECKS = "deployment-checklist.checks.yaml"
ANSWERS = "answers.yaml"


def runbook_text() -> bytes:
    """The checklist, for `phasegate init deployment-checklist`."""
    return packaged("phases.deployment_checklist", "runbook.md")


def beside() -> Mapping[str, bytes]:
    """What `init` writes beside the runbook: what answers its items, profile by profile."""
    return {CHECKS: packaged("phases.deployment_checklist", "checks.yaml")}


def gates() -> str:
    """What `init` writes into the policy: nobody approves their own deployment to production."""
    return packaged("phases.deployment_checklist", "gates.yaml").decode()


def sample() -> Mapping[str, bytes]:
    """The files of the session service and what its demo adds, by workspace path."""
    from phases.deployment_checklist.sample import sample_files

    return sample_files()


DEPLOYMENT_CHECKLIST = Workflow(
    name="deployment-checklist",
    summary="go through a session service's deployment checklist, each box answered by AWS, the machine or a person",
    runbook=RUNBOOK,
    runbook_text=runbook_text,
    log="artifacts/deployment-checklist/working_log.md",
    steps=(),
    beside=beside,
    sample=sample,
    sample_answers=ANSWERS,
    gates=gates,
)
