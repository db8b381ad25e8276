"""Phase 1: what is deployed, what is there now, how will it be done, and who is calling?"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from phases.aws import AwsError, AwsPort, ExpiredToken, NoCredentials, NoRegion, Throttled
from phases.aws_deploy.paths import DEPLOYMENT_COPY, INVENTORY, PLAN
from phases.aws_deploy.spec.contacts import CONTACTS
from phases.aws_deploy.spec.load_target import take_deployment
from phases.aws_deploy.verify import items
from phases.aws_deploy.verify.attestations import attestation, attested
from phases.aws_deploy.verify.exit_criteria import with_exit_criteria
from phases.aws_deploy.verify.resources import descriptions, listed, state_of, tagged
from phases.documents.markdown import bullets, checks_table, code, document, table, verdict
from phases.step import AfterCrash, Check, Question, ReviewSection, StepContext, Work, step

if TYPE_CHECKING:
    from phases.aws_deploy.spec.deployment_file import Component, DeploymentSpec

_REGION = re.compile(r"[a-z]{2}(-[a-z]+)+-\d")
WAY_BACK = "each component's rollback command in reverse order; data from the backups of phase 2"


@step(
    "Phase 1",
    "Pre-Deployment Analysis",
    writes=[DEPLOYMENT_COPY, INVENTORY, PLAN],
    after_crash=AfterCrash.REDO,
)
def analyse(ctx: StepContext) -> Work:
    """Ask for the scope, look at what AWS has, show the caller, and write the plan."""
    deployment = take_deployment(ctx)
    region = ctx.ask(_region(ctx, deployment))
    components = deployment.chosen(ctx.ask(_scope(deployment)))
    checks = _scope_checks(ctx, components)

    aws = ctx.aws.at(region)
    identity = aws.call("sts", "get_caller_identity")
    inventory, inventory_checks = _inventory(aws, deployment)
    ctx.write(INVENTORY, json.dumps(inventory, indent=2) + "\n")
    checks += inventory_checks
    checks += _plan_checks(ctx, deployment, components)
    checks += _caller_checks(aws, deployment, identity)

    checks = with_exit_criteria(ctx, checks)
    sections = _sections(ctx, aws, deployment, components, identity, inventory)
    blocks = [block for title, body in sections for block in (f"## {title}", body)]
    opening = f"{len(components)} components of {code(deployment.name)} go to {code(deployment.environment)}. "
    ctx.write(PLAN, document("Deployment plan", opening + verdict(checks), *blocks, "## Checks", checks_table(checks)))
    data = {
        "name": deployment.name,
        "environment": deployment.environment,
        "region": region,
        "account": str(identity["Account"]),
        "caller_arn": str(identity["Arn"]),
        "components": [each.name for each in components],
        "resources": len(inventory["tagged"]),
    }
    return Work(checks, data, [ReviewSection(*section) for section in sections])


def _region(ctx: StepContext, deployment: DeploymentSpec) -> Question:
    configured = deployment.region
    if configured is None:
        try:
            configured = ctx.aws.region
        except NoRegion:
            configured = None
    return Question(
        "region",
        "Which AWS region is deployed to?",
        default=configured,
        problem_with=lambda answer: None if _REGION.fullmatch(answer) else "expected a region such as eu-west-1",
    )


def _scope(deployment: DeploymentSpec) -> Question:
    names = [each.name for each in deployment.components]

    def problem(answer: str) -> str | None:
        unknown = sorted(set(answer.replace(",", " ").split()) - {*names, "all"})
        if unknown or not answer.strip():
            return f"expected all, or some of {', '.join(names)}; seen {', '.join(unknown) or 'nothing'}"
        return None

    text = f"Which components are deployed ({', '.join(names)})? 'all', or their names."
    return Question("scope", text, default="all", problem_with=problem)


def _scope_checks(ctx: StepContext, components: Sequence[Component]) -> list[Check]:
    names = [each.name for each in components]
    missing = [f"{each.name} needs {needed}" for each in components for needed in each.needs if needed not in names]
    return [
        items.SCOPE.check("components", "a scope", ", ".join(names), "pass"),
        items.SCOPE.claim(
            attested(
                ctx,
                "infrastructure changes",
                "said by a person",
                attestation(
                    "infrastructure-changes",
                    "Which infrastructure changes does this deployment need?",
                    "those of the checks of phase 3",
                ),
            )
        ),
        # out of the scope may be there already: that is for a person to see, not for us to refuse
        items.SCOPE.check(
            "dependencies",
            "deployed before what needs them",
            "; ".join(missing) or "in order",
            "note" if missing else "pass",
        ),
    ]


def _inventory(aws: AwsPort, deployment: DeploymentSpec) -> tuple[dict[str, Any], list[Check]]:
    """What is there: `{region, tagged: [{arn, state}], services: {name: [names]}}`, and the checks on it."""
    wanted = deployment.inventory
    checks: list[Check] = []
    found = []
    for arn, body, why in descriptions(aws, tagged(aws, wanted.tags)):
        state, good = state_of(arn, body) if body is not None else (why, True)
        found.append({"arn": arn.text, "state": state, "described": body is not None})
        if not good:
            checks.append(items.PRESENT_STATE.check(f"{arn.name}", "in service", state, "fail", arn.text))
    by_tag = ", ".join(f"{key}={value}" for key, value in wanted.tags.items())
    if by_tag:
        checks.insert(0, items.PRESENT_STATE.check("resources by tag", by_tag, f"{len(found)} resources", "pass"))
    else:
        checks.insert(
            0,
            items.PRESENT_STATE.check(
                "resources by tag",
                "tags to look for",
                "not checked: none are configured",
                "not-checked",
                "inventory.tags",
            ),
        )
    services: dict[str, list[str]] = {}
    for service in wanted.services:
        check, names = _service(aws, service, wanted.names)
        checks.append(check)
        services[service] = names
    if not wanted.services:
        checks.append(
            items.PRESENT_STATE.check(
                "services",
                "services that answer",
                "not checked: none are configured",
                "not-checked",
                "inventory.services",
            )
        )
    return {"region": aws.region, "tagged": found, "services": services}, checks


def _service(aws: AwsPort, service: str, names: str) -> tuple[Check, list[str]]:
    name, expected = f"service {service}", "answers"
    try:
        found = listed(aws, service, names)
    except (ExpiredToken, NoCredentials, Throttled):
        raise
    except AwsError as error:
        return items.PRESENT_STATE.check(name, expected, error.message, "fail"), []
    return items.PRESENT_STATE.check(name, expected, f"{len(found)} resources match {names}", "pass"), found


def _plan_checks(ctx: StepContext, deployment: DeploymentSpec, components: Sequence[Component]) -> list[Check]:
    order = " -> ".join(each.name for each in components)
    without = [each.name for each in components if each.rollback is None]
    contacts = [
        items.PLAN.claim(
            attested(
                ctx,
                f"contact: {name}",
                "said by a person",
                attestation(question, text, getattr(deployment.contacts, name)),
            )
        )
        for name, (question, text) in CONTACTS.items()
    ]
    return [
        items.PLAN.check("order", "of the components", order, "pass"),
        items.PLAN.claim(
            attested(
                ctx,
                "way back",
                "said by a person",
                attestation("rollback-strategy", "How is this deployment taken back?", WAY_BACK),
            )
        ),
        items.PLAN.check(
            "rollback commands",
            "one for each component",
            f"none for {', '.join(without)}" if without else "all",
            "note" if without else "pass",
        ),
        items.PLAN.claim(
            attested(
                ctx,
                "downtime",
                "said by a person",
                attestation("expected-downtime", "Which downtime is expected?", "none"),
            )
        ),
        *contacts,
    ]


def _caller_checks(aws: AwsPort, deployment: DeploymentSpec, identity: Mapping[str, Any]) -> list[Check]:
    from phases.aws_deploy.verify.permissions import needed_actions, permission_check

    where = " (the sandbox on this machine)" if aws.sandbox else ""
    return [
        items.CALLER.check("credentials", "an AWS identity", str(identity["Arn"]), "pass"),
        items.CALLER.check("account", "one account", f"{identity['Account']}{where}", "pass"),
        items.ACCESS.claim(permission_check(aws, "permissions", str(identity["Arn"]), needed_actions(deployment))),
    ]


def _sections(
    ctx: StepContext,
    aws: AwsPort,
    deployment: DeploymentSpec,
    components: Sequence[Component],
    identity: Mapping[str, Any],
    inventory: Mapping[str, Any],
) -> list[tuple[str, str]]:
    answers = ctx.answers()
    where = [
        ("Deployment", code(deployment.name)),
        ("Environment", code(deployment.environment)),
        ("Account", f"{identity['Account']}{' (the sandbox on this machine)' if aws.sandbox else ''}"),
        ("Caller", code(identity["Arn"])),
        ("Region", code(aws.region)),
        ("Infrastructure changes", answers["infrastructure-changes"]),
        ("Way back", answers["rollback-strategy"]),
        ("Expected downtime", answers["expected-downtime"]),
    ]
    rows = [
        (
            number,
            code(each.name),
            each.kind,
            ", ".join(map(code, each.needs)) or "nothing",
            code(each.deploy),
            code(each.smoke_test),
            code(each.rollback) if each.rollback else "**none**",
        )
        for number, each in enumerate(components, 1)
    ]
    found = [(code(each["arn"]), each["state"] or "no state") for each in inventory["tagged"]]
    services = [f"{name}: {', '.join(map(code, names)) or 'none'}" for name, names in inventory["services"].items()]
    contacts = [(name, answers[question]) for name, (question, _text) in CONTACTS.items()]
    following = [
        f"{name}: {code(command)}"
        for name in ("quality", "test", "build")
        if (command := getattr(deployment.commands, name))
    ]
    following += [f"back up table {code(name)}" for name in deployment.backups.dynamodb_tables]
    headers = ("No.", "Component", "Kind", "Needs", "Deploy", "Smoke test", "Rollback")
    return [
        ("Where and as whom", table(("What", "Value"), where)),
        ("Components, in order", table(headers, rows)),
        ("What is there now, by tag", table(("Resource", "State"), found)),
        ("What is there now, by service", bullets(services)),
        ("Whom to call", table(("For", "Whom, how"), contacts)),
        (
            "What phase 2 will do",
            bullets([*following, "make the deployment branch, and push it where there is a remote"]),
        ),
    ]


STEPS = (analyse,)
