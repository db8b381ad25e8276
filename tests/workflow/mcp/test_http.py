"""The server over HTTP: who is let in and who is not, the token, updates, and how it ends."""

from __future__ import annotations

import http.client
import json
import signal
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

pytest.importorskip("mcp", reason="not run: the extra mcp is not installed")

import anyio
from mcp.client.subscriptions import ResourceUpdated

from state.errors import BadInput
from tests.worlds.agent_clients import TRANSPORTS, agents_server, call
from tests.worlds.agent_world import AgentWorld
from tests.worlds.processes import begin, ended
from tests.worlds.served_page import free_port
from workflow.service.agents_secret import secret_of

pytestmark = pytest.mark.slow
SOON = 20  # [s] a second, and room for a busy machine


@pytest.fixture(scope="module")
def serving(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[AgentWorld, int, str]]:
    world = AgentWorld(tmp_path_factory.mktemp("served"))
    with agents_server(world.root) as (url, token):
        yield world, int(urlsplit(url).port or 0), token


def asks(port: int, body: dict[str, Any] | None = None, **headers: str) -> tuple[int, str]:
    """One request as it is; `headers` change the usual ones, and one that is "" is left out."""
    said = json.dumps(body or initialize("2025-11-25"))
    usual = {
        "content_type": "application/json",
        "accept": "application/json, text/event-stream",
        "host": f"127.0.0.1:{port}",
    }
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        line.putrequest("POST", "/mcp", skip_host=True)
        for name, value in {**usual, **headers, "content_length": str(len(said))}.items():
            if value:
                line.putheader(name.replace("_", "-"), value)
        line.endheaders(said.encode())
        came = line.getresponse()
        return came.status, came.read(4096).decode()
    finally:
        line.close()


def initialize(version: str) -> dict[str, Any]:
    about = {"protocolVersion": version, "capabilities": {}, "clientInfo": {"name": "older", "version": "1"}}
    return {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": about}


@pytest.mark.parametrize(
    ("headers", "status", "why"),
    [
        ({"host": "evil.example"}, 421, "the Host is 'evil.example': expected 127.0.0.1:"),
        ({"host": "localhost:1"}, 421, "the Host is 'localhost:1'"),
        ({"origin": "https://evil.example"}, 403, "the Origin is 'https://evil.example'"),
        ({"origin": "null"}, 403, "the Origin is 'null'"),
        ({"authorization": ""}, 401, "expected `Authorization: Bearer TOKEN`"),
        ({"authorization": "Bearer x"}, 401, "expected `Authorization: Bearer TOKEN`"),
        ({"authorization": "Bearer "}, 401, "expected `Authorization: Bearer TOKEN`"),
    ],
)
def test_who_is_not_let_in(
    headers: dict[str, str], status: int, why: str, serving: tuple[AgentWorld, int, str]
) -> None:
    _world, port, token = serving
    told, text = asks(port, **{"authorization": token, **headers})
    assert told == status
    assert text.startswith("phasegate: ")
    assert why in text


@pytest.mark.parametrize("version", ["2025-06-18", "2025-11-25"])
def test_older_protocols_shake_hands(version: str, serving: tuple[AgentWorld, int, str]) -> None:
    _world, port, token = serving
    status, text = asks(port, initialize(version), authorization=token)
    assert status == 200
    assert f'"protocolVersion":"{version}"' in text.replace(" ", "")


def test_the_token_lies_in_gits_own_directory_for_its_owner_alone_and_stays(tmp_path: Path) -> None:
    world = AgentWorld(tmp_path)
    made = secret_of(world.root)
    place = world.root / ".git/phasegate/mcp-token"
    assert (stat.S_IMODE(place.stat().st_mode), place.read_text(), len(made) >= 43) == (0o600, made, True)
    assert secret_of(world.root) == made
    for spoil, why in (
        (lambda: place.chmod(0o644), "others than its owner can read it"),
        (lambda: (place.chmod(0o600), place.write_text("short")), "does not hold what phasegate wrote"),
        (lambda: (place.unlink(), place.symlink_to(tmp_path / "elsewhere")), "mcp-token"),
    ):
        spoil()
        with pytest.raises(BadInput, match=why) as refusal:
            secret_of(world.root)
        assert refusal.value.next_command.startswith("rm ")


def test_a_port_in_use_and_one_that_is_none_are_refused(serving: tuple[AgentWorld, int, str]) -> None:
    world, port, _token = serving
    code, said, _took = ended(begin(world.root, "mcp", "--http", "--port", str(port)))
    assert code == 2
    assert f"port {port} is in use" in said
    assert f"--port {port + 1}" in said
    code, said, _took = ended(begin(world.root, "mcp", "--http", "--port", "0"))
    assert (code, "--port 0: expected 1 to 65535" in said) == (2, True)


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_who_listens_is_told_that_a_gate_opens_and_that_it_was_decided(transport: str, tmp_path: Path) -> None:
    world = AgentWorld(tmp_path)

    async def listens() -> list[str]:
        async with TRANSPORTS[transport](world.root, "2026-07-28") as client:
            run = (await call(client, "start", target="shed.md"))["run"]
            page = f"run://{run}/page"
            async with client.listen(resource_subscriptions=[page]) as told:
                seen = []
                with anyio.fail_after(SOON):
                    assert isinstance(await anext(told), ResourceUpdated)  # the first look
                for does in (lambda: world.works("one.txt"), lambda: world.approves(at_terminal=True)):
                    await anyio.to_thread.run_sync(does)
                    with anyio.fail_after(SOON):
                        event = await anext(told)
                    assert isinstance(event, ResourceUpdated)
                    seen.append((await call(client, "task"))["status"])
                return seen

    assert anyio.run(listens) == ["waiting-for-approval", "as-asked"]


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM])
def test_it_ends_with_a_stream_open(sent: signal.Signals, tmp_path: Path) -> None:
    world = AgentWorld(tmp_path)
    port = free_port()
    process = begin(world.root, "mcp", "--http", "--port", str(port))
    assert process.stdout is not None
    process.stdout.readline()
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    usual = {"Authorization": f"Bearer {secret_of(world.root)}", "Accept": "application/json, text/event-stream"}
    asked = json.dumps(initialize("2025-11-25"))
    line.request("POST", "/mcp", asked, {**usual, "Content-Type": "application/json"})
    session = (begun := line.getresponse()).headers["mcp-session-id"]
    begun.read()
    line.request("GET", "/mcp", headers={**usual, "mcp-session-id": session})
    assert line.getresponse().status == 200  # and goes on
    process.send_signal(sent)
    code, said, took = ended(process)
    assert (code, said) in ((130, ""), (143, ""))
    assert took < SOON
    line.close()
