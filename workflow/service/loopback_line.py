"""What becomes of a line to a server of this machine that says nothing, or no HTTP? It is closed, as nobody's fault.

Rules:
- A request is here as a whole within `WITHIN` after its line was opened, or after it began where the line had brought
  one before; else the line is closed. So nobody takes all lines that a server has by opening them.
- What is no HTTP is answered with 400, once. The application, which may be at the same request already, is told that
  nobody listens any more, as when a client hangs up.
"""

from __future__ import annotations

import asyncio
from typing import Any

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

WITHIN = 5.0  # [s]; uvicorn waits as long for the next request of a line


class Line(H11Protocol):
    """One connection."""

    within = WITHIN
    _deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: Any) -> None:
        """The line was opened."""
        super().connection_made(transport)
        self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        """It is closed, by whomever."""
        self._wait_no_more()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """A part of a request, or more than one."""
        super().data_received(data)
        if self.conn.their_state not in (h11.IDLE, h11.SEND_BODY):
            self._wait_no_more()
        elif self._deadline is None:
            self._wait()

    def send_400_response(self, msg: str) -> None:
        """Say that this is no HTTP, where nothing was said yet, and close the line."""
        if self.cycle is not None:
            self.cycle.disconnected = True
            self.cycle.message_event.set()
        if self.conn.our_state in (h11.IDLE, h11.SEND_RESPONSE):
            super().send_400_response(msg)
        else:
            self.transport.close()

    def _wait(self) -> None:
        self._deadline = self.loop.call_later(self.within, self._too_late)

    def _wait_no_more(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _too_late(self) -> None:
        self._deadline = None
        if self.cycle is not None:
            self.cycle.disconnected = True
            self.cycle.message_event.set()
        self.transport.close()
