"""Phase 8: is it over? Documents, notices, a day of watching, report, tag and archive.

Rules:
- What is outside happens once: each notice and the tag are effects, and a later attempt asks before it tells people
  again.
- The end of the watch is an answer: it outlives crash, reject and new attempt, and a person may say another one.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from phases.aws_deploy.act.archive import manifest, tag_checks
from phases.aws_deploy.act.notices import notify
from phases.aws_deploy.act.pushing import push_check
from phases.aws_deploy.chapters.report import report
from phases.aws_deploy.live.answers import not_checked
from phases.aws_deploy.live.optimization import optimization_checks
from phases.aws_deploy.paths import (
    CONFIGURATION_CHANGES,
    DEPLOYMENT_COPY,
    MANIFEST,
    REPORT,
    ROLLBACK_PLAN,
    SNAPSHOT,
    SNAPSHOT_AFTER,
)
from phases.aws_deploy.spec.durations import length
from phases.aws_deploy.spec.load_target import DeploymentTarget, load_target
from phases.aws_deploy.spec.recorded import Application, Infrastructure, Validated
from phases.aws_deploy.verify import items
from phases.aws_deploy.verify.attestations import attestation, attested
from phases.aws_deploy.verify.configuration_changes import changes
from phases.aws_deploy.verify.cost import as_row, checkpoint
from phases.aws_deploy.verify.exit_criteria import with_exit_criteria
from phases.aws_deploy.verify.performance import trends
from phases.aws_deploy.verify.resources import configuration_of, not_read, tagged
from phases.aws_deploy.verify.team_checks import team_checks
from phases.aws_deploy.verify.watch import observe
from phases.documents.json_document import parse_json
from phases.documents.markdown import code, document, table
from phases.step import AfterCrash, Check, Question, ReviewSection, StepContext, Work, any_failed, step
from state.counted import counted


@step(
    "Phase 8",
    "Post-Deployment",
    reads=[DEPLOYMENT_COPY, SNAPSHOT, ROLLBACK_PLAN],
    writes=[DEPLOYMENT_COPY, SNAPSHOT_AFTER, CONFIGURATION_CHANGES, REPORT, MANIFEST],
    after_crash=AfterCrash.ASK_THE_WORLD,
)
def complete(ctx: StepContext) -> Work:
    """Document what changed, tell people, watch for a day, report, tag the deployed commit and archive."""
    on = load_target(ctx)
    commit = ctx.data("Phase 4", Application)["deployed_commit"]
    checks = [*on.checks, *_documents(ctx, on)]
    until = _until(ctx, on)
    checks += _tell(ctx, on, commit, until)
    ctx.wait_until(until, f"the end of the watch over {on.deployment.name} in {on.deployment.environment}")
    since = until - length(on.deployment.watch.duration)
    checks += observe(ctx, on, items.WATCH, since, until)
    checks += team_checks(ctx, on, items.WATCH)
    checks += trends(ctx, on, items.WATCH, since, until, ctx.data("Phase 5", Validated)["performance"])
    cost = checkpoint(on, 3, ctx.started_at, max(until, ctx.now), _deployed_at(ctx))
    checks += [*cost, *optimization_checks(on, items.REPORT)]
    checks.append(
        items.REPORT.claim(
            attested(
                ctx,
                "cost optimization",
                "a person's word",
                attestation(
                    "cost-optimization", "What is unused, too large, or moved about too much?", "nothing was found"
                ),
            )
        )
    )
    checks.append(items.REPORT.claim(attested(ctx, "issues", "a person's word", attestation("issues", *_issues(ctx)))))
    if not any_failed(checks):
        checks.append(items.ARCHIVE.claim(push_check(ctx, "branch pushed", ctx.git.branch())))
        checks += tag_checks(ctx, on, items.ARCHIVE, commit)
    ctx.write(REPORT, report(ctx, on, commit, since, until, checks, as_row(3, cost)))
    checks.append(items.REPORT.check("report", "in writing", REPORT, "pass", REPORT))
    deployment = on.deployment
    body, missing = manifest(ctx, on, commit, [*deployment.configuration.files, *deployment.archive])
    ctx.write(MANIFEST, json.dumps(body, indent=2) + "\n")
    seen = f"not there: {', '.join(missing)}" if missing else counted(len(body["files"]), "file")
    checks.append(
        items.ARCHIVE.check("archive", "every file, with its digest", seen, "fail" if missing else "pass", MANIFEST)
    )
    checks = with_exit_criteria(ctx, checks)
    files = [(code(each["path"]), code(each["sha256"][:12]), each["size"]) for each in body["files"]]
    review = [
        *on.review,
        ReviewSection("Watched", f"From {since:%Y-%m-%d %H:%M} to {until:%Y-%m-%d %H:%M} UTC."),
        ReviewSection("Archive", table(("File", "SHA-256", "Bytes"), files)),
    ]
    return Work(checks, {"tag": body["tag"], "commit": commit, "watched_until": until.isoformat()}, review)


def _deployed_at(ctx: StepContext) -> datetime | None:
    """When the application was there; a run that deployed under 0.1 did not keep it."""
    at = ctx.data("Phase 4", Application).get("deployed_at")
    return datetime.fromisoformat(at) if at else None


def _documents(ctx: StepContext, on: DeploymentTarget) -> list[Check]:
    before: dict[str, object] = parse_json(ctx.read(SNAPSHOT), path=SNAPSHOT).value
    now = configuration_of(on.aws, tagged(on.aws, on.deployment.inventory.tags), ctx.mask)
    ctx.write(SNAPSHOT_AFTER, json.dumps(now, indent=2, sort_keys=True) + "\n")
    found = changes(before, now)
    rows = [(code(arn), code(field), code(old), code(new)) for arn, field, old, new in found]
    ctx.write(
        CONFIGURATION_CHANGES,
        document(
            "Changes of configuration",
            f"{counted(len(found), 'field')} {'differs' if len(found) == 1 else 'differ'} from what phase 2 found.",
            table(("Resource", "Field", "Before", "Now"), rows),
        ),
    )
    return [
        _changed(before, now, found),
        items.DOCUMENTS.claim(
            attested(
                ctx,
                "guides",
                "a person's word",
                attestation("guides-updated", "Which deployment guides were updated?", "none had to be"),
            )
        ),
        items.DOCUMENTS.claim(
            attested(
                ctx,
                "diagrams",
                "a person's word",
                attestation("diagrams-updated", "Which architecture diagrams were updated?", "none had to be"),
            )
        ),
        items.NOTICES.claim(
            attested(
                ctx,
                "lessons",
                "a person's word",
                attestation("lessons-learned", "What was learnt that others should know?", "nothing new"),
            )
        ),
    ]


def _changed(before: Mapping[str, object], now: Mapping[str, object], found: Sequence[object]) -> Check:
    """That the changes are in writing, of how many resources; what AWS did not say is no comparison."""
    name, expected, unread = "configuration changes", "in writing", not_read(now)
    if unread or not now:
        why = f"AWS does not say it of {', '.join(unread)}" if unread else "no resource was found by tag"
        return not_checked(items.DOCUMENTS, name, expected, why, CONFIGURATION_CHANGES)
    seen = f"{counted(len(found), 'field')} of {counted(len({*before, *now}), 'resource')}"
    return items.DOCUMENTS.check(name, expected, seen, "pass", CONFIGURATION_CHANGES)


def _until(ctx: StepContext, on: DeploymentTarget) -> datetime:
    """When the watch ends: as answered before, else so long after this attempt's beginning."""
    span = length(on.deployment.watch.duration)
    default = ctx.answers().get("watch-until", (ctx.now + span).isoformat(timespec="seconds"))
    answer = ctx.ask(
        Question(
            "watch-until",
            f"Until when is it watched ({on.deployment.watch.duration} are configured)? A time such as {default}.",
            default=default,
            problem_with=_problem_with_time,
        )
    )
    return datetime.fromisoformat(answer).astimezone(UTC)


