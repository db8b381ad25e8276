"""How is an AWS::Cognito::UserPoolClient made, changed and removed?

Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-cognito-userpoolclient.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from botocore.exceptions import ClientError

from workflow.sandbox.cloudformation.resource_types.model import (
    SEPARATOR,
    Placement,
    Properties,
    ResourceType,
    last_part,
)
from workflow.sandbox.cloudformation.resource_types.shapes import Flag, ListOf, Number, Record, Text

UNIT = Text(("seconds", "minutes", "hours", "days"))
FLOWS = (
    *("ADMIN_NO_SRP_AUTH", "CUSTOM_AUTH_FLOW_ONLY", "USER_PASSWORD_AUTH"),
    *("ALLOW_ADMIN_USER_PASSWORD_AUTH", "ALLOW_CUSTOM_AUTH", "ALLOW_USER_AUTH", "ALLOW_USER_PASSWORD_AUTH"),
    *("ALLOW_USER_SRP_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"),
)
URLS = ListOf(Text(min_length=1, max_length=1024), max_items=100)
SHAPE = Record(
    {
        "AccessTokenValidity": Number(1, maximum=86400),
        "AllowedOAuthFlows": ListOf(Text(("client_credentials", "code", "implicit")), max_items=3),
        "AllowedOAuthFlowsUserPoolClient": Flag(),
        "AllowedOAuthScopes": ListOf(Text(min_length=1, max_length=256), max_items=50),
        "AuthSessionValidity": Number(3, maximum=15),
        "CallbackURLs": URLS,
        "ClientName": Text(min_length=1, max_length=128, pattern=r"^[\w\s+=,.@-]+$"),
        "DefaultRedirectURI": Text(min_length=1, max_length=1024),
        "EnablePropagateAdditionalUserContextData": Flag(),
        "EnableTokenRevocation": Flag(),
        "ExplicitAuthFlows": ListOf(Text(FLOWS)),
        "GenerateSecret": Flag(),
        "IdTokenValidity": Number(1, maximum=86400),
        "LogoutURLs": URLS,
        "PreventUserExistenceErrors": Text(("ENABLED", "LEGACY")),
        "ReadAttributes": ListOf(Text(min_length=1, max_length=2048)),
        "RefreshTokenValidity": Number(1, maximum=315360000),
        "SupportedIdentityProviders": ListOf(Text(min_length=1, max_length=32)),
        "TokenValidityUnits": Record({"AccessToken": UNIT, "IdToken": UNIT, "RefreshToken": UNIT}),
        "UserPoolId": Text(min_length=1, max_length=55, pattern=r"^[\w-]+_[0-9a-zA-Z]+$"),
        "WriteAttributes": ListOf(Text(min_length=1, max_length=2048)),
    },
    frozenset({"UserPoolId"}),
    frozenset({"AnalyticsConfiguration", "RefreshTokenRotation"}),
)
# kind of token -> (unit where the template says none, shortest and longest validity [s])
VALIDITY = {
    "AccessToken": ("hours", 300, 86_400),
    "IdToken": ("hours", 300, 86_400),
    "RefreshToken": ("days", 3_600, 315_360_000),
}
SECONDS = {"seconds": 1, "minutes": 60, "hours": 3_600, "days": 86_400}


def _faults(properties: Properties) -> list[str]:
    """Token validities outside what Cognito keeps, in the unit that they are given in."""
    faults = []
    for token, (unit, shortest, longest) in VALIDITY.items():
        given = properties.get(f"{token}Validity")
        if isinstance(given, int):
            seconds = given * SECONDS[properties.get("TokenValidityUnits", {}).get(token, unit)]
            if not shortest <= seconds <= longest:
                faults.append(f"#/{token}Validity: Invalid range for token validity: {seconds} s")
    legacy = [flow for flow in properties.get("ExplicitAuthFlows", []) if not flow.startswith("ALLOW_")]
    if legacy and len(legacy) < len(properties["ExplicitAuthFlows"]):
        faults.append("#/ExplicitAuthFlows: values with and without the prefix ALLOW_ cannot be mixed")
    return faults


def _named(client: str) -> dict[str, str]:
    pool, _, client_id = client.partition(SEPARATOR)
    return {"UserPoolId": pool, "ClientId": client_id}


def create(place: Placement, name: str, properties: Properties) -> str:
    """The ids of the pool and of the client, as `pool-id|client-id`; Ref yields the latter."""
    given = {"ClientName": name, **properties}
    made = place.client("cognito-idp").create_user_pool_client(**given)["UserPoolClient"]
    return f"{properties['UserPoolId']}{SEPARATOR}{made['ClientId']}"


def update(place: Placement, client: str, _old: Properties, new: Properties) -> None:
    """Put the new settings in place; what is not given goes back to its default."""
    given: dict[str, Any] = {key: value for key, value in new.items() if key not in {"GenerateSecret", "UserPoolId"}}
    if "ClientName" not in given:
        there = place.client("cognito-idp").describe_user_pool_client(**_named(client))["UserPoolClient"]
        given["ClientName"] = there["ClientName"]
    place.client("cognito-idp").update_user_pool_client(**_named(client), **given)


def read(place: Placement, client: str) -> Mapping[str, str] | None:
    """ClientId and Name, and ClientSecret where there is one."""
    try:
        found = place.client("cognito-idp").describe_user_pool_client(**_named(client))["UserPoolClient"]
    except ClientError as error:
        if error.response["Error"]["Code"] == "ResourceNotFoundException":
            return None
        raise
    secret = {"ClientSecret": found["ClientSecret"]} if "ClientSecret" in found else {}
    return {"ClientId": found["ClientId"], "Name": found["ClientName"], **secret}


def delete(place: Placement, client: str) -> None:
    """Remove the client; one that went away with its pool is fine."""
    if read(place, client) is not None:
        place.client("cognito-idp").delete_user_pool_client(**_named(client))


USER_POOL_CLIENT = ResourceType(
    name="AWS::Cognito::UserPoolClient",
    shape=SHAPE,
    create=create,
    read=read,
    update=update,
    delete=delete,
    replaced_by=frozenset({"GenerateSecret", "UserPoolId"}),
    attributes=frozenset({"ClientId", "ClientSecret", "Name"}),
    identify=None,
    faults=_faults,
    max_name=128,
    reference=last_part,
)
