"""The SDK's own client at the agents' server of a repository: over standard input and output, or over HTTP.

async with TRANSPORTS["http"](root, mode="2026-07-28") as client:
    told = await call(client, "start", target="shed.md")

`opens` is what the client does when it is asked to open an address; without it, it says that it opens none.
"""

from __future__ import annotations

import importlib
import json
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

from mcp import StdioServerParameters
from mcp.client import Client
from mcp.client.session import ElicitationFnT
from mcp.client.streamable_http import streamable_http_client
from mcp.shared._httpx_utils import create_mcp_http_client
from mcp.types import Implementation

from tests.worlds.forked_process import forked_server
from tests.worlds.forked_shell import forked
from tests.worlds.processes import end_group
from tests.worlds.served_page import free_port
from tests.worlds.workspaces import PHASEGATE, environment

ME = Implementation(name="scripted", version="1.0")


@asynccontextmanager
async def over_stdio(root: Path, mode: str = "auto", opens: ElicitationFnT | None = None) -> AsyncIterator[Client]:
    words = StdioServerParameters(command=PHASEGATE, args=["-C", str(root), "mcp"], env=environment())
    async with Client(words, client_info=ME, mode=mode, elicitation_callback=opens) as client:
        yield client


@contextmanager
def agents_server(root: Path) -> Iterator[tuple[str, str]]:
    """`phasegate mcp --http`, forked: its address and its token, as the client's entry has them."""
    port = str(free_port())
    told = json.loads(forked(root, "mcp", "--http", "--port", port, "--print-config").stdout)["mcpServers"]["phasegate"]
    importlib.import_module("workflow.mcp.http")
    process = forked_server(root, "mcp", "--http", "--port", port)
    try:
        assert process.stdout is not None
        assert process.stdout.readline().startswith("serving agents at http://127.0.0.1:")
        yield told["url"], told["headers"]["Authorization"]
    finally:
        end_group(process)


@asynccontextmanager
async def over_http(root: Path, mode: str = "auto", opens: ElicitationFnT | None = None) -> AsyncIterator[Client]:
    with agents_server(root) as (url, token):
        async with at(url, token, mode, opens) as client:
            yield client


@asynccontextmanager
async def at(url: str, token: str, mode: str = "auto", opens: ElicitationFnT | None = None) -> AsyncIterator[Client]:
    async with create_mcp_http_client(headers={"Authorization": token}) as lent:
        line = streamable_http_client(url, http_client=lent)
        async with Client(line, client_info=ME, mode=mode, elicitation_callback=opens) as client:
            yield client


Connects = Callable[..., AbstractAsyncContextManager[Client]]
TRANSPORTS: dict[str, Connects] = {"stdio": over_stdio, "http": over_http}


async def call(client: Client, tool: str, **arguments: Any) -> dict[str, Any]:
    """What a tool answers, as a structure."""
    told = await client.call_tool(tool, arguments)
    assert not told.is_error, told
    assert isinstance(told.structured_content, dict)
    return told.structured_content
