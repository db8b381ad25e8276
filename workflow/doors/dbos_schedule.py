"""Which run is next, by a queue in a database? DBOS behind `workflow.meeting.schedule.Schedule` (extra `fleet`).

    ready    the refs are looked at, unless that was just done and DBOS has something to give; each run that can move
             is enqueued; what DBOS gave this process is handed out
    segment  the workflow: one step, which waits until `done` says in a word what the segment came to
    beat     a row of `phasegate_workers`; what a worker without one has in hand is put back into the queue

Rules:
- The database is never asked what is true: it holds an order of work. Emptied, deleted or wrong, it costs a look.
- A workflow's id is run, tip and a number, which goes up when that one is over and the refs still show the run: level,
  not edge, so a lost enqueue is made again at the next look.
- A queue is one repository's and one target's, so that nobody is given what is not theirs; its partitions are accounts.
- Versions of this module do not mix: `VERSION` changes when the workflow's arguments mean something else.
- SQLite is for one process (`flock`): DBOS's limits are not global there.
"""

from __future__ import annotations

import gc
import hashlib
import os
import queue
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from state.errors import WorkspaceRefused
from workflow.doors.queue_database import file_of
from workflow.meeting.by_refs import BackOff, RefSchedule
from workflow.meeting.holding import boot_time
from workflow.meeting.schedule import Ready

if TYPE_CHECKING:
    from dbos import EnqueueOptions

VERSION = "segments-1"
APPLICATION, SEGMENT = "phasegate", "segment"  # the names of the application and of its workflow
POLL = 0.2  # of the queue [s]
REST = 4  # times what a look took, until the next one, where DBOS has something to give: looks are a fifth at most
PATIENCE = 2.0  # until DBOS gives somebody what was enqueued [s]
ANY = 1000  # workers in an account where nothing bounds them
OVER = ("SUCCESS", "ERROR", "CANCELLED", "MAX_RECOVERY_ATTEMPTS_EXCEEDED")
WORKERS = "phasegate_workers"
MOST_UNCOLLECTED = 10_000  # refs, whose ids are 2 MiB: a look at a thousand is quicker than going through all memory
AT_ONCE = 200  # ids that are asked for, or enqueued, in one transaction


