"""A message reaches an address by JSON, once, and the address reaches nobody else."""

from __future__ import annotations

import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from socket import socket
from threading import Thread
from typing import Any

import pytest

from state.errors import BadInput, StepFailed
from workflow.doors.webhook import post

BODY = {"text": "zwölf", "n": 1}


class Hook:
    """A server on this machine that answers with `status` and keeps what it was sent."""

    def __init__(self) -> None:
        self.status = 200
        self.got: list[tuple[str, str, dict[str, str], Any]] = []
        hook = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                data = self.rfile.read(int(self.headers["Content-Length"]))
                hook.got.append((self.command, self.path, dict(self.headers), json.loads(data)))
                self.send_response(hook.status)
                self.send_header("Location", "/elsewhere")
                self.send_header("Content-Length", "0")
                self.end_headers()

            do_GET = do_POST

            def log_message(self, *_arguments: object) -> None: ...

        self.server = HTTPServer(("127.0.0.1", 0), Handler)

    @property
    def place(self) -> str:
        return f"127.0.0.1:{self.server.server_port}"


@pytest.fixture
def hook() -> Iterator[Hook]:
    made = Hook()
    thread = Thread(target=made.server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield made
    made.server.shutdown()
    thread.join()
    made.server.server_close()


def test_a_message_arrives_as_json_and_the_status_comes_back(hook: Hook) -> None:
    assert post(f"http://{hook.place}/services/x?y=1#z", BODY) == 200
    ((method, path, headers, body),) = hook.got
    assert (method, path, body) == ("POST", "/services/x?y=1", BODY)
    assert headers["Content-Type"] == "application/json; charset=utf-8"
    assert "Authorization" not in headers


@pytest.mark.parametrize("status", [204, 301, 307, 404, 500])
def test_every_answer_is_an_answer_and_no_redirect_is_followed(hook: Hook, status: int) -> None:
    hook.status = status
    assert post(f"http://{hook.place}/", BODY) == status
    assert len(hook.got) == 1


def test_a_name_and_password_go_into_the_header_and_not_into_the_address(hook: Hook) -> None:
    post(f"http://ada:hunter2@{hook.place}/x", BODY)
    ((_method, _path, headers, _body),) = hook.got
    assert headers["Authorization"] == "Basic YWRhOmh1bnRlcjI="
    assert headers["Host"] == hook.place


def test_no_proxy_is_asked_for_this_machine(hook: Hook, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    assert post(f"http://{hook.place}/", BODY) == 200


def test_a_host_that_does_not_answer_is_named_without_the_rest_of_the_address() -> None:
    with socket() as nobody:
        nobody.bind(("127.0.0.1", 0))  # and does not listen
        url = f"http://ada:hunter2@127.0.0.1:{nobody.getsockname()[1]}/services/T0/secret"
        with pytest.raises(StepFailed, match=r"the webhook at 127\.0\.0\.1 could not be reached: .*refused") as refused:
            post(url, BODY)
    assert "secret" not in str(refused.value)
    assert "hunter2" not in str(refused.value)
    assert refused.value.__cause__ is None
    assert refused.value.__suppress_context__  # a traceback shows neither


@pytest.mark.parametrize(
    "url",
    [
        "http://example.com/secret",
        "ftp://127.0.0.1/secret",
        "secret",
        "",
        "https://",
        "https://h:port/secret",
        "https://h/secret\nX: y",
        "https://h/with a space/secret",
        "https://[bad/secret",
        "file:///secret",
    ],
)
def test_an_address_that_is_not_https_is_refused_without_being_shown(url: str) -> None:
    with pytest.raises(BadInput, match="a webhook is an https address") as refused:
        post(url, BODY)
    assert "secret" not in str(refused.value)
