"""Phase 2: is everything ready? Branch, the project's own commands, configuration, secrets, backups.

Rules:
- The branch is begun first: every commit from this phase's on is on it.
- What a command printed is evidence, masked.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from phases.aws_deploy.act.commands import exit_check, looked, record
from phases.aws_deploy.act.pushing import push_check
from phases.aws_deploy.live.answers import not_checked
from phases.aws_deploy.next_phase import next_phase
from phases.aws_deploy.paths import BACKUPS, DEPLOYMENT_COPY, PREPARATION, SNAPSHOT
from phases.aws_deploy.recover.backups import KeptBackup, back_up
from phases.aws_deploy.spec.load_target import DeploymentTarget, load_target
from phases.aws_deploy.spec.recorded import Ran
from phases.aws_deploy.verify import items
from phases.aws_deploy.verify.attestations import attestation, attested
from phases.aws_deploy.verify.exit_criteria import with_exit_criteria
from phases.aws_deploy.verify.resources import configuration_of, not_read, tagged
from phases.aws_deploy.verify.source_checks import configuration, naming, secrets, uncommitted
from phases.documents.markdown import checks_table, code, document, table, verdict
from phases.step import AfterCrash, Check, ReviewSection, StepContext, Work, step
from state.counted import counted

COMMANDS = ("quality", "test", "build")


@step(
    "Phase 2",
    "Environment Preparation",
    reads=[DEPLOYMENT_COPY],
    writes=[DEPLOYMENT_COPY, PREPARATION, BACKUPS, SNAPSHOT],
    after_crash=AfterCrash.ASK_THE_WORLD,  # backups are found by name, the branch by name
)
def prepare(ctx: StepContext) -> Work:
    """Begin the deployment branch, run the project's own commands, look for secrets, back up what is there."""
    on = load_target(ctx)
    managed = items.CONFIGURATION.claim(
        attested(
            ctx,
            "secrets management",
            "a person's word",
            attestation(
                "secrets-management",
                "Where do this environment's secrets live, and who may read them?",
                "there are none",
            ),
        )
    )
    branch, checks = _branch(ctx, on)
    outputs, command_checks = _commands(ctx, on)
    checks += command_checks
    resources = tagged(on.aws, on.deployment.inventory.tags)
    checks += [
        items.CONFIGURATION.claim(uncommitted(ctx, on, "uncommitted changes")),
        *map(items.CONFIGURATION.claim, configuration(ctx, on, "configuration")),
        items.CONFIGURATION.claim(secrets(ctx, on, "secrets in the source")),
        managed,
        items.CONFIGURATION.claim(naming(on, resources, "names")),
    ]
    backups, backup_checks = _backups(ctx, on)
    snapshot = configuration_of(on.aws, resources, ctx.mask)
    ctx.write(SNAPSHOT, json.dumps(snapshot, indent=2, sort_keys=True) + "\n")
    ctx.write(BACKUPS, json.dumps(backups, indent=2) + "\n")
    checks += backup_checks
    checks.append(_kept(snapshot))
    checks = with_exit_criteria(ctx, [*on.checks, *checks])
    _write(ctx, on, branch, outputs, backups, checks)
    review = [
        *on.review,
        ReviewSection("Branch", code(branch)),
        ReviewSection("Backups", _backup_table(backups)),
        *_next(on),
    ]
    data = {"branch": branch, "head": ctx.git.head(), "backups": backups, "snapshot": len(snapshot)}
    return Work(checks, data, review)


def _kept(snapshot: Mapping[str, object]) -> Check:
    """That the configuration is kept, of how many resources, and of which it could not be read."""
    name, expected, unread = "configuration kept", "each described resource", not_read(snapshot)
    if unread or not snapshot:
        why = f"AWS does not say it of {', '.join(unread)}" if unread else "no resource was found by tag"
        return not_checked(items.BACKUPS, name, expected, why, SNAPSHOT)
    return items.BACKUPS.check(name, expected, counted(len(snapshot), "resource"), "pass", SNAPSHOT)


def branch_name(ctx: StepContext, on: DeploymentTarget) -> str:
    """`deploy/<environment>-<date>-<component>`; with several components the deployment's name stands for them."""
    what = on.components[0].name if len(on.components) == 1 else on.deployment.name
    return f"deploy/{on.deployment.environment}-{ctx.started_at:%Y%m%d}-{what}"


def _branch(ctx: StepContext, on: DeploymentTarget) -> tuple[str, list[Check]]:
    branch = branch_name(ctx, on)
    ctx.git.start_branch(branch)
    seen = ctx.git.branch()
    return branch, [
        items.BRANCH.check("branch", branch, seen, "pass" if seen == branch else "fail"),
        items.BRANCH.claim(push_check(ctx, "pushed", branch)),
    ]


def _commands(ctx: StepContext, on: DeploymentTarget) -> tuple[dict[str, Ran], list[Check]]:
    outputs: dict[str, Ran] = {}
    checks = []
    for name in COMMANDS:
        command = getattr(on.deployment.commands, name)
        if command is None:
            checks.append(
                items.OWN_COMMANDS.check(
                    f"{name}",
                    "exit code 0",
                    "not checked: no command is configured",
                    "not-checked",
                    f"commands.{name}",
                )
            )
            continue
        outputs[name] = looked(ctx, on, command)
        checks.append(items.OWN_COMMANDS.claim(exit_check(name, outputs[name], PREPARATION)))
    return outputs, checks


def _backups(ctx: StepContext, on: DeploymentTarget) -> tuple[list[KeptBackup], list[Check]]:
    kept, checks = [], []
    for name in on.deployment.backups.dynamodb_tables:
        check, backup = back_up(ctx, on.aws, name, items.BACKUPS)
        checks.append(check)
        if backup is not None:
            kept.append(backup)
    if not checks:
        seen = "not checked: no table is configured"
        checks.append(
            items.BACKUPS.check("backups", "tables to back up", seen, "not-checked", "backups.dynamodb_tables")
        )
    return kept, checks


def _backup_table(backups: Sequence[KeptBackup]) -> str:
    rows = [(code(each["table"]), code(each["arn"]), each["created"], each["items"]) for each in backups]
    return table(("Table", "Backup", "Made", "Items"), rows)


def _next(on: DeploymentTarget) -> list[ReviewSection]:
    """Approving executes the command for the infrastructure; without one a person is asked first."""
    if on.deployment.infrastructure.apply is None:
        return [ReviewSection("What phase 3 will do", _phase_3(on))]
    return next_phase((on.account, on.region), 3, "runs the command that changes the infrastructure", _phase_3(on))


def _phase_3(on: DeploymentTarget) -> str:
    command = on.deployment.infrastructure.apply
    if command is None:
        return "A person changes the infrastructure in the console; the run looks at it and changes nothing."
    return f"It runs {code(command)} in account {on.account}, region {code(on.region)}, then looks at the result."


def _write(
    ctx: StepContext,
    on: DeploymentTarget,
    branch: str,
    outputs: Mapping[str, Ran],
    backups: Sequence[KeptBackup],
    checks: Sequence[Check],
) -> None:
    ctx.write(
        PREPARATION,
        document(
            "Preparation",
            f"Branch {code(branch)}, for {code(on.deployment.environment)}. {verdict(checks)}",
            "## Checks",
            checks_table(checks),
            "## Backups",
            _backup_table(backups),
            "## Commands",
            *[record(name, done) for name, done in outputs.items()],
        ),
    )


STEPS = (prepare,)
