"""Who is let in? Whoever opens a link that was made here, or signs in with a passkey; then a cookie says so.

Rules:
- Links and cookies are random, 256 bits, and known to this process only: with it, all of them end.
- A link is good once, and for a while. What is kept of it, and of a cookie, is its digest.
- A challenge to sign in with is good once, and for a while; who signed it is looked up by what the repositories hold.
- Who was invited may enrol a passkey, and nothing else.
- The token of a session goes into every form: a cookie alone, which a browser adds by itself, says nothing.
"""

from __future__ import annotations

import math
import secrets
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import sha256
from hmac import compare_digest

LINK_LIVES = 15 * 60.0  # [s]
INVITATION_LIVES = 24 * 3600.0  # [s]
SIGNED_IN_LIVES = 12 * 3600.0  # [s]
CHALLENGE_LIVES = 5 * 60.0  # [s]
MOST_CHALLENGES = 64  # the oldest is forgotten when one more is asked for
MOST_SESSIONS = 16  # the oldest ends when one more is let in
BYTES = 32  # of a link, a cookie and a token


@dataclass(slots=True)
class Session:
    """One browser that was let in.

    Attributes:
        token: what each of its forms must bring along.
        notice: what its next page says first, once; "" for nothing.
        person: in whose name it acts (`Name <address>`); "": of who started the server.
        passkey: the credential that was signed in with, or "".
        repositories: those that it sees; None: all.
        is_invited: whether it may enrol a passkey, and nothing else.
        until: when it ends by itself, by the door's clock.
        challenge: of the passkey that is enrolled next; good once.
    """

    token: str = field(default_factory=lambda: secrets.token_urlsafe(BYTES))
    notice: str = ""
    person: str = ""
    passkey: str = ""
    repositories: frozenset[str] | None = None
    is_invited: bool = False
    until: float = math.inf
    challenge: bytes = field(default_factory=lambda: secrets.token_bytes(BYTES))

    def may_see(self, repository: str) -> bool:
        """Whether this repository is there for it."""
        return self.repositories is None or repository in self.repositories

    def take_challenge(self) -> bytes:
        """The challenge of an enrolment, which is good no more then."""
        given, self.challenge = self.challenge, secrets.token_bytes(BYTES)
        return given

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
        self._links: dict[str, tuple[float, Session]] = {}  # by digest: until when each is good, and what it opens
        self._challenges: dict[str, float] = {}  # by digest: until when each is good, the oldest first
        self._sessions: dict[str, Session] = {}  # by digest of the cookie, the oldest first

    def link(self) -> str:
        """The token of a new link, for who started the server."""
        return self._linked(Session(), LINK_LIVES)

    def invitation(self, person: str, repository: str) -> str:
        """The token of a link by which this person (`Name <address>`) may enrol a passkey for this repository."""
        invited = Session(person=person, repositories=frozenset((repository,)), is_invited=True)
        return self._linked(invited, INVITATION_LIVES)

    def _linked(self, opens: Session, lives: float) -> str:
        token = secrets.token_urlsafe(BYTES)
        self._links[_digest(token)] = (self._now() + lives, opens)
        return token

    def challenge(self) -> str:
        """A new challenge to sign in with."""
        while len(self._challenges) >= MOST_CHALLENGES:
            del self._challenges[next(iter(self._challenges))]
        token = secrets.token_urlsafe(BYTES)
        self._challenges[_digest(token)] = self._now() + CHALLENGE_LIVES
        return token

    def took_challenge(self, token: str) -> bool:
        """Whether this challenge was made here, and not too long ago; it is good no more then."""
        return self._now() < self._challenges.pop(_digest(token), 0.0)

    def open(self, token: str) -> str:
        """Let whoever has this link in: the cookie's value; "" for a link that is none, was used, or is too old."""
        until, opens = self._links.pop(_digest(token), (0.0, None))
        return self.let_in(opens) if opens is not None and self._now() < until else ""

    def let_in(self, session: Session) -> str:
        """The cookie of this session, which begins."""
        if session.passkey:
            session.until = self._now() + SIGNED_IN_LIVES
        while len(self._sessions) >= MOST_SESSIONS:
            del self._sessions[next(iter(self._sessions))]
        cookie = secrets.token_urlsafe(BYTES)
        self._sessions[_digest(cookie)] = session
        return cookie

    def session(self, cookie: str) -> Session | None:
        """Whose cookie this is; None for nobody's."""
        found = self._sessions.get(_digest(cookie)) if cookie else None
        return found if found is not None and self._now() < found.until else None

    def ends(self, cookie: str) -> None:
        """End the session with this cookie."""
        self._sessions.pop(_digest(cookie), None)


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
