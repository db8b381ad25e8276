"""`phasegate serve` as a process of its own, forked or started, asked over its socket as a browser would.

with served(root) as page:
    page.enters()
    page.get("/")
"""

from __future__ import annotations

import http.client
import importlib
import socket
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from subprocess import Popen
from urllib.parse import urlsplit

from tests.worlds.forked_process import ForkedProcess, forked_server
from tests.worlds.page_world import Answer, Page
from tests.worlds.processes import begin, end_group


def free_port() -> int:
    """A port that nobody listens at on either loopback address now."""
    with socket.socket() as made:
        made.bind(("127.0.0.1", 0))
        return int(made.getsockname()[1])


class ServedPage(Page):
    """As `Page`, over the socket. `process` serves; `link` is what it printed."""

    def __init__(self, process: Popen[str] | ForkedProcess, port: int) -> None:
        self.process, self.port, self.cookie, self._run = process, port, "", ""
        assert process.stdout is not None
        self.said = [process.stdout.readline() for _ in range(3)]
        assert process.poll() is None, process.stderr and process.stderr.read()
        self.link = self.said[1].removeprefix("open ").strip()

    @property
    def here(self) -> str:
        return f"http://localhost:{self.port}"

    def enters(self) -> Answer:
        told = self.get(urlsplit(self.link).path)
        self.cookie = told.headers["set-cookie"].partition(";")[0]
        return told

    def post(self, path: str, fields: Mapping[str, str] | bytes, **headers: str) -> Answer:
        return super().post(path, fields, **{"origin": self.here, **headers})

    def asks(self, method: str, path: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        sent = {"cookie": self.cookie, **headers}
        line = http.client.HTTPConnection("localhost", self.port, timeout=60)
        try:
            given = {name.replace("_", "-"): value for name, value in sent.items() if value}
            line.request(method, path, body=body or None, headers=given)
            came = line.getresponse()
            return Answer(came.status, {name.lower(): value for name, value in came.getheaders()}, came.read().decode())
        finally:
            line.close()

    @contextmanager
    def listens(self, path: str) -> Iterator[http.client.HTTPResponse]:
        """A stream of events; in the block its lines can be read."""
        line = http.client.HTTPConnection("localhost", self.port, timeout=60)
        line.request("GET", path, headers={"cookie": self.cookie})
        came = line.getresponse()
        assert came.readline() == b": listening\n"
        try:
            yield came
        finally:
            line.close()


def event_of(stream: http.client.HTTPResponse) -> tuple[str, float]:
    """The next event, and how long it took to come [s]."""
    since = time.monotonic()
    while not (line := stream.readline().decode()).startswith("event: "):
        assert line, "the stream ended without an event"
    return line.removeprefix("event: ").strip(), time.monotonic() - since


@contextmanager
def served(*roots: Path, port: int = 0, origin: str = "", started: bool = False) -> Iterator[ServedPage]:
    """The server over these repositories, at this port or a free one, and at this origin; it is gone afterwards.

    `started`: by the real command; else it is forked, and nothing is imported again.
    """
    port = port or free_port()
    more = ("--origin", origin) if origin else ()
    words = ("serve", *map(str, roots), "--no-browser", "--port", str(port), *more)
    process: Popen[str] | ForkedProcess
    if started:
        process = begin(roots[0], *words)
    else:
        importlib.import_module("workflow.web.server")
        process = forked_server(roots[0], *words)
    try:
        yield ServedPage(process, port)
    finally:
        end_group(process)
