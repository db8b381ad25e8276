"""How is this deployment taken back, step by step? The written procedure. Pure: facts in, text out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from phases.aws_deploy.spec.contacts import CONTACTS
from phases.aws_deploy.spec.load_target import DeploymentTarget
from phases.aws_deploy.spec.recorded import Backup
from phases.documents.markdown import bullets, code, code_block, document, table

NOWHERE = "none"  # the answer where no environment is there for a rehearsal
CRITERIA = (
    "a critical function is broken",
    "data is damaged",
    "it is far too slow",
    "there is a hole in the security",
)


def rollback_document(
    on: DeploymentTarget, run_id: str, answers: Mapping[str, str], backups: Sequence[Backup], rehearsal: str
) -> str:
    """When, who, and each command in its order: components backwards, infrastructure, data, a look."""
    deployment = on.deployment
    steps = [
        (f"take back {code(each.name)}", code(each.rollback) if each.rollback else answers[by_hand(each.name)])
        for each in reversed(on.components)
    ]
    infrastructure = deployment.infrastructure.rollback
    steps.append(
        ("take back the infrastructure", code(infrastructure) if infrastructure else "by hand, in the console")
    )
    steps += [(f"data of {code(each['table'])}, if it is damaged", code(each["arn"])) for each in backups]
    steps += [(f"look at {code(each.name)}", code(each.smoke_test)) for each in on.components]
    restore = [
        f"aws dynamodb restore-table-from-backup --region {on.region} --target-table-name {each['table']}-restored "
        f"--backup-arn {each['arn']}"
        for each in backups
    ]
    return document(
        f"Taking {deployment.name} back in {deployment.environment}",
        f"{code(f'phasegate rollback {run_id} --reason TEXT')} goes through these steps, asks before each that needs "
        f"it, and keeps the record. Account {on.account}, region {code(on.region)}.",
        "## When",
        bullets(CRITERIA),
        "## Whom to call",
        table(("For", "Whom, how"), [(name, answers[question]) for name, (question, _text) in CONTACTS.items()]),
        "## Steps",
        table(("No.", "Step", "How"), [(number, *step) for number, step in enumerate(steps, 1)]),
        "## Getting data back",
        "A backup is restored into a new table; compare it with the damaged one, then copy back what is missing, or "
        "point the application at it. Point-in-time recovery, where it is on, reaches a moment after the backup.",
        code_block("\n".join(restore), "bash") if restore else "No table was backed up.",
        "## Rehearsal",
        rehearsal,
    )


def by_hand(component: str) -> str:
    """The question how a component without a rollback command is taken back."""
    return f"rollback-of-{component}"
