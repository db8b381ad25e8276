"""What of Cognito user pools does moto get wrong? Token validity, flows, protection, what an update takes away.

moto 5.2.5, each without a word:
- issues every token for an hour, whatever the client says, and takes one that has expired (`GetUser`, refresh);
- signs in by a flow that the client does not have;
- deletes a pool under deletion protection, and forgets in an update which attributes sign in, and the new name;
- keeps of a client what an update leaves out, where AWS puts the default back.

Sources:
- defaults: https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_CreateUserPoolClient.html
- "Any setting that you don't specify ... default values": .../API_UpdateUserPoolClient.html
- deletion protection: https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-settings-deletion-protection.html
"""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from typing import Any
from unittest.mock import patch

SECONDS = {"seconds": 1, "minutes": 60, "hours": 3_600, "days": 86_400}
# The kind of token -> its settings' name, its validity and the unit where the client says none.
VALIDITY = {
    "access": ("AccessToken", 1, "hours"),
    "id": ("IdToken", 1, "hours"),
    "refresh": ("RefreshToken", 30, "days"),
}
DEFAULT_FLOWS = ("ALLOW_REFRESH_TOKEN_AUTH", "ALLOW_USER_SRP_AUTH", "ALLOW_CUSTOM_AUTH")
# What a flow is called in ExplicitAuthFlows: today, and in clients of before 2019.
FLOWS = {
    "ADMIN_USER_PASSWORD_AUTH": {"ALLOW_ADMIN_USER_PASSWORD_AUTH", "ADMIN_NO_SRP_AUTH"},
    "ADMIN_NO_SRP_AUTH": {"ALLOW_ADMIN_USER_PASSWORD_AUTH", "ADMIN_NO_SRP_AUTH"},
    "USER_PASSWORD_AUTH": {"ALLOW_USER_PASSWORD_AUTH", "USER_PASSWORD_AUTH"},
    "CUSTOM_AUTH": {"ALLOW_CUSTOM_AUTH", "CUSTOM_AUTH_FLOW_ONLY"},
    "USER_SRP_AUTH": {"ALLOW_USER_SRP_AUTH"},
}
FIXED = ("AliasAttributes", "UsernameAttributes", "UsernameConfiguration")


@contextmanager
def installed() -> Iterator[None]:
    """Within this context moto's Cognito does as AWS in these things."""
    from moto.cognitoidp.models import CognitoIdpBackend, CognitoIdpUserPool

    wrapped: tuple[tuple[type, str, Callable[[Any], Callable[..., Any]]], ...] = (
        (CognitoIdpUserPool, "create_jwt", _valid_as_set),
        (CognitoIdpUserPool, "create_refresh_token", _dated),
        (CognitoIdpUserPool, "create_tokens_from_refresh_token", _not_too_late),
        (CognitoIdpUserPool, "update_extended_config", _keeping),
        (CognitoIdpBackend, "get_user", _not_expired),
        (CognitoIdpBackend, "admin_initiate_auth", _by_an_allowed_flow),
        (CognitoIdpBackend, "initiate_auth", _by_an_allowed_flow_of_any_pool),
        (CognitoIdpBackend, "delete_user_pool", _unless_protected),
        (CognitoIdpBackend, "update_user_pool_client", _as_made_anew),
    )
    with ExitStack() as patches:
        for kind, name, wrap in wrapped:
            patches.enter_context(patch.object(kind, name, wrap(getattr(kind, name))))
        yield


def validity(settings: Mapping[str, Any], kind: str) -> int:
    """How long a token of this kind is valid for a client with these settings [s]."""
    name, value, unit = VALIDITY[kind]
    given = settings.get(f"{name}Validity")
    if given:
        value, unit = int(given), settings.get("TokenValidityUnits", {}).get(name, unit)
    return value * SECONDS[unit]


def _settings(pool: Any, client_id: str) -> dict[str, Any]:
    client = pool.clients.get(client_id)
    settings: dict[str, Any] = {} if client is None else client.extended_config
    return settings


def _not_authorized(message: str) -> Exception:
    from moto.cognitoidp.exceptions import NotAuthorizedError

    return NotAuthorizedError(message)  # type: ignore[no-any-return]


