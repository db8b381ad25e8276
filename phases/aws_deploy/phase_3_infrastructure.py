"""Phase 3: the infrastructure. A person applies the changes, the run looks, until nothing is left to be mended.

Rules:
- Each round is a question ("applied?") and a look; what did not agree is kept, round by round.
- Nothing here changes AWS but the team's own command, where one is configured.
- A look that found nothing is made anew for the evidence when it was in another process.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import count

from phases.aws_deploy.act.commands import exit_check, once, record
from phases.aws_deploy.live.answers import not_checked
from phases.aws_deploy.next_phase import next_phase
from phases.aws_deploy.paths import BACKUPS, DEPLOYMENT_COPY, INFRASTRUCTURE
from phases.aws_deploy.spec.load_target import DeploymentTarget, load_target
from phases.aws_deploy.spec.recorded import Discrepancies, Ran, Round
from phases.aws_deploy.verify import items
from phases.aws_deploy.verify.attestations import attested
from phases.aws_deploy.verify.cost import as_row, checkpoint
from phases.aws_deploy.verify.exit_criteria import with_exit_criteria
from phases.aws_deploy.verify.resources import descriptions, tagged
from phases.aws_deploy.verify.security import security_checks
from phases.aws_deploy.verify.source_checks import naming
from phases.aws_deploy.verify.team_checks import team_checks
from phases.documents.markdown import bullets, checks_table, code, document, table, verdict
from phases.step import AfterCrash, Check, Question, ReviewSection, StepContext, Work, step
from state.counted import counted


@step(
    "Phase 3",
    "Infrastructure Deployment",
    reads=[DEPLOYMENT_COPY, BACKUPS],
    writes=[DEPLOYMENT_COPY, INFRASTRUCTURE],
    after_crash=AfterCrash.ASK_THE_WORLD,  # the command asks a person, the rest only looks
)
def infrastructure(ctx: StepContext) -> Work:
    """Wait for a person or their pipeline to apply the changes, and look until everything agrees."""
    on = load_target(ctx)
    rounds: list[Round] = []
    applied: list[Check] = []
    done: Ran | None = None
    checks: list[Check] = []
    for number in count(1):
        said, output = _apply(ctx, on, number, rounds)
        done = output or done
        applied.append(said)
        if said.verdict == "fail":
            break
        looked: list[list[Check]] = []

        def look(looked: list[list[Check]] = looked) -> Discrepancies:
            looked.append(_look(ctx, on))
            return {"discrepancies": _discrepancies(looked[-1])}

        found = ctx.effect(f"look-{number}", {"round": number}, look, lambda: None, Discrepancies)["discrepancies"]
        rounds.append({"round": number, "discrepancies": found})
        if not found:
            checks = looked[-1] if looked else _look(ctx, on)  # the one that was in another process is history
            break
    cost = checkpoint(on, 1, ctx.started_at, ctx.now)
    checks = [
        *on.checks,
        *applied,
        *checks,
        _rounds_check(rounds, checks),
        *_confirmed(ctx, applied, rounds),
        *cost,
    ]
    checks = with_exit_criteria(ctx, checks)
    _write(ctx, on, rounds, done, checks)
    review = [*on.review, ReviewSection("Rounds", _rounds(rounds)), *_next(on)]
    return Work(checks, {"rounds": rounds, "cost": [as_row(1, cost)]}, review)


def _apply(ctx: StepContext, on: DeploymentTarget, number: int, rounds: Sequence[Round]) -> tuple[Check, Ran | None]:
    """One round's "applied": the team's command in the first, a person's word in every other."""
    command = on.deployment.infrastructure.apply
    if command is not None and number == 1:
        done = once(ctx, on, "apply-1", command)
        return items.APPLIED_CHANGES.claim(exit_check("applied, round 1", done, INFRASTRUCTURE)), done
    left = rounds[-1]["discrepancies"] if rounds else []
    for line in left:
        ctx.progress(f"  does not agree: {line}")
    what = f"{len(left)} do not agree:\n  " + "\n  ".join(left) + "\nMend them" if left else "Apply the changes"
    question = Question(
        f"applied-{number}",
        f"Round {number}. {what}, in the console or by your pipeline, then say 'applied'.",
        default=None if left else "applied",  # what does not agree is mended by a person, whatever --yes says
        choices=("applied",),
        suggest=False,
    )
    return items.CONFIRMED.claim(attested(ctx, f"applied, round {number}", "a person's word", question)), None


