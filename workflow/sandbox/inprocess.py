"""How does a test get an AWS account of its own, in its own process? `with Sandbox() as sandbox:`

Rules:
- Inside, every boto3 session of the process talks to the sandbox and nothing reaches the network: sessions
  made before entering do not count.
- CloudFormation is ours, everything else is moto's service APIs.
- One at a time: moto's state is the process's. It is empty on entering and gone on leaving.
- Credentials, profiles and endpoints of the environment are set aside and come back on leaving.
"""

from __future__ import annotations

import os
from contextlib import ExitStack
from types import TracebackType
from typing import Any
from unittest.mock import patch
from urllib.parse import parse_qsl

import boto3
import botocore.handlers
import botocore.loaders
import botocore.session
from botocore.awsrequest import AWSResponse
from botocore.exceptions import ConnectionClosedError
from moto import mock_aws
from moto.core.botocore_stubber import MockRawResponse
from moto.core.models import botocore_stubber

from workflow.sandbox import moto_gaps, no_network
from workflow.sandbox.cloudformation import wire
from workflow.sandbox.cloudformation.account import Account, found_stack
from workflow.sandbox.errors import SandboxRefused
from workflow.sandbox.faults import Faults
from workflow.sandbox.inside import ACCOUNT_ID, LOADER, handlers_with, inside_client
from workflow.sandbox.no_network import Unsent
from workflow.sandbox.own_bucket import bring_bucket
from workflow.sandbox.service_calls import CLIENT_NAMES, refusal_answer, service_and_region

CREDENTIALS = {
    "AWS_ACCESS_KEY_ID": "sandbox",
    "AWS_SECRET_ACCESS_KEY": "sandbox",
    "AWS_SESSION_TOKEN": "sandbox",
    # The caller's files could name a region, a profile or an endpoint.
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
}


class Sandbox:
    """An AWS account in this process.

    Attributes:
        faults: what shall go wrong (see `faults.Faults`).
        calls: every API call made from outside, as (boto3 service name, action), retries included.
        account: the CloudFormation behind it.
        unsent: what a service would have sent out (see `no_network.Unsent`).
    """

    _entered = False

    def __init__(self) -> None:
        self.faults = Faults()
        self.calls: list[tuple[str, str]] = []
        self.account = Account(ACCOUNT_ID, inside_client, self.faults)
        self.unsent = Unsent()
        self._exits = ExitStack()
        self._sessions: dict[str, Any] = {}  # region -> session; to make one takes as long as ten calls
        self._clients: dict[tuple[str, str], Any] = {}

    def __enter__(self) -> Sandbox:
        """
        Raises:
            SandboxRefused: when another sandbox is open in this process.
        """
        if Sandbox._entered:
            raise SandboxRefused("a sandbox is already open in this process: moto's state is shared, leave it first")
        with ExitStack() as exits:
            exits.enter_context(patch.dict(os.environ))
            for name in [name for name in os.environ if name.startswith("AWS_")]:
                del os.environ[name]
            os.environ.update(CREDENTIALS)
            exits.enter_context(mock_aws())
            exits.enter_context(moto_gaps.installed(self.faults))
            self.unsent = exits.enter_context(no_network.recorded())
            exits.enter_context(patch.object(botocore.handlers, "BUILTIN_HANDLERS", handlers_with(self._answer)))
            exits.enter_context(patch.object(Sandbox, "_entered", True))
            self._exits = exits.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._exits.close()

    def session(self, region: str = "us-east-1") -> Any:
        """A boto3 session in this account."""
        session = boto3.Session(region_name=region)
        session._session.register_component("data_loader", LOADER)
        return session

    def client(self, service: str, region: str = "us-east-1") -> Any:
        """A boto3 client of this account, the same one each time."""
        if region not in self._sessions:
            self._sessions[region] = self.session(region)
        if (service, region) not in self._clients:
            self._clients[service, region] = self._sessions[region].client(service)
        return self._clients[service, region]

    def settle(self, stack: str, region: str = "us-east-1") -> str:
        """Tick a stack's operation to its end, uncounted, and return the stack's status."""
        found = found_stack(self.account.region(region), stack)
        while found.operation is not None:
            self.account.advance(self.account.region(region), found)
        return found.status

    def _answer(self, event_name: str, request: Any, **_event: Any) -> AWSResponse | None:
        _, hyphenated, action = event_name.split(".", 2)
        service = CLIENT_NAMES.get(hyphenated, hyphenated)
        self.calls.append((service, action))
        refusal = self.faults.refusal(service, action)
        if refusal is not None:
            return _response(request, refusal_answer(service, refusal))
        _, region = service_and_region(_text(request.headers.get("Authorization")))
        if service == "cloudformation":
            form = dict(parse_qsl(_text(request.body) or "", keep_blank_values=True))
            response = _response(request, wire.answer(self.account, region, form))
        else:
            if service == "s3":
                bring_bucket(self.account.client(region, "s3"), region, request.url)
            response = botocore_stubber(event_name, request)
        if self.faults.reply_is_lost(action):
            raise ConnectionClosedError(endpoint_url=request.url)
        return response


def _text(value: Any) -> str | None:
    return value.decode() if isinstance(value, bytes) else value


def _response(request: Any, answer: wire.Answer) -> AWSResponse:
    status, headers, body = answer
    return AWSResponse(request.url, status, headers, MockRawResponse(body))
