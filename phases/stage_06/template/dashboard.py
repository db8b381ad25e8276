"""What does the operator see first? The CloudWatch dashboard: alarm states, throttles, capacity, latency.

Rules:
- The body is JSON inside Fn::Sub; names of tables and indexes hold no `$`, so only our own `${...}` are replaced.
- At most 100 lines a graph, so that it can be read, and at most 2,500 metrics a dashboard (Amazon CloudWatch User
  Guide, "CloudWatch service quotas"). A contract beyond that is shown by table, without a line for each index.
- Metric lines repeat the namespace and the metric's name with ".", as CloudWatch's own source view does.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, TypedDict, TypeVar

from phases.contract.model import Contract
from phases.stage_06.template.alarms import alarm_ids
from phases.stage_06.template.metrics import NAMESPACE

if TYPE_CHECKING:
    from phases.stage_06.template.template_shape import Resource

T = TypeVar("T")

DASHBOARD = "Dashboard"
MAX_METRICS = 2500
_LINES = 100
_WIDTH, _HEIGHT = 12, 6
_GRAPHS = (
    ("Throttled reads", "ReadThrottleEvents"),
    ("Throttled writes", "WriteThrottleEvents"),
    ("Consumed read capacity", "ConsumedReadCapacityUnits"),
    ("Consumed write capacity", "ConsumedWriteCapacityUnits"),
)
_LATENCY_OF = ("GetItem", "Query", "PutItem")


class Widget(TypedDict):
    """One widget of the body: a list of alarms, or a graph of metrics; `properties` are its kind's own."""

    type: str
    width: int
    height: int
    properties: dict[str, Any]


def build_dashboard(contract: Contract) -> dict[str, Resource]:
    """The dashboard's resource, by its logical id."""
    properties = {
        "DashboardName": {"Fn::Sub": "${AWS::StackName}"},
        "DashboardBody": {"Fn::Sub": _body(_widgets(contract))},
    }
    return {DASHBOARD: {"Type": "AWS::CloudWatch::Dashboard", "Properties": properties}}


def _widgets(contract: Contract) -> list[Widget]:
    alarms = [f"${{{name}.Arn}}" for table in contract.tables for name in alarm_ids(table)]
    widgets = [_widget("alarm", {"title": "Alarms", "alarms": part}, width=2 * _WIDTH) for part in _parts(alarms)]
    with_indexes = _metric_count(contract, with_indexes=True) <= MAX_METRICS
    series = _series(contract, with_indexes=with_indexes)
    for title, metric in _GRAPHS:
        widgets += [_graph(title, metric, part, "Sum") for part in _parts(series)]
    latencies = [
        ["TableName", table.name, "Operation", operation] for table in contract.tables for operation in _LATENCY_OF
    ]
    widgets += [_graph("Latency [ms]", "SuccessfulRequestLatency", part, "p99") for part in _parts(latencies)]
    return widgets


def _series(contract: Contract, *, with_indexes: bool) -> list[list[str]]:
    lines = []
    for table in contract.tables:
        lines.append(["TableName", table.name])
        if with_indexes:
            lines += [["TableName", table.name, "GlobalSecondaryIndexName", index.name] for index in table.indexes]
    return lines


def _metric_count(contract: Contract, *, with_indexes: bool) -> int:
    return len(_GRAPHS) * len(_series(contract, with_indexes=with_indexes)) + len(_LATENCY_OF) * len(contract.tables)


def _graph(title: str, metric: str, series: Sequence[list[str]], stat: str) -> Widget:
    lines = [["." if number else NAMESPACE, "." if number else metric, *each] for number, each in enumerate(series)]
    properties = {"title": title, "region": "${AWS::Region}", "stat": stat, "period": 60, "metrics": lines}
    return _widget("metric", properties, width=_WIDTH)


def _widget(kind: str, properties: dict[str, object], *, width: int) -> Widget:
    return {"type": kind, "width": width, "height": _HEIGHT, "properties": properties}


def _parts(lines: Sequence[T]) -> list[list[T]]:
    return [list(lines[start : start + _LINES]) for start in range(0, len(lines), _LINES)]


def _body(widgets: Sequence[Widget]) -> str:
    """The JSON text, one line a metric or alarm, so that a diff of the template shows which one changed."""
    texts = []
    for widget in widgets:
        properties = dict(widget["properties"])
        listed = "metrics" if "metrics" in properties else "alarms"
        lines = ",\n".join(f"  {json.dumps(line)}" for line in properties.pop(listed))
        head = json.dumps({**widget, "properties": properties}).removesuffix("}}")
        texts.append(f'{head}, "{listed}": [\n{lines}\n]}}}}')
    return '{"widgets": [\n' + ",\n".join(texts) + "\n]}"