def _problem_with_time(answer: str) -> str | None:
    try:
        when = datetime.fromisoformat(answer)
    except ValueError:
        return "expected a time such as 2026-01-02T03:04:05+00:00"
    return "expected a time with its offset from UTC" if when.tzinfo is None else None


def _tell(ctx: StepContext, on: DeploymentTarget, commit: str, until: datetime) -> list[Check]:
    if ctx.attempt > 1:
        again = ctx.ask(
            Question(
                f"notify-again-{ctx.attempt}",
                f"Attempt {ctx.attempt}: are people notified again?",
                default="no",
                choices=("no", "yes"),
                suggest=False,
            )
        )
        if again == "no":
            return [items.NOTICES.check("notice", "sent", "by an earlier attempt; a person's word", "attested")]
    deployment = on.deployment
    facts = {
        "components": ", ".join(each.name for each in on.components),
        "environment": deployment.environment,
        "account": on.account,
        "region": on.region,
        "commit": commit,
        "run": ctx.run_id,
        "watched until": f"{until:%Y-%m-%d %H:%M} UTC",
    }
    subject = f"{deployment.name} was deployed to {deployment.environment}"
    return list(notify(ctx, on, items.NOTICES, "notice", subject, facts))


def _issues(ctx: StepContext) -> tuple[str, str]:
    """The question, and what the console rounds say as its default."""
    rounds = ctx.data("Phase 3", Infrastructure)["rounds"]
    found = [line for each in rounds for line in each["discrepancies"]]
    met = "; ".join(found)
    return "Which issues were met, and how were they resolved?", f"fixed in phase 3: {met}" if met else "none"


STEPS = (complete,)
