"""Task 4.2: who may do what with the tables, and from where?

Writes an IAM policy that grants the deployed tables and indexes by ARN, and the document that says how to use it.
Nothing is created in the account: attaching a policy is the decision of whoever owns the application's roles.
"""

from __future__ import annotations

import json

from phases.documents.markdown import bullets, checks_table, code, document, verdict
from phases.stage_06.chapters import security_advice
from phases.stage_06.chapters.iam_policy import MAX_POLICY_CHARACTERS, Policy, build_policy, policy_checks, size
from phases.stage_06.inputs import rests_on
from phases.stage_06.live.live_deployment import LiveDeployment, at_deployment, read_deployment
from phases.stage_06.live.policy_simulation import second_opinions
from phases.stage_06.paths import ACCESS, CONTRACT, IAM_POLICY
from phases.step import AfterCrash, Check, ReviewSection, StepContext, Work, step


@step(
    "4.2",
    "Configure access and security settings",
    reads=[CONTRACT],
    writes=[IAM_POLICY, ACCESS],
    after_crash=AfterCrash.REDO,  # it reads AWS and writes two files
    inputs=rests_on.access,
)
def configure_access(ctx: StepContext) -> Work:
    """Write the least-privilege IAM policy for the deployed tables and how to use it."""
    deployment = read_deployment(ctx)
    arns = [deployed.arns() for deployed in deployment.tables]
    ctx.write(IAM_POLICY, json.dumps(build_policy(arns), indent=2) + "\n")

    policy = json.loads(ctx.read(IAM_POLICY))  # what is judged is what was written
    wanted = [deployed.wanted_arns() for deployed in deployment.tables]
    checks = [*policy_checks(policy, wanted), *second_opinions(at_deployment(ctx), policy)]
    ctx.write(ACCESS, _document(deployment, policy, checks))
    return Work(
        checks=checks,
        data={"statements": [statement["Sid"] for statement in policy["Statement"]], "characters": size(policy)},
        review=[ReviewSection("Who gets what", security_advice.roles(policy))],
    )


def _document(deployment: LiveDeployment, policy: Policy, checks: list[Check]) -> str:
    whole = size(policy)
    tables = f"{len(deployment.tables)} {'table' if len(deployment.tables) == 1 else 'tables'}"
    return document(
        "Access and security",
        f"Three roles for {tables} of stack {code(deployment.stack_name)} in {code(deployment.region)}: Read, Write "
        f"and Admin, each granted by ARN and by named action only. {verdict(checks)}",
        "## Who gets what",
        security_advice.roles(policy),
        f"All statements are in {code(deployment.place(IAM_POLICY))} ({whole:,} characters without white space; a "
        f"managed policy holds {MAX_POLICY_CHARACTERS:,}). Do not attach the file as a whole: give a principal the "
        "statements of the roles it needs. These commands (they need `jq`) make the policies of an application that "
        "reads and writes:",
        security_advice.attaching(policy, deployment),
        "Not granted to any role, on purpose:",
        bullets(
            (
                "`Scan`: it reads, and is charged for, the whole table; give it to the job that exports, and to no "
                "service.",
                "PartiQL actions: a second way to the same items that the reviews would have to watch as well.",
                "Reading the streams: nobody consumes them yet.",
                "`DeleteTable` and restoring: these belong to the people who run the stack (deployment-summary.md).",
            )
        ),
        "## Narrower: only the owner's items",
        security_advice.one_owner_condition(deployment),
        "## From private subnets",
        security_advice.private_subnets(deployment),
        "## Encryption",
        security_advice.encryption(deployment),
        "## Checks",
        checks_table(checks),
    )


STEPS = (configure_access,)
