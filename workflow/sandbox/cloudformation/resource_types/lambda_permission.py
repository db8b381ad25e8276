"""How is an AWS::Lambda::Permission, a statement in a function's policy, made and taken back?

Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-lambda-permission.html
"""

from __future__ import annotations

import json
from collections.abc import Mapping

from botocore.exceptions import ClientError

from workflow.sandbox.cloudformation.resource_types.model import (
    SEPARATOR,
    Placement,
    Properties,
    ResourceType,
    last_part,
)
from workflow.sandbox.cloudformation.resource_types.shapes import Record, Text

SHAPE = Record(
    {
        "Action": Text(max_length=256, pattern=r"^(lambda:[*]|lambda:[a-zA-Z]+|[*])$"),
        "FunctionName": Text(min_length=1, max_length=140),
        "Principal": Text(min_length=1, max_length=256),
        "PrincipalOrgID": Text(pattern="^o-[a-z0-9]{10,32}$"),
        "SourceAccount": Text(pattern=r"^\d{12}$"),
        "SourceArn": Text(max_length=1024, pattern=r"^arn:(aws[a-zA-Z0-9-]*):([a-zA-Z0-9\-])+:"),
    },
    frozenset({"Action", "FunctionName", "Principal"}),
    frozenset({"EventSourceToken", "FunctionUrlAuthType", "InvokedViaFunctionUrl"}),
)


def create(place: Placement, name: str, properties: Properties) -> str:
    """The function and the statement's id, as `function|id`; Ref yields the id."""
    place.client("lambda").add_permission(StatementId=name, **properties)
    return f"{properties['FunctionName']}{SEPARATOR}{name}"


def update(_place: Placement, _permission: str, _old: Properties, _new: Properties) -> None:
    """Every property makes another statement: there is nothing to change in place."""


def read(place: Placement, permission: str) -> Mapping[str, str] | None:
    """Id, while the statement stands in the function's policy."""
    function, _, statement = permission.rpartition(SEPARATOR)
    try:
        policy = json.loads(place.client("lambda").get_policy(FunctionName=function)["Policy"])
    except ClientError as error:
        if error.response["Error"]["Code"] == "ResourceNotFoundException":
            return None
        raise
    return {"Id": statement} if any(entry.get("Sid") == statement for entry in policy["Statement"]) else None


def delete(place: Placement, permission: str) -> None:
    """Take the statement out; one that is gone, or whose function is, is fine."""
    if read(place, permission) is not None:
        function, _, statement = permission.rpartition(SEPARATOR)
        place.client("lambda").remove_permission(FunctionName=function, StatementId=statement)


PERMISSION = ResourceType(
    name="AWS::Lambda::Permission",
    shape=SHAPE,
    create=create,
    read=read,
    update=update,
    delete=delete,
    replaced_by=frozenset(SHAPE.members),
    attributes=frozenset({"Id"}),
    identify=None,
    max_name=100,
    reference=last_part,
)
