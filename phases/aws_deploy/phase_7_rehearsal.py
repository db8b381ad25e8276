"""Phase 7: is there a way back? It is written down, walked where it hurts nobody, and timed.

Rules:
- Outside the sandbox the rehearsal goes to another environment than the deployed one, by `PHASEGATE_ENVIRONMENT`; a
  person names it, or says that there is none: then it was not tested, and says so.
- After the way back comes the way forward again: what was rehearsed on is left as it was.
- What is not walked (a component without a command, the infrastructure, which holds the data) is noted.
- Time is kept: how long the commands took, and the restores.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from phases.aws_deploy.act.commands import exit_check, once, record
from phases.aws_deploy.next_phase import next_phase
from phases.aws_deploy.paths import BACKUPS, DEPLOYMENT_COPY, ROLLBACK_PLAN
from phases.aws_deploy.recover.backups import back_up, rehearse_restore
from phases.aws_deploy.recover.rollback_plan import NOWHERE, by_hand, rollback_document
from phases.aws_deploy.spec.load_target import DeploymentTarget, load_target
from phases.aws_deploy.spec.recorded import Backup, Prepared, Ran
from phases.aws_deploy.verify import items
from phases.aws_deploy.verify.attestations import attestation, attested
from phases.aws_deploy.verify.exit_criteria import with_exit_criteria
from phases.aws_deploy.verify.team_checks import team_checks
from phases.documents.markdown import bullets, checks_table, code, table
from phases.step import AfterCrash, Check, Question, ReviewSection, StepContext, Work, any_failed, step


@step(
    "Phase 7",
    "Rollback Preparation",
    reads=[DEPLOYMENT_COPY, BACKUPS],
    writes=[DEPLOYMENT_COPY, ROLLBACK_PLAN],
    after_crash=AfterCrash.ASK_THE_WORLD,
)
def prepare_rollback(ctx: StepContext) -> Work:
    """Write the rollback procedure, rehearse it with its time kept, and compare the restored data."""
    on = load_target(ctx)
    backups, checks = _backups(ctx, on)
    checks = [*on.checks, *checks]
    for component in on.components:
        name = f"rollback of {component.name}"
        if component.rollback:
            checks.append(items.PROCEDURE.check(name, "a command or a person's word", component.rollback, "pass"))
        else:
            text = f"{component.name} has no rollback command. How is it taken back?"
            word = attested(ctx, name, "a command or a person's word", attestation(by_hand(component.name), text))
            checks.append(items.PROCEDURE.claim(word))
    environment = ctx.ask(_where(on))
    outputs: dict[str, Ran] = {}
    seconds = {"back": 0.0, "data": 0.0, "forward": 0.0}
    if environment == NOWHERE:
        checks.append(
            items.REHEARSAL.check(
                "rehearsal",
                "the way back, walked",
                "not checked: a person said that there is no environment for it",
                "not-checked",
            )
        )
    else:
        checks += _walk(ctx, on, environment, outputs, seconds)
        checks += _restores(ctx, on, backups, seconds)
    checks += team_checks(ctx, on, items.REHEARSAL)
    checks += _automation(on)
    rehearsal = _rehearsal(environment, outputs, seconds)
    ctx.write(ROLLBACK_PLAN, rollback_document(on, ctx.run_id, ctx.answers(), backups, rehearsal))
    checks.append(items.PROCEDURE.check("procedure", "in writing", ROLLBACK_PLAN, "pass", ROLLBACK_PLAN))
    if not any_failed(checks):
        checks.append(items.TEAM.claim(attested(ctx, "team knows", "a person's word", _team())))
        checks = with_exit_criteria(ctx, checks)
    outcome = "\n\n".join([rehearsal, "## Checks", checks_table(checks)])
    ctx.write(ROLLBACK_PLAN, rollback_document(on, ctx.run_id, ctx.answers(), backups, outcome))
    review = [
        *on.review,
        ReviewSection("Rehearsal", rehearsal),
        *next_phase((on.account, on.region), 8, "sends notices, and the deployed commit is tagged", _phase_8(on)),
    ]
    return Work(checks, {"rehearsed_in": environment, "seconds": seconds}, review)


def _backups(ctx: StepContext, on: DeploymentTarget) -> tuple[list[Backup], list[Check]]:
    """Those of phase 2, and one now of each table that was not there then: without one nothing can be rehearsed."""
    kept = list(ctx.data("Phase 2", Prepared)["backups"])
    checks = []
    for name in on.deployment.backups.dynamodb_tables:
        if name not in [each["table"] for each in kept]:
            check, backup = back_up(ctx, on.aws, name, items.REHEARSAL)
            checks.append(check)
            kept += [backup] if backup else []
    return kept, checks


def _where(on: DeploymentTarget) -> Question:
    deployed = on.deployment.environment

    def problem(answer: str) -> str | None:
        if not re.fullmatch(r"[a-z][a-z0-9-]{0,31}", answer):
            return "expected an environment's name: a lower-case letter, then up to 31 of a-z, 0-9 and -"
        if answer == deployed and not on.aws.sandbox:
            return f"{deployed} is what is being deployed: name a test environment, or {NOWHERE}"
        return None

    return Question(
        "rehearsal-environment",
        f"In which environment is the rollback rehearsed ('{NOWHERE}': it is not tested)? Commands get its name as "
        "PHASEGATE_ENVIRONMENT.",
        default=deployed if on.aws.sandbox else None,
        problem_with=problem,
        suggest=False,
    )


def _walk(
    ctx: StepContext,
    on: DeploymentTarget,
    environment: str,
    outputs: dict[str, Ran],
    seconds: dict[str, float],
) -> list[Check]:
    """Back in reverse order, forward again in order, tested."""
    checks: list[Check] = []
    with_rollback = [each for each in on.components if each.rollback]
    legs = [
        ("back", f"{each.name} back", f"rehearse-rollback-{each.name}", each.rollback or "", each.name, False)
        for each in reversed(with_rollback)
    ]
    for each in with_rollback:
        legs.append(("forward", f"{each.name} forward", f"rehearse-deploy-{each.name}", each.deploy, each.name, False))
        legs.append(("forward", f"{each.name} tested", f"rehearse-smoke-{each.name}", each.smoke_test, each.name, True))
    for leg, name, effect, command, component, repeatable in legs:
        done = once(ctx, on, effect, command, repeatable=repeatable, component=component, named=environment)
        outputs[name] = done
        seconds[leg] = round(seconds[leg] + float(done["seconds"]), 1)
        checks.append(items.REHEARSAL.claim(exit_check(name, done, ROLLBACK_PLAN)))
        if checks[-1].verdict == "fail":
            return checks
    if not with_rollback:
        seen = "not checked: no component has a rollback command"
        checks.append(items.REHEARSAL.check("rehearsal", "the way back, walked", seen, "not-checked"))
    else:
        checks.append(items.REHEARSAL.check("duration", "known", f"{seconds['back']:.1f} s back", "pass"))
    return checks + _not_walked(on)


def _not_walked(on: DeploymentTarget) -> list[Check]:
    """What of the way back the rehearsal leaves out: nobody has seen it work."""
    left = [each.name for each in on.components if not each.rollback]
    left += ["the infrastructure"] if on.deployment.infrastructure.rollback else []
    return [items.REHEARSAL.check(f"{name} back", "walked", "not rehearsed", "note") for name in left]


def _restores(
    ctx: StepContext, on: DeploymentTarget, backups: Sequence[Backup], seconds: dict[str, float]
) -> list[Check]:
    checks: list[Check] = []
    for backup in backups:
        found, took = rehearse_restore(ctx, on.aws, backup)
        checks += map(items.REHEARSAL.claim, found)
        seconds["data"] = round(seconds["data"] + took, 1)
    if not backups:
        checks.append(items.REHEARSAL.check("data", "back from a backup", "no backup was made", "note"))
    return checks


def _automation(on: DeploymentTarget) -> list[Check]:
    missing = [each.name for each in on.components if not each.rollback]
    missing += [] if on.deployment.infrastructure.rollback else ["the infrastructure"]
    seen = f"by hand: {', '.join(missing)}" if missing else "every step is a command"
    return [items.AUTOMATION.check("automation", "a command for what can be one", seen, "note" if missing else "pass")]


def _team() -> Question:
    return attestation("team-aware", f"Who has read {ROLLBACK_PLAN} and knows what to do?", "the operator")


def _rehearsal(environment: str, outputs: Mapping[str, Ran], seconds: Mapping[str, float]) -> str:
    if environment == NOWHERE:
        return "**Not rehearsed**: a person said that there is no environment for it."
    rows = [
        (name, code(done["command"]), done["exit_code"], f"{done['seconds']:.1f} s") for name, done in outputs.items()
    ]
    return "\n\n".join(
        [
            f"In {code(environment)}: {seconds['back']:.1f} s back, {seconds['data']:.1f} s for the data, "
            f"{seconds['forward']:.1f} s forward again.",
            table(("What", "Command", "Exit code", "Time"), rows),
            *[record(name, done).replace("### ", "#### ", 1) for name, done in outputs.items()],
        ]
    )


def _phase_8(on: DeploymentTarget) -> str:
    notification = on.deployment.notification
    lines = [f"publish a notice to {code(notification.sns_topic)}"] if notification.sns_topic else []
    lines += ["post a notice to the webhook"] if notification.webhook else []
    lines += [
        f"watch for {on.deployment.watch.duration}",
        *(f"measure again by {code(probe.command)}" for probe in on.deployment.performance if probe.command),
        "tag the deployed commit, and push the tag where there is a remote",
    ]
    return bullets(lines)


STEPS = (prepare_rollback,)
