"""What is to be said afterwards? The report: what went out, what went wrong, figures, cost."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from phases.aws_deploy.recover.rollback_plan import NOWHERE
from phases.aws_deploy.spec.load_target import DeploymentTarget
from phases.aws_deploy.spec.recorded import Application, Infrastructure, Rehearsed, Validated
from phases.aws_deploy.verify import items
from phases.checks.answered import answering
from phases.documents.markdown import bullets, checks_table, code, document, table, verdict
from phases.step import Check, StepContext


def report(
    ctx: StepContext,
    on: DeploymentTarget,
    commit: str,
    since: datetime,
    until: datetime,
    checks: Sequence[Check],
    cost: Sequence[str],
) -> str:
    """The post-deployment report as Markdown; `cost` is the row of the last checkpoint."""
    answers = ctx.answers()
    built, deployed = ctx.data("Phase 3", Infrastructure), ctx.data("Phase 4", Application)
    components = [
        (code(each.name), each.kind, f"{deployed['seconds'].get(f'deploy {each.name}', 0.0):.1f} s")
        for each in on.components
    ]
    rounds = [(each["round"], "; ".join(each["discrepancies"]) or "nothing") for each in built["rounds"]]
    rehearsed = ctx.data("Phase 7", Rehearsed)
    took = rehearsed["seconds"]
    return document(
        f"{on.deployment.name} in {on.deployment.environment}: report",
        f"Run {code(ctx.run_id)}, commit {code(commit)}, account {on.account}, region {code(on.region)}. "
        f"{verdict(checks)}",
        "## What was deployed",
        table(("Component", "Kind", "Time to deploy"), components),
        f"Infrastructure: {answers['infrastructure-changes']}. Expected downtime: {answers['expected-downtime']}.",
        "## Problems, and how they were fixed",
        answers["issues"],
        table(("Round of phase 3", "What did not agree"), rounds),
        "## Figures",
        table(("What", "Limit", "Seen"), [tuple(row) for row in ctx.data("Phase 5", Validated)["performance"]]),
        "## Cost",
        table(("When", "Limit", "Seen"), [*built["cost"], *deployed["cost"], cost]),
        f"To be made cheaper: {answers['cost-optimization']}.",
        "## The way back",
        "Not rehearsed."
        if rehearsed["rehearsed_in"] == NOWHERE
        else f"Rehearsed in {code(rehearsed['rehearsed_in'])}: {took.get('back', 0.0):.1f} s back, "
        f"{took.get('data', 0.0):.1f} s for the data.",
        "## Watched",
        f"From {since:%Y-%m-%d %H:%M} to {until:%Y-%m-%d %H:%M} UTC.",
        checks_table(answering([items.WATCH.id], checks)),
        "## Learnt",
        bullets([answers["lessons-learned"]]),
    )
