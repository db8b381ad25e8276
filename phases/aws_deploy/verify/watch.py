"""Was it quiet? Logs, error metrics and alarms over a time, and the wait for that time to pass.

Rules:
- The time to watch is written down before it is waited for: a run that is killed meanwhile waits for the same moment.
- Nothing is looked at before the time is over, so an error in its last second counts.
- A log group or an alarm that is not there fails: nobody would hear anything from it.
- Silence is not quiet: a log without an event, a metric without a datapoint and an alarm without data are not checked,
  nor is a log in which nothing is looked for, nor an alarm whose OK may be without data (`alarm_data.py`).
  A metric that is only sent when something goes wrong is quiet beside traffic that was seen (`watch.traffic`), and so
  is an alarm on it that is OK without a datapoint.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from phases.aws import AwsError, AwsPort, NotFound
from phases.aws_deploy.live.alarms import alarm_times, find_alarm
from phases.aws_deploy.live.answers import PAUSES, entries, looked_at, not_checked
from phases.aws_deploy.spec.load_target import DeploymentTarget
from phases.aws_deploy.verify.alarm_data import ALARM_WITHOUT_DATA, without_data
from phases.aws_deploy.verify.figure import figure
from phases.checks.answered import Item
from phases.step import Check, StepContext

if TYPE_CHECKING:
    from phases.aws_deploy.spec.deployment_file import ErrorMetric, Metric, TrafficMetric

SHOWN = 3  # log lines in a check
LINE = 160  # characters of each


def now() -> datetime:
    """The moment that goes into an effect's record, from where it is taken ever after."""
    return datetime.now(UTC)


def observe(ctx: StepContext, on: DeploymentTarget, item: Item, since: datetime, until: datetime) -> list[Check]:
    """The checks of one item over [since, until]."""
    watch, aws = on.deployment.watch, on.aws
    traffic = [_traffic(aws, item, metric, since, until) for metric in watch.traffic]
    used = bool(traffic) and all(check.verdict == "pass" for check in traffic)
    checks = [_logs(ctx, aws, item, group, watch.error_terms, since, until) for group in watch.log_groups]
    checks += traffic
    checks += [_metric(aws, item, metric, since, until, used=used) for metric in watch.metrics]
    checks += [_alarm(aws, item, alarm, since, until, used=used) for alarm in watch.alarms]
    nothing = [
        ("logs", watch.log_groups),
        ("traffic", watch.traffic),
        ("error metrics", watch.metrics),
        ("alarms", watch.alarms),
    ]
    checks += [
        not_checked(item, what, "watched", "none are configured", "watch")
        for what, configured in nothing
        if not configured
    ]
    return checks


def _logs(
    ctx: StepContext, aws: AwsPort, item: Item, group: str, terms: list[str], since: datetime, until: datetime
) -> Check:
    """That no event has one of the terms in it, beside events that are there."""
    name, expected = f"log {group}", f"none of: {', '.join(terms)}"
    if not terms:
        return not_checked(item, name, "none of watch.error_terms", "watch.error_terms has no term", group)
    found: dict[str, Mapping[str, object]] = {}
    try:
        for term in terms:  # a quoted term alone is matched as it stands, by AWS and by the sandbox alike
            found |= {str(event["eventId"]): event for event in _events(aws, group, since, until, f'"{term}"')}
        if not found:
            if next(iter(_events(aws, group, since, until, "", most=1)), None) is None:
                return not_checked(item, name, expected, f"nothing was logged {_during(since, until)}", group)
            return item.check(name, expected, f"none, in a log with events {_during(since, until)}", "pass", group)
        lines = [ctx.mask(str(event["message"]).strip())[:LINE] for event in found.values()]
    except NotFound:
        return item.check(name, expected, "there is no such log group", "fail", group)
    except PAUSES:
        raise
    except AwsError as error:
        return not_checked(item, name, expected, error.message, group)
    more = f" and {len(lines) - SHOWN} more" if len(lines) > SHOWN else ""
    return item.check(name, expected, f"{len(lines)}: {' | '.join(lines[:SHOWN])}{more}", "fail", group)


