"""How is the page served? By uvicorn, on this machine's loopback addresses, until Ctrl-C."""

from __future__ import annotations

import asyncio
import contextlib
import html
import os
import socket
import sys
import tempfile
import webbrowser
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path
from threading import Thread

import uvicorn

from workflow.service.loopback import listening, require_port, settings_of
from workflow.service.served import repositories, served
from workflow.web.address import PORT, Address, address_of
from workflow.web.app import application
from workflow.web.site import Site

COMMAND = "phasegate serve"
MOST_CONNECTIONS = 200


def serve(
    directories: Sequence[Path],
    port: int,
    origin: str | None,
    *,
    browser: bool,
    say: Callable[[str], None],
    warn: Callable[[str], None],
) -> None:
    """Serve until SIGINT or SIGTERM, which arrive as KeyboardInterrupt. `say` is told where; `warn`, what goes wrong.

    Raises BadInput for a port that is in use or none and for an origin that is none, RunHeld when another process
    serves one of the repositories, WorkspaceRefused where there is none.
    """
    require_port(port, PORT, COMMAND)
    address, workspaces = address_of(port, origin), repositories(directories)
    with ExitStack() as held:
        held.enter_context(served(workspaces, address.base))
        sockets = [held.enter_context(contextlib.closing(each)) for each in listening(port, PORT, COMMAND)]
        site = Site(workspaces, address, f"phasegate-{port}")
        Thread(target=site.inbox.read_all, name="inbox", daemon=True).start()  # the first page finds it read

        def ready() -> None:
            link = f"{address.base}/open/{site.door.link()}"
            say(f"serving {', '.join(map(str, workspaces.values()))}")
            say(f"open {link}")
            say("the link is good once, for 15 minutes; Ctrl-C ends the page, and no run with it")
            if browser and _has_a_browser():
                _open(link, held)

        _run(site, address, sockets, ready, warn)


class _Server(uvicorn.Server):
    """One that says when it listens: from then on a signal ends it in order."""

    def __init__(self, settings: uvicorn.Config, listening: Callable[[], None]) -> None:
        super().__init__(settings)
        self._listening = listening

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._listening()


def _run(
    site: Site,
    address: Address,
    sockets: list[socket.socket],
    listening: Callable[[], None],
    warn: Callable[[str], None],
) -> None:
    def faults(error: Exception) -> None:
        warn(f"a fault of phasegate itself: {type(error).__name__}: {error}")

    app = application(site, hosts=address.hosts, origins=address.origins, faults=faults)
    settings = settings_of(app, lifespan="off", most=MOST_CONNECTIONS)
    serving = _Server(settings, listening).serve(sockets)
    try:
        asyncio.run(serving)
    finally:
        serving.close()  # where a signal came before it began


def _has_a_browser() -> bool:
    """Whether there is a screen for one: without it a browser of the terminal would take that away."""
    return sys.platform == "darwin" or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def _open(link: str, held: ExitStack) -> None:
    """Open it by way of a file that nobody else reads: what is on a command line, everybody on the machine can see."""
    place = Path(held.enter_context(tempfile.TemporaryDirectory(prefix="phasegate-")))
    page = place / "open.html"
    page.touch(mode=0o600)
    page.write_text(f'<meta http-equiv="refresh" content="0; url={html.escape(link)}">\n')
    Thread(target=_show, args=(page.as_uri(),), name="browser", daemon=True).start()


def _show(address: str) -> None:
    with contextlib.suppress(webbrowser.Error):  # the link is printed as well
        webbrowser.open(address)
