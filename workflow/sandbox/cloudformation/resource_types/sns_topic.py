"""How is an AWS::SNS::Topic made, with its inline subscriptions, changed and removed?

Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-sns-topic.html
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from botocore.exceptions import ClientError

from workflow.sandbox.cloudformation.resource_types.model import (
    Placement,
    Properties,
    ResourceType,
    tag_list,
    untagged,
)
from workflow.sandbox.cloudformation.resource_types.shapes import TAGS, Flag, ListOf, Record, Text

# property -> SNS topic attribute, for what is a plain attribute of the topic.
TOPIC_ATTRIBUTES = ("ContentBasedDeduplication", "DisplayName", "FifoTopic", "KmsMasterKeyId", "SignatureVersion")
SHAPE = Record(
    {
        "ContentBasedDeduplication": Flag(),
        "DisplayName": Text(max_length=100),
        "FifoTopic": Flag(),
        "KmsMasterKeyId": Text(),
        "SignatureVersion": Text(("1", "2")),
        "Subscription": ListOf(
            Record({"Endpoint": Text(min_length=1), "Protocol": Text()}, frozenset({"Endpoint", "Protocol"}))
        ),
        "Tags": TAGS,
        "TopicName": Text(min_length=1, max_length=256),
    },
    beyond_sandbox=frozenset(
        {
            "ArchivePolicy",
            "DataProtectionPolicy",
            "DeliveryStatusLogging",
            "FifoThroughputScope",
            "MaximumMessageSize",
            "TracingConfig",
        }
    ),
)


def arn(place: Placement, name: str, _properties: Properties) -> str:
    """The ARN that a topic of this name has: its physical id."""
    return f"arn:aws:sns:{place.region}:{place.account}:{name}"


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _pairs(properties: Properties) -> set[tuple[str, str]]:
    return {(entry["Protocol"], entry["Endpoint"]) for entry in properties.get("Subscription", [])}


def _subscribe(place: Placement, topic: str, pairs: Iterable[tuple[str, str]]) -> None:
    for protocol, endpoint in pairs:
        place.client("sns").subscribe(TopicArn=topic, Protocol=protocol, Endpoint=endpoint)


def _subscriptions(place: Placement, topic: str) -> list[dict[str, str]]:
    pages = place.client("sns").get_paginator("list_subscriptions_by_topic").paginate(TopicArn=topic)
    return [entry for page in pages for entry in page["Subscriptions"]]


def create(place: Placement, name: str, properties: Properties) -> str:
    """The topic's ARN."""
    attributes = {key: _text(properties[key]) for key in TOPIC_ATTRIBUTES if key in properties}
    topic: str = place.client("sns").create_topic(Name=name, Attributes=attributes, Tags=tag_list(place, properties))[
        "TopicArn"
    ]
    _subscribe(place, topic, sorted(_pairs(properties)))
    return topic


def update(place: Placement, topic: str, old: Properties, new: Properties) -> None:
    """Set the attributes that differ, subscribe and unsubscribe, tag."""
    client = place.client("sns")
    for key in TOPIC_ATTRIBUTES:
        if old.get(key) != new.get(key):
            client.set_topic_attributes(TopicArn=topic, AttributeName=key, AttributeValue=_text(new.get(key, "")))
    gone = _pairs(old) - _pairs(new)
    for entry in _subscriptions(place, topic):
        if (entry["Protocol"], entry["Endpoint"]) in gone:
            client.unsubscribe(SubscriptionArn=entry["SubscriptionArn"])
    _subscribe(place, topic, sorted(_pairs(new) - _pairs(old)))
    if untagged(old, new):
        client.untag_resource(ResourceArn=topic, TagKeys=untagged(old, new))
    if tag_list(place, new):
        client.tag_resource(ResourceArn=topic, Tags=tag_list(place, new))


def read(place: Placement, topic: str) -> Mapping[str, str] | None:
    """TopicArn and TopicName."""
    try:
        place.client("sns").get_topic_attributes(TopicArn=topic)
    except ClientError as error:
        if error.response["Error"]["Code"] in {"NotFound", "NotFoundException"}:
            return None
        raise
    return {"TopicArn": topic, "TopicName": topic.rsplit(":", 1)[1]}


def delete(place: Placement, topic: str) -> None:
    """Remove the topic with its subscriptions."""
    if read(place, topic) is None:
        return
    for entry in _subscriptions(place, topic):
        place.client("sns").unsubscribe(SubscriptionArn=entry["SubscriptionArn"])
    place.client("sns").delete_topic(TopicArn=topic)


TOPIC = ResourceType(
    name="AWS::SNS::Topic",
    shape=SHAPE,
    create=create,
    read=read,
    update=update,
    delete=delete,
    custom_name="TopicName",
    replaced_by=frozenset({"TopicName", "FifoTopic"}),
    attributes=frozenset({"TopicArn", "TopicName"}),
    identify=arn,
    max_name=256,
    identifier="TopicArn",
)
