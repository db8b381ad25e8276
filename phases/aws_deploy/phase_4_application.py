"""Phase 4: the application. Each component by its own command, in order, tested at once; then the first minutes.

Rules:
- A component whose deployment or smoke test failed stops the phase: what comes after it is not deployed.
- A later attempt asks which components to deploy anew; those left out are tested only.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from phases.aws_deploy.act.commands import exit_check, once, record
from phases.aws_deploy.live.running import ENDPOINTS, JOBS, TARGETS, running_checks
from phases.aws_deploy.next_phase import next_phase
from phases.aws_deploy.paths import APPLICATION, DEPLOYMENT_COPY
from phases.aws_deploy.spec.durations import length
from phases.aws_deploy.spec.load_target import DeploymentTarget, load_target
from phases.aws_deploy.spec.recorded import OfCommit, Ran, Until
from phases.aws_deploy.verify import items
from phases.aws_deploy.verify.cost import as_row, checkpoint
from phases.aws_deploy.verify.exit_criteria import with_exit_criteria
from phases.aws_deploy.verify.resources import tagged
from phases.aws_deploy.verify.source_checks import uncommitted
from phases.aws_deploy.verify.team_checks import team_checks
from phases.aws_deploy.verify.watch import now, observe
from phases.documents.markdown import checks_table, code, document, table, verdict
from phases.step import AfterCrash, Check, Question, ReviewSection, StepContext, Work, any_failed, step

if TYPE_CHECKING:
    from phases.aws_deploy.spec.deployment_file import Component

KINDS = {
    "data-pipeline": (items.DATA_PIPELINE, "data pipeline"),
    "ai-ml": (items.AI_ML, "AI/ML"),
    "api": (items.API, "API and service"),
}
RUNNING = {"data-pipeline": JOBS, "ai-ml": ENDPOINTS, "api": TARGETS}
NONE = "none"
DEPLOY = "deploy-"  # how the effects of the deployments are called


@step(
    "Phase 4",
    "Application Deployment",
    reads=[DEPLOYMENT_COPY],
    writes=[DEPLOYMENT_COPY, APPLICATION],
    after_crash=AfterCrash.ASK_THE_WORLD,  # each command in doubt is asked about by name
)
def deploy_application(ctx: StepContext) -> Work:
    """Deploy each component by its command, test it, then watch logs, metrics and alarms for the configured time."""
    on = load_target(ctx)
    committed = items.API.claim(uncommitted(ctx, on, "uncommitted changes"))
    checks = [*on.checks, committed]
    outputs: dict[str, Ran] = {}
    anew = _to_deploy(ctx, on)
    if committed.verdict != "fail":
        checks += _in_order(ctx, on, outputs, anew)
    commit, source = _source(ctx)
    if not any_failed(checks):
        checks.append(source)
    cost: list[Check] = []
    deployed: dict[str, str] = {}
    if not any_failed(checks):
        checks += [*_running(on), *_afterwards(ctx, on)]
        span = length(on.deployment.watch.after_deployment)
        deployed = {"deployed_at": (_watched_until(ctx, on) - span).isoformat()}
        cost = checkpoint(on, 2, ctx.started_at, ctx.now)
        checks = with_exit_criteria(ctx, [*checks, *cost])
    _write(ctx, on, commit, outputs, checks)
    review = [
        *on.review,
        ReviewSection("Components", _components(outputs)),
        *next_phase((on.account, on.region), 5, "runs the configured tests and looks", _phase_5(on)),
    ]
    data = {
        "deployed_commit": commit,
        "components": [each.name for each in on.components],
        "cost": [as_row(2, cost)] if cost else [],
        "seconds": {name: done["seconds"] for name, done in outputs.items()},
        **deployed,
    }
    return Work(checks, data, review)


def _in_order(ctx: StepContext, on: DeploymentTarget, outputs: dict[str, Ran], anew: set[str]) -> list[Check]:
    """Each component deployed and tested, up to the first that fails."""
    checks: list[Check] = []
    for component in on.components:
        checks += _one(ctx, on, component, outputs, deploy=component.name in anew)
        if checks[-1].verdict == "fail":
            break
    return checks


def _source(ctx: StepContext) -> tuple[str, Check]:
    """The one commit that everything was deployed from, "" when there are several or none, and the check on it."""
    commits = _deployed_from(ctx)
    commit = commits[0] if len(commits) == 1 else ""
    seen = ", ".join(each[:10] for each in commits) or "none: nothing was deployed by this run"
    expected = "one commit, which the tag will name"
    return commit, items.API.check("source", expected, seen, "pass" if commit else "fail")


def _afterwards(ctx: StepContext, on: DeploymentTarget) -> list[Check]:
    """Once everything is deployed: what was not in the scope, and whether the first minutes were quiet."""
    absent = [
        item.check(f"{what} components", "in the scope", "none", "note")
        for kind, (item, what) in KINDS.items()
        if not any(each.kind == kind for each in on.components)
    ]
    return [*absent, *_first_minutes(ctx, on), *team_checks(ctx, on, items.FIRST_MINUTES)]


def _running(on: DeploymentTarget) -> list[Check]:
    """What AWS says of what the components start: jobs, targets, endpoints, for the kinds that are in the scope."""
    resources = tagged(on.aws, on.deployment.inventory.tags)
    kinds = {each.kind for each in on.components}
    return [
        check
        for kind, of in RUNNING.items()
        if kind in kinds
        for check in running_checks(on, resources, KINDS[kind][0], of)
    ]


def _to_deploy(ctx: StepContext, on: DeploymentTarget) -> set[str]:
    names = [each.name for each in on.components]
    if ctx.attempt == 1:
        return set(names)

    def problem(answer: str) -> str | None:
        unknown = set(answer.replace(",", " ").split()) - {*names, "all", NONE}
        return f"expected all, {NONE}, or some of {', '.join(names)}" if unknown or not answer.strip() else None

    answer = ctx.ask(
        Question(
            f"deploy-again-{ctx.attempt}",
            f"Attempt {ctx.attempt}: which components are deployed again ({', '.join(names)})? 'all', '{NONE}' (test "
            "only), or their names.",
            default="all",
            problem_with=problem,
            suggest=False,
        )
    )
    return set(names) if answer == "all" else set(answer.replace(",", " ").split()) - {NONE}


def _one(
    ctx: StepContext, on: DeploymentTarget, component: Component, outputs: dict[str, Ran], *, deploy: bool
) -> list[Check]:
    name, checks = component.name, []
    item, what = KINDS[component.kind]
    if deploy:
        ctx.begins(f"  deploying {name}")
        outputs[f"deploy {name}"] = once(
            ctx, on, f"{DEPLOY}{name}", component.deploy, intent={"commit": ctx.git.head()}, component=name
        )
        checks.append(item.claim(exit_check(f"{what}: {name}", outputs[f"deploy {name}"], APPLICATION)))
    else:
        checks.append(item.check(f"{what}: {name}", "deployed", "by an earlier attempt; a person's word", "attested"))
    if checks[-1].verdict != "fail":
        outputs[f"smoke test {name}"] = once(
            ctx, on, f"smoke-test-{name}", component.smoke_test, repeatable=True, component=name
        )
        checks.append(
            items.SMOKE_TESTS.claim(exit_check(f"smoke test: {name}", outputs[f"smoke test {name}"], APPLICATION))
        )
    return checks


def _deployed_from(ctx: StepContext) -> list[str]:
    """The commits that the components were last deployed from, by whatever attempt."""
    deployed = {
        each.name: each.intended(OfCommit)["commit"]
        for each in ctx.history()
        if each.task_id == ctx.task.id and each.name.startswith(DEPLOY)
    }
    return sorted(set(deployed.values()))


def _first_minutes(ctx: StepContext, on: DeploymentTarget) -> list[Check]:
    until = _watched_until(ctx, on)
    ctx.wait_until(until, "the first minutes of what was deployed")
    return observe(ctx, on, items.FIRST_MINUTES, ctx.now, until)


def _watched_until(ctx: StepContext, on: DeploymentTarget) -> datetime:
    """The end of the first minutes, counted from when everything was deployed, the first time this is asked."""
    span = length(on.deployment.watch.after_deployment)
    begun = ctx.effect(
        "watch-after-deployment",
        {"for": on.deployment.watch.after_deployment},
        lambda: {"until": (now() + span).isoformat()},
        lambda: None,
        Until,
    )
    return datetime.fromisoformat(begun["until"])


def _components(outputs: Mapping[str, Ran]) -> str:
    rows = [
        (name, code(done["command"]), done["exit_code"], f"{done['seconds']:.1f} s") for name, done in outputs.items()
    ]
    return table(("What", "Command", "Exit code", "Time"), rows)


def _phase_5(on: DeploymentTarget) -> str:
    commands = [on.deployment.commands.integration, on.deployment.commands.security]
    commands += [probe.command for probe in on.deployment.performance]
    run_these = [code(command) for command in commands if command]
    return f"It runs {', '.join(run_these)}, and looks." if run_these else "It looks, and runs no command."


def _write(
    ctx: StepContext,
    on: DeploymentTarget,
    commit: str,
    outputs: Mapping[str, Ran],
    checks: Sequence[Check],
) -> None:
    ctx.write(
        APPLICATION,
        document(
            "Application",
            f"{code(on.deployment.name)} in {code(on.deployment.environment)}, commit {code(commit)}. "
            f"{verdict(checks)}",
            "## Components",
            _components(outputs),
            "## Checks",
            checks_table(checks),
            "## Output",
            *[record(name, done) for name, done in outputs.items()],
        ),
    )


STEPS = (deploy_application,)
