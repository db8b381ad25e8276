"""Who works at runs in this server? One thread, an order after the other; a client that gives up leaves it at work.

Rules:
- A tool starts work and looks how far it is; that it stops looking stops nothing. What becomes of the work is in the
  journal, where the next look finds it.
- The thread ends with the process, wherever it is: a run is safe against that (docs/crash-safety.md).
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future
from concurrent.futures import TimeoutError as NotYet
from typing import TypeVar

R = TypeVar("R")


class Worker:
    """The thread; it is started with the first order."""

    def __init__(self) -> None:
        self._orders: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._busy_with = ""
        self._thread: threading.Thread | None = None

    @property
    def busy_with(self) -> str:
        """The order that is worked at, in words; "" for none."""
        return self._busy_with

    def order(self, words: str, work: Callable[[], R], patience: float) -> R | None:
        """Have this worked at; its value, or None when it is still at work after `patience` [s].

        Another order at work is waited for as long; this one is not begun then. Raises what `work` raises.
        """
        if not self._lock.acquire(timeout=patience):
            return None
        done: Future[R] = Future()

        def run() -> None:
            try:
                done.set_result(work())
            except BaseException as error:  # noqa: BLE001 - handed to whoever looks, as it is
                done.set_exception(error)
            finally:
                self._busy_with = ""
                self._lock.release()

        self._busy_with = words
        self._start()
        self._orders.put(run)
        try:
            return done.result(patience)
        except NotYet:
            if done.done():  # the work itself says so
                raise
            return None

    def _start(self) -> None:
        if self._thread is None:
            self._thread = threading.Thread(target=self._work, name="runs", daemon=True)
            self._thread.start()

    def _work(self) -> None:
        while True:
            self._orders.get()()
