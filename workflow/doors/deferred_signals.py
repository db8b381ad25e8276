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

ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@contextmanager
def signals_wait() -> Iterator[None]:
    """In the block, a signal that ends the process waits; its handler, and what that raises, comes after the block."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    former: dict[int, Callable[[int, FrameType | None], object]] = {}
    came: dict[int, None] = {}
    try:
        for number in ENDING:
            heard_by = signal.getsignal(number)
            if callable(heard_by):
                former[number] = heard_by
                signal.signal(number, lambda seen, _frame: came.setdefault(seen))
        yield
    finally:
        for caught, heard_by in former.items():
            signal.signal(caught, heard_by)
        for caught in came:
            former[caught](caught, None)