def _confirmed(ctx: StepContext, applied: Sequence[Check], rounds: Sequence[Round]) -> list[Check]:
    """A person's word that everything is applied, where only a command has said so: an exit code is nobody's word."""
    if any(each.verdict == "attested" for each in applied) or not rounds or rounds[-1]["discrepancies"]:
        return []
    question = Question(
        "infrastructure-confirmed",
        "The command has applied the infrastructure, and nothing disagrees. Are all changes applied that were meant? "
        "Look, then say 'confirmed'.",
        default="confirmed",
        choices=("confirmed",),
        suggest=False,
    )
    return [items.CONFIRMED.claim(attested(ctx, "confirmed by a person", "a person's word", question))]


def _rounds_check(rounds: Sequence[Round], looked: Sequence[Check]) -> Check:
    """That the last round left nothing, and that something was seen in it."""
    name, expected = "rounds", "until everything agrees"
    passed = sum(each.verdict == "pass" for each in looked)
    if not rounds or not passed:
        return not_checked(items.RESOURCES, name, expected, "nothing was seen that could agree")
    return items.RESOURCES.check(name, expected, f"{len(rounds)}, {counted(passed, 'check')} passed", "pass")


def _look(ctx: StepContext, on: DeploymentTarget) -> list[Check]:
    """Everything that must be so: the tagged resources, what the checks file asks, roles and network."""
    resources = tagged(on.aws, on.deployment.inventory.tags)
    checks = []
    for each in descriptions(on.aws, resources):
        name = f"{each.arn.service} {each.arn.name}"
        checks.append(items.RESOURCES.check(name, "there, in service", each.state, each.verdict, each.arn.text))
    if not resources:
        seen = "no resource carries the tags" if on.deployment.inventory.tags else "not checked: no tags are configured"
        checks.append(
            items.RESOURCES.check(
                "resources by tag",
                "at least one",
                seen,
                "fail" if on.deployment.inventory.tags else "not-checked",
                "inventory.tags",
            )
        )
    checks += team_checks(ctx, on, items.RESOURCES)
    checks.append(items.SETTINGS.claim(naming(on, resources, "names")))
    checks += security_checks(on, resources, items.SETTINGS)
    return checks


def _discrepancies(checks: Sequence[Check]) -> list[str]:
    return [f"{each.name}: expected {each.expected}, seen {each.seen}" for each in checks if each.verdict == "fail"]


def _rounds(rounds: Sequence[Round]) -> str:
    rows = [(each["round"], "; ".join(each["discrepancies"]) or "nothing") for each in rounds]
    return table(("Round", "What did not agree"), rows)


def _next(on: DeploymentTarget) -> list[ReviewSection]:
    return next_phase(
        (on.account, on.region), 4, f"deploys {', '.join(each.name for each in on.components)}", _phase_4(on)
    )


def _phase_4(on: DeploymentTarget) -> str:
    lines = [f"{each.name}: {code(each.deploy)}, then {code(each.smoke_test)}" for each in on.components]
    return f"In account {on.account}, region {code(on.region)}, one after the other:\n\n{bullets(lines)}"


def _write(
    ctx: StepContext, on: DeploymentTarget, rounds: Sequence[Round], done: Ran | None, checks: Sequence[Check]
) -> None:
    how = [record("The configured command", done)] if done else []
    ctx.write(
        INFRASTRUCTURE,
        document(
            "Infrastructure",
            f"{code(on.deployment.name)} in {code(on.deployment.environment)}, account {on.account}, region "
            f"{code(on.region)}. {verdict(checks)}",
            "## Rounds",
            _rounds(rounds),
            *how,
            "## Checks",
            checks_table(checks),
        ),
    )


STEPS = (infrastructure,)
