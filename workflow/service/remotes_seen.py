"""What waits at the remotes of some repositories, as of the last look? Asked in the background, while somebody looks.

Rules:
- A remote may take its time, or not answer: whoever looks is shown what is known, and is told when that changes.
- Each is asked no more often than every so many seconds, one after the other, and only where phasegate.yaml names
  runners: without them nothing is shared.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from threading import Lock, Thread
from time import monotonic

from state.errors import PhasegateError
from workflow.service.meeting_at import any_names_runners
from workflow.service.remote_inbox import WaitsThere, inbox
from workflow.service.this_process import who_runs_this

EVERY = 30.0  # [s]


@dataclass(frozen=True, slots=True)
class SeenThere:
    """One remote; `problems`: what could not be read, or why it could not be asked; `verdicts`: not taken in yet."""

    remote: str
    waiting: tuple[WaitsThere, ...] = ()
    verdicts: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()


class RemotesSeen:
    """The remotes of these repositories; may be asked from several threads."""

    def __init__(
        self, repositories: Mapping[str, Path], *, every: float = EVERY, now: Callable[[], float] = monotonic
    ) -> None:
        """`repositories`: by their names in the inbox; `every` [s]: how often a remote is asked at most."""
        self._repositories = dict(repositories)
        self._every, self._now = every, now
        self._known: dict[str, SeenThere] = {}
        self._lock = Lock()
        self._due = 0.0  # when the remotes are asked next
        self._asking: Thread | None = None

    def seen(self) -> Mapping[str, SeenThere]:
        """What is known, by repository; they are asked again, if it is time."""
        with self._lock:
            if self._asking is None and self._now() >= self._due:
                self._asking = Thread(target=self._ask, name="remotes", daemon=True)
                self._asking.start()
            return dict(self._known)

    def mark(self) -> str:
        """Another text as soon as something else is known; "" where nothing is."""
        found = self.seen()
        return sha256(repr(sorted(found.items())).encode("utf-8", "surrogatepass")).hexdigest()[:16] if found else ""

    def asks_soon(self) -> None:
        """Something was pushed: have it asked the next time that somebody looks."""
        with self._lock:
            self._due = 0.0

    def settled(self) -> Mapping[str, SeenThere]:
        """As `seen`, once whoever is asked has answered."""
        self.seen()
        if (asking := self._asking) is not None:
            asking.join()
        return dict(self._known)

    def _ask(self) -> None:
        self._due = self._now() + self._every
        try:
            for name, workspace in self._repositories.items():
                found = _looked(workspace) if _may_share(workspace) else None
                with self._lock:
                    if found is not None:
                        self._known[name] = found
                    else:
                        self._known.pop(name, None)
        finally:
            with self._lock:
                self._due = max(self._due, self._now() + self._every) if self._due else 0.0
                self._asking = None


def _may_share(workspace: Path) -> bool:
    """Whether a policy may name runners, here or in a workspace below; whether it does is read from the commit."""
    try:
        return any_names_runners(workspace)
    except (PhasegateError, OSError):
        return False  # no repository any more


def _looked(workspace: Path) -> SeenThere:
    try:
        found = inbox(workspace, who_runs_this(workspace))
    except PhasegateError as error:
        return SeenThere("", problems=(error.message,))
    except OSError as error:  # the repository is moved, or goes away
        return SeenThere("", problems=(str(error),))
    given = tuple(f"{run}: {what}" for run, what in found.verdicts)
    return SeenThere(
        found.remote, found.waiting, given, tuple(f"{run}: {what.message}" for run, what in found.problems)
    )
