"""Which requests does the server answer itself? CloudFormation, faults and health; the rest goes to moto.

Rules:
- Who may ask is `callers.refusal`'s to say, before anything else.
- One request at a time, from its first byte to the snapshot that follows it: moto is not thread safe.
- A call that changes something is on disk before it is answered. The calls that write data in bulk are an
  exception once a snapshot costs more than `SNAPSHOT_BUDGET`: those are saved by `save_if_dirty`, called every
  second, and at the end. So SIGKILL loses at most the items of the last second, never a table or a stack.
"""

from __future__ import annotations

import io
import json
import os
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Any
from urllib.parse import parse_qsl

from werkzeug.datastructures import EnvironHeaders
from werkzeug.test import run_wsgi_app

from workflow.sandbox import callers
from workflow.sandbox.cloudformation import api, wire
from workflow.sandbox.cloudformation.account import Account
from workflow.sandbox.errors import SandboxRefused
from workflow.sandbox.no_network import Unsent
from workflow.sandbox.own_bucket import bring_bucket
from workflow.sandbox.service_calls import action_name, is_reading, refusal_answer, service_and_region
from workflow.sandbox.snapshot import NotSaved

SNAPSHOT_BUDGET = 0.015  # [s]
BULK = frozenset(
    {"PutItem", "UpdateItem", "DeleteItem", "BatchWriteItem", "TransactWriteItems"}
    | {"PutLogEvents", "PutMetricData", "Publish", "PublishBatch"}
)
CONTROL = "/_phasegate/"


class Front:
    """The WSGI application in front of moto's.

    Attributes:
        last_request: when the last API call came, on the monotonic clock [s].
    """

    def __init__(
        self, moto_app: Any, account: Account, token: str, save: Callable[[], None], unsent: Unsent | None = None
    ) -> None:
        self._moto_app = moto_app
        self._account = account
        self._token = token
        self._save = save
        self._unsent = Unsent() if unsent is None else unsent
        self._lock = threading.Lock()
        self._requests = 0
        self._dirty = False
        self._unsaved = ""
        self._cost = 0.0
        self.last_request = time.monotonic()

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        signed_for = service_and_region(environ.get("HTTP_AUTHORIZATION"))[0]
        if why := callers.refusal(environ, self._token, signed_for):
            status, headers, body = 403, [("Content-Type", "application/json")], _refused(why)
        elif environ["PATH_INFO"].startswith(CONTROL):
            status, headers, body = self._control(environ)
        else:
            with self._lock:
                answered = self._answer(environ)
            if answered is None:
                return _hang_up(environ)
            status, headers, body = answered
        start_response(f"{status} ", [*headers, ("Content-Length", str(len(body)))])
        return [body]

    def save_if_dirty(self) -> None:
        """Write what has changed and is not on disk yet."""
        with self._lock:
            if self._dirty:
                self._take_snapshot()

    def save(self) -> None:
        """Write the account, whatever is on disk."""
        with self._lock:
            self._take_snapshot()

    def _take_snapshot(self) -> None:
        started = time.monotonic()
        try:
            self._save()
            self._unsaved = ""
        except (NotSaved, OSError) as error:
            # The call has been done and must be answered; `health` and the log say that it is not kept.
            self._unsaved = str(error)
            sys.stderr.write(f"{error}\n")
        self._cost = time.monotonic() - started
        self._dirty = False

    def _answer(self, environ: dict[str, Any]) -> tuple[int, list[tuple[str, str]], bytes] | None:
        """Status, headers and body of an API call; None when its reply shall be lost."""
        self._requests += 1
        self.last_request = time.monotonic()
        service, region = service_and_region(environ.get("HTTP_AUTHORIZATION"))
        body = _form_body(environ)
        action = action_name(environ["REQUEST_METHOD"], environ["PATH_INFO"], EnvironHeaders(environ), body)
        refusal = self._account.faults.refusal(service, action)
        if refusal is not None:
            status, headers, refused = refusal_answer(service, refusal)
            return status, list(headers.items()), refused
        if service == "cloudformation":
            form = dict(parse_qsl(body.decode(), keep_blank_values=True))
            status, headers, answer = wire.answer(self._account, region, form)
            changed = status < 400 and api.ACTIONS[action].changes
            answered = status, list(headers.items()), answer
        else:
            if service == "s3":
                bring_bucket(self._account.client(region, "s3"), region, environ["PATH_INFO"] + environ["HTTP_HOST"])
            answered = self._ask_moto(environ)
            changed = answered[0] < 400 and not is_reading(action)
        if changed:
            self._dirty = True
            if action not in BULK or self._cost < SNAPSHOT_BUDGET:
                self._take_snapshot()
        return None if self._account.faults.reply_is_lost(action) else answered

    def _ask_moto(self, environ: dict[str, Any]) -> tuple[int, list[tuple[str, str]], bytes]:
        chunks, status, headers = run_wsgi_app(self._moto_app, environ, buffered=True)
        kept = [(name, value) for name, value in headers.items() if name.lower() != "content-length"]
        return int(status.split(" ", 1)[0]), kept, b"".join(chunks)

    def _control(self, environ: dict[str, Any]) -> tuple[int, list[tuple[str, str]], bytes]:
        """`GET health`, `GET faults`, `POST faults` with the JSON of `Faults`."""
        what = (environ["REQUEST_METHOD"], environ["PATH_INFO"].removeprefix(CONTROL))
        status, document = 200, {}
        faults = self._account.faults
        if what == ("GET", "health"):
            document = {
                "sandbox": "phasegate",
                "pid": os.getpid(),
                "proof": callers.proof(self._token, "answer", environ.get("HTTP_X_PHASEGATE_CHALLENGE", "")),
                "account": self._account.account_id,
                "requests": self._requests,
                "unsaved": self._unsaved,
                "unsent": {"total": self._unsent.total, "latest": list(self._unsent.latest)},
            }
        elif what == ("GET", "faults"):
            document = faults.to_json()
        elif what == ("POST", "faults"):
            try:
                sent = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
                with self._lock:
                    faults.replace_from_json(json.loads(sent))
                document = faults.to_json()
            except (ValueError, SandboxRefused) as error:
                status, document = 400, {"error": str(error)}
        else:
            status, document = 404, {"error": f"no such control: {what[0]} {CONTROL}{what[1]}"}
        return status, [("Content-Type", "application/json")], json.dumps(document).encode()


def _refused(why: str) -> bytes:
    return json.dumps({"error": f"the sandbox does not answer this: {why}"}).encode()


def _form_body(environ: dict[str, Any]) -> bytes:
    """The body of a form request, left in place for moto to read again; other bodies are not touched."""
    if not environ.get("CONTENT_TYPE", "").startswith("application/x-www-form-urlencoded"):
        return b""
    body: bytes = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    environ["wsgi.input"] = io.BytesIO(body)
    return body


def _hang_up(environ: dict[str, Any]) -> Iterable[bytes]:
    """Close the connection without an answer, as a network that breaks at the wrong moment."""
    connection: socket.socket = environ["werkzeug.socket"]
    with suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)
    raise ConnectionAbortedError("scripted: the reply is lost")
