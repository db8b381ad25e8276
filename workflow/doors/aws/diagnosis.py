"""Where would a call to AWS go, and as whom, as far as files and variables tell? Nothing is called, nothing started.

Rules:
- No secret and no key id is named: where credentials come from, and whether they have run out.
- Sources that would have to be asked (a process, a container, an instance, a role to assume) are named, not asked.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from shlex import quote
from typing import Any

from phases.tried_answers import problem_with_region
from state.errors import PhasegateError
from workflow.doors.aws.client import AwsDoor
from workflow.doors.aws.models import BotocoreModels
from workflow.views.doctor import Looked

AREA = "aws"
READ_FROM_FILES = ("env", "shared-credentials-file", "config-file")  # botocore's names; they read, and call nothing
SIGN_IN = "aws sso login"
SIGNED_IN = Path("~/.aws/sso/cache")  # Source: botocore.tokens.SSOTokenProvider, `_SSO_TOKEN_CACHE_DIR`


def look_at_aws(now: datetime) -> Iterator[Looked]:
    """Region, endpoint and credentials of runs against a real account; nothing leaves this machine."""
    import botocore.exceptions
    import botocore.session

    session = botocore.session.Session()
    try:
        profile = session.get_scoped_config()
    except botocore.exceptions.BotoCoreError as error:  # a profile that is named and not there, a file that is broken
        yield Looked(AREA, "profile", "warn", str(error), "aws configure list-profiles")
        return
    yield _region()
    yield _endpoint()
    yield _credentials(session, profile, os.environ, now)


def _region() -> Looked:
    try:
        region = AwsDoor().region
    except PhasegateError as error:  # none is configured, or what is there cannot be read
        return Looked(AREA, "region", "warn", error.message, error.next_command)
    if problem := problem_with_region(region, BotocoreModels().regions()):
        return Looked(AREA, "region", "warn", f"{region}: {problem}", "export AWS_REGION=us-east-1")
    return Looked(AREA, "region", "ok", region)


def _endpoint() -> Looked:
    try:
        note = AwsDoor().configured_endpoint_note()
    except PhasegateError as error:
        return Looked(AREA, "endpoint", "warn", error.message, error.next_command)
    if note:
        names = [name for name in sorted(os.environ) if name.startswith("AWS_ENDPOINT_URL") and os.environ[name]]
        fix = f"unset {' '.join(names)}" if names else "$EDITOR ~/.aws/config"
        return Looked(AREA, "endpoint", "warn", note, fix)
    return Looked(AREA, "endpoint", "ok", "AWS's own")


def _credentials(session: Any, profile: Mapping[str, Any], environment: Mapping[str, str], now: datetime) -> Looked:
    """The first source that has some, in botocore's order."""
    for provider in session.get_component("credential_provider").providers:
        name = provider.METHOD
        if name in READ_FROM_FILES:
            try:
                found = provider.load()
            except Exception as error:  # noqa: BLE001 - botocore's own kinds: half of a pair, a broken file
                return Looked(AREA, "credentials", "warn", f"{name}: {error}", "aws configure list")
            if found is not None:
                return _from_files(name, environment, now)
        elif name == "sso" and ("sso_start_url" in profile or "sso_session" in profile):
            return _from_sso(session, profile, now)
        elif (asked := _to_be_asked(name, profile, environment)) is not None:
            return Looked(AREA, "credentials", "ok", f"{asked}, which was not asked")
    seen = "none in the environment and in files (a role of the machine is not asked); the sandbox needs none"
    return Looked(AREA, "credentials", "warn", seen, "aws configure")


def _from_files(name: str, environment: Mapping[str, str], now: datetime) -> Looked:
    until = environment.get("AWS_CREDENTIAL_EXPIRATION", "") if name == "env" else ""
    ends = _time(until)
    if ends is not None and ends <= now:
        return Looked(
            AREA, "credentials", "warn", f"from the environment, and ran out at {until}", "aws configure list"
        )
    where = "the environment" if name == "env" else f"a file (profile {environment.get('AWS_PROFILE', 'default')})"
    return Looked(AREA, "credentials", "ok", f"from {where}")


def _from_sso(session: Any, profile: Mapping[str, Any], now: datetime) -> Looked:
    """The token that `aws sso login` keeps in a file says until when it holds."""
    from botocore.exceptions import SSOTokenLoadError
    from botocore.utils import JSONFileCache, SSOTokenLoader

    sign_in = f"{SIGN_IN} --profile {quote(session.profile)}" if session.profile else SIGN_IN
    name = profile.get("sso_session")
    start = profile.get("sso_start_url", "")
    if name:
        start = session.full_config.get("sso_sessions", {}).get(name, {}).get("sso_start_url", start)
    try:
        token = SSOTokenLoader(JSONFileCache(str(SIGNED_IN.expanduser())))(start, session_name=name)
    except SSOTokenLoadError:
        return Looked(AREA, "credentials", "warn", "by sign-in, and nobody is signed in", sign_in)
    ends = _time(str(token.get("expiresAt", "")))
    if ends is not None and ends <= now:
        return Looked(AREA, "credentials", "warn", f"by sign-in, which ran out at {ends:%Y-%m-%d %H:%M} UTC", sign_in)
    return Looked(AREA, "credentials", "ok", f"by sign-in, until {ends:%Y-%m-%d %H:%M} UTC" if ends else "by sign-in")


def _to_be_asked(name: str, profile: Mapping[str, Any], environment: Mapping[str, str]) -> str | None:
    """A source that is configured, and that only answers when it is asked."""
    configured = {
        "assume-role": "role_arn" in profile and "web_identity_token_file" not in profile,
        "assume-role-with-web-identity": "web_identity_token_file" in profile
        or "AWS_WEB_IDENTITY_TOKEN_FILE" in environment,
        "login": "login_session" in profile,
        "custom-process": "credential_process" in profile,
        "container-role": any(each.startswith("AWS_CONTAINER_CREDENTIALS_") for each in environment),
    }
    words = {
        "assume-role": f"the role {profile.get('role_arn', '')}",
        "assume-role-with-web-identity": "a role by a token file",
        "login": "by sign-in (aws login)",
        "custom-process": "a program (credential_process)",
        "container-role": "the container's role",
    }
    return words[name] if configured.get(name) else None


def _time(text: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(text.replace("UTC", "+00:00"))
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def ask_aws() -> Looked:
    """Who AWS says that we are, by one call (`sts:GetCallerIdentity`), which needs no permission."""
    try:
        answer = AwsDoor().call("sts", "get_caller_identity")
    except PhasegateError as error:
        return Looked(AREA, "account", "warn", error.message, error.next_command)
    return Looked(AREA, "account", "ok", f"{answer['Account']}, as {answer['Arn']}")
