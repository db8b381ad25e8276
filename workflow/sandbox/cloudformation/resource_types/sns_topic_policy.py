"""How is an AWS::SNS::TopicPolicy put on its topics and taken off again?

Taking it off puts the owner-only default policy back, as CloudFormation does.

Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-sns-topicpolicy.html
"""

from __future__ import annotations

import json
from collections.abc import Mapping

from workflow.sandbox.cloudformation.resource_types import sns_topic
from workflow.sandbox.cloudformation.resource_types.model import Placement, Properties, ResourceType
from workflow.sandbox.cloudformation.resource_types.shapes import Json, ListOf, Record, Text

SHAPE = Record(
    {"PolicyDocument": Json(), "Topics": ListOf(Text(min_length=1))}, frozenset({"PolicyDocument", "Topics"})
)
# The topics are part of the physical id, so that the policy can be found and taken off without the template.
SEPARATOR = "|"


def _set(place: Placement, topic: str, document: str) -> None:
    place.client("sns").set_topic_attributes(TopicArn=topic, AttributeName="Policy", AttributeValue=document)


def _owner_only(place: Placement, topic: str) -> str:
    statement = {
        "Sid": "__default_statement_ID",
        "Effect": "Allow",
        "Principal": {"AWS": "*"},
        "Action": ["SNS:GetTopicAttributes", "SNS:SetTopicAttributes", "SNS:Subscribe", "SNS:Publish"],
        "Resource": topic,
        "Condition": {"StringEquals": {"AWS:SourceOwner": place.account}},
    }
    return json.dumps({"Version": "2008-10-17", "Id": "__default_policy_ID", "Statement": [statement]})


def create(place: Placement, name: str, properties: Properties) -> str:
    """An id of our own: the generated name and the topics."""
    for topic in properties["Topics"]:
        _set(place, topic, properties["PolicyDocument"])
    return SEPARATOR.join([name, *properties["Topics"]])


def update(place: Placement, _policy: str, _old: Properties, new: Properties) -> None:
    """Put the new document on the same topics."""
    for topic in new["Topics"]:
        _set(place, topic, new["PolicyDocument"])


def read(place: Placement, policy: str) -> Mapping[str, str] | None:
    """Id, while at least one of its topics exists."""
    topics = policy.split(SEPARATOR)[1:]
    return {"Id": policy} if any(sns_topic.read(place, topic) is not None for topic in topics) else None


def delete(place: Placement, policy: str) -> None:
    """Put the default policy back on the topics that still exist."""
    for topic in policy.split(SEPARATOR)[1:]:
        if sns_topic.read(place, topic) is not None:
            _set(place, topic, _owner_only(place, topic))


TOPIC_POLICY = ResourceType(
    name="AWS::SNS::TopicPolicy",
    shape=SHAPE,
    create=create,
    read=read,
    update=update,
    delete=delete,
    replaced_by=frozenset({"Topics"}),
    attributes=frozenset({"Id"}),
    identify=None,
)
