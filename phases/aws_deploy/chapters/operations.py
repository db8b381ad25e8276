"""What does whoever is called at night need? The operations guide of what was deployed. Pure: facts in, text out."""

from __future__ import annotations

from collections.abc import Mapping

from phases.aws_deploy.spec.contacts import CONTACTS
from phases.aws_deploy.spec.load_target import DeploymentTarget
from phases.documents.markdown import bullets, code, code_block, document, table


def operations_guide(on: DeploymentTarget, answers: Mapping[str, str]) -> str:
    """Where to look, what to type, what is known to go wrong, whom to call."""
    deployment = on.deployment
    components = [
        (code(each.name), each.kind, code(each.deploy), code(each.smoke_test), code(each.rollback or ""))
        for each in deployment.components
    ]
    alarms = [(code(each.name), each.about, _first_look(each.about)) for each in deployment.monitoring.alarms]
    commands = [f"aws logs tail {group} --since 1h --region {on.region}" for group in deployment.watch.log_groups]
    commands += [
        f"aws cloudwatch describe-alarms --alarm-names {each.name} --region {on.region}"
        for each in deployment.monitoring.alarms
    ]
    commands += [
        f"aws dynamodb list-backups --table-name {name} --region {on.region}"
        for name in deployment.backups.dynamodb_tables
    ]
    return document(
        f"Operating {deployment.name} in {deployment.environment}",
        f"Account {on.account}, region {code(on.region)}.",
        "## Whom to call",
        table(("For", "Whom, how"), [(name, answers[question]) for name, (question, _text) in CONTACTS.items()]),
        "## Components",
        table(("Component", "Kind", "Deploy", "Smoke test", "Rollback"), components),
        "## When an alarm goes off",
        table(("Alarm", "About", "Look first at"), alarms),
        "## Where to look",
        bullets([f"dashboard {code(each.name)}" for each in deployment.monitoring.dashboards]),
        code_block("\n".join(commands), "bash") if commands else "",
        "## Known problems",
        answers["known-problems"],
        "## Going back",
        f"{code('phasegate rollback RUN --reason TEXT')}; the steps are in 07-rollback.md. "
        f"{answers['rollback-strategy']}.",
    )


def missing_from(guide: str, on: DeploymentTarget) -> list[str]:
    """What the guide must name and does not."""
    deployment = on.deployment
    monitoring = deployment.monitoring
    named = [each.name for each in deployment.components]
    named += [each.name for each in (*monitoring.alarms, *monitoring.dashboards)]
    missing = [name for name in named if code(name) not in guide]
    return missing + [group for group in deployment.watch.log_groups if f"aws logs tail {group} " not in guide]


def _first_look(about: str) -> str:
    return {
        "errors": "the logs of the last hour, then the smoke tests",
        "performance": "the dashboard, then throttling and concurrency",
        "cost": "Cost Explorer by service, then what was made since the deployment",
    }[about]
