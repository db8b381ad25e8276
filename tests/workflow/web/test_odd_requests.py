"""Requests that no browser makes, byte by byte over a real socket: none is a fault, none opens a gate."""

from __future__ import annotations

import signal
import socket
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlencode

import pytest

from tests.worlds.agent_world import AgentWorld
from tests.worlds.processes import ended
from tests.worlds.served_page import ServedPage, served

pytestmark = pytest.mark.slow
WEBSOCKET_KEY = "sec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA=="
WAITS = {"TLS", "a long length", "in pieces, and with a length"}  # more may come: there is no answer yet
FORM = "content-type: application/x-www-form-urlencoded"


class Line:
    """Requests to one page, written by hand; `good` is an approval that would be taken."""

    def __init__(self, page: ServedPage) -> None:
        self.page = page
        self.host = f"localhost:{page.port}"
        gate = page.get(page.gate())
        self.fields = {**gate.fields("approve"), "confirmed": "yes"}

    def sends(self, raw: bytes) -> int:
        """The status of the answer; 0 where the line was closed without one, or more is waited for."""
        with socket.create_connection(("localhost", self.page.port), timeout=10) as line:
            line.sendall(raw)
            try:
                answer = line.recv(65536)
            except TimeoutError:
                return 0
        return int(answer.split(b" ", 2)[1]) if answer.startswith(b"HTTP/") else 0

    def hangs_up(self, raw: bytes) -> None:
        """Send it, and close the line."""
        with socket.create_connection(("localhost", self.page.port), timeout=10) as line:
            line.sendall(raw)

    def approval(
        self,
        *more: str,
        method: str = "POST",
        path: str = "",
        host: str | None = None,
        origin: str | None = None,
        cookie: str | None = None,
        body: bytes | None = None,
        length: str | None = None,
    ) -> bytes:
        body = urlencode(self.fields).encode() if body is None else body
        lines = [
            f"{method} {path or self.page.run() + '/approve'} HTTP/1.1",
            f"host: {self.host if host is None else host}",
            f"origin: {self.page.here if origin is None else origin}",
            f"cookie: {self.page.cookie if cookie is None else cookie}",
            FORM,
            f"content-length: {len(body) if length is None else length}",
            "connection: close",
            *more,
        ]
        return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body


