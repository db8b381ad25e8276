"""What is live of a resource, as far as its stack has said anything about it? What a drift-aware change set compares.

Rules:
- Only properties that the template gives are read: CloudFormation sees no drift in what it was never told
  ("determines drift for property values that are explicitly set").
- A property that is as it was deployed is given back as it was deployed, so that no spelling looks like a change.
- A type without a reader here is UNSUPPORTED, as many are on AWS: it is taken to be as it was deployed.

Sources: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/drift-aware-change-sets.html and
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-stack-drift.html
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from workflow.sandbox.cloudformation.resource_types import RESOURCE_TYPES
from workflow.sandbox.cloudformation.resource_types.model import Placement, Properties
from workflow.sandbox.cloudformation.stacks import StackResource

Live = Mapping[str, Any]
_TOLD_APART_BY = ("AttributeName", "IndexName", "Key", "Id", "Name")


def actual_properties(place: Placement, resource: StackResource) -> dict[str, Any] | None:
    """The resource's properties as they are; None when it is gone."""
    physical_id = resource.physical_id
    if physical_id is None or RESOURCE_TYPES[resource.type].read(place, physical_id) is None:
        return None
    reader = _READERS.get(resource.type)
    if reader is None:
        return dict(resource.properties)
    live = reader(place, physical_id, resource.properties)
    found: dict[str, Any] = {}
    for name, wanted in resource.properties.items():
        if name not in live or _same(wanted, live[name]):
            found[name] = wanted
        elif live[name] is not None:
            found[name] = live[name]
    return found


def _same(wanted: Any, live: Any) -> bool:
    """Whether a live value is the wanted one; what AWS adds to a structure is no difference, an entry of a list is."""
    if isinstance(wanted, Mapping):
        return isinstance(live, Mapping) and all(_same(value, live.get(key)) for key, value in wanted.items())
    if isinstance(wanted, list):
        if not isinstance(live, list) or len(wanted) != len(live):
            return False
        return all(_same(one, other) for one, other in zip(_sorted(wanted), _sorted(live), strict=True))
    if isinstance(wanted, bool) or isinstance(live, bool) or live is None:
        return str(wanted).lower() == str(live).lower()
    try:
        return float(wanted) == float(live)
    except (TypeError, ValueError):
        return bool(str(wanted) == str(live))


def _sorted(entries: list[Any]) -> list[Any]:
    def order(entry: Any) -> str:
        if isinstance(entry, Mapping):
            return next((str(entry[key]) for key in _TOLD_APART_BY if key in entry), "")
        return str(entry)

    return sorted(entries, key=order)


def _table(place: Placement, name: str, wanted: Properties) -> Live:
    client = place.client("dynamodb")
    live = client.describe_table(TableName=name)["Table"]
    backups = client.describe_continuous_backups(TableName=name)["ContinuousBackupsDescription"]
    recovery = backups["PointInTimeRecoveryDescription"]
    stream = live.get("StreamSpecification", {})
    tags = client.list_tags_of_resource(ResourceArn=live["TableArn"])["Tags"]
    ttl = client.describe_time_to_live(TableName=name)["TimeToLiveDescription"]
    return {
        "BillingMode": live.get("BillingModeSummary", {}).get("BillingMode", "PROVISIONED"),
        "KeySchema": live["KeySchema"],
        "AttributeDefinitions": live["AttributeDefinitions"],
        "GlobalSecondaryIndexes": [
            {key: index[key] for key in ("IndexName", "KeySchema", "Projection")}
            for index in live.get("GlobalSecondaryIndexes", [])
        ]
        or None,
        "PointInTimeRecoverySpecification": {
            "PointInTimeRecoveryEnabled": recovery["PointInTimeRecoveryStatus"] == "ENABLED",
            **{key: recovery[key] for key in ("RecoveryPeriodInDays",) if key in recovery},
        },
        "SSESpecification": {"SSEEnabled": live.get("SSEDescription", {}).get("Status") == "ENABLED"},
        "StreamSpecification": {"StreamViewType": stream["StreamViewType"]} if stream.get("StreamEnabled") else None,
        "DeletionProtectionEnabled": live.get("DeletionProtectionEnabled", False),
        "TimeToLiveSpecification": {
            "Enabled": ttl["TimeToLiveStatus"] == "ENABLED",
            **({"AttributeName": ttl["AttributeName"]} if "AttributeName" in ttl else {}),
        },
        "Tags": _own_tags(place, tags, wanted),
    }


def _own_tags(place: Placement, tags: list[dict[str, str]], wanted: Properties) -> list[dict[str, str]]:
    """Without those that CloudFormation puts on everything, and the stack's own."""
    named = {tag["Key"] for tag in wanted.get("Tags", [])}
    stacks = {"aws:", *(key for key in place.tags if key not in named)}
    return [tag for tag in tags if tag["Key"] not in stacks and not tag["Key"].startswith("aws:")]


def _alarm(place: Placement, name: str, _wanted: Properties) -> Live:
    (live,) = place.client("cloudwatch").describe_alarms(AlarmNames=[name])["MetricAlarms"]
    return {key: value for key, value in live.items() if key not in ("Tags", "AlarmName")}


def _dashboard(place: Placement, name: str, wanted: Properties) -> Live:
    body = place.client("cloudwatch").get_dashboard(DashboardName=name)["DashboardBody"]
    told = wanted["DashboardBody"]
    same = json.loads(body) == (json.loads(told) if isinstance(told, str) else told)
    return {"DashboardBody": told if same else body}


def _topic(place: Placement, arn: str, wanted: Properties) -> Live:
    attributes = place.client("sns").get_topic_attributes(TopicArn=arn)["Attributes"]
    tags = place.client("sns").list_tags_for_resource(ResourceArn=arn)["Tags"]
    return {**{key: attributes.get(key) for key in ("DisplayName",)}, "Tags": _own_tags(place, tags, wanted)}


_READERS: Mapping[str, Callable[[Placement, str, Properties], Live]] = {
    "AWS::DynamoDB::Table": _table,
    "AWS::CloudWatch::Alarm": _alarm,
    "AWS::CloudWatch::Dashboard": _dashboard,
    "AWS::SNS::Topic": _topic,
    "AWS::SNS::Subscription": lambda _place, _arn, _wanted: {},  # it is there or it is not
}
SUPPORTED = frozenset(_READERS)
