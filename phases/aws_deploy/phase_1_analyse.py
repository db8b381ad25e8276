"""Phase 1: what is deployed, what is there now, how will it be done, and who is calling?"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from phases.account import CallerIdentity, caller_identity
from phases.aws import AwsError, AwsPort, Incomplete, NoRegion
from phases.aws_deploy.live.answers import PAUSES, not_checked
from phases.aws_deploy.next_phase import next_phase
from phases.aws_deploy.paths import DEPLOYMENT_COPY, INVENTORY, PLAN
from phases.aws_deploy.spec.contacts import CONTACTS
from phases.aws_deploy.spec.load_target import take_deployment
from phases.aws_deploy.verify import items
from phases.aws_deploy.verify.attestations import attestation, attested
from phases.aws_deploy.verify.exit_criteria import with_exit_criteria
from phases.aws_deploy.verify.resources import Inventory, TaggedResource, descriptions, listed, tagged
from phases.documents.markdown import bullets, checks_table, code, document, table, verdict
from phases.step import AfterCrash, Check, Question, ReviewSection, StepContext, Work, step
from phases.tried_answers import problem_with_region
from state.counted import counted

if TYPE_CHECKING:
    from phases.aws_deploy.spec.deployment_file import Component, DeploymentSpec

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
    identity = caller_identity(aws)
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
    where, does = (
        (str(identity["Account"]), aws.region),
        "backs up tables, and the deployment branch is made and pushed",
    )
    following = next_phase(where, 2, does, bullets(_following(deployment)))
    return Work(checks, data, [*(ReviewSection(*section) for section in sections), *following])


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
        problem_with=lambda answer: problem_with_region(answer, ctx.aws.models.regions()),
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


def _inventory(aws: AwsPort, deployment: DeploymentSpec) -> tuple[Inventory, list[Check]]:
    """What is there, and the checks on it."""
    wanted = deployment.inventory
    found: list[TaggedResource] = []
    states: list[Check] = []
    for each in descriptions(aws, tagged(aws, wanted.tags)):
        found.append({"arn": each.arn.text, "state": each.state, "described": each.body is not None})
        if each.verdict != "pass":
            states.append(
                items.PRESENT_STATE.check(each.arn.name, "in service", each.state, each.verdict, each.arn.text)
            )
    checks = [_by_tag(wanted.tags, found), *states]
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


def _by_tag(tags: Mapping[str, str], found: Sequence[TaggedResource]) -> Check:
    """How many resources carry the tags; none is no state that was seen, as before a first deployment."""
    name, by_tag = "resources by tag", ", ".join(f"{key}={value}" for key, value in tags.items())
    if not tags:
        return not_checked(items.PRESENT_STATE, name, "tags to look for", "none are configured", "inventory.tags")
    if not found:
        return not_checked(items.PRESENT_STATE, name, by_tag, "no resource carries them yet", "inventory.tags")
    return items.PRESENT_STATE.check(name, by_tag, counted(len(found), "resource"), "pass")


def _service(aws: AwsPort, service: str, names: str) -> tuple[Check, list[str]]:
    name, expected = f"service {service}", "answers"
    try:
        found = listed(aws, service, names)
    except PAUSES:
        raise
    except Incomplete as error:
        return not_checked(items.PRESENT_STATE, name, expected, error.message), []
    except AwsError as error:
        return items.PRESENT_STATE.check(name, expected, error.message, "fail"), []
    if not found:
        return not_checked(items.PRESENT_STATE, name, expected, f"nothing of it matches {names} yet"), []
    seen = f"{counted(len(found), 'resource')} {'matches' if len(found) == 1 else 'match'} {names}"
    return items.PRESENT_STATE.check(name, expected, seen, "pass"), found


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


def _caller_checks(aws: AwsPort, deployment: DeploymentSpec, identity: CallerIdentity) -> list[Check]:
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
    identity: CallerIdentity,
    inventory: Inventory,
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
    found = [(code(each["arn"]), each["state"] or "no state") for each in inventory["tagged"]]
    services = [f"{name}: {', '.join(map(code, names)) or 'none'}" for name, names in inventory["services"].items()]
    contacts = [(name, answers[question]) for name, (question, _text) in CONTACTS.items()]
    return [
        ("Where and as whom", table(("What", "Value"), where)),
        ("Components, in order", _components_table(components)),
        ("What is there now, by tag", table(("Resource", "State"), found)),
        ("What is there now, by service", bullets(services)),
        ("Whom to call", table(("For", "Whom, how"), contacts)),
    ]


def _components_table(components: Sequence[Component]) -> str:
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
    return table(("No.", "Component", "Kind", "Needs", "Deploy", "Smoke test", "Rollback"), rows)


def _following(deployment: DeploymentSpec) -> list[str]:
    """What phase 2 does, in words."""
    commands = [(name, getattr(deployment.commands, name)) for name in ("quality", "test", "build")]
    return [
        *(f"{name}: {code(command)}" for name, command in commands if command),
        *(f"back up table {code(name)}" for name in deployment.backups.dynamodb_tables),
        "make the deployment branch, and push it where there is a remote",
    ]


STEPS = (analyse,)
