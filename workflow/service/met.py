"""How is a run held at its remote while this process works at it? Claimed before it is opened, parked behind.

    with met(workspace, run_id, who, person) as meeting:      # None where the run is not shared
        engine = reopen(...)
        with parked(meeting, engine): ...                     # takes verdicts in, works, parks

Rules:
- One process of a clone holds it at a time; another one (an `approve` while a question stands here) works below that.
- A run that is working elsewhere is left alone, unless its ref does not move for a lease as this process saw it.
- Whatever ends the block, the run is parked, but for `RunFenced`: then nothing of this clone's counts.
"""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from state.errors import PhasegateError, RunFenced, Waiting
from state.event_types import Approved, Rejected
from state.passkey_signature import PasskeySignature
from state.plain_files import open_lock
from state.printable import printable_line
from state.run_state import RunState
from state.task_state import TaskStatus
from workflow.doors.git.handed_over import blob_named
from workflow.doors.git.plumbing import git_dir_of
from workflow.doors.git.tips import (
    BECAUSE,
    DIGEST,
    REFUSED,
    TAKE,
    UNTIL,
    Tip,
    read_tip,
)
from workflow.engine.engine import Engine
from workflow.meeting.holding import Holding, boot_time, in_vain
from workflow.meeting.refs import Standing, State
from workflow.meeting.verdicts import FILE, GivenVerdict
from workflow.ports import Person
from workflow.service.claim_run import claim, let_go
from workflow.service.meeting_place import Kept, Place, in_another_clone, place_of
from workflow.service.run_in_tip import takes
from workflow.service.run_now import now_of, state_of
from workflow.service.runner_key import tips_of
from workflow.service.shared_file import is_shared
from workflow.service.who import Who


class Met:
    """A run that this process holds at its remote. Implements `workflow.ports.Meeting`.

    Attributes:
        goes_on_elsewhere: whether work that is interrupted here is left for any worker to take over, not for a person.
    """

    def __init__(self, place: Place, run_id: str, who: Who, key: Path | None) -> None:
        self.place, self.run_id = place, run_id
        self.kept = Kept(place.workspace, run_id)
        by = who.known()
        worker = f"{by.git} on {by.host}"
        self._tips = tips_of(place.workspace, run_id, worker, key)
        self.holding = Holding(
            place.remote, place.names, run_id, self._tips, self.kept, lease=place.lease, now=boot_time
        )
        self._engine: Engine | None = None
        self._taken_in: list[str] = []
        self._refused: list[str] = []
        self.is_parked = False
        self.goes_on_elsewhere = False
        self._found: State = ""
        self._found_at: Tip | None = None

    def claim(self, seen: Standing, tip: Tip) -> None:
        """Take the run, as it was seen; a take-over is counted in the chain. Raises as `Holding.claim`."""
        self._found, self._found_at = seen.state, tip
        count = in_vain(seen.state, takes(tip))
        because = "taken over" if seen.state == "working" else "claimed"
        self.holding.claim(seen, because, {TAKE: str(count)} if count else {})

    def bind(self, engine: Engine, *, is_new: bool = False) -> None:
        """From now on the run's files are pushed as they are; those of an earlier process here at once.

        Of a run that `is_new`, begun by this process, nothing is: until something outside can happen, its order is what
        anybody else begins it from again.
        """
        self._engine = engine
        self._tips.now = lambda: now_of(engine)
        engine.open_run.meeting = self
        if not self.holding.standing.state:
            self.holding.claim(self.holding.standing)
        elif not is_new and self._tips.tree_differs(self.holding.standing.tip):
            self.holding.announce("claimed")

    def require(self) -> None:
        self.holding.require()

    def announce(self, because: str) -> None:
        self.holding.announce(because)

    def guard(self) -> None:
        self.holding.guard()

    def asks(self) -> None:
        self._park()

    def asked(self) -> None:
        seen = self.place.standing(self.run_id)
        if seen.tip != self.holding.standing.tip:
            self.kept.fenced()
            raise RunFenced(
                f"run {self.run_id} went on in another clone while a question stood here",
                next_command=in_another_clone(self.run_id),
            )
        self.holding.claim(seen)
        self.is_parked = False

    def take_in(self) -> None:
        """Record the verdicts that others gave at the remote, each by the gate's own judgement, in order of name."""
        assert self._engine is not None
        for ref, sha in (self.holding.standing.verdicts or {}).items():
            if ref in self._taken_in:
                continue
            name = ref.rpartition("/")[2]
            why = self._take_in(sha)
            self._taken_in.append(ref)
            if why:
                self._refused.append(printable_line(f"{name} {why}")[:300])
                self._engine.doors.person.progress(f"verdict {name} counts nothing: {why}")

    def _take_in(self, sha: str) -> str:
        """Why this one counts nothing; "" where it is recorded."""
        engine = self._engine
        assert engine is not None
        data = blob_named(self.place.workspace, f"{sha}:{FILE}") or b""
        try:
            given = GivenVerdict.from_bytes(data)
        except ValueError as error:
            return f"is none: {error}"
        if _is_recorded(engine, given):
            return ""
        if why := _why_another(engine.run, given):
            return why
        by, signature = given.by, given.signature
        try:
            if isinstance(signature, PasskeySignature) and (holder := engine.holder(signature)) != by.git:
                return f"is {by.git}'s by its name, and {holder}'s by its passkey"
            if given.verdict == "approve":
                engine.approve(given.digest, "remote", by=by, signature=signature, comment=given.text)
            else:
                engine.reject_signed(given.digest, given.text, "remote", by=by, signature=signature)
        except RunFenced:
            raise
        except PhasegateError as error:
            return error.message
        engine.doors.person.progress(f"{given.verdict} of {given.digest[:7]} by {given.by.git}, through the remote")
        return ""

    def park(self, engine: Engine, why: BaseException | None = None) -> None:
        """Leave the run at the remote as it stands, for others; `why`: what ended it. Raises as `Holding.park`."""
        if not self.is_parked:
            self._park(why)
        if engine.run.outcome:
            self.kept.forget()

    def _park(self, why: BaseException | None = None) -> None:
        assert self._engine is not None
        state, because = state_of(self._engine.run)
        said = {REFUSED: "; ".join(self._refused)} if self._refused else {}
        if state == "stopped" and isinstance(why, Waiting):
            because = "waits for a time" if why.until else "asks"
            said |= {UNTIL: why.until} if why.until else {}
        self.holding.park(state, because, said, self._taken_in)
        self.is_parked = True

    def leave(self, engine: Engine) -> None:
        """Work was interrupted: have the run as `park` does, or under way, for any worker to take over after a lease.

        What was recorded is at the remote then. Raises as `Holding.park`.
        """
        if not self.goes_on_elsewhere or state_of(engine.run)[0] != "stopped":
            self.park(engine)
        elif not self.is_parked:
            self.is_parked = True
            self.holding.let_go()

    def let_go(self) -> None:
        """The run could not be opened: have it at the remote as it was found, and of a worker's, how often that was.

        One that was taken over, and waits for nobody, is left: whoever takes it over finds it as this process did.
        """
        standing, found = self.holding.standing, self._found_at
        if not standing.tip or self.is_parked:
            return
        self.is_parked = True
        if self._found in ("", "working") or found is None:
            if read_tip(self.place.workspace, standing.tip).said(DIGEST):
                self.holding.park_as_before("waiting", "waits")
        elif not self.goes_on_elsewhere:
            self.holding.give_back()
        else:
            said = {name: found.said(name) for name in (REFUSED, UNTIL) if found.said(name)}
            said[TAKE] = str(takes(found) + 1)
            self.holding.park_as_before(self._found, found.said(BECAUSE), said)


