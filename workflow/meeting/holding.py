"""What does a process do that holds a run at the remote? Claims it, says so before it acts outside, and parks it.

    claim    X/<run> -> working/<run>      lost: somebody else has it
    announce working -> working            before anything outside can happen: the intent is there first
    guard    working -> working            right before the call, where that push began more than a third of a lease ago
    park     working -> waiting | stopped | gone; the branch, and the verdicts that were taken in, in the same push

Rules:
- A refused push is `RunFenced`, and ends it: what this process did since is not on the remote, and never will be.
- While it is held, a thread says "still here" every third of a lease, with the tree as it was pushed last.
- Who takes over compares no clocks: it watches the ref for a lease by its own.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Protocol

from state.errors import PhasegateError, RunFenced
from workflow.meeting.moves import Move, Remote, move
from workflow.meeting.refs import Names, Standing, State

LEASE = 60.0  # after which a run that does not move may be taken over [s]


def boot_time() -> float:
    """Seconds since the machine was started, those in which it slept included [s]."""
    return time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))


def in_vain(state: State, before: int) -> int:
    """How often in a row a run was taken over, or given back by a worker, without getting further, once it is claimed.

    `state` is of the tip at which it is claimed, `before` is what that said: nothing, where the run got further.
    """
    return before + 1 if state == "working" else before


@contextmanager
def every(seconds: float, do: Callable[[], object]) -> Iterator[None]:
    """In the block, a thread does this again and again, with so much time between."""
    ended = threading.Event()

    def again() -> None:
        while not ended.wait(seconds):
            do()

    thread = threading.Thread(target=again, daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


class Tips(Protocol):
    """The commits that the refs of a run are at."""

    def make(self, parent: str, because: str, said: Mapping[str, str], *, as_before: bool) -> tuple[str, str]:
        """A new tip behind `parent` ("" for the first), and the commit that the run's branch is at.

        `said`: trailers beside `because`; `as_before`: with the tree of `parent`, else with the files as they are.
        """


class Kept(Protocol):
    """What this clone remembers of the run's refs."""

    def trying(self, tip: str) -> None:
        """This tip is about to be pushed."""

    def pushed(self, tip: str) -> None:
        """It was."""

    def fenced(self) -> None:
        """Somebody else has the run: nothing of this clone's counts any more."""


class Holding:
    """A run that this process holds at the remote, from `claim` to `park`."""

    def __init__(
        self,
        remote: Remote,
        names: Names,
        run: str,
        tips: Tips,
        kept: Kept,
        *,
        lease: float = LEASE,
        now: Callable[[], float] = boot_time,
    ) -> None:
        self.standing = self._found = Standing()
        self._remote, self._names, self._run = remote, names, run
        self._tips, self._kept = tips, kept
        self._lease, self._now = lease, now
        self._is_left = False
        self._begun = 0.0  # when the last push began that was taken
        self._lock = threading.RLock()
        self._fenced: PhasegateError | None = None
        self._carried: Mapping[str, str] = {}

    def claim(self, seen: Standing, because: str = "claimed", carried: Mapping[str, str] | None = None) -> None:
        """Take the run, as it was seen; `carried`: trailers of each tip until it is parked.

        Raises RunFenced when somebody else was first.
        """
        self.standing = self._found = seen
        self._carried = carried or {}
        self._move("working", because, as_before=bool(seen.tip))

    def announce(self, because: str) -> None:
        """Have the remote know all that is recorded by now."""
        self._move("working", because, as_before=False)

    def let_go(self) -> None:
        """As `announce`, and say nothing after it: work that was interrupted is anybody's once a lease is over."""
        with self._lock:
            self._move("working", "let go", as_before=False)
            self._is_left = True

    def guard(self) -> None:
        """Return only while nobody can have taken the run over: to be called right before a call outside."""
        self.require()
        while self._now() - self._begun > self._lease / 3:
            self._move("working", "still here", as_before=True)

    def require(self) -> None:
        """Raise RunFenced when a push of the thread was refused."""
        if self._fenced is not None:
            raise self._fenced

    def park(
        self, state: State, because: str, said: Mapping[str, str] | None = None, taken_in: Sequence[str] = ()
    ) -> None:
        """Let the run go: into this state, or with "" from the remote, since it is over.

        `taken_in`: the refs of verdicts that are recorded by now, or were refused.
        """
        known = self.standing.verdicts or {}
        gone = [Move(ref, known[ref], "") for ref in taken_in if ref in known]
        self._move(state, because, as_before=False, said=said, more=gone)

    def park_as_before(self, state: State, because: str, said: Mapping[str, str] | None = None) -> None:
        """Let the run go into this state with the files that were pushed last: nothing was done to it here."""
        self._move(state, because, as_before=True, said=said)

    def give_back(self) -> None:
        """Have the run at the remote as `claim` found it, the very tip: nothing was done to it here."""
        with self._lock:
            self.require()
            found, before = self._found, self.standing
            self._push(self._state_moves(before, found.state, found.tip), found.tip)
            self.standing = replace(before, state=found.state, tip=found.tip)

    @contextmanager
    def beating(self) -> Iterator[None]:
        """In the block, the remote is told every third of a lease that somebody is here."""
        with every(self._lease / 6, self.beat):
            yield

    def beat(self) -> None:
        """Say that somebody is here, where the run is held and that was not said for a third of a lease."""
        with self._lock:
            if self._fenced or self._is_left or self.standing.state != "working":
                return
            if self._now() - self._begun <= self._lease / 3:
                return
            try:
                self._move("working", "still here", as_before=True)
            except PhasegateError:
                pass  # `require` says that it is somebody else's; a remote that does not answer is tried again

    def _move(
        self,
        state: State,
        because: str,
        *,
        as_before: bool,
        said: Mapping[str, str] | None = None,
        more: Sequence[Move] = (),
    ) -> None:
        with self._lock:
            self.require()
            began, before = self._now(), self.standing
            trailers = {**(self._carried if state == "working" else {}), **(said or {})}
            tip, head = self._tips.make(before.tip, because, trailers, as_before=as_before)
            moves = [*self._state_moves(before, state, tip), *more]
            if head != before.branch:
                moves.append(Move(self._names.branch(self._run), before.branch, head))
            self._push(moves, tip)
            self._begun = began
            self.standing = replace(before, state=state, tip=tip if state else "", branch=head)

    def _push(self, moves: Sequence[Move], tip: str) -> None:
        self._kept.trying(tip)
        try:
            move(self._remote, moves, run=self._run)
        except RunFenced as fenced:
            self._fenced = fenced
            self._kept.fenced()
            raise
        self._kept.pushed(tip)

    def _state_moves(self, before: Standing, state: State, tip: str) -> list[Move]:
        if before.state == state:
            return [Move(self._names.of(state, self._run), before.tip, tip)]
        gone = [Move(self._names.of(before.state, self._run), before.tip, "")] if before.state else []
        return [*gone, *([Move(self._names.of(state, self._run), "", tip)] if state else [])]
