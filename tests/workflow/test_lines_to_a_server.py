"""A line to a server of this machine that brings no whole request is closed soon; who asks meanwhile is answered."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Iterator
from http.client import HTTPResponse
from threading import Event, Thread
from typing import Any

import pytest

pytest.importorskip("uvicorn", reason="not run: the extra web is not installed")

import uvicorn

from workflow.service.loopback import settings_of
from workflow.service.loopback_line import Line

REQUEST = b"POST / HTTP/1.1\r\nhost: localhost\r\ncontent-length: 2\r\n\r\n"
MOST = 5
SOON = 0.2  # [s]


class Served:
    """An application that reads what it is sent, then answers, after `goes_on` is set; at a loopback address."""

    def __init__(self, address: tuple[str, int]) -> None:
        self.address = address
        self.goes_on, self.asked, self.hung_up = Event(), Event(), Event()
        self.goes_on.set()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        while True:
            self.asked.set()
            came = await receive()
            if came["type"] == "http.disconnect":
                self.hung_up.set()
                return
            if not came.get("more_body"):
                break
        await asyncio.to_thread(self.goes_on.wait)
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
        await send({"type": "http.response.body", "body": b"ok"})

    def opened(self) -> socket.socket:
        return socket.create_connection(self.address, timeout=30)


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> Iterator[Served]:
    monkeypatch.setattr(Line, "within", SOON)
    with socket.create_server(("127.0.0.1", 0)) as made:
        app = Served(made.getsockname())
        server = uvicorn.Server(settings_of(app, lifespan="off", most=MOST))
        with contextlib.closing(made):
            thread = Thread(target=asyncio.run, args=(server.serve([made]),))
            thread.start()
            try:
                yield app
            finally:
                app.goes_on.set()
                server.should_exit = True
                thread.join()


def status(line: socket.socket) -> int:
    """The status of one whole answer, which may come in pieces."""
    with HTTPResponse(line) as answer:
        answer.begin()
        answer.read()
        return answer.status


@pytest.mark.parametrize("sent", [b"", b"POST / HTT", REQUEST, REQUEST + b"x"])
def test_a_line_that_brings_no_whole_request_is_closed(at: Served, sent: bytes) -> None:
    with at.opened() as line:
        line.sendall(sent)
        assert line.recv(1) == b""


def test_so_is_one_whose_next_request_stays_half(at: Served) -> None:
    with at.opened() as line:
        line.sendall(REQUEST + b"xx")
        assert status(line) == 200
        line.sendall(REQUEST)
        assert line.recv(1) == b""
        assert at.hung_up.wait(30)


def test_one_whose_request_is_worked_at_stays(at: Served) -> None:
    at.goes_on.clear()
    with at.opened() as line, at.opened() as idle:
        line.sendall(REQUEST + b"xx")
        assert at.asked.wait(30)
        assert idle.recv(1) == b""  # which was opened later, and is closed by now
        at.goes_on.set()
        assert status(line) == 200


def test_idle_lines_keep_nobody_out_for_long(at: Served) -> None:
    idle = [at.opened() for _ in range(2 * MOST)]
    with at.opened() as line:
        line.sendall(REQUEST + b"xx")
        assert status(line) == 503
    assert [each.recv(1) for each in idle] == [b""] * len(idle)
    with at.opened() as line:
        line.sendall(REQUEST + b"xx")
        assert status(line) == 200
    for each in idle:
        each.close()


def test_what_is_no_http_is_answered_once_and_told_to_who_reads_the_body(at: Served) -> None:
    with at.opened() as line:
        line.sendall(b"POST / HTTP/1.1\r\nhost: localhost\r\ntransfer-encoding: chunked\r\n\r\n")
        assert at.asked.wait(30)
        line.sendall(b"zz\r\n")
        whole = b"".join(iter(lambda: line.recv(4096), b""))
    assert (whole[9:12], whole.count(b"HTTP/1.1 ")) == (b"400", 1)
    assert at.hung_up.wait(30)
