"""What does `phasegate worker` do? Runs that can move go on, one segment after another, until somebody ends it.

    worker = start_worker(directory, who, person, Wanted(...))     # everything that it needs is looked at first
    with worker: worker.works()

Rules:
- What is true is at the remote: a worker keeps nothing between two segments but what it has seen.
- A run of another account or region is left alone, before AWS or anybody is asked about it; the others go on.
- It never asks, and never approves: who may approve with its key or its name may not be a worker.
- Several runs are worked at side by side by as many slots (`slots.py`); what is next is asked here, by one thread.
- What fails at one run is told, and the run is tried again later and later; a run that was taken over three times
  without getting any further is stopped, for a person.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from phases.account import caller_identity
from phases.fleet.model import FLEET
from state.errors import BadInput, PhasegateError, RunHeld, WorkspaceRefused
from state.json_values import format_time
from state.path_word import path_word
from state.printable import as_name
from workflow.doors.clock import SystemClock
from workflow.doors.git.own_tree import OneWorker, one_worker
from workflow.doors.git.plumbing import git_dir_of, look
from workflow.doors.git.tips import GitTips
from workflow.meeting.by_refs import BackOff, RefSchedule
from workflow.meeting.holding import Holding, boot_time, every
from workflow.meeting.schedule import Ready, Schedule
from workflow.ports import Person
from workflow.runs.workflow_catalog import KNOWN
from workflow.service.at_target import at_profile, require_at_target, target_of
from workflow.service.doors import real_aws
from workflow.service.look_at_tips import Seen, look_at, until_of
from workflow.service.meeting_place import Place, place_of, settings_at
from workflow.service.probe_remote import require_fit
from workflow.service.runner_key import require_runner, tips_of
from workflow.service.segment import work_at
from workflow.service.slots import Attempt, Came, ForkedSlots, OneSlot, Slots
from workflow.service.who import Who
from workflow.service.worker_identity import require_no_approver
from workflow.service.workspace import governed_workspace_of

POLL, IDLE = 0.5, 2.0  # between two looks at the remote, and where nothing is there [s]
AT_ONCE = 100  # tips that are looked at together, before one of their runs is worked at
MOST_READ = 1000  # tips that are read together, so that not all of many are in memory
BY_SQLITE = 3  # slots, where nobody says how many
MOST_TAKES = 3  # how often in a row a run is taken over without getting any further
NAME = re.compile(r"[A-Za-z0-9][\w.-]{0,99}")
SANDBOX = "sandbox"

wait = SystemClock().wait


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which worker.

    Attributes:
        name: what it is called, among those of its clone, and in what it records as its host.
        target: `ACCOUNT/REGION` or `sandbox`: it works at runs that act there, and at no others. None: at those that
            name no target and act nowhere, and at those of the credentials at hand.
        once: it ends when nothing can move any more.
        db: address of a database that queues, `sqlite` for one of the clone's own; None: the refs alone.
        slots: at how many runs it works side by side; None: three by SQLite, which is for one process, else one.
    """

    name: str
    target: str | None = None
    once: bool = False
    db: str | None = None
    slots: int | None = None

    @property
    def side_by_side(self) -> int:
        by_sqlite = self.db is not None and self.db.startswith("sqlite")
        return self.slots or (BY_SQLITE if by_sqlite else 1)


@dataclass
class Worked:
    """What a worker has done so far: segments by what they came to, and the worst of what it refused or met."""

    segments: int = 0
    exit_code: int = 0

    def met(self, error: PhasegateError) -> None:
        self.exit_code = max(self.exit_code, error.exit_code)


