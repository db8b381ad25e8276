"""Who is let in? Whoever opens a link that was made here, once; from then on a cookie says that it is them.

Rules:
- Links and cookies are random, 256 bits, and known to this process only: with it, all of them end.
- A link is good once, and for a while. What is kept of it, and of a cookie, is its digest.
- The token of a session goes into every form: a cookie alone, which a browser adds by itself, says nothing.
"""

from __future__ import annotations

import secrets
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import sha256
from hmac import compare_digest

LINK_LIVES = 15 * 60.0  # [s]
MOST_SESSIONS = 16  # the oldest ends when one more is let in
BYTES = 32  # of a link, a cookie and a token


@dataclass(slots=True)
class Session:
    """One browser that was let in.

    Attributes:
        token: what each of its forms must bring along.
        notice: what its next page says first, once; "" for nothing.
    """

    token: str = field(default_factory=lambda: secrets.token_urlsafe(BYTES))
    notice: str = ""

    def is_own(self, token: str) -> bool:
        """Whether this is the session's token."""
        return compare_digest(self.token.encode(), token.encode("utf-8", "replace"))

    def take_notice(self) -> str:
        """The notice, which is told then."""
        notice, self.notice = self.notice, ""
        return notice


class Door:
    """The links and sessions of one process; `now` is a clock that only goes forward [s]."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._links: dict[str, float] = {}  # by digest: until when each is good
        self._sessions: dict[str, Session] = {}  # by digest of the cookie, the oldest first

    def link(self) -> str:
        """The token of a new link."""
        token = secrets.token_urlsafe(BYTES)
        self._links[_digest(token)] = self._now() + LINK_LIVES
        return token

    def open(self, token: str) -> str:
        """Let whoever has this link in: the cookie's value; "" for a link that is none, was used, or is too old."""
        until = self._links.pop(_digest(token), 0.0)
        if self._now() >= until:
            return ""
        while len(self._sessions) >= MOST_SESSIONS:
            del self._sessions[next(iter(self._sessions))]
        cookie = secrets.token_urlsafe(BYTES)
        self._sessions[_digest(cookie)] = Session()
        return cookie

    def session(self, cookie: str) -> Session | None:
        """Whose cookie this is; None for nobody's."""
        return self._sessions.get(_digest(cookie)) if cookie else None


class Rate:
    """No more than `most` in any span of `span` [s]."""

    def __init__(self, most: int, span: float, now: Callable[[], float] = time.monotonic) -> None:
        self._most, self._span, self._now = most, span, now
        self._at: deque[float] = deque()

    def allows(self) -> bool:
        """Whether one more may be now; it is counted then."""
        now = self._now()
        while self._at and now - self._at[0] >= self._span:
            self._at.popleft()
        if len(self._at) >= self._most:
            return False
        self._at.append(now)
        return True


def _digest(token: str) -> str:
    return sha256(token.encode("utf-8", "replace")).hexdigest()
