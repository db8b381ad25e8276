"""Does anybody hear what a topic is told? Its confirmed subscribers: one that is pending hears nothing.

Source: https://docs.aws.amazon.com/sns/latest/api/API_ListSubscriptionsByTopic.html; the `SubscriptionArn` of a
subscription that is not confirmed is `PendingConfirmation`, and `Deleted` for one that is taken away.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from phases.aws import AwsPort
from phases.aws_deploy.live.answers import entries
from state.counted import counted


class Subscribers(NamedTuple):
    """How many hear a topic, and how many have not confirmed that they want to."""

    confirmed: int
    pending: int

    def __str__(self) -> str:
        waiting = f", {self.pending} not confirmed" if self.pending else ""
        return f"{counted(self.confirmed, 'confirmed subscriber')}{waiting}"


def subscribers(aws: AwsPort, topic: str) -> Subscribers:
    """Of this topic, in the topic's own region. Raises NotFound without the topic, else as `entries`."""
    there = aws.at(topic.split(":")[3])
    found = entries(there, "sns", "list_subscriptions_by_topic", "Subscriptions", TopicArn=topic)
    arns = [str(each["SubscriptionArn"]) for each in found]
    confirmed = sum(arn.startswith("arn:") for arn in arns)
    return Subscribers(confirmed, len(arns) - confirmed)


def is_topic(arn: str) -> bool:
    """Whether an alarm's action is a topic; another one starts something, and tells nobody."""
    return arn.startswith("arn:") and arn.split(":")[2] == "sns"


def heard_by(aws: AwsPort, actions: Iterable[str]) -> Subscribers:
    """Of all topics among these actions. Raises as `subscribers`."""
    found = [subscribers(aws, action) for action in actions if is_topic(action)]
    return Subscribers(sum(each.confirmed for each in found), sum(each.pending for each in found))