class Worker:
    """See the module."""

    def __init__(
        self, place: Place, who: Who, person: Person, wanted: Wanted, refs: RefSchedule, clones: OneWorker
    ) -> None:
        self._place, self._who, self._person, self._wanted = place, who, person, wanted
        self._refs = refs
        self.schedule: Schedule = refs
        several = wanted.side_by_side
        self._slots: Slots = (
            ForkedSlots(several, lambda number, each: self._serve(number, each, clones))
            if several > 1
            else OneSlot(lambda run, seen: self._attempt(run, seen, clones))
        )
        self._later = BackOff(place.lease, boot_time)
        self._remote_later = BackOff(IDLE * 10, boot_time)
        self._seen: dict[str, Seen] = {}  # by tip
        self._until: Mapping[Ready, str] = {}
        self._moved_on = False
        self._told: set[str] = set()
        self._here: dict[str, str] = {}  # by profile
        self._here_later = BackOff(place.lease, boot_time)  # by profile, where AWS did not say who this is
        self.worked = Worked()

    def works(self) -> Worked:
        """Work until nothing can move any more, with `once`; else for ever. KeyboardInterrupt ends it."""
        with every(self._place.lease / 6, self.schedule.beat):
            while True:
                moved = self._round()
                if self._slots.busy:
                    self._take_ended(0 if moved and self._slots.has_room() else POLL)
                elif self._wanted.once and not moved:
                    return self.worked
                elif not moved:
                    wait(POLL if self._refs.open else IDLE)

    def end(self) -> None:
        """Leave what is under way as after Ctrl-C, and give its room back."""
        left = self._slots.busy
        self._slots.end()
        for run in left:
            self.schedule.done(run, "left")

    def _round(self) -> bool:
        """Look once, where there is room, and work at the first runs that can move.

        Returns whether there is more to be looked for at once: some were begun, or moved on while they were looked at.
        """
        if not self._slots.has_room() or not self._remote_later.may("look"):
            return False
        self._moved_on = False
        try:
            found = self.schedule.ready()
        except WorkspaceRefused as error:
            if self._wanted.once:
                raise
            self._tell("look", error)
            self._remote_later.failed("look")
            return False
        self._remote_later.well("look")
        self._told.discard("look")
        self._forget()
        begun = False
        for at in range(0, len(found), AT_ONCE):
            busy = {each.run for each in self._slots.busy}
            some = [each for each in found[at : at + AT_ONCE] if each.run not in busy and self._later.may(each.run)]
            for each in self.fits(some):
                begun = self._begins(each) or begun
                if not self._slots.has_room():
                    return True
        return begun or self._moved_on

    def _forget(self) -> None:
        """Keep what is known of tips and runs that are still at the remote, where there is much of others."""
        if len(self._seen) + len(self._told) + len(self._later) > 3 * self._refs.open + AT_ONCE:
            tips, runs = self._refs.tips, self._refs.runs
            self._seen = {tip: seen for tip, seen in self._seen.items() if tip in tips}
            self._told = {what for what in self._told if ":" not in what or what.partition(":")[0] in runs}
            self._later.forget_others(runs)

    def _begins(self, run: Ready) -> bool:
        """Whether a segment of it is tried: not where there is no room for it."""
        seen = self._seen[run.tip]
        if not self.schedule.take(run):
            return False
        self._slots.begin(run, seen)
        return True

    def _take_ended(self, patience: float) -> None:
        for run, came in self._slots.ended(patience):
            self.schedule.done(run, came.to)
            if came.error is not None:
                self._refused(run, came.error)
            elif came.moved:
                self.worked.segments += 1
                self._later.well(run.run)
                self._person.progress(f"{run.run}: {came.to}")

    def fits(self, runs: Sequence[Ready]) -> Sequence[Ready]:
        """Those that act where this worker is; why another one does not is told.

        A fleet's own run acts nowhere, and is no worker's: who has it goes on with it, so nothing is told of it.
        """
        unknown = [run for run in runs if run.tip not in self._seen]
        refused: dict[Ready, PhasegateError] = {}
        for at in range(0, len(unknown), MOST_READ):
            for run, said in look_at(self._place, unknown[at : at + MOST_READ]).items():
                if isinstance(said, PhasegateError):
                    refused[run] = said
                else:
                    self._seen[run.tip] = said
        fleets = {run for run in runs if run not in refused and self._seen[run.tip].workflow == FLEET}
        for run in runs:
            try:
                if run not in refused and run not in fleets:
                    self._require_here(run, self._seen[run.tip])
            except PhasegateError as error:
                refused[run] = error
        for run, why in refused.items():
            if isinstance(why, RunHeld):
                self._moved_on = True  # since the refs were looked at
            else:
                self._refused(run, why)
        return [run for run in runs if run not in refused and run not in fleets]

    def come(self, stopped: Sequence[Ready]) -> Sequence[Ready]:
        """Those that wait for a time which has come."""
        known = {each: self._until[each] for each in stopped if each in self._until}
        self._until = {**known, **until_of(self._place, [each for each in stopped if each not in known])}
        now = format_time(SystemClock().now())
        return [each for each, until in self._until.items() if until and until <= now]

    def _serve(self, number: int, each: Callable[[Attempt], None], parents: OneWorker) -> None:
        """Be slot `number`, in a process of its own, with a clone of its own."""
        parents.let_go()
        with one_worker(self._place.workspace, f"{self._wanted.name}@{number}", waits=True) as clones:
            each(lambda run, seen: self._attempt(run, seen, clones))

    def _attempt(self, run: Ready, seen: Seen, clones: OneWorker) -> Came:
        """What becomes of a segment of it. What refuses or fails it is no end of the worker."""
        try:
            if seen.takes >= MOST_TAKES:
                return Came(self._stop(run))
            return Came(work_at(self._place, run, seen, self._who, self._person, clones), moved=True)
        except RunHeld:
            return Came("another's")  # another worker was quicker, or this one slept through its lease
        except PhasegateError as error:
            return Came("failed", error)

    def _stop(self, run: Ready) -> str:
        """Leave a run to a person that nobody gets any further."""
        held = Holding(self._place.remote, self._place.names, run.run, self.tips(run.run), _NothingKept())
        held.standing = self._place.standing(run.run)
        if held.standing.tip == run.tip:
            held.park_as_before("stopped", f"taken over {MOST_TAKES} times")
            self._person.progress(f"{run.run}: stopped, it was taken over {MOST_TAKES} times and got no further")
        return "stopped"

    def tips(self, run: str) -> GitTips:
        by = self._who.known()
        return tips_of(self._place.workspace, run, f"{by.git} on {by.host}")

    def _refused(self, run: Ready, error: PhasegateError) -> None:
        self._later.failed(run.run)
        self.worked.met(error)
        self._tell(f"{run.run}: {error.message}", error)

    def _tell(self, what: str, error: PhasegateError) -> None:
        """Say it, once for as long as it stays so."""
        if what not in self._told:
            self._told.add(what)
            lines = [*error.lines(), *([f"next: {error.next_command}"] if error.next_command else [])]
            subject = "" if what == "look" else what.partition(":")[0]
            begins = "" if not subject or subject in lines[0] else f"{subject}: "
            self._person.progress("\n".join([f"{begins}{lines[0]}", *lines[1:]]))

    def _require_here(self, run: Ready, seen: Seen) -> None:
        """Raise BadInput unless this worker is where the run acts."""
        acts_in = str(seen.target) if seen.target is not None else ""
        profile = seen.profile if acts_in not in ("", SANDBOX) and self._wanted.target in (None, acts_in) else ""
        here = "" if profile else self._wanted.target
        if here is None or profile:
            here = self._account_here(profile) if acts_in not in ("", SANDBOX) else ""
        if acts_in == here and (acts_in or seen.workflow not in KNOWN):
            return
        if acts_in:
            by = f" by profile {as_name(profile)}" if profile else ""
            raise BadInput(
                f"run {run.run} acts in {acts_in}, this worker{by} in {here or 'no account'}; it is left alone",
                next_command=f"aws configure --profile {path_word(profile)}   # on the worker's machine"
                if profile
                else f"phasegate worker --target {acts_in}   # a worker there",
            )
        only = f", and this worker is for {here}" if here else f", and {seen.workflow} acts in an account"
        raise BadInput(
            f"run {run.run} names no target{only}; it is left alone",
            next_command=f"phasegate resume {run.run}   # where it belongs; the next one: phasegate run --target",
        )

    def account_of(self, run: Ready) -> str:
        """Whose rooms it takes: those of its account, or of the sandbox; "" where it acts nowhere."""
        target = self._seen[run.tip].target
        return "" if target is None else target.account or SANDBOX

    def _account_here(self, profile: str) -> str:
        """`ACCOUNT/REGION` of this profile, or ("") of the credentials at hand; "" where there are none.

        What AWS said is kept. Where it did not answer, or there are no credentials, it is asked again later and later.
        """
        if profile in self._here or not self._here_later.may(profile):
            return self._here.get(profile, "")
        with at_profile(profile):
            try:
                aws = real_aws(self._person)()
                self._here[profile] = f"{caller_identity(aws)['Account']}/{aws.region}"
                self._here_later.well(profile)
            except PhasegateError as error:
                self._tell(f"profile {as_name(profile)}" if profile else "credentials", error)
                self._here_later.failed(profile)
        return self._here.get(profile, "")