class DbosSchedule:
    """See the module.

    `slots`: how many runs this process is given at a time; `fits`: which are this worker's; `account_of`: whose
    partition a run is in, "" for none.
    """

    def __init__(
        self,
        address: str,
        refs: RefSchedule,
        *,
        of: str,
        name: str,
        lease: float,
        per_account: int,
        slots: int = 1,
        fits: Callable[[Sequence[Ready]], Sequence[Ready]],
        account_of: Callable[[Ready], str],
    ) -> None:
        from dbos import DBOS, DBOSClient
        from sqlalchemy import create_engine
        from sqlalchemy.exc import SQLAlchemyError

        self._dbos, self._address, self._refs = DBOS, address, refs
        self._queue = f"segments-{hashlib.sha256(of.encode()).hexdigest()[:12]}"
        self._name = f"{name}-{os.urandom(4).hex()}"  # two processes are two, else DBOS runs what the other one runs
        self._lease, self._per_account, self._slots = lease, per_account, slots
        self._fits, self._account_of = fits, account_of
        self._given: queue.SimpleQueue[tuple[Ready, Future[str]]] = queue.SimpleQueue()
        self._open: dict[Ready, Future[str]] = {}  # handed out, and not done
        self._taken: set[Ready] = set()  # those of them that are worked at
        self._closed = False
        self._uncollected = 0  # refs that were looked at since
        self._queued = False  # whether somebody is to be given something
        self._later = BackOff(lease, boot_time)  # by run and tip
        self._numbers: dict[str, int] = {}  # by run and tip, where it is not 1: where the search for the last begins
        self._watched = self._beaten = self._due = float("-inf")  # due: when the refs are looked at, given or not
        self._beating = threading.Lock()  # a thread beats while the next look is made
        self._engine = create_engine(address)
        self._client = DBOSClient(system_database_engine=self._engine, application_name=APPLICATION, lazy=True)
        self._register()
        try:
            self._launch()
        except SQLAlchemyError:  # somebody deleted it meanwhile
            self._relaunch()

    def ready(self) -> Sequence[Ready]:
        self._let_go()
        if boot_time() >= self._due or not (given := self._given_out()):
            began = boot_time()
            self._look()
            self._uncollected += self._refs.open
            if self._uncollected > MOST_UNCOLLECTED:
                gc.collect()  # SQLAlchemy's statements hold each other, and the ids that they were asked for
                self._uncollected = 0
            self._due = boot_time() + min(REST * (boot_time() - began), self._lease / 3)
            given = self._given_out()
        return given

    def _given_out(self) -> Sequence[Ready]:
        """What DBOS gave this process and is not worked at, once there is some, where there is to be some."""
        self._take_given((POLL if self._taken else PATIENCE) if self._queued else 0)
        return [run for run in self._open if run not in self._taken]

    def _look(self) -> None:
        """Enqueue what the refs show. Raises WorkspaceRefused."""
        from dbos._error import DBOSException
        from sqlalchemy.exc import SQLAlchemyError

        found = self._fits(self._refs.ready())
        try:
            self._enqueue(found)
            self._beat()
            self._watch()
        except (SQLAlchemyError, DBOSException) as error:
            self._relaunch()
            raise WorkspaceRefused(
                f"the database does not do what the queue needs: {str(error).splitlines()[0][:200]}",
                next_command="phasegate worker   # without --db: by the refs alone",
            ) from error

    def take(self, run: Ready) -> bool:
        self._taken.add(run)
        return True

    def done(self, run: Ready, came_to: str) -> None:
        self._taken.discard(run)
        if future := self._open.pop(run, None):
            future.set_result(came_to)

    def beat(self) -> None:
        from sqlalchemy.exc import SQLAlchemyError

        try:
            self._beat()
        except SQLAlchemyError:
            pass  # the segment needs no database; the next look says so

    @property
    def open(self) -> int:
        return self._refs.open

    def close(self) -> None:
        """Give back what this process has in hand, and end its threads."""
        self._closed = True
        self._take_given(0)
        self._taken.clear()
        self._let_go()
        self._dbos.destroy()
        self._client.destroy()
        self._engine.dispose()

    def _take_given(self, patience: float) -> None:
        """Have in hand what DBOS gave this process; wait so long for the first [s]."""
        try:
            while True:
                run, future = self._given.get(timeout=patience) if patience else self._given.get_nowait()
                if (before := self._open.pop(run, None)) is not None:  # given twice: one is enough
                    before.set_result("left alone")
                self._open[run], patience = future, 0
        except queue.Empty:
            return

    def _let_go(self) -> None:
        """End what was handed out and not taken: it is enqueued again while the refs show it."""
        for run in [run for run in self._open if run not in self._taken]:
            self._open.pop(run).set_result("left alone")

    def _register(self) -> None:
        """Have the workflow known to DBOS by its name."""

        @self._dbos.step(name="given")
        def given(run: str, state: str, tip: str) -> str:
            future: Future[str] = Future()
            self._given.put((Ready(run, state, tip), future))  # type: ignore[arg-type]
            while not self._closed:
                with suppress(TimeoutError):
                    return future.result(timeout=1.0)
            return "left alone"  # by a thread of DBOS's that was given it while this process ends

        @self._dbos.workflow(name=SEGMENT)
        def segment(run: str, state: str, tip: str) -> str:
            return given(run, state, tip)

    def _launch(self) -> None:
        quiet = {"log_level": "CRITICAL", "console_log_level": "CRITICAL"}
        config: dict[str, Any] = {"name": APPLICATION, "system_database_url": self._address, "executor_id": self._name}
        self._dbos(config={**config, **quiet, "application_version": VERSION})  # type: ignore[typeddict-item]
        self._dbos.listen_queues([self._queue])
        self._dbos.launch()
        self._dbos.register_queue(
            self._queue,
            worker_concurrency=self._slots,
            partition_concurrency=self._per_account or ANY,
            polling_interval_sec=POLL,
            on_conflict="always_update",
        )
        with self._engine.begin() as connection:
            from sqlalchemy import text

            connection.execute(
                text(f"CREATE TABLE IF NOT EXISTS {WORKERS} (name VARCHAR(200) PRIMARY KEY, beat DOUBLE PRECISION)")
            )
        self._beaten = float("-inf")
        self._beat()

    def _relaunch(self) -> None:
        """Begin anew with whatever database is there: what was in hand is in the refs; what is worked at goes on."""
        from sqlalchemy.exc import SQLAlchemyError

        for future in self._open.values():
            future.set_result("left alone")
        self._open.clear()
        self._dbos.destroy()
        self._engine.dispose()
        try:
            self._launch()
        except SQLAlchemyError:
            pass  # it is not there yet: the next look tries again

    def _enqueue(self, found: Sequence[Ready]) -> None:
        last = self._last([_name(each) for each in found])
        self._later.forget_others(last)
        wanted: list[tuple[Ready, int]] = []
        self._queued = False
        for each in found:
            number, status = last[_name(each)]
            if each in self._taken or (status in OVER and not self._later.may(_name(each))):
                continue
            self._queued = True
            if status not in OVER:
                continue
            if number:  # it was tried from there before
                self._later.failed(_name(each))
            wanted.append((each, number + 1))
        for at in range(0, len(wanted), AT_ONCE):
            with self._engine.begin() as connection:  # one sync for all of them
                for each, number in wanted[at : at + AT_ONCE]:
                    self._client.enqueue_in_transaction(
                        connection, self._options(each, number), each.run, each.state, each.tip
                    )

    def _options(self, run: Ready, number: int) -> EnqueueOptions:
        return {
            "workflow_name": SEGMENT,
            "queue_name": self._queue,
            "workflow_id": f"{_name(run)}/{number}",
            "queue_partition_key": self._account_of(run) or run.run,
            "app_version": VERSION,
        }

    def _last(self, names: Sequence[str]) -> dict[str, tuple[int, str]]:
        """The highest number that was enqueued of each run and tip, and what became of it; 0, and over, for none.

        Each is looked up by its id, the next one where it is over: there are no gaps. Not by what ids begin with: no
        index helps there, and each number of beginnings is a statement of its own, which SQLAlchemy keeps.
        """
        last = dict.fromkeys(names, (0, OVER[0]))
        asked = {name: self._numbers.get(name, 1) for name in names}
        while asked:
            seen = self._statuses(asked)
            last |= {name: (asked[name], status) for name, status in seen.items()}
            over = {name: asked[name] + 1 for name, status in seen.items() if status in OVER}
            forgotten = [name for name in asked if not last[name][0] and self._numbers.pop(name, 0)]
            asked = {**over, **dict.fromkeys(forgotten, 1)}  # by a database that was emptied
        self._numbers = {name: number for name, (number, _) in last.items() if number > 1}
        return last

    def _statuses(self, numbers: Mapping[str, int]) -> dict[str, str]:
        """What became of these, as far as they were enqueued."""
        found: dict[str, str] = {}
        ids = [f"{name}/{number}" for name, number in numbers.items()]
        for at in range(0, len(ids), AT_ONCE):
            some = ids[at : at + AT_ONCE]
            some += some[-1:] * (AT_ONCE - len(some))  # one statement for any number: drivers keep those that they had
            rows = self._dbos.list_workflows(workflow_ids=some, load_input=False, load_output=False)
            found |= {row.workflow_id.rpartition("/")[0]: row.status for row in rows}
        return found

    def _beat(self) -> None:
        from sqlalchemy import text

        with self._beating:
            if boot_time() - self._beaten <= self._lease / 3:
                return
            with self._engine.begin() as connection:
                connection.execute(text(f"DELETE FROM {WORKERS} WHERE name = :name"), {"name": self._name})
                connection.execute(text(f"INSERT INTO {WORKERS} VALUES (:name, {self._now()})"), {"name": self._name})
            self._beaten = boot_time()

    def _watch(self) -> None:
        """Put back into the queue what workers have in hand that have not been seen for two leases."""
        from sqlalchemy import text

        if boot_time() - self._watched <= self._lease / 3:
            return
        self._watched = boot_time()
        with self._engine.begin() as connection:
            rows = connection.execute(
                text(f"SELECT name FROM {WORKERS} WHERE beat > {self._now()} - :most"), {"most": 2 * self._lease}
            )
            alive = {str(name) for (name,) in rows}
        pending = self._dbos.list_workflows(
            status="PENDING", queue_name=self._queue, load_input=False, load_output=False
        )
        for row in pending:
            if row.executor_id not in alive:
                self._dbos.resume_workflow(row.workflow_id, queue_name=self._queue)

    def _now(self) -> str:
        """The database's own time, in its words [s]: no two clocks are compared."""
        sqlite = file_of(self._address) is not None
        return "CAST(strftime('%s', 'now') AS REAL)" if sqlite else "EXTRACT(EPOCH FROM clock_timestamp())"


def _name(run: Ready) -> str:
    """A run and its tip, as workflow ids begin."""
    return f"{run.run}/{run.tip}"
