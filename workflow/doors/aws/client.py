"""How does a call reach AWS?

The only file that makes boto3 clients. `AwsDoor` is the `AwsPort` of `phases/aws.py`.

Rules:
- boto3 is imported by the first call, not by this module; clients are made once per service and region: a region has
  one door, however often it is asked for.
- In real mode boto3's own configuration rules: profile, region, retries, AWS_ENDPOINT_URL.
- In sandbox mode it does not: dummy credentials, no profile, no configured region or endpoint, no proxy, and a
  loopback endpoint or none at all (a session that answers in this process). The guard is here so that a forgotten
  variable cannot send a sandbox run to an account.
- Every failure is translated once, by `workflow/doors/aws/errors.py`.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from ipaddress import ip_address
from threading import Lock
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from phases.aws import Answer, AwsError, NoRegion, answer_of
from state.errors import BadInput
from workflow.doors.aws.errors import CallSite, translate
from workflow.doors.aws.models import BotocoreModels

if TYPE_CHECKING:
    from boto3 import Session
    from botocore.client import BaseClient

SANDBOX_REGION = "us-east-1"
CONNECT_TIMEOUT = 10  # [s] boto3's own 60, three times over, looks like a hang to the person who waits

CallHook = Callable[[str, str, str], None]


class AwsDoor:
    """AWS in one region, with the caller's own configuration, or the sandbox.

    Args:
        region: the region; None for the configured one (the sandbox's default is us-east-1).
        profile: the AWS profile; None for the configured one. Ignored in sandbox mode.
        endpoint_url: sends every service there. The sandbox's must be a loopback address.
        sandbox: calls go to phasegate's sandbox, with dummy credentials.
        session: a boto3 session to use, as the in-process sandbox gives one.
        on_call: called with ("before" | "after", service, operation) around each request's call; "after" only when
            it was answered without an error. Tests count and cut there.

    Raises BadInput when sandbox mode is asked for without a loopback endpoint and without a session.
    """

    def __init__(
        self,
        *,
        region: str | None = None,
        profile: str | None = None,
        endpoint_url: str | None = None,
        sandbox: bool = False,
        session: Session | None = None,
        on_call: CallHook | None = None,
    ) -> None:
        if sandbox:
            refuse_unless_loopback(endpoint_url, in_process=session is not None)
        self._region = region
        self._profile = profile
        self._endpoint_url = endpoint_url
        self._sandbox = sandbox
        self._session = session
        self._on_call = on_call
        self._models = BotocoreModels()
        self._clients: dict[str, BaseClient] = {}
        here = region or (SANDBOX_REGION if sandbox else None)
        self._doors: dict[str, AwsDoor] = {here: self} if here else {}  # by region
        self._lock = Lock()

    @property
    def region(self) -> str:
        """The region that calls go to. Raises NoRegion when none is configured."""
        # AWS_REGION first, as in the AWS CLI and the other SDKs; boto3 itself reads AWS_DEFAULT_REGION only
        configured = SANDBOX_REGION if self._sandbox else os.environ.get("AWS_REGION")
        region = self._region or configured or self._boto_session("").region_name
        if not region:
            message = "no region is configured (looked at AWS_REGION, AWS_DEFAULT_REGION and the profile)"
            raise NoRegion(message, service="", operation="", next_command="export AWS_REGION=us-east-1")
        return str(region)

    @property
    def sandbox(self) -> bool:
        """True when every call goes to phasegate's sandbox on this machine."""
        return self._sandbox

    @property
    def models(self) -> BotocoreModels:
        """What AWS's APIs look like; asking them calls nothing."""
        return self._models

    def at(self, region: str) -> AwsDoor:
        """The same caller in another region, each time the same. The session is shared, so nobody signs in twice."""
        if region not in self._doors:
            door = AwsDoor(
                region=region,
                profile=self._profile,
                endpoint_url=self._endpoint_url,
                sandbox=self._sandbox,
                session=self._boto_session(""),
                on_call=self._on_call,
            )
            self._doors.setdefault(region, door)
        return self._doors[region]

    def call(self, service: str, operation: str, **params: object) -> dict[str, Any]:
        """One API call by boto3's names: `call("dynamodb", "describe_table", TableName="Users")`.

        Returns the response without `ResponseMetadata`. Raises an AwsError subclass; NotFound for what is not there.
        """
        client = self._client(service)
        self._tell("before", service, operation)
        with self._translating(service, operation):
            response = getattr(client, operation)(**params)
        self._tell("after", service, operation)
        return _body(service, operation, response)

    def pages(self, service: str, operation: str, **params: object) -> Iterator[dict[str, Any]]:
        """All pages of a paginated operation, one response a page. Raises as `call`.

        An operation that boto3 does not paginate gives its one response.
        """
        client = self._client(service)
        if not client.can_paginate(operation):
            yield self.call(service, operation, **params)
            return
        replies = iter(client.get_paginator(operation).paginate(**params))
        while True:
            self._tell("before", service, operation)
            with self._translating(service, operation):
                page = next(replies, None)
            if page is None:
                return
            self._tell("after", service, operation)
            yield _body(service, operation, page)

    def endpoint(self, service: str) -> str:
        """The URL that calls to this service go to."""
        return str(self._client(service).meta.endpoint_url)

    def configured_endpoint_note(self) -> str:
        """A plain sentence when calls do not go to AWS itself although this is no sandbox run, else "".

        It looks at AWS_ENDPOINT_URL and AWS_ENDPOINT_URL_<SERVICE> and at the profile's `endpoint_url`.
        Source: https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html
        """
        if self._sandbox or os.environ.get("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "").lower() == "true":
            return ""
        seen = {name: url for name, url in sorted(os.environ.items()) if name.startswith("AWS_ENDPOINT_URL") and url}
        profile = self._boto_session("")._session.get_scoped_config()
        if url := profile.get("endpoint_url"):
            seen["endpoint_url of the profile"] = str(url)
        if not seen:
            return ""
        where = ", ".join(f"{name} -> {_host(url)}" for name, url in seen.items())
        return f"Calls do not go to AWS's own endpoints: {where}."

    def _client(self, service: str) -> BaseClient:
        region = self.region
        session = self._boto_session(service)
        with self._lock:  # boto3 sessions do not make clients safely from two threads
            if service not in self._clients:
                with self._translating(service, "", region=region):
                    self._clients[service] = session.client(service, region_name=region, **self._settings())
            return self._clients[service]

    def _settings(self) -> dict[str, object]:
        from botocore.config import Config

        if not self._sandbox:
            return {"endpoint_url": self._endpoint_url, "config": Config(connect_timeout=CONNECT_TIMEOUT)}
        config = Config(
            connect_timeout=CONNECT_TIMEOUT,
            retries={"mode": "standard"},
            proxies={},  # HTTP_PROXY would carry the sandbox's requests off this machine
            ignore_configured_endpoint_urls=True,  # or AWS_ENDPOINT_URL would lead the in-process sandbox elsewhere
            s3={"addressing_style": "path"},
        )
        return {
            "endpoint_url": self._endpoint_url,
            "aws_access_key_id": "phasegate",
            "aws_secret_access_key": "sandbox",
            "config": config,
        }

    def _boto_session(self, service: str) -> Session:
        with self._lock:
            if self._session is None:
                import boto3

                with self._translating(service, "", region=self._region or ""):
                    self._session = _sandbox_session() if self._sandbox else boto3.Session(profile_name=self._profile)
            return self._session

    def _tell(self, when: str, service: str, operation: str) -> None:
        if self._on_call is not None:
            self._on_call(when, service, operation)

    @contextmanager
    def _translating(self, service: str, operation: str, *, region: str | None = None) -> Iterator[None]:
        try:
            yield
        except AwsError:
            raise
        except Exception as error:
            client = self._clients.get(service)
            api_name = client.meta.method_to_api_mapping.get(operation, operation) if client else operation
            site = CallSite(service, operation, api_name, self.region if region is None else region, self._sandbox)
            ours = translate(error, site)
            if ours is None:
                raise
            raise ours from error


def refuse_unless_loopback(endpoint_url: str | None, *, in_process: bool) -> None:
    """Raise BadInput unless the sandbox's endpoint is on this machine: 127.0.0.0/8, ::1 or `localhost`.

    With `in_process`, a session answers without any endpoint, and None is good too.
    """
    if endpoint_url is None and in_process:
        return
    try:
        parts = urlsplit(endpoint_url or "")
        host = parts.hostname or ""
        loopback = parts.scheme in ("http", "https") and (host == "localhost" or ip_address(host).is_loopback)
    except ValueError:
        loopback = False
    if not loopback:
        seen = _host(endpoint_url) if endpoint_url else "no endpoint"
        message = f"the sandbox refuses {seen}: expected a loopback endpoint such as http://127.0.0.1:PORT"
        raise BadInput(message, next_command="phasegate sandbox start")


def _sandbox_session() -> Session:
    """A boto3 session that sees no profile and no configuration file, whatever AWS_PROFILE and the home say."""
    import boto3
    import botocore.session

    nothing = (None, None, None, None)
    blank = {"profile": nothing, "config_file": (None, None, os.devnull, None)}
    blank["credentials_file"] = (None, None, os.devnull, None)
    return boto3.Session(botocore_session=botocore.session.Session(session_vars=blank))


def _body(service: str, operation: str, response: dict[str, Any]) -> Answer:
    return answer_of(
        service, operation, {name: value for name, value in response.items() if name != "ResponseMetadata"}
    )


def _host(url: str) -> str:
    """The URL without user and password, path and query, which stay out of messages."""
    scheme, _, rest = url.rpartition("://")
    netloc = rest.split("/", 1)[0].split("?", 1)[0]
    return f"{scheme or 'http'}://{netloc.rpartition('@')[2]}"
