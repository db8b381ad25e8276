"""Was it quiet? Logs, error metrics and alarms over a time, and the wait for that time to pass.

Rules:
- The time to watch is written down before it is waited for: a run that is killed meanwhile waits for the same moment.
- Nothing is looked at before the time is over, so an error in its last second counts.
- A log group or an alarm that is not there fails: nobody would hear anything from it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from phases.aws import AwsPort, NotFound
from phases.aws_deploy.spec.load_target import DeploymentTarget
from phases.checks.answered import Item
from phases.step import Check, StepContext

SHOWN = 3  # log lines in a check
LINE = 160  # characters of each
MINUTE = timedelta(minutes=1)
LONGEST_SERIES = 1_440  # datapoints a GetMetricStatistics call may return


def now() -> datetime:
    """The moment that goes into an effect's record, from where it is taken ever after."""
    return datetime.now(UTC)


def observe(ctx: StepContext, on: DeploymentTarget, item: Item, since: datetime, until: datetime) -> list[Check]:
    """The checks of one item over [since, until]."""
    watch = on.deployment.watch
    checks = [_logs(ctx, on.aws, item, group, watch.error_terms, since, until) for group in watch.log_groups]
    checks += [_metric(on.aws, item, metric, since, until) for metric in watch.metrics]
    checks += [_alarm(on.aws, item, alarm) for alarm in watch.alarms]
    nothing = [("logs", watch.log_groups), ("error metrics", watch.metrics), ("alarms", watch.alarms)]
    checks += [
        item.check(what, "watched", "not checked: none are configured", "not-checked", "watch")
        for what, configured in nothing
        if not configured
    ]
    return checks


def figure(aws: AwsPort, metric: Any, since: datetime, until: datetime) -> float | None:
    """A metric's one figure over this time, in whole minutes, as CloudWatch keeps them; None when it has no datapoint.

    Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricStatistics.html
    """
    since = since.replace(second=0, microsecond=0)
    minutes = (until - since) // MINUTE + 1
    until = since + minutes * MINUTE
    period = -(-minutes // LONGEST_SERIES) * 60
    points = aws.call(
        "cloudwatch",
        "get_metric_statistics",
        Namespace=metric.namespace,
        MetricName=metric.name,
        Dimensions=[{"Name": name, "Value": value} for name, value in metric.dimensions.items()],
        StartTime=since,
        EndTime=until,
        Period=period,
        Statistics=[metric.statistic, "SampleCount"],
    )["Datapoints"]
    values = [float(point[metric.statistic]) for point in points]
    if not values:
        return None
    match metric.statistic:
        case "Maximum":
            return max(values)
        case "Minimum":
            return min(values)
        case "Average":
            weights = [float(point["SampleCount"]) for point in points]
            return sum(v * w for v, w in zip(values, weights, strict=True)) / (sum(weights) or 1)
        case _:
            return sum(values)


def _logs(
    ctx: StepContext, aws: AwsPort, item: Item, group: str, terms: list[str], since: datetime, until: datetime
) -> Check:
    """Source: https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_FilterLogEvents.html"""
    name, expected = f"log {group}", f"none of: {', '.join(terms)}"
    found: dict[str, Mapping[str, Any]] = {}
    try:
        for term in terms:  # a quoted term alone is matched as it stands, by AWS and by the sandbox alike
            for page in aws.pages(
                "logs",
                "filter_log_events",
                logGroupName=group,
                filterPattern=f'"{term}"',
                startTime=int(since.timestamp() * 1000),
                endTime=int(until.timestamp() * 1000) + 1000,
            ):
                found |= {event["eventId"]: event for event in page["events"]}
    except NotFound:
        return item.check(name, expected, "there is no such log group", "fail", group)
    if not found:
        return item.check(name, expected, "none", "pass", group)
    lines = [ctx.mask(str(event["message"]).strip())[:LINE] for event in found.values()]
    more = f" and {len(lines) - SHOWN} more" if len(lines) > SHOWN else ""
    return item.check(name, expected, f"{len(lines)}: {' | '.join(lines[:SHOWN])}{more}", "fail", group)


def _metric(aws: AwsPort, item: Item, metric: Any, since: datetime, until: datetime) -> Check:
    seen = figure(aws, metric, since, until)
    name = f"metric {metric.namespace} {metric.name} {' '.join(metric.dimensions.values())}".strip()
    expected = f"{metric.statistic} at most {metric.limit:g}"
    if seen is None:  # error metrics are sent when there is an error
        return item.check(
            name, expected, "no datapoint", "pass" if metric.statistic in ("Sum", "SampleCount") else "note"
        )
    return item.check(name, expected, f"{seen:g}", "pass" if seen <= metric.limit else "fail")


def _alarm(aws: AwsPort, item: Item, alarm: str) -> Check:
    described = aws.call("cloudwatch", "describe_alarms", AlarmNames=[alarm])
    found = [*described["MetricAlarms"], *described.get("CompositeAlarms", ())]
    if not found:
        return item.check(f"alarm {alarm}", "not in ALARM", "there is no such alarm", "fail", alarm)
    state = str(found[0]["StateValue"])
    return item.check(f"alarm {alarm}", "not in ALARM", state, "fail" if state == "ALARM" else "pass", alarm)
