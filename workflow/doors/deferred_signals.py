"""How does a change that must be whole outlive Ctrl-C? The signals that end us wait until the block is over.

    with signals_wait(): live.start()    # a line is drawn, or it is not: never half of it

Rules:
- SIGINT, SIGTERM and SIGHUP are meant, where a handler of Python hears them; each is heard once, right after the block.
- For blocks of microseconds. Only the main thread hears signals: elsewhere nothing changes.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

_ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


Heard = Callable[[int, FrameType | None], object]  # a handler


@contextmanager
def signals_wait() -> Iterator[None]:
    """In the block, a signal that ends the process waits; its handler, and what that raises, comes after the block."""
    came: dict[int, Heard] = {}
    try:
        with heard_by(lambda number, _frame, before: came.setdefault(number, before)):
            yield
    finally:
        for number, before in came.items():
            before(number, None)


@contextmanager
def heard_by(hears: Callable[[int, FrameType | None, Heard], object]) -> Iterator[None]:
    """In the block, the signals that end the process are heard by this; it is given who heard them before, too."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    former: dict[int, Heard] = {}
    try:
        for number in _ENDING:
            before = signal.getsignal(number)
            if callable(before):
                former[number] = before
                signal.signal(number, lambda seen, frame: hears(seen, frame, former[seen]))
        yield
    finally:
        for caught, before in former.items():
            signal.signal(caught, before)
