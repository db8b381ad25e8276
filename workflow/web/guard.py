"""Does a request come from this page, at an address of ours? Looked at before anything else, for every request.

Rules:
- The Host is one of a list: a name that somebody else's DNS leads to this machine is none (DNS rebinding).
- What changes something has an Origin of the list. Browsers send it with every form; a request without one is refused.
- Every answer says that nothing from elsewhere is loaded, that no other page may frame it, and that nothing is kept.
- What goes wrong in here is one line for whoever asks, and never a traceback. That somebody hangs up is no fault.

Source: Fetch (https://fetch.spec.whatwg.org), "HTTP-network-or-cache fetch": the Origin of a form is sent, and is
`null` below a referrer policy of `no-referrer`, hence `same-origin`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import NamedTuple

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import ClientDisconnect
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from state.printable import printable_line

LARGEST_BODY = 64 * 1024  # [bytes]
FAULT = "a fault of phasegate itself; nothing was decided"
READING = frozenset({"GET", "HEAD"})
HEADERS = {
    "content-security-policy": (
        "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "x-frame-options": "DENY",
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
    "cache-control": "no-store",
}


class Closed(NamedTuple):
    """Why a request is not let in: the status, and a line for whoever sent it."""

    status: int
    why: str


class Guard:
    """The outermost part of the page. `hosts`: values of Host; `origins`: of Origin; `faults`: told of ours."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        hosts: Collection[str],
        origins: Collection[str],
        faults: Callable[[Exception], None] = lambda _error: None,
    ) -> None:
        self._app, self._hosts, self._origins, self._faults = app, hosts, origins, faults

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return  # nothing else is served: a websocket is closed by that
        began = False

        async def sent(message: Message) -> None:
            nonlocal began
            if message["type"] == "http.response.start":
                began = True
                MutableHeaders(scope=message).update(HEADERS)
            await send(message)

        app = self._app
        if closed := self._why_closed(scope["method"], Headers(scope=scope)):
            app = _answer(closed)
        try:
            await app(scope, receive, sent)
        except ClientDisconnect:
            return  # whoever asked hung up, or sent no HTTP: nothing was taken, and nobody is there to be told
        except Exception as error:  # noqa: BLE001 - the last line of defence: a fault of ours, told as one
            self._faults(error)
            if not began:
                await _answer(Closed(500, FAULT))(scope, receive, sent)

    def _why_closed(self, method: str, headers: Headers) -> Closed | None:
        host, origins = headers.get("host", ""), headers.getlist("origin")
        if host not in self._hosts:
            return Closed(421, f"the Host is {host!r}: expected {' or '.join(self._hosts)}")
        foreign = [each for each in origins if each not in self._origins]
        if foreign or len(origins) > 1:
            return Closed(403, f"the Origin is {', '.join(map(repr, origins))}: expected {' or '.join(self._origins)}")
        if method in READING:
            return None
        if not origins or headers.get("sec-fetch-site", "same-origin") != "same-origin":
            return Closed(403, "no Origin says that this comes from a page of phasegate")
        if not _is_small(headers.get("content-length", "")):
            return Closed(413, f"expected a form with its length, of at most {LARGEST_BODY:,} bytes")
        return None


def _is_small(length: str) -> bool:
    return length.isascii() and length.isdigit() and len(length) < 10 and int(length) <= LARGEST_BODY


def _answer(closed: Closed) -> PlainTextResponse:
    return PlainTextResponse(f"phasegate: {printable_line(closed.why)}\n", closed.status)
