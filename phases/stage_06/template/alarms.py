"""Who is told when a table is unwell? The alarm topic, its e-mail subscription, and the alarms of each table.

Three kinds a table, each on series that exist (`phases/stage_06/template/metrics.py`):

    <Table>ReadThrottle, <Table>WriteThrottle   throttled requests, summed over the table and its indexes
    <Table>SystemErrors                         requests that fail inside DynamoDB, summed over the operations

Rules:
- An alarm fires when the sum is above zero in three of five minutes: one throttled request is retried by every SDK,
  three minutes of them are a condition. No data means no error (`notBreaching`), see `metrics.py`.
- An alarm holds at most ten metrics, counted here with its expression; a table with more than eight indexes gets
  further throttle alarms: `<Table>ReadThrottle2`.
- Every alarm has an action, both when it fires and when it is over.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from phases.contract.model import Contract, Table
from phases.stage_06.template.logical_ids import logical_id
from phases.stage_06.template.metrics import MAX_METRICS_IN_ALARM, NAMESPACE, OPERATIONS

if TYPE_CHECKING:
    from phases.stage_06.template.template_shape import Resource, Tag

TOPIC = "AlarmTopic"
SUBSCRIPTION = "AlarmEmailSubscription"
EMAIL_PARAMETER = "AlarmEmail"
EMAIL_CONDITION = "HasAlarmEmail"

_SERIES_IN_ALARM = MAX_METRICS_IN_ALARM - 1  # one place is the expression's

Dimensions = dict[str, object]


def build_topic(tags: Sequence[Tag]) -> dict[str, Resource]:
    """The topic and the subscription, which exists when an address is given."""
    return {
        TOPIC: {"Type": "AWS::SNS::Topic", "Properties": {"Tags": list(tags)}},
        SUBSCRIPTION: {
            "Type": "AWS::SNS::Subscription",
            "Condition": EMAIL_CONDITION,
            "Properties": {
                "Protocol": "email",
                "Endpoint": {"Ref": EMAIL_PARAMETER},
                "TopicArn": {"Ref": TOPIC},
            },
        },
    }


def build_alarms(contract: Contract) -> dict[str, Resource]:
    """All alarms, by logical id, tables in the contract's order."""
    return {name: alarm for table in contract.tables for name, alarm in _alarms_of(table)}


def alarm_ids(table: Table) -> list[str]:
    """The logical ids of the table's alarms."""
    return [name for name, _ in _alarms_of(table)]


def _alarms_of(table: Table) -> Iterator[tuple[str, Resource]]:
    resource = logical_id(table.name)
    here: Dimensions = {"TableName": {"Ref": resource}}
    throttled = [here, *({**here, "GlobalSecondaryIndexName": index.name} for index in table.indexes)]
    for verb in ("Read", "Write"):
        for number, start in enumerate(range(0, len(throttled), _SERIES_IN_ALARM), start=1):
            name = f"{resource}{verb}Throttle{number if number > 1 else ''}"
            what = f"{verb} requests to {table.name} or its indexes are throttled"
            yield name, _alarm(name, what, f"{verb}ThrottleEvents", throttled[start : start + _SERIES_IN_ALARM])
    name = f"{resource}SystemErrors"
    what = f"Requests to {table.name} fail inside DynamoDB"
    yield name, _alarm(name, what, "SystemErrors", [{**here, "Operation": each} for each in OPERATIONS])


def _alarm(name: str, what: str, metric: str, series: Sequence[Dimensions]) -> Resource:
    return {
        "Type": "AWS::CloudWatch::Alarm",
        "Properties": {
            "AlarmName": {"Fn::Sub": f"${{AWS::StackName}}-{name}"},
            "AlarmDescription": f"{what}.",
            "Metrics": [
                {"Id": "total", "Expression": "SUM(METRICS())", "ReturnData": True},
                *(_query(f"m{number}", metric, each) for number, each in enumerate(series, start=1)),
            ],
            "Threshold": 0,
            "ComparisonOperator": "GreaterThanThreshold",
            "EvaluationPeriods": 5,
            "DatapointsToAlarm": 3,
            "TreatMissingData": "notBreaching",
            "AlarmActions": [{"Ref": TOPIC}],
            "OKActions": [{"Ref": TOPIC}],
        },
    }


def _query(query_id: str, metric: str, dimensions: Dimensions) -> dict[str, object]:
    return {
        "Id": query_id,
        "ReturnData": False,
        "MetricStat": {
            "Metric": {
                "Namespace": NAMESPACE,
                "MetricName": metric,
                "Dimensions": [{"Name": name, "Value": value} for name, value in dimensions.items()],
            },
            "Period": 60,
            "Stat": "Sum",
        },
    }
