"""Where and how does a server of this machine listen? At a port of the loopback addresses alone, writing no log."""

from __future__ import annotations

import contextlib
import errno
import socket
from collections.abc import Iterator
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any, Literal

from state.errors import BadInput

if TYPE_CHECKING:
    import uvicorn

LOOPBACK = ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1"))  # what `localhost` may lead to
ENDS_WITHIN = 1  # [s] for what is under way when the server is ended: streams do not end by themselves


def settings_of(app: Any, *, lifespan: Literal["on", "off"], most: int | None = None) -> uvicorn.Config:
    """How such a server serves an ASGI application; `most`: connections at once."""
    import uvicorn

    from workflow.service.loopback_line import Line

    return uvicorn.Config(
        app,
        http=Line,
        ws="none",
        lifespan=lifespan,
        loop="asyncio",
        log_config=None,
        log_level="critical",  # no address is written anywhere: the first one of the page has a secret
        access_log=False,
        proxy_headers=False,
        server_header=False,
        limit_concurrency=most,
        timeout_graceful_shutdown=ENDS_WITHIN,
    )


def require_port(port: int, usual: int, command: str) -> None:
    """Raise BadInput for a number that is no port; `command` is typed with `usual` instead."""
    if not 1 <= port <= 65535:
        raise BadInput(f"--port {port}: expected 1 to 65535", next_command=f"{command} --port {usual}")


def listening(port: int, usual: int, command: str) -> Iterator[socket.socket]:
    """A socket for each loopback address that this machine has. Raises BadInput when the port is in use on one.

    `usual` is named for another port where there is none above; `command` is typed with it.
    """
    with ExitStack() as until_all:
        found = []
        for family, host in LOOPBACK:
            try:
                made = until_all.enter_context(contextlib.closing(socket.socket(family, socket.SOCK_STREAM)))
                if family == socket.AF_INET6:
                    made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
                made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                made.bind((host, port))
            except OSError as error:
                if family == socket.AF_INET6 and error.errno in (errno.EAFNOSUPPORT, errno.EADDRNOTAVAIL):
                    continue  # a machine without IPv6
                raise _no_port(port, usual, command, error) from error
            made.listen()
            made.setblocking(False)
            found.append(made)
        until_all.pop_all()
    return iter(found)


def _no_port(port: int, usual: int, command: str, error: OSError) -> BadInput:
    why = "is in use" if error.errno == errno.EADDRINUSE else f"cannot be listened at: {error.strerror}"
    other = port + 1 if port < 65535 else usual
    return BadInput(f"port {port} {why}", next_command=f"{command} --port {other}")
