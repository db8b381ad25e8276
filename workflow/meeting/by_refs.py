"""Which runs can move, by the refs of one remote alone? Implements `workflow.meeting.schedule.Schedule`.

    ready    one look at all refs: `todo`, `waiting` with verdicts, `working` that did not move for a lease, and what
             was `stopped` until a time that has come
    take     a room of the run's account, where `per_account` bounds them: refs/phasegate/slots/<account>/<k>
    beat     the room's ref moves on, so that nobody takes it for a dead worker's
    done     the room's ref goes

Rules:
- Nothing is kept between two looks but how long a ref of a worker has not moved, as this process saw it: no clocks are
  compared.
- Rooms are claimed, released and taken over as runs are, by compare-and-swap. They bound work; they are no lock: what
  may be done to a run its own ref says.
- Whose push for a room comes too late, or who fails at a run, tries again later and later (`BackOff`).
"""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Container, Mapping, MutableSequence, Sequence, Set

from state.errors import PhasegateError, RunFenced
from workflow.meeting.holding import boot_time
from workflow.meeting.moves import Move, Remote, move
from workflow.meeting.refs import STATES, Names, State, runs_in, with_verdicts
from workflow.meeting.schedule import Ready

FIRST = 0.5  # how long nothing is tried again after the first failure [s]


class Still:
    """How long each ref has been where it is, as this process saw it."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._since: dict[str, tuple[str, float]] = {}

    def saw(self, refs: Mapping[str, str]) -> None:
        """These are all that there are now."""
        now, before = self._now(), self._since
        self._since = {
            ref: before[ref] if ref in before and before[ref][0] == sha else (sha, now) for ref, sha in refs.items()
        }

    def for_(self, ref: str) -> float:
        """For how long this one has not moved [s]."""
        return self._now() - self._since[ref][1]


class BackOff:
    """What failed is tried again after 0.5 s, then 1, 2, 4 ... until `most`, each up to half of it sooner."""

    def __init__(self, most: float, now: Callable[[], float], draw: Callable[[], float] = random.random) -> None:
        self._most, self._now, self._draw = most, now, draw
        self._tried: dict[str, tuple[int, float]] = {}  # by what: how often in a row, and when it is tried again

    def failed(self, what: str) -> None:
        times = self._tried.get(what, (0, 0.0))[0]
        pause = min(self._most, FIRST * 2 ** min(times, 20))
        self._tried[what] = (times + 1, self._now() + pause * (1 - self._draw() / 2))

    def well(self, what: str) -> None:
        self._tried.pop(what, None)

    def may(self, what: str) -> bool:
        return self._tried.get(what, (0, 0.0))[1] <= self._now()

    def forget_others(self, known: Container[str]) -> None:
        """Of what is none of these, nothing is kept."""
        self._tried = {what: tried for what, tried in self._tried.items() if what in known}

    def __len__(self) -> int:
        return len(self._tried)


class RefSchedule:
    """See the module.

    `come`: which of these stopped runs wait for a time that has come; `account_of`: whose rooms a run takes, "" for
    none; `mark`: makes a commit for a room's ref, with what is said in it.
    """

    def __init__(
        self,
        remote: Remote,
        names: Names,
        *,
        lease: float,
        per_account: int = 0,
        account_of: Callable[[Ready], str] = lambda _run: "",
        come: Callable[[Sequence[Ready]], Sequence[Ready]] = lambda _stopped: (),
        mark: Callable[[str], str] = lambda text: text,
        now: Callable[[], float] = boot_time,
        shuffle: Callable[[MutableSequence[Ready]], None] = random.shuffle,
    ) -> None:
        self._remote, self._names, self._lease = remote, names, lease
        self._per_account, self._account_of, self._mark = per_account, account_of, mark
        self._now, self._shuffle, self._come = now, shuffle, come
        self._still = Still(now)
        self._full = BackOff(lease / 4, now)
        self._refs: Mapping[str, str] = {}
        self._rooms: dict[str, tuple[str, str, float]] = {}  # by run: ref, its commit, and when that was pushed
        self._lock = threading.Lock()

    @property
    def open(self) -> int:
        """How many refs there were when it was looked last."""
        return len(self._refs)

    @property
    def tips(self) -> Set[str]:
        """The commits that they were at."""
        return frozenset(self._refs.values())

    @property
    def runs(self) -> Set[str]:
        """The runs that they were of."""
        return frozenset(run for state in STATES for run, _ in self._in(state))

    def ready(self) -> Sequence[Ready]:
        self._refs = {}  # the last look is not needed while the next one is read: two of 10,000 runs are 20 MiB
        self._refs = self._remote.look(self._names.everything())
        moved_by_workers = tuple(f"{self._names.prefix}/{what}/" for what in ("working", "slots"))
        self._still.saw({ref: sha for ref, sha in self._refs.items() if ref.startswith(moved_by_workers)})
        found = [Ready(run, "todo", tip) for run, tip in self._in("todo")]
        decided = with_verdicts(self._refs, self._names)
        found += [Ready(run, "waiting", tip) for run, tip in self._in("waiting") if run in decided]
        found += [
            Ready(run, "working", tip)
            for run, tip in self._in("working")
            if self._is_left(self._names.of("working", run))
        ]
        found += self._come([Ready(run, "stopped", tip) for run, tip in self._in("stopped")])
        self._shuffle(found)
        return found

    def take(self, run: Ready) -> bool:
        account = self._account_of(run) if self._per_account else ""
        if not account:
            return True
        if not self._full.may(account):
            return False
        for number in range(1, self._per_account + 1):
            ref = self._names.slot(account, number)
            before = self._refs.get(ref, "")
            if (before and not self._is_left(ref)) or any(ref == own for own, _, _ in list(self._rooms.values())):
                continue
            if self._moves(run.run, ref, before, f"{account} {number}: {run.run}"):
                self._full.well(account)
                return True
            self._full.failed(account)  # another worker was quicker
        return False

    def done(self, run: Ready, came_to: str) -> None:
        with self._lock:
            ref, at, _ = self._rooms.pop(run.run, ("", "", 0.0))
        if not ref:
            return
        try:
            move(self._remote, [Move(ref, at, "")], run=run.run)
        except RunFenced:
            pass  # taken over: it is somebody else's to release

    def beat(self) -> None:
        with self._lock:
            for run, (ref, at, moved) in list(self._rooms.items()):
                if self._now() - moved <= self._lease / 3:
                    continue
                try:
                    if not self._push(run, ref, at, f"{ref}: still here"):
                        del self._rooms[run]
                except PhasegateError:
                    pass  # the remote does not answer: tried again at the next beat

    def _in(self, state: State) -> list[tuple[str, str]]:
        return list(runs_in(self._refs, self._names, state).items())

    def _is_left(self, ref: str) -> bool:
        return self._still.for_(ref) >= self._lease

    def _moves(self, run: str, ref: str, before: str, text: str) -> bool:
        with self._lock:
            return self._push(run, ref, before, text)

    def _push(self, run: str, ref: str, before: str, text: str) -> bool:
        """Whether the ref of the run's room moved on from there."""
        now, sha = self._now(), self._mark(text)
        try:
            move(self._remote, [Move(ref, before, sha)], run=text)
        except RunFenced:
            return False
        self._rooms[run] = (ref, sha, now)
        return True
