"""How is an AWS::IAM::Policy (an inline policy) put on its roles, users and groups, changed and removed?

Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-iam-policy.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from botocore.exceptions import ClientError

from workflow.sandbox.cloudformation.resource_types.model import Placement, Properties, ResourceType
from workflow.sandbox.cloudformation.resource_types.shapes import Json, ListOf, Record, Text

SHAPE = Record(
    {
        "PolicyDocument": Json(),
        "PolicyName": Text(min_length=1, max_length=128),
        "Groups": ListOf(Text(min_length=1)),
        "Roles": ListOf(Text(min_length=1)),
        "Users": ListOf(Text(min_length=1)),
    },
    frozenset({"PolicyDocument", "PolicyName"}),
)
# The physical id carries name and holders, so that the policy can be taken off without the template.
SEPARATOR = "|"


def _faults(properties: Properties) -> list[str]:
    if any(properties.get(key) for key in ("Groups", "Roles", "Users")):
        return []
    return ["#: at least one of Groups, Roles and Users must be given"]


def _holders(properties: Properties) -> list[str]:
    return [f"{kind[:-1].lower()}:{name}" for kind in ("Groups", "Roles", "Users") for name in properties.get(kind, [])]


def _put(place: Placement, name: str, document: str, holders: list[str]) -> None:
    for holder in holders:
        kind, _, owner = holder.partition(":")
        put = getattr(place.client("iam"), f"put_{kind}_policy")
        put(**{f"{kind.capitalize()}Name": owner, "PolicyName": name, "PolicyDocument": document})


def create(place: Placement, _name: str, properties: Properties) -> str:
    """An id of our own: the policy's name and its holders."""
    holders = _holders(properties)
    _put(place, properties["PolicyName"], properties["PolicyDocument"], holders)
    return SEPARATOR.join([properties["PolicyName"], *holders])


def update(place: Placement, policy: str, _old: Properties, new: Properties) -> None:
    """Put the new document on the same holders."""
    name, *holders = policy.split(SEPARATOR)
    _put(place, name, new["PolicyDocument"], holders)


def _present(place: Placement, policy: str) -> Iterator[tuple[str, dict[str, str]]]:
    name, *holders = policy.split(SEPARATOR)
    for holder in holders:
        kind, _, owner = holder.partition(":")
        request = {f"{kind.capitalize()}Name": owner, "PolicyName": name}
        try:
            getattr(place.client("iam"), f"get_{kind}_policy")(**request)
        except ClientError as error:
            if error.response["Error"]["Code"] == "NoSuchEntity":
                continue
            raise
        yield kind, request


def read(place: Placement, policy: str) -> Mapping[str, str] | None:
    """Id, while at least one holder has it."""
    return {"Id": policy} if any(True for _ in _present(place, policy)) else None


def delete(place: Placement, policy: str) -> None:
    """Take it off every holder that still has it."""
    for kind, request in list(_present(place, policy)):
        getattr(place.client("iam"), f"delete_{kind}_policy")(**request)


POLICY = ResourceType(
    name="AWS::IAM::Policy",
    shape=SHAPE,
    create=create,
    read=read,
    update=update,
    delete=delete,
    # AWS changes name and holders in place; the sandbox makes the policy anew, which ends in the same state.
    replaced_by=frozenset({"PolicyName", "Groups", "Roles", "Users"}),
    attributes=frozenset({"Id"}),
    identify=None,
    faults=_faults,
    iam=True,
)
