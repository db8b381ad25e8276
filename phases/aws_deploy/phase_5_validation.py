"""Phase 5: does it hold? Integration, performance, security, cost."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from functools import partial

from phases.aws_deploy.act.commands import exit_check, looked, record
from phases.aws_deploy.live.answers import entries, looked_at
from phases.aws_deploy.next_phase import next_phase
from phases.aws_deploy.paths import DEPLOYMENT_COPY, INVENTORY, VALIDATION
from phases.aws_deploy.spec.load_target import DeploymentTarget, load_target
from phases.aws_deploy.spec.recorded import Application, Ran
from phases.aws_deploy.verify import items
from phases.aws_deploy.verify.attestations import attestation, attested
from phases.aws_deploy.verify.considerations import consideration_checks, considered
from phases.aws_deploy.verify.exit_criteria import with_exit_criteria
from phases.aws_deploy.verify.performance import performance_checks
from phases.aws_deploy.verify.resources import Inventory, tagged
from phases.aws_deploy.verify.security import security_checks
from phases.aws_deploy.verify.team_checks import team_checks
from phases.checks.answered import answering
from phases.documents.json_document import parse_json
from phases.documents.markdown import bullets, checks_table, code, document, verdict
from phases.step import AfterCrash, Check, StepContext, Work, step

LOOK_BACK = timedelta(hours=1)  # over which a performance metric is looked at in runs that began under 0.1
# Source: https://docs.aws.amazon.com/autoscaling/application/APIReference/API_DescribeScalableTargets.html
SCALABLE = {"dynamodb": "dynamodb", "lambda": "lambda", "ecs": "ecs", "rds": "rds", "sagemaker": "sagemaker"}


@step(
    "Phase 5",
    "Validation & Testing",
    reads=[DEPLOYMENT_COPY, INVENTORY],
    writes=[DEPLOYMENT_COPY, VALIDATION],
    after_crash=AfterCrash.ASK_THE_WORLD,
)
def validate(ctx: StepContext) -> Work:
    """Run the integration tests, hold figures against their limits, look at permissions, encryption, ports and cost."""
    on = load_target(ctx)
    resources = tagged(on.aws, on.deployment.inventory.tags)
    outputs: dict[str, Ran] = {}
    until: datetime = ctx.now
    said_so = [  # before what takes long
        *_statements(ctx, _new(ctx, [arn.text for arn in resources])),
        *considered(ctx, on, resources),
    ]
    checks = [
        *on.checks,
        *said_so,
        items.INTEGRATION.claim(_command(ctx, on, "integration", "integration tests", outputs)),
        *team_checks(ctx, on, items.INTEGRATION),
        *performance_checks(ctx, on, items.PERFORMANCE, _deployed_at(ctx, until), until),
        *security_checks(on, resources, items.SECURITY),
        items.SECURITY.claim(_command(ctx, on, "security", "security scan", outputs)),
        *_scaling(on),
        *consideration_checks(on, resources, until),
    ]
    checks = with_exit_criteria(ctx, checks)
    ctx.write(
        VALIDATION,
        document(
            "Validation",
            f"{code(on.deployment.name)} in {code(on.deployment.environment)}. {verdict(checks)}",
            "## Checks",
            checks_table(checks),
            "## Output",
            *[record(name, done) for name, done in outputs.items()],
        ),
    )
    figures = answering([items.PERFORMANCE.id], checks)
    data = {"performance": [[check.name, check.expected, check.seen] for check in figures]}
    return Work(
        checks,
        data,
        [
            *on.review,
            *next_phase(
                (on.account, on.region),
                6,
                "puts up dashboards and alarms that are not there, and sets off alarms",
                _phase_6(on),
            ),
        ],
    )


def _command(ctx: StepContext, on: DeploymentTarget, name: str, check: str, outputs: dict[str, Ran]) -> Check:
    command = getattr(on.deployment.commands, name)
    if command is None:
        seen = "not checked: no command is configured"
        return Check(check, "exit code 0", seen, "not-checked", f"commands.{name}")
    outputs[name] = looked(ctx, on, command)
    return exit_check(check, outputs[name], VALIDATION)


def _deployed_at(ctx: StepContext, until: datetime) -> datetime:
    """From when on figures are of what was deployed; runs of 0.1 have not kept it."""
    deployed = ctx.data("Phase 4", Application).get("deployed_at")
    return datetime.fromisoformat(deployed) if deployed else min(ctx.started_at, until - LOOK_BACK)


def _new(ctx: StepContext, now: Sequence[str]) -> str:
    """Which tagged resources there are that phase 1 did not find."""
    inventory: Inventory = parse_json(ctx.read(INVENTORY), path=INVENTORY).value
    return ", ".join(sorted(set(now) - {each["arn"] for each in inventory["tagged"]})) or "none"


def _statements(ctx: StepContext, new: str) -> Iterator[Check]:
    """What only people know. Cost Explorer itself was asked at the end of phase 4."""
    yield items.SECURITY.claim(
        attested(
            ctx,
            "encryption in transit",
            "a person's word",
            attestation(
                "encryption-in-transit", "How is data encrypted on its way (TLS where, plain where)?", "TLS everywhere"
            ),
        )
    )
    yield items.ECONOMY.check("new resources", "known to somebody", new, "note")
    yield items.ECONOMY.claim(
        attested(
            ctx,
            "switching off",
            "a person's word",
            attestation(
                "auto-shutdown", "What switches itself off when it is not needed, and does it?", "nothing has to"
            ),
        )
    )
    yield items.ECONOMY.claim(
        attested(
            ctx,
            "unnecessary resources",
            "a person's word",
            attestation(
                "unnecessary-resources", f"Which resources does nobody need? New since phase 1: {new}.", "none"
            ),
        )
    )


def _scaling(on: DeploymentTarget) -> Iterator[Check]:
    for service in on.deployment.inventory.services:
        if service not in SCALABLE:
            continue
        name, expected = f"scaling of {service}", "bounds that somebody chose"
        yield looked_at(partial(_targets, on, service, name, expected), items.ECONOMY, name, expected)


def _targets(on: DeploymentTarget, service: str, name: str, expected: str) -> Check:
    about = {"ServiceNamespace": SCALABLE[service]}
    targets = entries(on.aws, "application-autoscaling", "describe_scalable_targets", "ScalableTargets", **about)
    said = [f"{each['ResourceId']} {each['MinCapacity']}-{each['MaxCapacity']}" for each in targets]
    return items.ECONOMY.check(name, expected, "; ".join(said) or "none is registered", "note")


def _phase_6(on: DeploymentTarget) -> str:
    monitoring = on.deployment.monitoring
    lines = [
        f"put up dashboard {code(each.name)} from {code(each.file)} if it is not there"
        for each in monitoring.dashboards
        if each.file
    ]
    lines += [
        f"put up alarm {code(each.name)} from {code(each.file)} if it is not there"
        for each in monitoring.alarms
        if each.file
    ]
    lines += [f"**set off** alarm {code(each.name)}: whoever it tells is told" for each in monitoring.alarms]
    return bullets(lines)


STEPS = (validate,)