def _is_recorded(engine: Engine, given: GivenVerdict) -> bool:
    """Whether a process that died behind it has recorded it already."""
    for event in engine.journal.events:
        if isinstance(event, Approved) and event.approval.signature == given.signature:
            return True
        if isinstance(event, Rejected) and event.signature == given.signature:
            return True
    return False


def _why_another(run: RunState, given: GivenVerdict) -> str:
    """Why a verdict is about something else than what waits; "" where it is about that."""
    current = run.current_task
    if given.run != run.run_id:
        return f"is for run {given.run}"
    if current is None or current.request is None or current.status != TaskStatus.IN_REVIEW:
        return "came too late: nothing waits any more"
    if (given.task, given.attempt) != (current.key, current.attempt):
        return (
            f"is for attempt {given.attempt} of {given.task}, what waits is attempt {current.attempt} of {current.key}"
        )
    if given.digest != current.request.digest:
        return f"is for {given.digest[:7]}, what waits is {current.request.digest[:7]}"
    if given.nonce != current.request.nonce:
        return f"is for an earlier showing of {given.digest[:7]}: it was shown again since, and is to be read again"
    return ""


@contextmanager
def met(
    workspace: Path, run_id: str, who: Who, person: Person, *, key: Path | None = None, left: Standing | None = None
) -> Iterator[Met | None]:
    """The run, claimed at its remote and here as it is there; None where it is not shared, or held here already.

    `left` is a worker's: where it found the run, whose tip did not move for a lease if it is `working`; its commits
    are fetched. Nobody looks again; and work that is interrupted is left for any worker, not for a person.

    Raises RunHeld while another clone works at it, RunFenced where it went on without this one.
    """
    if not is_shared(workspace, run_id):
        yield None
        return
    with open_lock(git_dir_of(workspace) / "phasegate" / f"{run_id}.shared.lock") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield None
            return
        meeting = Met(place_of(workspace, Kept(workspace, run_id).remote), run_id, who, key)
        meeting.goes_on_elsewhere = left is not None
        claim(meeting, person, left)
        try:
            with meeting.holding.beating():
                yield meeting
        except RunFenced as error:
            error.next_command = in_another_clone(run_id)
            raise
        except BaseException:
            if not meeting.is_parked:
                let_go(meeting, person)
            raise


@contextmanager
def parked(meeting: Met | None, engine: Engine, *, is_new: bool = False) -> Iterator[None]:
    """In the block, the engine says at the remote what it does; at its end, the run is left there for others.

    `is_new`: as `Met.bind`.
    """
    if meeting is None:
        yield
        return
    meeting.bind(engine, is_new=is_new)
    try:
        yield
    except RunFenced:
        raise
    except BaseException as error:
        try:
            if isinstance(error, KeyboardInterrupt):
                meeting.leave(engine)
            else:
                meeting.park(engine, error)
        except PhasegateError as error:
            engine.doors.person.progress(f"run {meeting.run_id} could not be left at the remote: {error.message}")
        raise
    meeting.park(engine)