def _invalid(message: str) -> Exception:
    from moto.cognitoidp.exceptions import InvalidParameterException

    return InvalidParameterException(message)  # type: ignore[no-any-return]


# --- tokens -------------------------------------------------------------------------------------------------------


def _valid_as_set(original: Any) -> Callable[..., Any]:
    """A token that expires when its client says so."""

    def method(pool: Any, client_id: str, username: str, token_use: str, *rest: Any, **given: Any) -> Any:
        given["expires_in"] = validity(_settings(pool, client_id), token_use)
        return original(pool, client_id, username, token_use, *rest, **given)

    return method


def _dated(original: Any) -> Callable[..., Any]:
    """A refresh token whose end is kept on the pool."""

    def method(pool: Any, client_id: str, username: str) -> Any:
        token, origin = original(pool, client_id, username)
        ends = pool.__dict__.setdefault("phasegate_refresh_ends", {})
        ends[token] = time.time() + validity(_settings(pool, client_id), "refresh")
        return token, origin

    return method


def _not_too_late(original: Any) -> Callable[..., Any]:
    def method(pool: Any, refresh_token: str) -> Any:
        if time.time() >= pool.__dict__.get("phasegate_refresh_ends", {}).get(refresh_token, float("inf")):
            raise _not_authorized("Refresh Token has expired")
        return original(pool, refresh_token)

    return method


def _not_expired(original: Any) -> Callable[..., Any]:
    def method(backend: Any, access_token: str) -> Any:
        user = original(backend, access_token)
        payload = access_token.split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
        if time.time() >= claims["exp"]:
            raise _not_authorized("Access Token has expired")
        return user

    return method


# --- signing in ---------------------------------------------------------------------------------------------------


def _require_flow(settings: Mapping[str, Any], flow: str) -> None:
    allowed = set(settings.get("ExplicitAuthFlows") or DEFAULT_FLOWS)
    if flow in FLOWS and not allowed & FLOWS[flow]:
        raise _invalid("Auth flow not enabled for this client")


def _by_an_allowed_flow(original: Any) -> Callable[..., Any]:
    def method(backend: Any, user_pool_id: str, client_id: str, auth_flow: str, auth_parameters: Any) -> Any:
        _require_flow(_settings(backend.describe_user_pool(user_pool_id), client_id), auth_flow)
        return original(backend, user_pool_id, client_id, auth_flow, auth_parameters)

    return method


def _by_an_allowed_flow_of_any_pool(original: Any) -> Callable[..., Any]:
    def method(backend: Any, client_id: str, auth_flow: str, auth_parameters: Any) -> Any:
        for pool in backend.user_pools.values():
            if client_id in pool.clients:
                _require_flow(_settings(pool, client_id), auth_flow)
        return original(backend, client_id, auth_flow, auth_parameters)

    return method


# --- pools and clients --------------------------------------------------------------------------------------------


def _keeping(original: Any) -> Callable[..., Any]:
    """An update of a pool that leaves what cannot be changed, and gives it the new name."""

    def method(pool: Any, extended_config: dict[str, Any]) -> None:
        before = getattr(pool, "extended_config", {})
        original(pool, extended_config)
        pool.extended_config.update({key: before[key] for key in FIXED if key in before})
        pool.name = pool.extended_config.pop("PoolName", None) or pool.name
        pool.extended_config.pop("UserPoolId", None)

    return method


def _unless_protected(original: Any) -> Callable[..., Any]:
    def method(backend: Any, user_pool_id: str) -> None:
        if backend.describe_user_pool(user_pool_id).extended_config.get("DeletionProtection") == "ACTIVE":
            raise _invalid(
                "The user pool cannot be deleted because deletion protection is activated. "
                "Deletion protection must be inactivated first."
            )
        original(backend, user_pool_id)

    return method


def _as_made_anew(original: Any) -> Callable[..., Any]:
    """An update of a client after which it has what was sent, and otherwise the defaults."""

    def method(backend: Any, user_pool_id: str, client_id: str, extended_config: dict[str, Any]) -> Any:
        client = backend.describe_user_pool_client(user_pool_id, client_id)
        named = {"ClientName": client.extended_config.get("ClientName")}
        fresh = type(client)(user_pool_id, client.generate_secret, named)
        client.extended_config = fresh.extended_config
        return original(backend, user_pool_id, client_id, extended_config)

    return method
