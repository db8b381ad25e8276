"""Phase 6: who would notice? Dashboards, alarms, the operations guide, and a test of each alarm."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from functools import partial
from typing import Any

from phases.aws import NotFound
from phases.aws_deploy.chapters.operations import missing_from, operations_guide
from phases.aws_deploy.live.answers import entries, looked_at, not_checked
from phases.aws_deploy.paths import DEPLOYMENT_COPY, MONITORING, OPERATIONS
from phases.aws_deploy.spec.load_target import DeploymentTarget, load_target
from phases.aws_deploy.verify import items
from phases.aws_deploy.verify.alarm_drill import alarm_checks
from phases.aws_deploy.verify.attestations import attestation, attested
from phases.aws_deploy.verify.cost import HOME
from phases.aws_deploy.verify.dashboards import alarm_check, dashboard_checks
from phases.aws_deploy.verify.exit_criteria import with_exit_criteria
from phases.aws_deploy.verify.team_checks import team_checks
from phases.documents.markdown import bullets, checks_table, code, document, verdict
from phases.step import AfterCrash, Check, ReviewSection, StepContext, Work, step
from state.counted import counted

KNOWN_TIME = "kept for a known time"
ABOUT = {"errors": "error rates", "performance": "performance", "cost": "cost"}


@step(
    "Phase 6",
    "Monitoring Setup",
    reads=[DEPLOYMENT_COPY],
    writes=[DEPLOYMENT_COPY, MONITORING, OPERATIONS],
    after_crash=AfterCrash.ASK_THE_WORLD,
)
def monitoring(ctx: StepContext) -> Work:
    """Put up or verify dashboards and alarms, write the operations guide, and set off each alarm."""
    on = load_target(ctx)
    wanted = on.deployment.monitoring
    checks = [*on.checks]
    for dashboard in wanted.dashboards:
        checks += dashboard_checks(ctx, on.aws, items.DASHBOARDS, dashboard)
    checks += _log_groups(on)
    placed = {alarm.name: alarm_check(ctx, on.aws, items.ALARMS, alarm) for alarm in wanted.alarms}
    checks += placed.values()
    checks += _alarms_missing(on, [name for name, check in placed.items() if check.verdict == "pass"])
    checks.append(_anomalies(on))
    checks += team_checks(ctx, on, items.DASHBOARDS)
    checks.append(
        items.OPERATIONS.claim(
            attested(
                ctx,
                "known problems",
                "a person's word",
                attestation("known-problems", "Which problems are known, and what helps?", "none is known yet"),
            )
        )
    )
    guide = operations_guide(on, ctx.answers())
    ctx.write(OPERATIONS, guide)
    missing = missing_from(guide, on)
    checks.append(
        items.OPERATIONS.check(
            "operations guide",
            "names every component, alarm, log group and dashboard",
            f"not {', '.join(missing)}" if missing else "all",
            "fail" if missing else "pass",
            OPERATIONS,
        )
    )
    for alarm in wanted.alarms:
        ctx.begins(f"  setting off {alarm.name}")
        checks += alarm_checks(ctx, on.aws, items.ALARM_DRILL, alarm.name)
    if not wanted.alarms:
        checks.append(items.ALARM_DRILL.claim(_unconfigured("alarms set off", "monitoring.alarms")))
    checks = with_exit_criteria(ctx, checks)
    ctx.write(
        MONITORING,
        document(
            "Monitoring",
            f"{code(on.deployment.name)} in {code(on.deployment.environment)}. {verdict(checks)}",
            "## Checks",
            checks_table(checks),
        ),
    )
    return Work(checks, {}, [*on.review, ReviewSection("What phase 7 will do", _phase_7(on))])


def _log_groups(on: DeploymentTarget) -> Iterator[Check]:
    """Each log group can be read, and does not keep its events for ever without anybody having said so."""
    for group in on.deployment.watch.log_groups:
        name = f"log {group}"
        yield looked_at(partial(_retention, on, group), items.DASHBOARDS, name, KNOWN_TIME, group)
        yield looked_at(partial(_readable, on, group), items.ALARM_DRILL, name, "can be read", group)
    if not on.deployment.watch.log_groups:
        yield items.DASHBOARDS.claim(_unconfigured("logs", "watch.log_groups"))
    if not on.deployment.monitoring.dashboards:
        yield items.DASHBOARDS.claim(_unconfigured("dashboards", "monitoring.dashboards"))


def _retention(on: DeploymentTarget, group: str) -> Check:
    name = f"log {group}"
    found = entries(on.aws, "logs", "describe_log_groups", "logGroups", logGroupNamePrefix=group)
    exact = next((each for each in found if each["logGroupName"] == group), None)
    if exact is None:
        return items.DASHBOARDS.check(name, KNOWN_TIME, "there is no such log group", "fail", group)
    days = exact.get("retentionInDays")
    seen = counted(days, "day") if days else "for ever"
    return items.DASHBOARDS.check(name, KNOWN_TIME, seen, "pass" if days else "note", group)


def _readable(on: DeploymentTarget, group: str) -> Check:
    """That an event of it can be read: an empty answer shows no access."""
    name, expected = f"log {group}", "can be read"
    try:
        pages = on.aws.pages("logs", "filter_log_events", logGroupName=group, limit=1)
        read: list[dict[str, Any]] = next((page["events"] for page in pages if page["events"]), [])
    except NotFound as error:
        return items.ALARM_DRILL.check(name, expected, error.message, "fail", group)
    if not read:
        return not_checked(items.ALARM_DRILL, name, expected, "it has no event", group)
    return items.ALARM_DRILL.check(name, expected, f"an event of {read[0]['logStreamName']}", "pass", group)


def _alarms_missing(on: DeploymentTarget, there: Collection[str]) -> Iterator[Check]:
    """Errors and performance each need an alarm that is there; cost has anomaly detection as well."""
    for about, what in ABOUT.items():
        names = [each.name for each in on.deployment.monitoring.alarms if each.about == about]
        found = [name for name in names if name in there]
        if found:
            yield items.ALARMS.check(what, "an alarm", ", ".join(found), "pass")
        elif names:
            yield not_checked(items.ALARMS, what, "an alarm", f"{', '.join(names)} failed above")
        elif about != "cost":
            yield items.ALARMS.claim(_unconfigured(what, "monitoring.alarms"))


def _anomalies(on: DeploymentTarget) -> Check:
    """Source: https://docs.aws.amazon.com/aws-cost-management/latest/APIReference/API_GetAnomalyMonitors.html"""
    name, expected = "cost anomalies", "a monitor"
    if on.aws.sandbox:
        return items.ALARMS.check(name, expected, "not checked: the sandbox has no bill", "not-checked")

    def look() -> Check:
        monitors = entries(on.aws.at(HOME), "ce", "get_anomaly_monitors", "AnomalyMonitors")
        names = {each["MonitorArn"]: each["MonitorName"] for each in monitors}
        if not names:
            return not_checked(items.ALARMS, name, expected, "no monitor: an unusual cost would not be told")
        told = entries(on.aws.at(HOME), "ce", "get_anomaly_subscriptions", "AnomalySubscriptions")
        heard = [each for each in told if any(to["Status"] == "CONFIRMED" for to in each["Subscribers"])]
        loud = [names[arn] for arn in names if any(arn in each["MonitorArnList"] for each in heard)]
        if not loud:
            return not_checked(items.ALARMS, name, expected, f"{', '.join(names.values())} tells nobody")
        seen = f"{', '.join(loud)}, told to {counted(len(heard), 'subscription')}"
        return items.ALARMS.check(name, expected, seen, "pass")

    return looked_at(look, items.ALARMS, name, expected, far=True)


def _unconfigured(name: str, where: str) -> Check:
    return Check(name, "watched", "not checked: none is configured", "not-checked", where)


def _phase_7(on: DeploymentTarget) -> str:
    lines = [
        f"{code(each.rollback)}, then {code(each.deploy)} and {code(each.smoke_test)}"
        for each in reversed(on.components)
        if each.rollback
    ]
    lines += [
        f"restore {code(name)} from its backup as a table of another name, compare, remove that one"
        for name in on.deployment.backups.dynamodb_tables
    ]
    where = "in the sandbox" if on.aws.sandbox else "in the environment that you will name, or not at all"
    return f"A rehearsal of the way back, {where}:\n\n{bullets(lines)}"


STEPS = (monitoring,)
