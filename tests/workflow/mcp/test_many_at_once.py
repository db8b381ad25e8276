"""Many calls at once take nothing from others: who waits holds no thread, and a place only as long as it waits."""

from __future__ import annotations

import http.client
import json
import threading
from collections.abc import Awaitable, Callable
from concurrent.futures import Future
from pathlib import Path
from time import monotonic
from typing import Any
from urllib.parse import urlsplit

import pytest

pytest.importorskip("mcp", reason="not run: the extra mcp is not installed")

import anyio

from state.errors import BadInput
from tests.worlds.agent_clients import TRANSPORTS, agents_server, at, call
from tests.worlds.agent_world import AgentWorld
from tests.worlds.processes import begin, end_group
from tests.worlds.served_page import free_port
from workflow.mcp.http import guarded
from workflow.mcp.patience import GONE, Readers, is_done
from workflow.mcp.tools import Tools
from workflow.mcp.waits import LONGEST, MOST, Waits
from workflow.mcp.worker import Worker
from workflow.service.agents_secret import secret_of

SOON = 5.0  # [s] a second, and room for a busy machine


@pytest.fixture
def gate(tmp_path: Path) -> AgentWorld:
    """A gate waits."""
    world = AgentWorld(tmp_path)
    world.starts()
    world.works("one.txt")
    return world


async def takes(does: Callable[[], Awaitable[Any]]) -> float:
    """How long that takes [s]."""
    begun = monotonic()
    await does()
    return monotonic() - begun


@pytest.mark.slow
def test_two_hundred_waits_of_one_client_keep_no_other_call_waiting(gate: AgentWorld) -> None:
    async def works() -> None:
        async with TRANSPORTS["stdio"](gate.root) as client, anyio.create_task_group() as waiting:
            for _ in range(200):
                waiting.start_soon(lambda: call(client, "wait", seconds=50))
            await anyio.sleep(0.5)
            assert await takes(lambda: call(client, "status")) < SOON
            waiting.cancel_scope.cancel()
        async with TRANSPORTS["stdio"](gate.root) as client:
            assert await takes(lambda: call(client, "status")) < SOON

    anyio.run(works)


@pytest.mark.slow
def test_a_hundred_clients_that_wait_over_http_keep_none_out_and_are_told_at_once(gate: AgentWorld) -> None:
    told: list[str] = []

    async def works() -> None:
        with agents_server(gate.root) as (url, token):

            async def waits() -> None:
                async with at(url, token) as client:
                    told.append((await call(client, "wait", seconds=50))["status"])

            async with at(url, token) as client, anyio.create_task_group() as waiting:
                for _ in range(100):
                    waiting.start_soon(waits)
                await anyio.sleep(5)
                assert await takes(lambda: call(client, "status")) < SOON
                await anyio.to_thread.run_sync(lambda: gate.approves(at_terminal=True))
                with anyio.fail_after(30):
                    while len(told) < 100:
                        await anyio.sleep(0.1)

    anyio.run(works)
    assert set(told) == {"as-asked"}


def waits_of(world: AgentWorld, most: int = 400) -> Waits:
    return Waits(world.root, Tools(world.root).task, Readers(), most)


@pytest.mark.slow
def test_who_cancels_or_hangs_up_leaves_its_place_at_once_and_the_bound_is_told(gate: AgentWorld) -> None:
    async def works() -> None:
        waits = waits_of(gate, most=2)
        hung_up = anyio.Event()
        async with anyio.create_task_group() as waiting:
            waiting.start_soon(waits.wait, None, 50, anyio.Event())
            waiting.start_soon(waits.wait, None, 50, hung_up)
            await anyio.sleep(0.1)
            assert waits.count == 2
            refused = await waits.wait(None, 50, anyio.Event())
            assert refused["status"] == "refused"
            assert "2 waits are under way in this server" in str(refused["message"])
            assert refused["next"] == [{"tool": "status", "arguments": {}, "why": "looks without waiting"}]
            hung_up.set()
            with anyio.fail_after(SOON):
                while waits.count == 2:
                    await anyio.sleep(0.01)
            assert (await waits.wait(None, 0, anyio.Event()))["status"] == "waiting-for-approval"
            waiting.cancel_scope.cancel()
        assert waits.count == 0

    anyio.run(works)


@pytest.mark.slow
def test_all_waits_of_a_run_are_one_look_after_the_other(gate: AgentWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str | None] = []
    tells = Tools(gate.root).task

    def counted(run_id: str | None) -> Any:
        asked.append(run_id)
        return tells(run_id)

    async def works() -> None:
        waits = Waits(gate.root, counted, Readers())
        async with anyio.create_task_group() as waiting:
            for _ in range(50):
                waiting.start_soon(waits.wait, None, 0.5, anyio.Event())

    anyio.run(works)
    assert len(asked) < 5


