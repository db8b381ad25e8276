"""Who is signed in by a token? Cognito is asked, so a token that was revoked does not count."""

import base64
import json
import os
import time
from functools import cache

import boto3
from botocore.exceptions import ClientError, ParamValidationError

REFUSED = {"NotAuthorizedException", "UserNotFoundException", "InvalidParameterException"}


@cache
def cognito():
    return boto3.client("cognito-idp")


def user_of(token):
    """The user's name, or None for a token that is not an access token of this pool's client, in time."""
    claims = _claims(token)
    ours = (
        claims.get("token_use") == "access"
        and claims.get("client_id") == os.environ["USER_POOL_CLIENT_ID"]
        and str(claims.get("iss", "")).endswith("/" + os.environ["USER_POOL_ID"])
        and isinstance(claims.get("exp"), int)
        and claims["exp"] > time.time()
    )
    if not ours:
        return None
    # The claims are what anybody could have written; that Cognito signed them is what this call proves.
    try:
        return cognito().get_user(AccessToken=token)["Username"]
    except ParamValidationError:
        return None
    except ClientError as error:
        if error.response["Error"]["Code"] in REFUSED:
            return None
        raise


def _claims(token):
    try:
        payload = token.split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    except (AttributeError, IndexError, ValueError):
        return {}
    return claims if isinstance(claims, dict) else {}
