"""Does the template stay inside what AWS accepts, where cfn-lint does not look?

Rules:
- `refuse_beyond_limits` judges a contract before anything is made of it: one template holds at most 66 tables
  (200 outputs, three a table and two for the stack) and 500 resources. A larger contract is refused by name rather
  than deployed with outputs or alarms left out: split it, and run the stage once for each part.
- `limit_checks` judges a template as it was read back from its file.
- Over 51,200 bytes is no refusal: a template goes inline, minified, or by way of a bucket (task 3.1).

Sources: AWS CloudFormation User Guide, "CloudFormation quotas"; Amazon DynamoDB Developer Guide, "Quotas";
Amazon CloudWatch User Guide, "CloudWatch service quotas".
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from phases.contract.model import Contract
from phases.stage_06.template.dashboard import MAX_METRICS
from phases.stage_06.template.logical_ids import logical_id
from phases.stage_06.template.metrics import MAX_METRICS_IN_ALARM, NAMESPACE, dimension_fault
from phases.stage_06.template.outputs import OUTPUTS_OF_STACK, OUTPUTS_PER_TABLE
from phases.stage_06.template.template import build_template, minified
from phases.step import Check
from state.counted import counted
from state.errors import BadInput, Problem
from state.path_word import path_word

if TYPE_CHECKING:
    from phases.described_table import IndexDescription
    from phases.stage_06.template.template_shape import Properties, Resource, Template

MAX_INLINE_BYTES = 51_200
MAX_BYTES = 1_000_000
MAX_RESOURCES = 500
MAX_OUTPUTS = 200
MAX_PARAMETERS = 200
MAX_TABLES = (MAX_OUTPUTS - OUTPUTS_OF_STACK) // OUTPUTS_PER_TABLE
MAX_INDEXES = 20
MAX_PROJECTED = 100
MAX_PROJECTED_IN_INDEX = 20

Fault = tuple[str, str]  # (where in the template, what)


def refuse_beyond_limits(contract: Contract, *, path: str) -> None:
    """Raise BadInput when one template cannot hold the contract at `path`: every limit it breaks, by name."""
    problems = []
    tables = len(contract.tables)
    if tables > MAX_TABLES:
        problems.append(
            Problem("$.tables", f"at most {MAX_TABLES} tables in one template ({MAX_OUTPUTS} outputs), seen {tables}")
        )
    resources = len(build_template(contract)["Resources"])
    if resources > MAX_RESOURCES:
        problems.append(
            Problem("$.tables", f"at most {MAX_RESOURCES} resources in one template, seen {resources} (with alarms)")
        )
    names: dict[str, str] = {}
    for table in contract.tables:
        other = names.setdefault(logical_id(table.name), table.name)
        if other != table.name:
            problems.append(Problem(f"{table.path}.table", f"{table.name} and {other} have the same logical id"))
    if problems:
        raise BadInput(
            f"{path} is more than one CloudFormation template can hold",
            next_command=f"$EDITOR {path_word(path)}   # split it, and run the stage once for each part",
            problems=problems,
        )


def limit_checks(template: Template, data: bytes) -> list[Check]:
    """The checks that cfn-lint does not make, over the template and its bytes in the file."""
    resources = template.get("Resources", {})
    tables = dict(_of_type(resources, "AWS::DynamoDB::Table"))
    inline = min(len(data), len(minified(template).encode()))
    return [
        _count("template size [bytes]", len(data), MAX_BYTES),
        Check(
            "size inline, minified [bytes]",
            f"at most {MAX_INLINE_BYTES}",
            str(inline),
            "pass" if inline <= MAX_INLINE_BYTES else "note",
            "" if inline <= MAX_INLINE_BYTES else "task 3.1 asks for a bucket",
        ),
        _count("resources", len(resources), MAX_RESOURCES),
        _count("outputs", len(template.get("Outputs", {})), MAX_OUTPUTS),
        _count("parameters", len(template.get("Parameters", {})), MAX_PARAMETERS),
        _check("table and index names", "3-255 of a-zA-Z0-9_.-, no duplicate", _name_faults(tables)),
        _check("index and projection limits", "20 indexes, 20 and 100 projected attributes", _index_faults(tables)),
        _check("alarm series", "exist in CloudWatch, at most 10 in an alarm, with an action", _alarm_faults(resources)),
        _check("dashboard", f"JSON, existing series, at most {MAX_METRICS}", _dashboard_faults(resources)),
    ]


def _count(name: str, seen: int, limit: int) -> Check:
    return Check(name, f"at most {limit}", str(seen), "pass" if seen <= limit else "fail")


def _check(name: str, expected: str, faults: Iterator[Fault]) -> Check:
    found = list(faults)
    seen = "; ".join(f"{where}: {what}" for where, what in found)
    return Check(name, expected, seen or "as expected", "fail" if found else "pass", found[0][0] if found else "")


def _name_faults(tables: Mapping[str, Properties]) -> Iterator[Fault]:
    # Here, not above: the rules of the contract bring pydantic, which listing the steps does not need.
    from phases.contract.rules import name_fault

    named = [(where, properties.get("TableName", "")) for where, properties in tables.items()]
    yield from _duplicates(named)
    for where, properties in tables.items():
        indexes = [(f"{where}.{name}", name) for name in (index.get("IndexName", "") for index in _indexes(properties))]
        yield from _duplicates(indexes)
        named += indexes
    for where, name in named:
        fault = name_fault(name)
        if fault:
            yield where, fault


def _duplicates(named: list[tuple[str, str]]) -> Iterator[Fault]:
    times = Counter(name for _, name in named)
    yield from ((where, f"{name} stands {times[name]} times") for where, name in named if times[name] > 1)


def _index_faults(tables: Mapping[str, Properties]) -> Iterator[Fault]:
    for where, properties in tables.items():
        indexes = _indexes(properties)
        if len(indexes) > MAX_INDEXES:
            yield where, counted(len(indexes), "index", "indexes")
        total = 0
        for index in indexes:
            projection = index.get("Projection", {})
            names = projection.get("NonKeyAttributes", [])
            total += len(names)
            place, kind = f"{where}.{index.get('IndexName')}", projection.get("ProjectionType")
            if (kind == "INCLUDE") != bool(names):
                yield place, f"projection {kind} with {counted(len(names), 'attribute')}"
            if len(names) > MAX_PROJECTED_IN_INDEX:
                yield place, counted(len(names), "projected attribute")
        if total > MAX_PROJECTED:
            yield where, f"{counted(total, 'projected attribute')} in sum"


def _alarm_faults(resources: Mapping[str, Resource]) -> Iterator[Fault]:
    for where, alarm in _of_type(resources, "AWS::CloudWatch::Alarm"):
        yield from ((where, fault) for fault in _faults_of_alarm(alarm))


def _faults_of_alarm(alarm: Properties) -> Iterator[str]:
    queries = alarm.get("Metrics", [])
    if len(queries) > MAX_METRICS_IN_ALARM:
        yield f"{counted(len(queries), 'metric')} and expressions"
    metrics = [query["MetricStat"]["Metric"] for query in queries if "MetricStat" in query]
    if "MetricName" in alarm:
        metrics.append(alarm)
    if not metrics:
        yield "watches no metric"
    yield from filter(None, map(_metric_fault, metrics))
    if not alarm.get("AlarmActions"):
        yield "has no action: nobody would know"
    if alarm.get("TreatMissingData") != "notBreaching":
        yield f"TreatMissingData is {alarm.get('TreatMissingData')}, expected notBreaching"


def _metric_fault(metric: Properties) -> str | None:
    if metric.get("Namespace") != NAMESPACE:
        return "unknown"
    return dimension_fault(metric["MetricName"], [dimension["Name"] for dimension in metric.get("Dimensions", [])])


def _dashboard_faults(resources: Mapping[str, Resource]) -> Iterator[Fault]:
    for where, dashboard in _of_type(resources, "AWS::CloudWatch::Dashboard"):
        body = dashboard.get("DashboardBody", "")
        text = body.get("Fn::Sub", "") if isinstance(body, dict) else body
        try:
            widgets = json.loads(text)["widgets"]
        except (ValueError, KeyError, TypeError) as error:
            yield where, f"the body is not a dashboard in JSON: {error}"
            continue
        count = 0
        for widget in widgets:
            previous: list[str] = []
            for line in widget["properties"].get("metrics", []):
                # "." stands for the value at the same place of the line before.
                series = [previous[place] if part == "." else part for place, part in enumerate(line)]
                previous = series
                count += 1
                fault = dimension_fault(series[1], series[2::2])
                if fault:
                    yield where, fault
        if count > MAX_METRICS:
            yield where, counted(count, "metric")


def _of_type(resources: Mapping[str, Resource], wanted: str) -> Iterator[tuple[str, Properties]]:
    for name, resource in resources.items():
        if resource.get("Type") == wanted:
            yield name, resource.get("Properties", {})


def _indexes(properties: Properties) -> list[IndexDescription]:
    return list(properties.get("GlobalSecondaryIndexes", []))
