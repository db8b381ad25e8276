"""How is an AWS::CloudWatch::Alarm made, changed and removed?

Sources:
- https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-cloudwatch-alarm.html
- metrics in one alarm: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch_limits.html
"""

from __future__ import annotations

from collections.abc import Mapping

from workflow.sandbox.cloudformation.resource_types.model import (
    Placement,
    Properties,
    ResourceType,
    tag_list,
    untagged,
)
from workflow.sandbox.cloudformation.resource_types.shapes import TAGS, Flag, ListOf, Number, Record, Text

MAX_METRICS = 10
ACTIONS = ListOf(Text(min_length=1, max_length=1024), max_items=5)
DIMENSIONS = ListOf(
    Record(
        {"Name": Text(min_length=1, max_length=255), "Value": Text(min_length=1, max_length=1024)},
        frozenset({"Name", "Value"}),
    ),
    max_items=30,
)
METRIC_QUERY = Record(
    {
        "AccountId": Text(),
        "Expression": Text(min_length=1),
        "Id": Text(min_length=1),
        "Label": Text(),
        "MetricStat": Record(
            {
                "Metric": Record({"Namespace": Text(), "MetricName": Text(), "Dimensions": DIMENSIONS}),
                "Period": Number(1),
                "Stat": Text(),
                "Unit": Text(),
            },
            frozenset({"Metric", "Period", "Stat"}),
        ),
        "Period": Number(1),
        "ReturnData": Flag(),
    },
    frozenset({"Id"}),
)
COMPARISONS = (
    "GreaterThanOrEqualToThreshold",
    "GreaterThanThreshold",
    "GreaterThanUpperThreshold",
    "LessThanLowerOrGreaterThanUpperThreshold",
    "LessThanLowerThreshold",
    "LessThanOrEqualToThreshold",
    "LessThanThreshold",
)
SHAPE = Record(
    {
        "ActionsEnabled": Flag(),
        "AlarmActions": ACTIONS,
        "AlarmDescription": Text(max_length=1024),
        "AlarmName": Text(min_length=1, max_length=255),
        "ComparisonOperator": Text(COMPARISONS),
        "DatapointsToAlarm": Number(1),
        "Dimensions": DIMENSIONS,
        "EvaluateLowSampleCountPercentile": Text(("evaluate", "ignore")),
        "EvaluationPeriods": Number(1),
        "ExtendedStatistic": Text(),
        "InsufficientDataActions": ACTIONS,
        "MetricName": Text(min_length=1, max_length=255),
        "Metrics": ListOf(METRIC_QUERY, max_items=MAX_METRICS),
        "Namespace": Text(min_length=1, max_length=255),
        "OKActions": ACTIONS,
        "Period": Number(1),
        "Statistic": Text(("SampleCount", "Average", "Sum", "Minimum", "Maximum")),
        "Tags": TAGS,
        "Threshold": Number(fraction=True),
        "ThresholdMetricId": Text(),
        "TreatMissingData": Text(("breaching", "notBreaching", "ignore", "missing")),
        "Unit": Text(),
    },
    frozenset({"ComparisonOperator", "EvaluationPeriods"}),
    frozenset(
        {"ActionConfiguration", "EvaluationCriteria", "EvaluationInterval", "EvaluationWindow", "WarmUpConfiguration"}
    ),
)


def _faults(properties: Properties) -> list[str]:
    if ("MetricName" in properties) == ("Metrics" in properties):
        return ["#: exactly one of MetricName and Metrics must be given"]
    if "Metrics" in properties:
        return _faults_with_metrics(properties)
    faults = [f"#: required key [{key}] not found" for key in ("Namespace", "Period") if key not in properties]
    if ("Statistic" in properties) == ("ExtendedStatistic" in properties):
        faults.append("#: exactly one of Statistic and ExtendedStatistic must be given")
    if ("Threshold" in properties) == ("ThresholdMetricId" in properties):
        faults.append("#: exactly one of Threshold and ThresholdMetricId must be given")
    return faults


def _faults_with_metrics(properties: Properties) -> list[str]:
    returned = [query for query in properties["Metrics"] if query.get("ReturnData", True)]
    if len(returned) != 1:
        return [f"#/Metrics: exactly one element must have ReturnData true, found: {len(returned)}"]
    shared = {"Namespace", "Dimensions", "Period", "Unit", "Statistic", "ExtendedStatistic"} & set(properties)
    return [f"#: {key} must not be given with Metrics" for key in sorted(shared)]


def _put(place: Placement, name: str, properties: Properties) -> None:
    request = {key: value for key, value in properties.items() if key not in {"AlarmName", "Tags"}}
    place.client("cloudwatch").put_metric_alarm(AlarmName=name, **request)


def create(place: Placement, name: str, properties: Properties) -> str:
    """The alarm's name."""
    _put(place, name, properties)
    attributes = read(place, name)
    assert attributes is not None
    tags = tag_list(place, properties)
    if tags:
        place.client("cloudwatch").tag_resource(ResourceARN=attributes["Arn"], Tags=tags)
    return name


def update(place: Placement, name: str, old: Properties, new: Properties) -> None:
    """Put the whole alarm again, as the API has no partial change."""
    _put(place, name, new)
    attributes = read(place, name)
    assert attributes is not None
    gone, tags = untagged(old, new), tag_list(place, new)
    if gone:
        place.client("cloudwatch").untag_resource(ResourceARN=attributes["Arn"], TagKeys=gone)
    if tags:
        place.client("cloudwatch").tag_resource(ResourceARN=attributes["Arn"], Tags=tags)


def read(place: Placement, name: str) -> Mapping[str, str] | None:
    """Arn."""
    for alarm in place.client("cloudwatch").describe_alarms(AlarmNames=[name])["MetricAlarms"]:
        return {"Arn": alarm["AlarmArn"]}
    return None


def delete(place: Placement, name: str) -> None:
    """Remove the alarm."""
    place.client("cloudwatch").delete_alarms(AlarmNames=[name])


ALARM = ResourceType(
    name="AWS::CloudWatch::Alarm",
    shape=SHAPE,
    create=create,
    read=read,
    update=update,
    delete=delete,
    custom_name="AlarmName",
    replaced_by=frozenset({"AlarmName"}),
    attributes=frozenset({"Arn"}),
    faults=_faults,
    identifier="AlarmName",
)