def test_an_order_that_was_not_begun_is_withdrawn_when_nobody_looks_and_frees_its_place() -> None:
    worker, begun, goes_on, done = Worker(most=2), threading.Event(), threading.Event(), []
    first = worker.order("drive", lambda: begun.set() or goes_on.wait(SOON))
    begun.wait(SOON)
    second: Future[None] = worker.order("drive", lambda: done.append("second"))
    with pytest.raises(BadInput, match="this server has 2 orders at hand"):
        worker.order("note", lambda: None)

    async def looks() -> list[bool]:
        hung_up = anyio.Event()
        hung_up.set()
        return [await is_done(second, 50, hung_up), await is_done(first, 0, anyio.Event())]

    assert anyio.run(looks) == [False, False]
    third: Future[None] = worker.order("note", lambda: done.append("third"))
    goes_on.set()
    third.result(SOON)
    assert (first.result(SOON), second.cancelled(), done) == (True, True, ["third"])


def test_who_hangs_up_within_a_body_reaches_no_session() -> None:
    reached: list[Any] = []
    scope = {"type": "http", "headers": [(b"host", b"127.0.0.1:9"), (b"authorization", b"Bearer x")]}

    async def app(scope: Any, receive: Any, _send: Any) -> None:
        reached.append([await receive(), await receive(), scope[GONE].is_set()])

    def asks(*messages: dict[str, Any]) -> None:
        left = list(messages)

        async def receive() -> dict[str, Any]:
            return left.pop(0)

        async def send(_message: Any) -> None:
            raise AssertionError("nobody is there")

        anyio.run(lambda: guarded(app, "x", 9)(scope, receive, send))

    part = {"type": "http.request", "body": b"{", "more_body": True}
    asks(part, {"type": "http.disconnect"})
    assert reached == []
    whole, gone = {"type": "http.request", "body": b"{}", "more_body": False}, {"type": "http.disconnect"}
    asks(whole, gone)
    assert reached == [[whole, gone, True]]


@pytest.mark.slow
def test_half_sent_requests_leave_no_trace_and_no_place(tmp_path: Path) -> None:
    world, port = AgentWorld(tmp_path), free_port()
    process = begin(world.root, "mcp", "--http", "--port", str(port))
    assert process.stdout is not None
    process.stdout.readline()
    token = secret_of(world.root)
    lines = []
    for _ in range(200):
        line = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
        line.putrequest("POST", "/mcp")
        for name, value in headers(token, 1000).items():
            line.putheader(name, value)
        line.endheaders(b"{")
        lines.append(line)
    for line in lines:
        line.close()
    begun = monotonic()
    asked = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": HELLO})
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    line.request("POST", "/mcp", asked, headers(token, len(asked)))
    assert line.getresponse().status == 200
    assert monotonic() - begun < SOON
    line.close()
    end_group(process)
    out, err = process.communicate(timeout=20)
    assert (out, err) == ("", "")


HELLO = {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "x", "version": "1"}}


def headers(token: str, length: int) -> dict[str, str]:
    return {
        "Content-Type": "application/json",
        "Accept": "application/json, text/event-stream",
        "Authorization": f"Bearer {token}",
        "Content-Length": str(length),
    }


@pytest.mark.slow
def test_clients_of_2025_that_hang_up_wait_no_more(gate: AgentWorld) -> None:
    """More of them than the server has places, one after the other within the time that each would wait."""
    with agents_server(gate.root) as (url, token):
        port, bearer = urlsplit(url).port or 0, token.removeprefix("Bearer ")
        session, begun = begun_session(port, bearer), monotonic()
        numbers = iter(range(2, 9999))
        for _ in range(3):
            lines = [waiting_line(port, bearer, session, next(numbers)) for _ in range(MOST // 2)]
            for line in lines:
                line.close()
        said = ""
        while "waiting-for-approval" not in said:  # that so many lines were closed is read one after the other
            assert monotonic() - begun < LONGEST - SOON, said
            line = waiting_line(port, bearer, session, next(numbers), seconds=0)
            said = line.getresponse().read().decode()
            line.close()


def waiting_line(port: int, bearer: str, session: str, number: int, seconds: float = 50) -> http.client.HTTPConnection:
    """A line on which a client waits."""
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    body = {"name": "wait", "arguments": {"seconds": seconds}}
    asked = json.dumps({"jsonrpc": "2.0", "id": number, "method": "tools/call", "params": body})
    line.request("POST", "/mcp", asked, {**headers(bearer, len(asked)), "mcp-session-id": session})
    return line


def begun_session(port: int, bearer: str) -> str:
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    asked = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": HELLO})
    line.request("POST", "/mcp", asked, headers(bearer, len(asked)))
    told = line.getresponse()
    told.read()
    line.close()
    return str(told.headers["mcp-session-id"])
