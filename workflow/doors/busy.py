"""What does a person see while something works? A line that moves: what is being waited for, and for how long.

Rules:
- It is drawn on the last line of standard error, and is gone before anything else is written there or asked.
- It begins with the work, so that nobody looks at a silent screen; nothing is drawn where there is no terminal.
- It says what is waited for now, never what has ended; work that knows how far it is adds a bar.
rich is imported by the first one.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from workflow.doors.deferred_signals import signals_wait
from workflow.starting import PER_SECOND, clock, frame_at, over

if TYPE_CHECKING:
    from rich.live import Live
    from rich.text import Text

    from phases.step import Share

BAR = 20  # columns of a bar


class Busy:
    """The moving line of one terminal. `begin` and `end` may be called at any time, also twice."""

    def __init__(self) -> None:
        self._live: Live | None = None
        self._since: float | None = None  # nothing is being waited for yet
        self._text = ""
        self._share: Share | None = None

    def begin(self, text: str = "", share: Share | None = None) -> None:
        """Draw it; with a text, that is what is being waited for from now on, and its time begins again."""
        if self._since is None or (text and text != self._text):
            self._text, self._since = text, time.monotonic()
        self._share = share
        if self._live is None:
            live = _live(self)
            over()
            with signals_wait():  # rich cannot take away what it has drawn half of
                live.start()
                self._live = live

    def end(self) -> None:
        """Take it away."""
        with signals_wait():
            live, self._live = self._live, None
            if live is not None:
                live.stop()

    def forget(self) -> None:
        """Take it away; the next one begins with another text."""
        self.end()
        self._text, self._since, self._share = "", None, None

    def __rich__(self) -> Text:
        from rich.text import Text

        now = time.monotonic()
        elapsed = 0.0 if self._since is None else now - self._since
        return Text(f"{frame_at(now)} {told(self._text, elapsed, self._share)}", overflow="fold")


def told(text: str, seconds: float, share: Share | None) -> str:
    """`0:41 of about 2:00  [#####---------------] 2 of 8  creating it`; what does not fit goes on in the next line."""
    elapsed, bar = clock(seconds), ""
    if share is not None and share.expected:
        elapsed += f" of about {clock(share.expected)}"
    if share is not None and share.total:
        full = BAR * min(share.done, share.total) // share.total
        bar = f"  [{'#' * full}{'-' * (BAR - full)}] {share.done} of {share.total}"
    return f"{elapsed}{bar}  {text or 'working'}"


def _live(shown: Busy) -> Live:
    from rich.console import Console
    from rich.live import Live

    console = Console(stderr=True)
    return Live(
        shown,
        console=console,
        refresh_per_second=PER_SECOND,
        transient=True,
        redirect_stdout=False,
        redirect_stderr=False,
    )
