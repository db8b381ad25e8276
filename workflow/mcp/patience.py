"""How does a call wait? Without a thread, and until its client gives up at the latest.

Rules:
- Reading has threads of its own: neither standard input nor what watches the runs ever waits for one of them.
- A client that cancels, or hangs up, waits no more from that moment on. Where cancelling is a message of its own, as in
  the protocol of 2025, `workflow.mcp.http` tells of a line that was closed, in the scope of the request.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from typing import Any, TypeVar

import anyio
import anyio.to_thread

R = TypeVar("R")
READERS = 8  # threads that read at once
GONE = "phasegate.gone"  # in the scope of a request: the event of its client's hanging up


class Readers:
    """The threads of one server that read."""

    def __init__(self, most: int = READERS) -> None:
        self._most = most
        self._limiter: anyio.CapacityLimiter | None = None  # made where the loop runs

    async def read(self, look: Callable[[], R]) -> R:
        """What this reads. Who gives up while all threads read leaves no trace; later, the thread ends by itself."""
        if self._limiter is None:
            self._limiter = anyio.CapacityLimiter(self._most)
        return await anyio.to_thread.run_sync(look, abandon_on_cancel=True, limiter=self._limiter)


def hung_up(request: Any) -> anyio.Event:
    """What is set when the client of this request hangs up; `request`: of HTTP, or None."""
    scope = getattr(request, "scope", {})
    event = scope.get(GONE) if isinstance(scope, dict) else None
    return event if isinstance(event, anyio.Event) else anyio.Event()


async def first_of(seconds: float, *events: anyio.Event) -> None:
    """Wait until one of these is set, for this long at most [s]."""
    async with anyio.create_task_group() as group:

        async def ends(event: anyio.Event) -> None:
            await event.wait()
            group.cancel_scope.cancel()

        for event in events:
            group.start_soon(ends, event)
        await anyio.sleep(seconds)
        group.cancel_scope.cancel()


async def is_done(work: Future[Any], seconds: float, gone: anyio.Event) -> bool:
    """Whether it is done within this time [s]; looked at no longer, it is withdrawn, where it was not begun."""
    over, loop = anyio.Event(), asyncio.get_running_loop()

    def tell(_work: object) -> None:
        with suppress(RuntimeError):  # the server has ended: nobody looks
            loop.call_soon_threadsafe(over.set)

    work.add_done_callback(tell)
    try:
        await first_of(seconds, over, gone)
    finally:
        work.cancel()
    return work.done() and not work.cancelled()
