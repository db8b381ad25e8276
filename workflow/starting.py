"""What does a person see before the first line is there? That phasegate starts, for how long, and what is waited for.

    with started(): ...        # the command; the line moves until somebody calls `over`, at the latest until the end
    over()                     # something else is about to be written

Rules:
- It is drawn at once, on the last line of standard error, and moves while Python loads what the command needs.
- What mostly ends before anybody wonders draws it a moment later, or never (`LATER`).
- It is one line: what has no room in it is left out.
- Whoever writes to the terminal first takes it away; from then on the line of `busy.py` does its work.
- Nothing is drawn where standard error is no terminal, or where a shell asks for completions, with a line of its own.
- Light: every command that drives a run begins with it.
"""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from workflow.doors.deferred_signals import signals_wait

FRAMES = "|/-\\"  # in every encoding
PER_SECOND = 8  # how often it moves [1/s]
LOADING = "starting: loading what the command needs"
LATER = 0.4  # after which what is mostly quick says what it waits for [s]
COMPLETES = "_PHASEGATE_COMPLETE"  # set by a shell that asks for completions
CLEAR = "\r\x1b[2K"  # the whole line, the cursor at its beginning


class Starting:
    """The moving line of one process; `begin`, `waits_for` and `over` may be called at any time, also twice."""

    def __init__(self) -> None:
        self._thread: threading.Thread | None = None
        self._ended = threading.Event()
        self._text = LOADING
        self._since = 0.0
        self._after = 0.0

    def begin(self, *, after: float = 0.0) -> None:
        """Draw it, where there is a terminal; where it still is to be drawn `after` so many seconds."""
        self._text, self._since, self._after = LOADING, time.monotonic(), after
        self.again()

    def again(self) -> None:
        """Draw it again, after a line that came between: for as long as before, with what is waited for."""
        if self._thread is not None or not sys.stderr.isatty():
            return
        if os.environ.get("TERM") == "dumb" or COMPLETES in os.environ:
            return
        self._ended = threading.Event()
        self._draw()
        with signals_wait():
            self._thread = threading.Thread(target=self._move, args=(self._ended,), daemon=True)
            self._thread.start()

    def waits_for(self, text: str) -> None:
        """From now on, and drawn at once, this is what is waited for; nothing where the line is gone."""
        self._text = f"starting: {text}"
        if self._thread is not None:
            self._draw()

    def over(self) -> bool:
        """Take it away; whether it was there."""
        if self._thread is None:
            return False
        with signals_wait():  # or it would move on below what is written next
            self._ended.set()
            self._thread.join()
            self._thread = None
            sys.stderr.write(CLEAR)
            sys.stderr.flush()
        return True

    def _move(self, ended: threading.Event) -> None:
        while not ended.wait(1 / PER_SECOND):
            self._draw()

    def _draw(self) -> None:
        seconds = time.monotonic() - self._since
        if seconds < self._after:
            return
        line = f"{frame_at(seconds)} {clock(seconds)}  {self._text}"
        sys.stderr.write(f"{CLEAR}{line[: _columns() - 1]}")  # what goes on in a second line is not wiped
        sys.stderr.flush()


def _columns() -> int:
    """How wide the terminal is."""
    try:
        return os.get_terminal_size(sys.stderr.fileno()).columns or 80
    except OSError:
        return 80


def frame_at(seconds: float) -> str:
    """What turns in front of the line, at this time."""
    return FRAMES[int(seconds * PER_SECOND) % len(FRAMES)]


def clock(seconds: float) -> str:
    """`0:07`, `12:34`, `1:02:03`"""
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


_HERE = Starting()
begin, again, waits_for, over = _HERE.begin, _HERE.again, _HERE.waits_for, _HERE.over


@contextmanager
def started() -> Iterator[None]:
    """In the block, a line that `begin` drew is gone at the end."""
    try:
        yield
    finally:
        over()
