"""How is an AWS::Cognito::UserPool made, changed and removed?

Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-cognito-userpool.html
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from botocore.exceptions import ClientError

from workflow.sandbox.cloudformation.errors import ResourceFailed
from workflow.sandbox.cloudformation.resource_types.model import Placement, Properties, ResourceType, tag_map
from workflow.sandbox.cloudformation.resource_types.shapes import TAG_MAP, Flag, ListOf, Number, Record, Text

SHAPE = Record(
    {
        "AccountRecoverySetting": Record(
            {
                "RecoveryMechanisms": ListOf(
                    Record(
                        {
                            "Name": Text(("admin_only", "verified_email", "verified_phone_number")),
                            "Priority": Number(1, maximum=2),
                        }
                    ),
                    max_items=2,
                )
            }
        ),
        "AdminCreateUserConfig": Record(
            {"AllowAdminCreateUserOnly": Flag(), "UnusedAccountValidityDays": Number(0, maximum=365)},
            beyond_sandbox=frozenset({"InviteMessageTemplate"}),
        ),
        "AliasAttributes": ListOf(Text(("email", "phone_number", "preferred_username"))),
        "AutoVerifiedAttributes": ListOf(Text(("email", "phone_number"))),
        "DeletionProtection": Text(("ACTIVE", "INACTIVE")),
        "MfaConfiguration": Text(("OFF", "ON", "OPTIONAL")),
        "Policies": Record(
            {
                "PasswordPolicy": Record(
                    {
                        "MinimumLength": Number(6, maximum=99),
                        "PasswordHistorySize": Number(0, maximum=24),
                        "RequireLowercase": Flag(),
                        "RequireNumbers": Flag(),
                        "RequireSymbols": Flag(),
                        "RequireUppercase": Flag(),
                        "TemporaryPasswordValidityDays": Number(0, maximum=365),
                    }
                )
            },
            beyond_sandbox=frozenset({"SignInPolicy"}),
        ),
        "Schema": ListOf(
            Record(
                {
                    "AttributeDataType": Text(("Boolean", "DateTime", "Number", "String")),
                    "DeveloperOnlyAttribute": Flag(),
                    "Mutable": Flag(),
                    "Name": Text(min_length=1, max_length=20),
                    "NumberAttributeConstraints": Record({"MaxValue": Text(), "MinValue": Text()}),
                    "Required": Flag(),
                    "StringAttributeConstraints": Record({"MaxLength": Text(), "MinLength": Text()}),
                }
            ),
            max_items=50,
        ),
        "UserPoolName": Text(min_length=1, max_length=128),
        "UserPoolTags": TAG_MAP,
        "UserPoolTier": Text(("LITE", "ESSENTIALS", "PLUS")),
        "UsernameAttributes": ListOf(Text(("email", "phone_number"))),
        "UsernameConfiguration": Record({"CaseSensitive": Flag()}),
    },
    beyond_sandbox=frozenset(
        {
            "DeviceConfiguration",
            "EmailAuthenticationMessage",
            "EmailAuthenticationSubject",
            "EmailConfiguration",
            "EmailVerificationMessage",
            "EmailVerificationSubject",
            "EnabledMfas",
            "IssuerConfiguration",
            "KeyConfiguration",
            "LambdaConfig",
            "SmsAuthenticationMessage",
            "SmsConfiguration",
            "SmsVerificationMessage",
            "UserAttributeUpdateSettings",
            "UserPoolAddOns",
            "VerificationMessageTemplate",
            "WebAuthnFactorConfiguration",
            "WebAuthnRelyingPartyID",
            "WebAuthnUserVerification",
        }
    ),
)
# Fixed once the pool is there, although the schema calls no property create-only.
FIXED = ("AliasAttributes", "UsernameAttributes", "UsernameConfiguration")


def _faults(properties: Properties) -> list[str]:
    faults = []
    if "AliasAttributes" in properties and "UsernameAttributes" in properties:
        faults.append("#: only one of AliasAttributes and UsernameAttributes can be given")
    if properties.get("MfaConfiguration", "OFF") != "OFF":
        # needs a text message or a software token, both of which are beyond the sandbox
        faults.append("#/MfaConfiguration: the phasegate sandbox does not implement ON and OPTIONAL")
    return faults


def _settings(place: Placement, name: str, properties: Properties) -> dict[str, Any]:
    given = {key: value for key, value in properties.items() if key != "UserPoolName"}
    return {**given, "PoolName": name, "UserPoolTags": tag_map(place, properties, "UserPoolTags")}


def create(place: Placement, name: str, properties: Properties) -> str:
    """The pool's id."""
    made = place.client("cognito-idp").create_user_pool(**_settings(place, name, properties))
    return str(made["UserPool"]["Id"])


def update(place: Placement, pool: str, old: Properties, new: Properties) -> None:
    """Put the new settings in place; attributes can be added to the schema, and nothing else."""
    for key in FIXED:
        if old.get(key) != new.get(key):
            raise ResourceFailed(f"Updates are not allowed for property - {key}.")
    client = place.client("cognito-idp")
    name = new.get("UserPoolName") or client.describe_user_pool(UserPoolId=pool)["UserPool"]["Name"]
    before, after = old.get("Schema", []), new.get("Schema", [])
    if _only_in(before, after):
        raise ResourceFailed("Existing schema attributes cannot be modified or deleted.")
    settings = _settings(place, name, {key: value for key, value in new.items() if key not in {*FIXED, "Schema"}})
    client.update_user_pool(UserPoolId=pool, **settings)
    if added := _only_in(after, before):
        client.add_custom_attributes(UserPoolId=pool, CustomAttributes=added)


def _only_in(one: Sequence[object], other: Sequence[object]) -> list[object]:
    """The attributes of the one schema that the other one has not, or not so."""
    return [attribute for attribute in one if attribute not in other]


def read(place: Placement, pool: str) -> Mapping[str, str] | None:
    """Arn, ProviderName, ProviderURL and UserPoolId."""
    try:
        found = place.client("cognito-idp").describe_user_pool(UserPoolId=pool)["UserPool"]
    except ClientError as error:
        if error.response["Error"]["Code"] == "ResourceNotFoundException":
            return None
        raise
    provider = f"cognito-idp.{place.region}.amazonaws.com/{pool}"
    return {"Arn": found["Arn"], "ProviderName": provider, "ProviderURL": f"https://{provider}", "UserPoolId": pool}


def delete(place: Placement, pool: str) -> None:
    """Remove the pool with its users and clients; deletion protection refuses."""
    if read(place, pool) is not None:
        place.client("cognito-idp").delete_user_pool(UserPoolId=pool)


USER_POOL = ResourceType(
    name="AWS::Cognito::UserPool",
    shape=SHAPE,
    create=create,
    read=read,
    update=update,
    delete=delete,
    custom_name="UserPoolName",
    attributes=frozenset({"Arn", "ProviderName", "ProviderURL", "UserPoolId"}),
    identify=None,
    faults=_faults,
    max_name=128,
    identifier="UserPoolId",
)
