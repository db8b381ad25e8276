"""How is an AWS::IAM::Role made, with its inline and attached policies, changed and removed?

Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-iam-role.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from botocore.exceptions import ClientError

from workflow.sandbox.cloudformation.resource_types.model import (
    Placement,
    Properties,
    ResourceType,
    tag_list,
    untagged,
)
from workflow.sandbox.cloudformation.resource_types.shapes import TAGS, Json, ListOf, Number, Record, Text

SHAPE = Record(
    {
        "AssumeRolePolicyDocument": Json(),
        "Description": Text(max_length=1000),
        "ManagedPolicyArns": ListOf(Text(min_length=20)),
        "MaxSessionDuration": Number(3600),
        "Path": Text(min_length=1, max_length=512),
        "PermissionsBoundary": Text(),
        "Policies": ListOf(
            Record(
                {"PolicyName": Text(min_length=1, max_length=128), "PolicyDocument": Json()},
                frozenset({"PolicyName", "PolicyDocument"}),
            )
        ),
        "RoleName": Text(min_length=1, max_length=64),
        "Tags": TAGS,
    },
    frozenset({"AssumeRolePolicyDocument"}),
)


def _inline(properties: Properties) -> dict[str, str]:
    return {entry["PolicyName"]: entry["PolicyDocument"] for entry in properties.get("Policies", [])}


def create(place: Placement, name: str, properties: Properties) -> str:
    """The role's name."""
    request: dict[str, Any] = {
        key: properties[key]
        for key in ("AssumeRolePolicyDocument", "Description", "MaxSessionDuration", "Path", "PermissionsBoundary")
        if key in properties
    }
    place.client("iam").create_role(RoleName=name, Tags=tag_list(place, properties), **request)
    _policies(place, name, {}, properties)
    return name


def _policies(place: Placement, name: str, old: Properties, new: Properties) -> None:
    client = place.client("iam")
    before, after = _inline(old), _inline(new)
    for policy in sorted(set(before) - set(after)):
        client.delete_role_policy(RoleName=name, PolicyName=policy)
    for policy, document in after.items():
        if before.get(policy) != document:
            client.put_role_policy(RoleName=name, PolicyName=policy, PolicyDocument=document)
    attached, wanted = set(old.get("ManagedPolicyArns", [])), set(new.get("ManagedPolicyArns", []))
    for policy in sorted(attached - wanted):
        client.detach_role_policy(RoleName=name, PolicyArn=policy)
    for policy in sorted(wanted - attached):
        client.attach_role_policy(RoleName=name, PolicyArn=policy)


def update(place: Placement, name: str, old: Properties, new: Properties) -> None:
    """Change trust, description, session, boundary, policies and tags in place."""
    client = place.client("iam")
    if old["AssumeRolePolicyDocument"] != new["AssumeRolePolicyDocument"]:
        client.update_assume_role_policy(RoleName=name, PolicyDocument=new["AssumeRolePolicyDocument"])
    if any(old.get(key) != new.get(key) for key in ("Description", "MaxSessionDuration")):
        client.update_role(
            RoleName=name,
            Description=new.get("Description", ""),
            MaxSessionDuration=new.get("MaxSessionDuration", 3600),
        )
    if old.get("PermissionsBoundary") != new.get("PermissionsBoundary"):
        if "PermissionsBoundary" in new:
            client.put_role_permissions_boundary(RoleName=name, PermissionsBoundary=new["PermissionsBoundary"])
        else:
            client.delete_role_permissions_boundary(RoleName=name)
    _policies(place, name, old, new)
    if untagged(old, new):
        client.untag_role(RoleName=name, TagKeys=untagged(old, new))
    if tag_list(place, new):
        client.tag_role(RoleName=name, Tags=tag_list(place, new))


def read(place: Placement, name: str) -> Mapping[str, str] | None:
    """Arn and RoleId."""
    try:
        role = place.client("iam").get_role(RoleName=name)["Role"]
    except ClientError as error:
        if error.response["Error"]["Code"] == "NoSuchEntity":
            return None
        raise
    return {"Arn": role["Arn"], "RoleId": role["RoleId"]}


def delete(place: Placement, name: str) -> None:
    """Take every policy off, then remove the role."""
    if read(place, name) is None:
        return
    client = place.client("iam")
    for policy in client.list_role_policies(RoleName=name)["PolicyNames"]:
        client.delete_role_policy(RoleName=name, PolicyName=policy)
    for attached in client.list_attached_role_policies(RoleName=name)["AttachedPolicies"]:
        client.detach_role_policy(RoleName=name, PolicyArn=attached["PolicyArn"])
    client.delete_role(RoleName=name)


ROLE = ResourceType(
    name="AWS::IAM::Role",
    shape=SHAPE,
    create=create,
    read=read,
    update=update,
    delete=delete,
    custom_name="RoleName",
    replaced_by=frozenset({"RoleName", "Path"}),
    attributes=frozenset({"Arn", "RoleId"}),
    iam=True,
    max_name=64,
    identifier="RoleName",
)
