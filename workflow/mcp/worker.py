"""Who works at runs in this server? One thread, an order after the other; a client that gives up leaves it at work.

Rules:
- A tool starts work and looks how far it is, without a thread of its own; that it stops looking stops nothing. What
  becomes of the work is in the journal, where the next look finds it.
- An order that waits behind another one and was not begun is withdrawn as soon as nobody looks any more.
- The thread ends with the process, wherever it is: a run is safe against that (docs/crash-safety.md).
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

from state.counted import counted
from state.errors import BadInput

R = TypeVar("R")
MOST = 100  # orders at once, the one that is worked at among them


class Worker:
    """The thread; it is started with the first order."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._orders: queue.SimpleQueue[tuple[str, Callable[[], None]]] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._count = 0  # of those that are not done and not withdrawn
        self._busy_with = ""
        self._thread: threading.Thread | None = None

    @property
    def busy_with(self) -> str:
        """The order that is worked at, in words; "" for none."""
        return self._busy_with

    def order(self, words: str, work: Callable[[], R]) -> Future[R]:
        """Have this worked at; its value, or what `work` raises. While it was not begun it can be cancelled.

        Raises BadInput where as many orders wait as this server keeps.
        """
        done: Future[R] = Future()
        with self._lock:
            if self._count >= self._most:
                raise BadInput(
                    f"this server has {counted(self._count, 'order')} at hand, and takes no more: expected fewer",
                    next_command="phasegate status   # until one of them is done",
                )
            self._count += 1
            self._start()
        done.add_done_callback(self._one_less)

        def run() -> None:
            if not done.set_running_or_notify_cancel():
                return
            try:
                value = work()
            except BaseException as error:  # noqa: BLE001 - handed to whoever looks, as it is
                self._busy_with = ""
                done.set_exception(error)
            else:
                self._busy_with = ""
                done.set_result(value)

        self._orders.put((words, run))
        return done

    def _one_less(self, _done: object) -> None:
        with self._lock:
            self._count -= 1

    def _start(self) -> None:
        if self._thread is None:
            self._thread = threading.Thread(target=self._work, name="runs", daemon=True)
            self._thread.start()

    def _work(self) -> None:
        while True:
            words, run = self._orders.get()
            self._busy_with = words
            run()
            self._busy_with = ""
