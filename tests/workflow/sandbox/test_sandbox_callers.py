"""Who is answered: programs of this machine, by any of its names; no web page, and no controls without the token."""

from __future__ import annotations

import fcntl
import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from workflow.sandbox import control
from workflow.sandbox.callers import CHALLENGE, PROOF, TOKEN, proof, refusal

PORT = "4566"


def asked(path: str = "/", service: str = "s3", **headers: str) -> str:
    """Why this request is refused; its headers by their names in WSGI."""
    environ = {"PATH_INFO": path, "SERVER_PORT": PORT, "HTTP_HOST": f"127.0.0.1:{PORT}"}
    environ |= {f"HTTP_{name.upper()}": value for name, value in headers.items()}
    return refusal(environ, "token", service)


@pytest.mark.parametrize(
    "host",
    [
        f"127.0.0.1:{PORT}",
        f"localhost:{PORT}",
        f"LOCALHOST:{PORT}",
        f"[::1]:{PORT}",
        f"bucket.localhost:{PORT}",
        f"my.bucket.s3.localhost:{PORT}",
    ],
)
def test_a_name_of_this_machine_is_answered(host: str) -> None:
    assert asked(host=host) == ""


@pytest.mark.parametrize(
    "host",
    [
        "",
        "page.example",
        f"page.example:{PORT}",
        "127.0.0.1",
        "127.0.0.1:80",
        f"127.0.0.1.page.example:{PORT}",
        f"localhost.page.example:{PORT}",
        f"notlocalhost:{PORT}",
        f"user@127.0.0.1:{PORT}",
        f"127.0.0.1:{PORT}:1",
        f"0.0.0.0:{PORT}",
        f"10.0.0.1:{PORT}",
        f"localhost:{PORT}@page.example",
        f"dynamodb.us-east-1.amazonaws.com:{PORT}",
        "[::1",
        f"127.0.0.1:{PORT}, page.example",
    ],
)
def test_any_other_name_is_refused(host: str) -> None:
    assert asked(host=host).startswith("Host is ")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("origin", "https://page.example"),
        ("origin", "null"),
        ("origin", ""),
        ("origin", "http://localhost:3000"),
        ("origin", f"https://127.0.0.1:{PORT}"),
        ("origin", f"http://bucket.localhost:{PORT}"),
        ("origin", f"http://127.0.0.1:{PORT}, https://page.example"),
        ("origin", "file://"),
        ("referer", "https://page.example/a?b"),
        ("referer", f"http://127.0.0.1:{PORT}@page.example/"),
        ("sec_fetch_site", "cross-site"),
        ("sec_fetch_site", "same-site"),
        ("sec_fetch_site", "anything new"),
    ],
)
def test_a_page_from_elsewhere_is_refused_whatever_it_asks_for(name: str, value: str) -> None:
    assert asked(**{name: value})
    assert asked("/_phasegate/faults", **{name: value, "x_phasegate_token": "token"})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("origin", f"http://127.0.0.1:{PORT}"),
        ("referer", f"http://localhost:{PORT}/bucket/key"),
        ("sec_fetch_site", "none"),
        ("sec_fetch_site", "same-origin"),
    ],
)
def test_the_server_itself_is_no_page_from_elsewhere(name: str, value: str) -> None:
    assert asked(**{name: value}) == ""


@pytest.mark.parametrize(
    "path",
    ["/_phasegate/faults", "/_phasegate/health", "//_phasegate/faults", "/moto-api/reset", "/moto-api", "/Moto-API/x"],
)
def test_the_controls_want_the_token(path: str) -> None:
    assert TOKEN in asked(path)
    assert TOKEN in asked(path, x_phasegate_token="tokem")
    assert TOKEN in asked(path, x_phasegate_token="tökén")
    assert TOKEN in asked(path, x_phasegate_proof=proof("token", "ask", ""))
    assert TOKEN in asked(path, x_phasegate_challenge="c", x_phasegate_proof=proof("token", "answer", "c"))
    assert asked(path, x_phasegate_token="token") == ""
    assert asked(path, x_phasegate_challenge="c", x_phasegate_proof=proof("token", "ask", "c")) == ""


@pytest.mark.parametrize("service", ["moto_api", "motoapi", "moto-api"])
def test_a_signature_for_motos_own_controls_is_no_way_round(service: str) -> None:
    assert TOKEN in asked("/reset", service=service)


# a port, or a process id, that is somebody else's by now


class Stranger(BaseHTTPRequestHandler):
    """Answers everything with everything that it was told."""

    heard: list[dict[str, str]]
    pid: int

    def do_GET(self) -> None:
        told = dict(self.headers)
        self.heard.append(told)
        body = {"sandbox": "phasegate", "pid": self.pid, "token": told.get(TOKEN), "proof": told.get(PROOF)}
        data = json.dumps(body | {"challenge": told.get(CHALLENGE)}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_: object) -> None: ...


@pytest.fixture
def stranger() -> Iterator[tuple[HTTPServer, subprocess.Popen[bytes]]]:
    """A server at a port, and a process, that have nothing to do with the sandbox."""
    process = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    Stranger.heard, Stranger.pid = [], process.pid
    with HTTPServer(("127.0.0.1", 0), Stranger) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield server, process
        finally:
            server.shutdown()
            process.communicate(b"\n")


def test_a_port_that_is_somebody_elses_by_now_is_not_trusted_and_nobody_is_killed(
    tmp_path: Path, stranger: tuple[HTTPServer, subprocess.Popen[bytes]]
) -> None:
    server, process = stranger
    info = {"pid": process.pid, "port": server.server_port, "started_at": "", "token": "secret", "account": "1"}
    (tmp_path / "server.json").write_text(json.dumps(info))
    with (tmp_path / "server.lock").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        assert control.status(tmp_path) is None
        assert not control.stop(tmp_path)
    assert process.poll() is None
    assert Stranger.heard
    assert "secret" not in json.dumps(Stranger.heard)


@pytest.mark.slow
def test_a_new_server_takes_nothing_over_from_an_old_one_but_the_account(
    tmp_path: Path, stranger: tuple[HTTPServer, subprocess.Popen[bytes]]
) -> None:
    server, process = stranger
    home = tmp_path / "sandbox"
    home.mkdir()
    info = {"pid": process.pid, "port": server.server_port, "started_at": "", "token": "old", "account": "1"}
    (home / "server.json").write_text(json.dumps(info))
    started = control.start(home)
    try:
        assert started.port != server.server_port
        assert started.token not in ("", "old")
        assert started.token not in repr(started)
        assert (home / "server.json").stat().st_mode & 0o777 == 0o600
    finally:
        control.stop(home)
    assert process.poll() is None
