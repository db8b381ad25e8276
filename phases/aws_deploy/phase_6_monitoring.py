"""Phase 6: who would notice? Dashboards, alarms, the operations guide, and a test of each alarm."""

from __future__ import annotations

from collections.abc import Iterator

from phases.aws import AwsError, ExpiredToken, NoCredentials, NotFound, Throttled
from phases.aws_deploy.chapters.operations import missing_from, operations_guide
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
    checks += [alarm_check(ctx, on.aws, items.ALARMS, alarm) for alarm in wanted.alarms]
    checks += _alarms_missing(on)
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
        ctx.progress(f"  setting off {alarm.name}")
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
        found = on.aws.call("logs", "describe_log_groups", logGroupNamePrefix=group)["logGroups"]
        exact = next((each for each in found if each["logGroupName"] == group), None)
        if exact is None:
            yield items.DASHBOARDS.check(f"log {group}", "there", "there is no such log group", "fail", group)
            continue
        days = exact.get("retentionInDays")
        yield items.DASHBOARDS.check(
            f"log {group}",
            "kept for a known time",
            f"{days} days" if days else "for ever",
            "pass" if days else "note",
            group,
        )
        try:
            on.aws.call("logs", "filter_log_events", logGroupName=group, limit=1)
        except NotFound as error:
            yield items.ALARM_DRILL.check(f"log {group}", "can be read", error.message, "fail", group)
            continue
        yield items.ALARM_DRILL.check(f"log {group}", "can be read", "read", "pass", group)
    if not on.deployment.watch.log_groups:
        yield items.DASHBOARDS.claim(_unconfigured("logs", "watch.log_groups"))
    if not on.deployment.monitoring.dashboards:
        yield items.DASHBOARDS.claim(_unconfigured("dashboards", "monitoring.dashboards"))


def _alarms_missing(on: DeploymentTarget) -> Iterator[Check]:
    """Errors and performance each need an alarm; cost has anomaly detection as well."""
    for about, what in ABOUT.items():
        names = [each.name for each in on.deployment.monitoring.alarms if each.about == about]
        if names:
            yield items.ALARMS.check(what, "an alarm", ", ".join(names), "pass")
        elif about != "cost":
            yield items.ALARMS.claim(_unconfigured(what, "monitoring.alarms"))


def _anomalies(on: DeploymentTarget) -> Check:
    """Source: https://docs.aws.amazon.com/aws-cost-management/latest/APIReference/API_GetAnomalyMonitors.html"""
    name, expected = "cost anomalies", "a monitor"
    if on.aws.sandbox:
        return items.ALARMS.check(name, expected, "not checked: the sandbox has no bill", "not-checked")
    try:
        monitors = on.aws.at(HOME).call("ce", "get_anomaly_monitors")["AnomalyMonitors"]
    except (ExpiredToken, NoCredentials, Throttled):
        raise
    except AwsError as error:
        return items.ALARMS.check(name, expected, f"not checked: {error.message}", "not-checked")
    said = ", ".join(each["MonitorName"] for each in monitors)
    return items.ALARMS.check(
        name, expected, said or "no monitor: an unusual cost would not be told", "pass" if said else "note"
    )


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