def odd(at: Line) -> dict[str, bytes]:
    """What is sent, by what is odd about it. What means the same as the right one is of Origin `null` beside that."""
    run, cookie, name = at.page.run(), at.page.cookie, at.page.cookie.partition("=")[0]
    form = urlencode(at.fields)
    port = at.page.port
    return {
        "HEAD": at.approval(method="HEAD"),
        "OPTIONS": at.approval(method="OPTIONS"),
        "TRACE": at.approval(method="TRACE"),
        "PATCH": at.approval(method="PATCH"),
        "a method of its own": at.approval(method="APPROVE"),
        "a method in small letters": at.approval(method="post", origin="null"),
        "another method by a header": at.approval("x-http-method-override: POST", method="GET"),
        "the whole address": at.approval(path=f"http://evil.example{run}/approve", host="evil.example"),
        "a slash at the end": at.approval(path=f"{run}/approve/", origin="null"),
        "two slashes": at.approval(path=f"/{run}/approve", origin="null"),
        "an encoded slash": at.approval(path=run.replace("/r/shed/", "/r/shed%2f") + "/approve", origin="null"),
        "an encoded act": at.approval(path=f"{run}/%61pprove", origin="null"),
        "encoded twice": at.approval(path=f"{run}/%2561pprove"),
        "a NUL in the address": at.approval(path=f"{run}%00/approve"),
        "half a character in the address": at.approval(path=f"{run}%ff%c3/approve"),
        "a line's end in the address": at.approval(path=f"{run}%0d%0aX: y/approve"),
        "a lone per cent": at.approval(path=f"{run}%/approve"),
        "a backslash": at.approval(path=run.replace("/", "\\") + "\\approve"),
        "ways up": at.approval(path=f"/r/shed/..%2f..%2f{run.rpartition('/')[2]}/approve"),
        "at a remote that is none": at.approval(path=f"/there/shed/{run.rpartition('/')[2]}/approve"),
        "a glob at a remote": at.approval(path="/there/shed/*/approve"),
        "a long address": at.approval(path=f"/r/{'x' * 60_000}/approve"),
        "the Host in capitals": at.approval(host=at.host.upper()),
        "a dot behind the Host": at.approval(host=f"localhost.:{port}"),
        "the Host without its port": at.approval(host="localhost"),
        "a zero before the port": at.approval(host=f"localhost:0{port}"),
        "a name before the Host": at.approval(host=f"x@localhost:{port}"),
        "two Hosts": at.approval("host: evil.example"),
        "a forwarded Host": at.approval("x-forwarded-host: localhost", host="evil.example"),
        "Origin null": at.approval(origin="null"),
        "the Origin in capitals": at.approval(origin=at.page.here.upper()),
        "a slash behind the Origin": at.approval(origin=at.page.here + "/"),
        "two Origins": at.approval("origin: https://evil.example"),
        "an Origin of two": at.approval(origin=f"{at.page.here} https://evil.example"),
        "bytes in the Origin": at.approval(origin="http://\xff"),
        "two cookies, a wrong one last": at.approval(cookie=f"{cookie}; {name}=x"),
        "two lines of cookies": at.approval(f"cookie: {name}=x", cookie=f"{name}=y"),
        "a quoted cookie": at.approval(cookie=f'{name}="x'),
        "a cookie of bytes": at.approval(cookie=f"{name}=\xff\xfe"),
        "the digest twice": at.approval(body=f"{form}&digest={'0' * 64}".encode()),
        "the token twice": at.approval(body=f"token=x&{form}".encode()),
        "fields in the address": at.approval(path=f"{run}/approve?{form}", body=b"token="),
        "a field's name encoded, twice": at.approval(body=f"{form}&%64igest={'0' * 64}".encode()),
        "semicolons": at.approval(body=form.replace("&", ";").encode()),
        "a lone ampersand": at.approval(body=b"&"),
        "no body": at.approval(body=b""),
        "a length below zero": at.approval(length="-1"),
        "a long length": at.approval(length="9" * 40),
        "two lengths": at.approval("content-length: 1"),
        "in pieces, and with a length": at.approval("transfer-encoding: chunked"),
        "a bad piece behind a good one": at.approval("transfer-encoding: chunked", body=b"1\r\nx\r\nzz\r\n"),
        "a bad piece": at.approval("transfer-encoding: chunked", body=b"zz\r\nx\r\n", length="0"),
        "a bad piece to a page": at.approval("transfer-encoding: chunked", method="GET", path="/", body=b"zz\r\nx\r\n"),
        "a bad piece to nobody": at.approval("transfer-encoding: chunked", host="evil.example", body=b"zz\r\n"),
        "a header without a name": at.approval(": x"),
        "a folded header": at.approval("x-a: b\r\n c", origin="null"),
        "an upgrade": at.approval(
            "upgrade: websocket",
            "sec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==",
            "sec-websocket-version: 13",
            method="GET",
        ),
        "HTTP/0.9": b"GET /\r\n\r\n",
        "TLS": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(64),
    }


def test_no_odd_request_is_a_fault_or_opens_a_gate(tmp_path: Path) -> None:
    world = AgentWorld(tmp_path, policy="default: {presence: any}\n")
    world.starts()
    world.works("one.txt")
    before = world.journal.read_bytes()
    with served(world.root) as page:
        page.enters()
        at = Line(page)
        with ThreadPoolExecutor(8) as lines:  # some are answered after seconds
            told = dict(zip(asked := odd(at), lines.map(at.sends, asked.values()), strict=True))
        assert {what for what, status in told.items() if status == 0} <= WAITS
        assert {what: status for what, status in told.items() if status >= 500} == {}
        assert world.journal.read_bytes() == before, [what for what, status in told.items() if status == 303]
        assert at.sends(at.approval()) == 303  # which would have opened it
        at.hangs_up(at.approval(length="60000"))
        assert at.sends(at.approval(method="GET", path="/")) == 200  # the line that hung up was looked at before
        page.process.send_signal(signal.SIGTERM)
        assert "fault" not in ended(page.process)[1]  # of ours, where somebody sends no HTTP
    assert len(world.opened()) == 1
