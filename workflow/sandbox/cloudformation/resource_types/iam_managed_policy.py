"""How is an AWS::IAM::ManagedPolicy made, attached, changed (a new version) and removed?

Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-iam-managedpolicy.html
"""

from __future__ import annotations

from collections.abc import Mapping

from botocore.exceptions import ClientError

from workflow.sandbox.cloudformation.resource_types.model import Placement, Properties, ResourceType
from workflow.sandbox.cloudformation.resource_types.shapes import Json, ListOf, Record, Text

SHAPE = Record(
    {
        "Description": Text(max_length=1000),
        "Groups": ListOf(Text(min_length=1)),
        "ManagedPolicyName": Text(min_length=1, max_length=128),
        "Path": Text(min_length=1, max_length=512),
        "PolicyDocument": Json(),
        "Roles": ListOf(Text(min_length=1)),
        "Users": ListOf(Text(min_length=1)),
    },
    frozenset({"PolicyDocument"}),
)
HOLDERS = {"Groups": "group", "Roles": "role", "Users": "user"}


def arn(place: Placement, name: str, properties: Properties) -> str:
    """The ARN that a policy of this name has: its physical id."""
    return f"arn:aws:iam::{place.account}:policy{properties.get('Path', '/')}{name}"


def _attach(place: Placement, policy: str, old: Properties, new: Properties) -> None:
    client = place.client("iam")
    for key, kind in HOLDERS.items():
        before, after = set(old.get(key, [])), set(new.get(key, []))
        for owner in sorted(before - after):
            getattr(client, f"detach_{kind}_policy")(**{f"{kind.capitalize()}Name": owner, "PolicyArn": policy})
        for owner in sorted(after - before):
            getattr(client, f"attach_{kind}_policy")(**{f"{kind.capitalize()}Name": owner, "PolicyArn": policy})


def create(place: Placement, name: str, properties: Properties) -> str:
    """The policy's ARN."""
    request = {key: properties[key] for key in ("Description", "Path", "PolicyDocument") if key in properties}
    policy: str = place.client("iam").create_policy(PolicyName=name, **request)["Policy"]["Arn"]
    _attach(place, policy, {}, properties)
    return policy


def update(place: Placement, policy: str, old: Properties, new: Properties) -> None:
    """Make a new default version when the document differs; attach and detach."""
    client = place.client("iam")
    if old["PolicyDocument"] != new["PolicyDocument"]:
        # IAM keeps five versions; CloudFormation removes the one that it replaces.
        client.create_policy_version(PolicyArn=policy, PolicyDocument=new["PolicyDocument"], SetAsDefault=True)
        for version in client.list_policy_versions(PolicyArn=policy)["Versions"]:
            if not version["IsDefaultVersion"]:
                client.delete_policy_version(PolicyArn=policy, VersionId=version["VersionId"])
    _attach(place, policy, old, new)


def read(place: Placement, policy: str) -> Mapping[str, str] | None:
    """PolicyArn and PolicyId."""
    try:
        found = place.client("iam").get_policy(PolicyArn=policy)["Policy"]
    except ClientError as error:
        if error.response["Error"]["Code"] == "NoSuchEntity":
            return None
        raise
    return {"PolicyArn": found["Arn"], "PolicyId": found["PolicyId"]}


def delete(place: Placement, policy: str) -> None:
    """Detach it from everyone, then remove it."""
    if read(place, policy) is None:
        return
    client = place.client("iam")
    holders = client.list_entities_for_policy(PolicyArn=policy)
    for key, kind in HOLDERS.items():
        name = f"{kind.capitalize()}Name"
        for holder in holders[f"Policy{key}"]:
            getattr(client, f"detach_{kind}_policy")(**{name: holder[name], "PolicyArn": policy})
    client.delete_policy(PolicyArn=policy)


MANAGED_POLICY = ResourceType(
    name="AWS::IAM::ManagedPolicy",
    shape=SHAPE,
    create=create,
    read=read,
    update=update,
    delete=delete,
    custom_name="ManagedPolicyName",
    replaced_by=frozenset({"ManagedPolicyName", "Description", "Path"}),
    attributes=frozenset({"PolicyArn", "PolicyId"}),
    identify=arn,
    iam=True,
    max_name=128,
    identifier="PolicyArn",
)