class _NothingKept:
    """Implements `workflow.meeting.holding.Kept` for who holds a run for one push only."""

    def trying(self, tip: str) -> None: ...

    def pushed(self, tip: str) -> None: ...

    def fenced(self) -> None: ...


@contextmanager
def worker(directory: Path, who: Who, person: Person, wanted: Wanted) -> Iterator[Worker]:
    """The worker, with everything that it needs in order; nothing was done at the remote yet.

    Raises BadInput without runners, a key, or credentials of its target, and where it could approve what it does;
    WorkspaceRefused where the host does not do what sharing needs; RunHeld where its name is taken in this clone.
    """
    workspace = governed_workspace_of(directory)
    if not NAME.fullmatch(wanted.name):
        raise BadInput(
            f"--name {wanted.name[:80]!r}: expected letters, digits, '.', '_' and '-'",
            next_command="phasegate worker --name worker-1",
        )
    by = replace(who.known(), host=wanted.name)
    place = place_of(workspace)
    require_runner(workspace)
    _require_at(wanted.target, person)
    require_no_approver(workspace, by)
    require_fit(place)
    settings = settings_at(workspace, "HEAD")
    rooms = settings.per_account if settings else 0
    tips = tips_of(workspace, "", f"{by.git} on {by.host}")
    with one_worker(workspace, wanted.name) as clones, ExitStack() as held:
        found: Worker
        refs = RefSchedule(
            place.remote,
            place.names,
            lease=place.lease,
            per_account=rooms if wanted.db is None else 0,
            account_of=lambda run: found.account_of(run),
            come=lambda stopped: found.come(stopped),
            mark=tips.mark,
        )
        found = Worker(place, Who(by), person, wanted, refs, clones)
        with ExitStack() as slots:
            slots.callback(found.end)
            if wanted.db is not None:
                found.schedule = held.enter_context(_queued(wanted.db, place, wanted, refs, found, rooms))
            yield found


@contextmanager
def _queued(
    db: str, place: Place, wanted: Wanted, refs: RefSchedule, worker: Worker, per_account: int
) -> Iterator[Schedule]:
    """The queue in that database. Raises as `workflow.doors.queue_database.database`."""
    from workflow.doors.dbos_schedule import DbosSchedule  # with DBOS: where somebody asks for it
    from workflow.doors.queue_database import database

    address = look(place.workspace, "config", "--get", f"remote.{place.remote.name}.url").stdout.decode().strip()
    with database(db, git_dir_of(place.workspace) / "phasegate" / "fleet.sqlite") as reached:
        schedule = DbosSchedule(
            reached,
            refs,
            of=f"{address} {wanted.target}",
            name=wanted.name,
            lease=place.lease,
            per_account=per_account,
            slots=wanted.side_by_side,
            fits=worker.fits,
            account_of=worker.account_of,
        )
        try:
            yield schedule
        finally:
            schedule.close()


def _require_at(target: str | None, person: Person) -> None:
    """Raise BadInput unless the credentials and the region at hand are those of the target, where it is an account."""
    if target not in (None, SANDBOX):
        require_at_target(
            target_of(target, sandbox=False), real_aws(person)(), again=f"phasegate worker --target {target}"
        )
