"""How do agents reach the server over HTTP? On this machine's loopback addresses, with the repository's token.

Rules:
- Looked at before the SDK sees a request: the Host is one of ours (a name that somebody else's DNS leads here is none),
  the Origin, where a browser sends one, too, and the token is right. A browser's page has none of the three.
- A request is handed on once its body is here as a whole: who hangs up within it has asked for nothing, and no session
  is opened for it. That a client hangs up later is told to what it waits for (`workflow.mcp.patience`).
- An open stream does not keep the server up after SIGTERM.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import ExitStack, closing
from hmac import compare_digest
from pathlib import Path
from typing import Any

import anyio
import uvicorn

from state.printable import printable_line
from workflow.mcp.client_entry import PATH, address_of
from workflow.mcp.patience import GONE
from workflow.mcp.server import http_application, server
from workflow.mcp.updates import Updates
from workflow.service.agents_secret import secret_of
from workflow.service.loopback import listening, require_port, settings_of
from workflow.service.workspace import workspace_of

PORT = 8472
COMMAND = "phasegate mcp --http"
LONGEST_BODY = 4 << 20  # [bytes] of a request; a longer one is answered with 413
MOST_LINES = 600  # connections at once; more are answered with 503

Scope = Mapping[str, Any]  # of ASGI, as are those below
Message = Mapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]


def serve_http(directory: Path, port: int, say: Callable[[str], None]) -> None:
    """Serve until SIGINT or SIGTERM, which arrive as KeyboardInterrupt. `say` is told where.

    Raises BadInput for a port that is none or in use, and as `secret_of`; WorkspaceRefused outside of a repository.
    """
    require_port(port, PORT, COMMAND)
    workspace, token = workspace_of(directory), secret_of(directory)
    with ExitStack() as held:
        sockets = [held.enter_context(closing(each)) for each in listening(port, PORT, COMMAND)]
        updates = Updates(workspace)
        app = guarded(http_application(server(directory, updates), PATH, hosts_of(port), LONGEST_BODY), token, port)
        settings = settings_of(app, lifespan="on", most=MOST_LINES)
        say(f"serving agents at {address_of(port)}, with the token of phasegate mcp --http --print-config")
        asyncio.run(_both(uvicorn.Server(settings).serve(sockets), updates))


async def _both(serving: Awaitable[None], updates: Updates) -> None:
    """Serve, and tell of what changes meanwhile."""
    telling = asyncio.ensure_future(updates.tell())
    try:
        await serving
    finally:
        telling.cancel()


def hosts_of(port: int) -> list[str]:
    """The values of Host that are ours."""
    return [f"127.0.0.1:{port}", f"localhost:{port}", f"[::1]:{port}"]


def guarded(app: Application, token: str, port: int) -> Application:
    """The application behind Host, Origin and token."""
    hosts = hosts_of(port)
    origins = [f"http://{host}" for host in hosts]
    expected = f"Bearer {token}".encode()

    async def guard(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await (app(scope, receive, send) if scope["type"] == "lifespan" else _nothing())
            return
        closed = _why_closed(scope["headers"], hosts, origins, expected)
        if closed is not None:
            await _answer(send, *closed)
            return
        body = await _body(receive)
        if body is not None:
            gone = anyio.Event()
            await app({**scope, GONE: gone}, _again(body, receive, gone), send)

    return guard


async def _body(receive: Receive) -> list[Message] | None:
    """The messages that have the body, as far as one may be long; None where the client hung up within it."""
    found: list[Message] = []
    size = 0
    while size <= LONGEST_BODY:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        found.append(message)
        size += len(message.get("body", b""))
        if not message.get("more_body", False):
            break
    return found


def _again(body: Sequence[Message], receive: Receive, gone: anyio.Event) -> Receive:
    """These messages, then what comes; `gone` is set when the client hangs up."""
    left = deque(body)

    async def next_one() -> Message:
        if left:
            return left.popleft()
        message = await receive()
        if message["type"] == "http.disconnect":
            gone.set()
        return message

    return next_one


async def _nothing() -> None:
    """A websocket is closed by that."""


def _why_closed(
    headers: list[tuple[bytes, bytes]], hosts: list[str], origins: list[str], expected: bytes
) -> tuple[int, str] | None:
    """The status, and a line for whoever sent it; None where the request is let in."""
    host, origin, given = (_all(headers, name) for name in (b"host", b"origin", b"authorization"))
    if len(host) != 1 or host[0] not in hosts:
        return 421, f"the Host is {', '.join(map(repr, host)) or 'missing'}: expected {' or '.join(hosts)}"
    if len(origin) > 1 or any(each not in origins for each in origin):
        return 403, f"the Origin is {', '.join(map(repr, origin))}: expected none, or {' or '.join(origins)}"
    if len(given) != 1 or not compare_digest(given[0].encode("latin-1"), expected):
        return 401, "expected `Authorization: Bearer TOKEN`, the token of phasegate mcp --http --print-config"
    return None


def _all(headers: list[tuple[bytes, bytes]], name: bytes) -> list[str]:
    return [value.decode("latin-1") for key, value in headers if key.lower() == name]


async def _answer(send: Send, status: int, why: str) -> None:
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"www-authenticate", b"Bearer")]
    await send({"type": "http.response.start", "status": status, "headers": headers if status == 401 else headers[:1]})
    await send({"type": "http.response.body", "body": f"phasegate: {printable_line(why)}\n".encode()})
