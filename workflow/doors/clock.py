"""The door to time and chance."""

from __future__ import annotations

import os
import time
from datetime import UTC, datetime


class SystemClock:
    """This machine's clock. `patient=False` never waits: the sandbox moves on at every poll, not with time."""

    def __init__(self, *, patient: bool = True) -> None:
        self._patient = patient

    def now(self) -> datetime:
        return datetime.now(UTC)

    def nonce(self) -> str:
        return os.urandom(16).hex()

    def suffix(self) -> str:
        return os.urandom(4).hex()

    def wait(self, seconds: float) -> None:
        if self._patient:
            time.sleep(seconds)  # a signal's handler raises and ends the wait

    def wait_until(self, when: datetime) -> None:
        while (left := (when - self.now()).total_seconds()) > 0:
            time.sleep(min(left, 60))  # in pieces: a machine that slept, or a clock that was set, is noticed
