"""How is an AWS::SNS::Subscription made, changed and removed?

moto confirms every subscription at once; on a real account an e-mail address stays PendingConfirmation
until its owner clicks.

Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-sns-subscription.html
"""

from __future__ import annotations

from collections.abc import Mapping

from botocore.exceptions import ClientError

from workflow.sandbox.cloudformation.resource_types.model import Placement, Properties, ResourceType
from workflow.sandbox.cloudformation.resource_types.shapes import Flag, Json, Record, Text

# What may be set on a subscription after it exists.
ATTRIBUTES = ("DeliveryPolicy", "FilterPolicy", "FilterPolicyScope", "RawMessageDelivery", "RedrivePolicy")
PROTOCOLS = ("http", "https", "email", "email-json", "sms", "sqs", "application", "lambda", "firehose")
SHAPE = Record(
    {
        "DeliveryPolicy": Json(),
        "Endpoint": Text(min_length=1),
        "FilterPolicy": Json(),
        "FilterPolicyScope": Text(("MessageAttributes", "MessageBody")),
        "Protocol": Text(PROTOCOLS),
        "RawMessageDelivery": Flag(),
        "RedrivePolicy": Json(),
        "TopicArn": Text(min_length=1),
    },
    frozenset({"Protocol", "TopicArn"}),
    frozenset({"Region", "ReplayPolicy", "SubscriptionRoleArn"}),
)


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _faults(properties: Properties) -> list[str]:
    # The API takes no endpoint for a mobile application's own token only; CloudFormation always needs one.
    return [] if "Endpoint" in properties else ["#: required key [Endpoint] not found"]


def create(place: Placement, _name: str, properties: Properties) -> str:
    """The subscription's ARN."""
    attributes = {key: _text(properties[key]) for key in ATTRIBUTES if key in properties}
    answer = place.client("sns").subscribe(
        TopicArn=properties["TopicArn"],
        Protocol=properties["Protocol"],
        Endpoint=properties["Endpoint"],
        Attributes=attributes,
        ReturnSubscriptionArn=True,
    )
    return str(answer["SubscriptionArn"])


def update(place: Placement, subscription: str, old: Properties, new: Properties) -> None:
    """Set the attributes that differ."""
    for key in ATTRIBUTES:
        if old.get(key) != new.get(key):
            place.client("sns").set_subscription_attributes(
                SubscriptionArn=subscription, AttributeName=key, AttributeValue=_text(new.get(key, ""))
            )


def read(place: Placement, subscription: str) -> Mapping[str, str] | None:
    """Arn."""
    try:
        place.client("sns").get_subscription_attributes(SubscriptionArn=subscription)
    except ClientError as error:
        if error.response["Error"]["Code"] in {"NotFound", "NotFoundException"}:
            return None
        raise
    return {"Arn": subscription}


def delete(place: Placement, subscription: str) -> None:
    """Unsubscribe; what went away with its topic is fine."""
    if read(place, subscription) is not None:
        place.client("sns").unsubscribe(SubscriptionArn=subscription)


SUBSCRIPTION = ResourceType(
    name="AWS::SNS::Subscription",
    shape=SHAPE,
    create=create,
    read=read,
    update=update,
    delete=delete,
    replaced_by=frozenset({"Endpoint", "Protocol", "TopicArn"}),
    attributes=frozenset({"Arn"}),
    identify=None,
    faults=_faults,
    identifier="Arn",
)
