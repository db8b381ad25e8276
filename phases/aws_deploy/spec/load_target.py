"""Which deployment.yaml holds now, and in which account and region? The approved one, or one that a person takes anew.

Rules:
- The file is copied into the artifacts when it is taken: what is approved is what is deployed.
- A file that was changed since is not used before a person has said so; its difference is shown, then approved.
- Every phase looks again who is calling: another account than the one planned for stops it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from phases.account import require_account
from phases.aws import AwsPort
from phases.aws_deploy.paths import DEPLOYMENT, DEPLOYMENT_COPY
from phases.aws_deploy.spec.recorded import Analysed
from phases.documents.markdown import code_block
from phases.documents.text_difference import text_difference
from phases.step import Check, Question, ReviewSection, StepContext
from state.errors import BadInput
from state.files import sha256

if TYPE_CHECKING:
    from phases.aws_deploy.spec.deployment_file import Component, DeploymentSpec

ANALYSIS = "Phase 1"


@dataclass(frozen=True, slots=True)
class DeploymentTarget:
    """What a phase works on.

    Attributes:
        deployment: the file in force.
        components: those in the scope, in order.
        aws: the planned region, as the planned account.
        account, caller, region: as planned in phase 1.
        checks, review: what is to be said when the file has been changed.
    """

    deployment: DeploymentSpec
    components: list[Component]
    aws: AwsPort
    account: str
    caller: str
    region: str
    checks: tuple[Check, ...] = ()
    review: tuple[ReviewSection, ...] = ()


def take_deployment(ctx: StepContext) -> DeploymentSpec:
    """The workspace's deployment.yaml, copied to the artifacts. Raises BadInput with every problem in it."""
    from phases.aws_deploy.spec.deployment_file import read_deployment

    data = ctx.read(DEPLOYMENT)
    deployment = read_deployment(data)
    ctx.write(DEPLOYMENT_COPY, data)
    return deployment


def load_target(ctx: StepContext) -> DeploymentTarget:
    """The deployment in force, for every phase after the first.

    Raises StepFailed when the credentials are another account's, BadInput when a changed file is not sound, Waiting
    when nobody has said that the changed file is to be used.
    """
    from phases.aws_deploy.spec.deployment_file import read_deployment

    planned = ctx.data(ANALYSIS, Analysed)
    before, now = ctx.read(DEPLOYMENT_COPY), ctx.read(DEPLOYMENT)
    deployment = read_deployment(now)
    checks: list[Check] = []
    review: list[ReviewSection] = []
    if now != before:
        old, new = (data.decode(errors="backslashreplace") for data in (before, now))
        difference = text_difference(old, new, "approved", DEPLOYMENT)
        ctx.progress(difference)
        ctx.ask(_changed(sha256(now)[:7]))
        ctx.write(DEPLOYMENT_COPY, now)
        checks = [Check(DEPLOYMENT, "as approved", "changed; a person said to use it", "note", DEPLOYMENT)]
        review = [ReviewSection(f"{DEPLOYMENT} has changed", code_block(difference, "diff"))]
    if (deployment.name, deployment.environment) != (planned["name"], planned["environment"]):
        raise BadInput(
            f"{DEPLOYMENT} is for {deployment.name} in {deployment.environment}, this run deploys {planned['name']} in "
            f"{planned['environment']}",
            next_command=f"git restore {DEPLOYMENT}\n"
            f"      phasegate abort {ctx.run_id} --reason TEXT   # or ends the run",
        )
    aws = ctx.aws.at(planned["region"])
    require_account(ctx, aws, planned["account"], by="plan")
    return DeploymentTarget(
        deployment,
        deployment.chosen(" ".join(planned["components"])),
        aws,
        planned["account"],
        planned["caller_arn"],
        planned["region"],
        tuple(checks),
        tuple(review),
    )


def _changed(short: str) -> Question:
    return Question(
        f"use-changed-deployment-{short}",
        f"{DEPLOYMENT} is not the one that was approved (the difference is above). Use it as it is now? Say 'use'; to "
        "go back: git restore or edit it, then resume.",
        choices=("use",),
        suggest=False,
    )
