"""The WebSocket client of the session service's smoke tests, against real servers of this machine that go wrong."""

from __future__ import annotations

import json
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from ipaddress import ip_address
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from websockets.sync.server import ServerConnection, serve

from tests.worlds.session_service import SERVICE, modules_of

pytestmark = pytest.mark.slow
Talk = Callable[[ServerConnection], None]


@pytest.fixture(scope="module")
def client() -> Iterator[ModuleType]:
    with modules_of(SERVICE / "smoke", "client") as (module,):
        yield module


class Entries:
    """The test user's entries: one more each time that somebody has been let in."""

    def __init__(self) -> None:
        self.let_in = 0

    def __call__(self) -> dict[str, dict[str, Any]]:
        return {f"c{number}": {"role": "guest", "sessionId": None} for number in range(self.let_in)}


@contextmanager
def served(talk: Talk, entries: Entries, tls: ssl.SSLContext | None = None, status: int = 101) -> Iterator[str]:
    def let_in(connection: ServerConnection, _request: object) -> Any:
        if status != 101:
            return connection.respond(HTTPStatus(status), "no\n")
        entries.let_in += 1
        return None

    with serve(talk, "127.0.0.1", 0, process_request=let_in, ssl=tls) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        port = server.socket.getsockname()[1]
        try:
            yield f"{'wss' if tls else 'ws'}://127.0.0.1:{port}/prod"
        finally:
            server.shutdown()
            thread.join()


def echo_heartbeat(connection: ServerConnection) -> None:
    for message in connection:
        connection.send(json.dumps({"type": "other"}))
        connection.send(json.dumps({"type": json.loads(message)["action"], "role": "guest"}))


def certificate(directory: Path) -> tuple[ssl.SSLContext, Path]:
    """A server's context with a certificate of its own for 127.0.0.1, and the file that says to trust it."""
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "here")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    trusted, both = directory / "trusted.pem", directory / "both.pem"
    trusted.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    both.write_bytes(private + trusted.read_bytes())
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(both)
    return context, trusted


def test_it_speaks_tls_with_who_is_trusted_and_with_nobody_else(
    client: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    context, trusted = certificate(tmp_path)
    entries = Entries()
    with served(echo_heartbeat, entries, context) as url:
        with pytest.raises(client.Refused, match=r"no TLS with 127.0.0.1:[0-9]+: CERTIFICATE_VERIFY_FAILED"):
            client.Client(url, entries).connect("token")
        monkeypatch.setenv("SSL_CERT_FILE", str(trusted))
        one = client.Client(url, entries)
        name, _ = one.connect("token")
        assert one.send(name, action="heartbeat") == {"type": "heartbeat", "role": "guest"}
        one.close()


@pytest.mark.parametrize("address", ["ws://example.com/prod", "http://127.0.0.1/prod", "example.com"])
def test_a_token_is_not_sent_in_the_open(client: ModuleType, address: str) -> None:
    with pytest.raises(client.Refused, match="wss is expected"):
        client.Client(address, Entries())


@pytest.mark.parametrize("status", [401, 403, 404, 429, 500])
def test_a_refused_handshake_is_its_status(client: ModuleType, status: int) -> None:
    entries = Entries()
    with (
        served(echo_heartbeat, entries, status=status) as url,
        pytest.raises(client.Refused, match=f"^{status}: "),
    ):
        client.Client(url, entries).connect("token")


def test_who_never_answers_is_waited_for_no_longer_than_said(client: ModuleType) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"ws://127.0.0.1:{silent.getsockname()[1]}/prod"
        with pytest.raises(client.Refused, match="does not answer"):
            client.Client(url, Entries(), timeout=0.2).connect("token")
    with pytest.raises(client.Refused, match="does not answer"):  # nobody listens there any more
        client.Client(url, Entries(), timeout=0.2).connect("token")


def test_an_answer_that_does_not_come_is_no_answer(client: ModuleType) -> None:
    def other(connection: ServerConnection) -> None:
        for _ in connection:
            connection.send(json.dumps({"type": "other"}))

    entries = Entries()
    with served(other, entries) as url:
        one = client.Client(url, entries, timeout=0.3)
        name, _ = one.connect("token")
        with pytest.raises(client.Refused, match=r"nothing was said within 0\.3 s"):
            one.send(name, action="heartbeat")
        with pytest.raises(client.Refused, match="the entry of a closed connection is there"):
            one.disconnect(name)
        with pytest.raises(client.Refused, match=r"^410: "):
            one.send(name, action="heartbeat")


def test_a_connection_that_is_not_written_down_is_refused(client: ModuleType) -> None:
    with served(echo_heartbeat, Entries()) as url, pytest.raises(client.Refused, match="0 new entries"):
        client.Client(url, Entries()).connect("token")


def test_what_api_gateway_says_itself_is_a_refusal(client: ModuleType) -> None:
    def forbid(connection: ServerConnection) -> None:
        for _ in connection:
            connection.send(json.dumps({"message": "Forbidden", "requestId": "x"}))

    entries = Entries()
    with served(forbid, entries) as url:
        one = client.Client(url, entries)
        name, _ = one.connect("token")
        with pytest.raises(client.Refused, match="Forbidden"):
            one.send(name, action="nothing")
        one.close()
