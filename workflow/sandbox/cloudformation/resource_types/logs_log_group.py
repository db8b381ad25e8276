"""How is an AWS::Logs::LogGroup made, changed and removed?

Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-logs-loggroup.html
"""

from __future__ import annotations

from collections.abc import Mapping

from botocore.exceptions import ClientError

from workflow.sandbox.cloudformation.resource_types.model import (
    Placement,
    Properties,
    ResourceType,
    tags_by_key,
    untagged,
)
from workflow.sandbox.cloudformation.resource_types.shapes import TAGS, Number, Record, Text

RETENTIONS = (1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653)
SHAPE = Record(
    {
        "KmsKeyId": Text(),
        "LogGroupClass": Text(("STANDARD", "INFREQUENT_ACCESS", "DELIVERY")),
        "LogGroupName": Text(min_length=1, max_length=512),
        "RetentionInDays": Number(enum=RETENTIONS),
        "Tags": TAGS,
    },
    beyond_sandbox=frozenset(
        {
            "BearerTokenAuthenticationEnabled",
            "DataProtectionPolicy",
            "DeletionProtectionEnabled",
            "FieldIndexPolicies",
            "ResourcePolicyDocument",
        }
    ),
)


def create(place: Placement, name: str, properties: Properties) -> str:
    """The log group's name."""
    optional = {"kmsKeyId": properties.get("KmsKeyId"), "logGroupClass": properties.get("LogGroupClass")}
    given = {key: value for key, value in optional.items() if value is not None}
    place.client("logs").create_log_group(logGroupName=name, tags=tags_by_key(place, properties), **given)
    if "RetentionInDays" in properties:
        place.client("logs").put_retention_policy(logGroupName=name, retentionInDays=properties["RetentionInDays"])
    return name


def update(place: Placement, name: str, old: Properties, new: Properties) -> None:
    """Change retention, key and tags in place; a group's class is fixed."""
    client = place.client("logs")
    if old.get("RetentionInDays") != new.get("RetentionInDays"):
        if "RetentionInDays" in new:
            client.put_retention_policy(logGroupName=name, retentionInDays=new["RetentionInDays"])
        else:
            client.delete_retention_policy(logGroupName=name)
    if old.get("KmsKeyId") != new.get("KmsKeyId"):
        if "KmsKeyId" in new:
            client.associate_kms_key(logGroupName=name, kmsKeyId=new["KmsKeyId"])
        else:
            client.disassociate_kms_key(logGroupName=name)
    if untagged(old, new):
        client.untag_log_group(logGroupName=name, tags=untagged(old, new))
    if tags_by_key(place, new):
        client.tag_log_group(logGroupName=name, tags=tags_by_key(place, new))


def read(place: Placement, name: str) -> Mapping[str, str] | None:
    """Arn."""
    pages = place.client("logs").get_paginator("describe_log_groups").paginate(logGroupNamePrefix=name)
    for page in pages:
        for group in page["logGroups"]:
            if group["logGroupName"] == name:
                return {"Arn": group["arn"]}
    return None


def delete(place: Placement, name: str) -> None:
    """Remove the group; one that is gone is fine."""
    try:
        place.client("logs").delete_log_group(logGroupName=name)
    except ClientError as error:
        if error.response["Error"]["Code"] != "ResourceNotFoundException":
            raise


LOG_GROUP = ResourceType(
    name="AWS::Logs::LogGroup",
    shape=SHAPE,
    create=create,
    read=read,
    update=update,
    delete=delete,
    custom_name="LogGroupName",
    replaced_by=frozenset({"LogGroupName"}),
    attributes=frozenset({"Arn"}),
    max_name=512,
    identifier="LogGroupName",
)