def _events(
    aws: AwsPort, group: str, since: datetime, until: datetime, pattern: str, *, most: int = 0
) -> list[Mapping[str, object]]:
    """Events of the log group that match; with `most`, the pages are read up to the first that has one.

    Source: https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_FilterLogEvents.html
    """
    about: dict[str, object] = {
        "logGroupName": group,
        "startTime": int(since.timestamp() * 1000),
        "endTime": int(until.timestamp() * 1000) + 1000,
    }
    if not most:
        return entries(aws, "logs", "filter_log_events", "events", filterPattern=pattern, **about)
    pages = aws.pages("logs", "filter_log_events", **about)
    return next((page["events"] for page in pages if page["events"]), [])


def _traffic(aws: AwsPort, item: Item, metric: TrafficMetric, since: datetime, until: datetime) -> Check:
    """That it was used while it was watched."""
    name, expected = f"traffic {_named(metric)}", f"{metric.statistic} at least {metric.at_least:g}"

    def look() -> Check:
        seen = figure(aws, metric, since, until)
        if seen is None:
            return not_checked(item, name, expected, f"no datapoint {_during(since, until)}")
        said = f"{seen:g} {_during(since, until)}"
        if seen < metric.at_least:
            return not_checked(item, name, expected, f"{said}, which proves nothing")
        return item.check(name, expected, said, "pass")

    return looked_at(look, item, name, expected)


def _metric(aws: AwsPort, item: Item, metric: ErrorMetric, since: datetime, until: datetime, *, used: bool) -> Check:
    """That an error metric is within its limit; `used`: whether traffic was seen at that time."""
    name, expected = f"metric {_named(metric)}", f"{metric.statistic} at most {metric.limit:g}"

    def look() -> Check:
        seen = figure(aws, metric, since, until)
        if seen is not None:
            return item.check(name, expected, f"{seen:g}", "pass" if seen <= metric.limit else "fail")
        if used and metric.statistic in ("Sum", "SampleCount"):  # error metrics are sent when there is an error
            return item.check(name, expected, "no datapoint, beside the traffic that was seen", "pass")
        return not_checked(item, name, expected, f"no datapoint {_during(since, until)}")

    return looked_at(look, item, name, expected)


def _alarm(aws: AwsPort, item: Item, alarm: str, since: datetime, until: datetime, *, used: bool) -> Check:
    """That an alarm is OK and was not in ALARM meanwhile; one without data says nothing, but for beside traffic."""
    name, expected = f"alarm {alarm}", "OK, and not in ALARM meanwhile"

    def look() -> Check:
        found = find_alarm(aws, alarm)
        if found is None:
            return item.check(name, expected, "there is no such alarm", "fail", alarm)
        state = str(found["StateValue"])
        if state not in ("OK", "ALARM"):
            return not_checked(item, name, expected, f"it is in {state}", alarm)
        rang = [] if aws.sandbox else alarm_times(aws, alarm, since, until)
        seen = f"{state}, in ALARM at {', '.join(rang)}" if rang else state
        if state == "ALARM" or rang:
            return item.check(name, expected, seen, "fail", alarm)
        if without_data(aws, found, since, until):
            if not used:
                return not_checked(item, name, expected, f"{state}, {ALARM_WITHOUT_DATA}", alarm)
            seen = f"{seen} without a datapoint, beside the traffic that was seen"
        return item.check(name, expected, seen, "pass", alarm)

    return looked_at(look, item, name, expected, alarm)


def _named(metric: Metric) -> str:
    return f"{metric.namespace} {metric.name} {' '.join(metric.dimensions.values())}".strip()


def _during(since: datetime, until: datetime) -> str:
    return f"from {since:%Y-%m-%d %H:%M:%S} to {until:%Y-%m-%d %H:%M:%S} UTC"
