"""Are dashboards and alarms there, as their files say, and do they look at something that exists?

Rules:
- What is missing is put up from its file; what is there is compared with the file and left as it is.
- A dashboard's metrics are looked for, with their dimensions and in their region; CloudWatch knows a metric from its
  first datapoint on, so a missing one is told.

Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, NamedTuple, TypedDict

from phases.aws import AwsPort, NotFound
from phases.aws_deploy.live.alarms import find_alarm
from phases.aws_deploy.live.answers import looked_at, not_checked
from phases.checks.answered import Item
from phases.documents.json_document import parse_json
from phases.step import Check, StepContext
from state.counted import counted

if TYPE_CHECKING:
    from phases.aws_deploy.spec.deployment_file import Placed


class Graph(TypedDict, total=False):
    """The `properties` of a dashboard's widget: a row a metric."""

    metrics: list[list[object]]
    region: str


class Widget(TypedDict, total=False):
    """A part of a dashboard."""

    properties: Graph


class ShownMetric(NamedTuple):
    """A metric of a dashboard; `region` is "" for the dashboard's own."""

    namespace: str
    name: str
    dimensions: tuple[tuple[str, str], ...]
    region: str

    def __str__(self) -> str:
        return " ".join([self.namespace, self.name, *(value for _name, value in self.dimensions)])


class Dashboard(TypedDict, total=False):
    """A dashboard's body, as far as it is read here."""

    widgets: list[Widget]


def dashboard_checks(ctx: StepContext, aws: AwsPort, item: Item, wanted: Placed) -> Iterator[Check]:
    """There, as its file says, with metrics that exist."""
    name, body = f"dashboard {wanted.name}", _dashboard(aws, wanted.name)
    told = "was there"
    if body is None and wanted.file is not None:
        text = json.dumps(_json(ctx, wanted.file))

        def put() -> dict[str, object]:
            answer = aws.call("cloudwatch", "put_dashboard", DashboardName=wanted.name, DashboardBody=text)
            return {"messages": [each["Message"] for each in answer.get("DashboardValidationMessages", [])]}

        ctx.effect(f"put-dashboard-{wanted.name}", {"file": wanted.file}, put, lambda: None)
        body, told = _dashboard(aws, wanted.name), "put up from its file"
    if body is None:
        yield item.check(name, "there", "there is no such dashboard, and no file to put up", "fail", wanted.name)
        return
    if wanted.file is not None and body != _json(ctx, wanted.file):
        yield item.check(name, f"as {wanted.file} says", "differs from the file", "fail", wanted.file)
        return
    yield item.check(name, "there", told, "pass", wanted.name)
    yield _metrics_check(aws, item, f"{name}: metrics", body, wanted.name)


def _metrics_check(aws: AwsPort, item: Item, name: str, body: Dashboard, where: str) -> Check:
    shown, expected = list(dict.fromkeys(shown_metrics(body))), "metrics that exist"

    def look() -> Check:
        missing = [str(metric) for metric in shown if not _exists(aws, metric)]
        if missing:
            return not_checked(item, name, expected, f"no datapoint yet: {', '.join(missing)}", where)
        return item.check(name, expected, counted(len(shown), "metric"), "pass", where)

    if not shown:
        return not_checked(item, name, expected, "it shows no metric", where)
    return looked_at(look, item, name, expected, where)


def alarm_check(ctx: StepContext, aws: AwsPort, item: Item, wanted: Placed) -> Check:
    """There, with the fields of its file."""
    name, alarm = f"alarm {wanted.name}", find_alarm(aws, wanted.name)
    if wanted.file is None:
        if alarm is None:
            return item.check(name, "there", "there is no such alarm, and no file to put up", "fail", wanted.name)
        return item.check(name, "there", f"there: {alarm['AlarmArn']}", "pass", wanted.name)
    fields = {**_json(ctx, wanted.file), "AlarmName": wanted.name}
    told = "as the file says"
    if alarm is None:

        def put() -> dict[str, object]:
            aws.call("cloudwatch", "put_metric_alarm", **fields)
            return {"put": wanted.name}

        ctx.effect(f"put-alarm-{wanted.name}", {"file": wanted.file}, put, lambda: None)
        alarm, told = find_alarm(aws, wanted.name) or {}, "put up from its file"
    wrong = _differences(alarm, fields)
    seen = f"differs: {', '.join(wrong)}" if wrong else told
    return item.check(name, f"as {wanted.file} says", seen, "fail" if wrong else "pass", wanted.file)


def _differences(alarm: Mapping[str, object], fields: Mapping[str, object]) -> list[str]:
    """The fields in which the alarm is not as wanted, with what it has; tags are not among an alarm's fields."""
    return [
        f"{field} {alarm.get(field)!r}"
        for field, value in fields.items()
        if field != "Tags" and not _same(alarm.get(field), value)
    ]


def _same(seen: object, wanted: object) -> bool:
    """Lists of dimensions come back in AWS's own order; numbers as decimals."""
    if isinstance(wanted, list):
        return sorted(map(str, seen if isinstance(seen, list) else ())) == sorted(map(str, wanted))
    if isinstance(wanted, int | float) and not isinstance(wanted, bool):
        return isinstance(seen, int | float) and float(seen) == float(wanted)
    return bool(seen == wanted)


def _dashboard(aws: AwsPort, name: str) -> Dashboard | None:
    try:
        body = aws.call("cloudwatch", "get_dashboard", DashboardName=name)["DashboardBody"]
    except NotFound:
        return None
    parsed: Dashboard = json.loads(body)
    return parsed


def _json(ctx: StepContext, path: str) -> dict[str, object]:
    document: dict[str, object] = parse_json(ctx.read(path), path=path).value
    return document


def shown_metrics(body: Dashboard) -> Iterator[ShownMetric]:
    """Each metric that is shown; in a row `.` repeats what stands above it, `...` all but the last ones."""
    for widget in body.get("widgets", []):
        graph = widget.get("properties", {})
        above: list[object] = []
        for row in graph.get("metrics", []):
            options = row[-1] if row and isinstance(row[-1], dict) else None
            cells = row if options is None else row[:-1]
            if not cells:
                continue  # an expression
            if cells[0] == "...":
                cells = [*above[: len(above) - len(cells) + 1], *cells[1:]]
            above = [above[at] if cell == "." and at < len(above) else cell for at, cell in enumerate(cells)]
            if len(above) > 1:
                namespace, name, *rest = map(str, above)
                dimensions = tuple(zip(rest[::2], rest[1::2], strict=False))
                yield ShownMetric(
                    namespace, name, dimensions, str((options or {}).get("region") or graph.get("region", ""))
                )


def _exists(aws: AwsPort, metric: ShownMetric) -> bool:
    """Whether CloudWatch knows a metric with exactly these dimensions. Raises as `AwsPort.call`."""
    there = aws.at(metric.region) if metric.region not in ("", aws.region) else aws
    wanted = [{"Name": name, "Value": value} for name, value in metric.dimensions]
    about = {"Namespace": metric.namespace, "MetricName": metric.name, "Dimensions": wanted}
    return any(
        sorted((each["Name"], each["Value"]) for each in found["Dimensions"]) == sorted(metric.dimensions)
        for page in there.pages("cloudwatch", "list_metrics", **about)
        for found in page["Metrics"]
    )
