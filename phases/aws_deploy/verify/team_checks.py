"""What does the team's own checks file ask of AWS in this phase? Looked at beside what the phase looks at by itself.

The file is `aws-deploy.checks.yaml` or `checks.yaml` (docs/checks.md). Placeholders become the plan's facts (`name`,
`environment`, `region`, `account`) and the run's answers.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from phases.aws_deploy.paths import RUNBOOK
from phases.aws_deploy.spec.load_target import DeploymentTarget
from phases.checks.answered import Item
from phases.checks.evaluate import evaluate
from phases.checks.exit_criteria import find_checks
from phases.checks.local.step_here import StepHere
from phases.step import Check, StepContext

if TYPE_CHECKING:
    from phases.checks.definition import Checks


def read_team_checks(ctx: StepContext) -> Checks | None:
    """The checks file, None when there is none. Raises BadInput with every problem in it."""
    return find_checks(
        RUNBOOK,
        ctx.judging,
        lambda: ctx.aws.models,
        under_way=ctx.is_of_0_1,
    )


def team_checks(ctx: StepContext, on: DeploymentTarget, item: Item) -> list[Check]:
    """The outcome of each declared check of the task under way, as checks of this item.

    Raises BadInput when a placeholder has no value, and what `evaluate` raises.
    """
    file = read_team_checks(ctx)
    if file is None:
        return []
    mine = file.only(file.of(ctx.task)).filled(_variables(ctx, on))
    outcomes = [
        evaluate(
            each,
            on.aws,
            here=StepHere(ctx, ctx.task, each.id),
            wait=ctx.wait,
            progress=ctx.progress,
            mask_text=ctx.mask,
            takes_silence=ctx.is_of_0_1,
        )
        for each in mine.checks
    ]
    return [item.claim(outcome.as_check()) for outcome in outcomes]


def _variables(ctx: StepContext, on: DeploymentTarget) -> Mapping[str, str]:
    facts = {
        "name": on.deployment.name,
        "environment": on.deployment.environment,
        "region": on.region,
        "account": on.account,
    }
    return {**ctx.answers(), **facts}
